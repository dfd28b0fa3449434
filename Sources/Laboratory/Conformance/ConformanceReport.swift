// What a conformance run prints: a table, the failures with the commands that show them, what was skipped, and at
// which sizes the benchmarks ran. As plain text, and as the last section of docs/conformance.md.

import Foundation
import Ovid

public struct ConformanceReport {
  var results: [ConformanceResult]
  var modes: [ConformanceMode]
  var machine: String
  var seconds: Double

  public init(results: [ConformanceResult], modes: [ConformanceMode], seconds: Double) {
    self.results = results
    self.modes = modes
    self.seconds = seconds
    machine = BenchReport.machineText()
  }

  struct Row {
    var suite: String
    var library: ConformanceLibrary
    var cells: [String]
  }

  public var hasFailed: Bool { !failures.isEmpty }

  private var failures: [(ConformanceResult, String)] {
    results.compactMap { if case .failed(let reason) = $0.verdict { ($0, reason) } else { nil } }
  }

  /// passed / failed / skipped of each suite and library, one cell for each mode.
  var rows: [Row] {
    var suites: [String] = []
    for result in results where !suites.contains(result.test.suite) { suites.append(result.test.suite) }
    return suites.flatMap { suite in
      ConformanceLibrary.allCases.compactMap { library in
        let row = results.filter { $0.test.suite == suite && $0.library == library }
        if row.isEmpty { return nil }
        return Row(suite: suite, library: library, cells: modes.map { mode in cell(row.filter { $0.mode == mode }) })
      }
    }
  }

  private func cell(_ results: [ConformanceResult]) -> String {
    var passed = 0, failed = 0, skipped = 0
    for result in results {
      switch result.verdict {
      case .passed: passed += 1
      case .failed: failed += 1
      case .skipped: skipped += 1
      }
    }
    return "\(passed) / \(failed) / \(skipped)"
  }

  public var text: String {
    var lines = [
      "",
      column("passed / failed / skipped", 28) + column("library", 10)
        + modes.map { column($0.rawValue, 18, right: true) }.joined(),
    ]
    lines += rows.map { row in
      column(row.suite, 28) + column(row.library.rawValue, 10)
        + row.cells.map { column($0, 18, right: true) }.joined()
    }
    for (result, reason) in failures {
      lines += ["", "FAILED \(title(result)): \(reason)", "  cd \(result.test.directory) && \(result.command)"]
    }
    if !skipped.isEmpty { lines.append("") }
    lines += skipped.map { "skipped \($0.name): \($0.reason)" }
    if !sizes.isEmpty { lines += ["", "Inner iterations, under stress in brackets:", "  " + sizes] }
    lines += ["", String(format: "%d runs in %.0f s, %d failed", results.count, seconds, failures.count)]
    return lines.joined(separator: "\n")
  }

  private func title(_ result: ConformanceResult) -> String {
    "\(result.test.suite)/\(result.test.name) (\(result.library.rawValue) library, \(result.mode.rawValue))"
  }

  /// Each skipped program once.
  private var skipped: [(name: String, reason: String)] {
    var found: [(name: String, reason: String)] = []
    for result in results {
      guard case .skipped(let reason) = result.verdict else { continue }
      let name = "\(result.test.suite)/\(result.test.name)"
      if !found.contains(where: { $0.name == name }) { found.append((name, reason)) }
    }
    return found
  }

  private var sizes: String {
    var found: [String] = []
    for result in results {
      guard let size = result.test.size, size != ConformanceSize() else { continue }
      let text = "\(result.test.suite)/\(result.test.name) \(size.normal) (\(size.stress))"
      if !found.contains(text) { found.append(text) }
    }
    return found.joined(separator: ", ")
  }

  // MARK: The page

  static let section = GeneratedSection(command: "ovid conformance … --page")

  /// Puts the results in place of what the page has after its mark.
  public func write(page path: String) throws { try Self.section.write(markdown, page: path) }

  private var markdown: String {
    var lines = [
      "", "## Last result", "",
      "\(ISO8601DateFormatter().string(from: Date()).prefix(10)), \(machine). "
        + "Passed / failed / skipped; modes:", "",
    ]
    lines += modes.map { "- \($0.rawValue): \($0.flags.isEmpty ? $0.description : "`\($0.description)`")" }
    lines += ["", "| suite | core library | " + modes.map(\.rawValue).joined(separator: " | ") + " |"]
    lines += ["|---|---|" + modes.map { _ in "---:|" }.joined()]
    lines += rows.map { "| \($0.suite) | \($0.library.rawValue) | " + $0.cells.joined(separator: " | ") + " |" }
    if hasFailed { lines += ["", "Failed:", ""] }
    lines += failures.map { "- \(title($0.0)): \($0.1)" }
    lines += ["", "### Not expected of Ovid", "", "| test | why |", "|---|---|"]
    lines += ConformanceDeviation.all.map { deviation in
      "| \(deviation.suite)/\(deviation.name)\(deviation.mode.map { ", \($0.rawValue)" } ?? "")"
        + "\(deviation.library.map { ", \($0.rawValue) library" } ?? "") | "
        + "\(deviation.reason) |"
    }
    lines += ConformanceDeviation.tests.map {
      "| TestSuite/\($0.className)>>\($0.selector), own library | \(ConformanceDeviation.reasonOfTests) |"
    }
    if !sizes.isEmpty { lines += ["", "### Sizes", "", "Inner iterations, under stress in brackets: \(sizes)."] }
    return lines.joined(separator: "\n")
  }
}
