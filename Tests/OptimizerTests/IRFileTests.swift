// Graphs in files, Tests/IR/<pass>/*.ir, and what becomes of them. Tests/IR/README.md says how they are written.
// With OVID_UPDATE_TESTS=1, what the pass did is written into the files that expect something else.

import Foundation
import IR
import Testing

@testable import Optimizer

@Suite struct IRFileTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("IR")
  private static let paths = (FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String] ?? [])
    .filter { $0.hasSuffix(".ir") }.sorted()
  /// Folders of graphs that no pass gets: they have errors.
  private static let withoutPass = ["parser", "verifier"]

  @Test func everyPassHasFiles() {
    let folders = Set(Self.paths.map { $0.prefix { $0 != "/" } }.map(String.init))
    #expect(folders == Set(Optimizer.passes.map(\.name) + Self.withoutPass))
  }

  @Test(.timeLimit(.minutes(1)), arguments: paths)
  func graphs(_ path: String) throws {
    let url = Self.folder.appendingPathComponent(path)
    let folder = String(path.prefix { $0 != "/" })
    let pass = Optimizer.passes.first { $0.name == folder }
    try #require(pass != nil || Self.withoutPass.contains(folder), "there is no pass \(folder)")
    var file = IRFile(try String(contentsOf: url, encoding: .utf8))
    try #require(!file.graphs.isEmpty)
    var isAsExpected = true
    for i in file.graphs.indices {
      let graph = file.graphs[i], outcome = try Self.outcome(graph.text, pass)
      guard outcome != graph.expected else { continue }
      isAsExpected = false
      let lines = outcome.joined(separator: "\n")
      Issue.record("\(path), the graph in line \(graph.line):\n\(graph.text)\(lines)")
      file.graphs[i].expected = outcome
    }
    if !isAsExpected && ProcessInfo.processInfo.environment["OVID_UPDATE_TESTS"] != nil {
      try file.text.write(to: url, atomically: true, encoding: .utf8)
    }
  }

  /// The lines that tell what the pass makes of the graph, or what is wrong with it.
  private static func outcome(_ text: String, _ pass: Pass?) throws -> [String] {
    var graph: Graph
    do {
      graph = try Graph.parse(text)
      try graph.verify()
    } catch {
      return ["; error: \(error)"]
    }
    guard let pass else { return ["; check: valid"] }
    let before = graph.text
    pass.run(&graph)
    try graph.verify()
    return changes(before, graph.text)
  }

  /// The lines of the graph that went and that came, each block's after its name.
  private static func changes(_ before: String, _ after: String) -> [String] {
    let old = before.split(separator: "\n"), new = after.split(separator: "\n")
    let difference = new.difference(from: old)
    var removed: Set<Int> = [], inserted: Set<Int> = []
    for change in difference {
      switch change {
      case .remove(let line, _, _): removed.insert(line)
      case .insert(let line, _, _): inserted.insert(line)
      }
    }
    var result: [String] = [], i = 0, j = 0
    /// The name of the block that this is in, until it is written.
    var block: Substring?
    func write(_ sign: String, _ line: Substring) {
      if line.hasPrefix("b") { block = nil }
      if let block { result.append("; check: \(block)") }
      block = nil
      result.append("; check: \(sign) \(line.drop { $0 == " " })")
    }
    while i < old.count || j < new.count {
      if removed.contains(i) {
        write("-", old[i])
        i += 1
      } else if inserted.contains(j) {
        write("+", new[j])
        j += 1
      } else {
        if old[i].hasPrefix("b") { block = old[i] }
        i += 1
        j += 1
      }
    }
    return result.isEmpty ? ["; check: unchanged"] : result
  }
}

/// A file of graphs, each with comments before it, and the lines after it that tell what is expected.
private struct IRFile {
  struct Entry {
    var comment: [Substring] = []
    var lines: [Substring] = []
    var expected: [String] = []
    var line = 0
    var text: String { lines.map { $0 + "\n" }.joined() }
  }
  var graphs: [Entry] = []
  /// What stands after the last.
  var rest: [Substring] = []

  init(_ text: String) {
    var entry = Entry()
    func isComment(_ line: Substring) -> Bool { line.isEmpty || line.hasPrefix(";") }
    func finish() {
      guard !entry.lines.isEmpty else { return }
      // What nothing is expected of yet ends before the comment of the next.
      let next = entry.expected.isEmpty ? entry.lines.reversed().prefix(while: isComment).count : 0
      let comment = entry.lines.suffix(next)
      entry.lines.removeLast(next)
      graphs.append(entry)
      entry = Entry(comment: Array(comment))
    }
    for (i, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if line.hasPrefix("; check:") || line.hasPrefix("; error:") {
        entry.expected.append(String(line))
        continue
      }
      if line.hasPrefix("graph ") || !entry.expected.isEmpty { finish() }
      if line.hasPrefix("graph ") { entry.line = i + 1 }
      if entry.line == 0 { entry.comment.append(line) } else { entry.lines.append(line) }
    }
    finish()
    rest = entry.comment
  }

  var text: String {
    (graphs.flatMap { $0.comment + $0.lines + $0.expected.map { Substring($0) } } + rest).joined(separator: "\n")
  }
}
