// The corpus: SOM programs in Tests/Corpus/<Group>/<Name>.som with the expected behaviour in comments.
//
//   3 println. "prints: 3"        the next line of standard output, in the order of the comments
//   "prints:"                     an empty line
//   "stderr: Stack overflow"      a text that standard error contains (any order)
//   "exits: 1"                    the exit status; 0 if not said
//
// A file without such comments is a class that programs beside it use. How a program is run is a closure, so
// that every tier and stress flag runs the same corpus.

import Foundation
import Synchronization

/// What running a program gave.
public struct CorpusOutcome: Sendable {
  public var standardOutput: String
  public var standardError: String
  public var status: Int

  public init(standardOutput: String, standardError: String, status: Int) {
    self.standardOutput = standardOutput
    self.standardError = standardError
    self.status = status
  }
}

/// One program with its expectations.
public struct CorpusProgram: Sendable, CustomStringConvertible {
  /// The folder: `Basics`, `Blocks`, …
  public let group: String
  /// The class to run; its file is `<path>`.
  public let name: String
  public let path: String
  public let expectedOutput: String
  public let expectedErrors: [String]
  public let expectedStatus: Int

  public var description: String { "\(group)/\(name)" }

  /// Nil if the file expects nothing.
  public init?(path: String, source: String) {
    let url = URL(fileURLWithPath: path)
    group = url.deletingLastPathComponent().lastPathComponent
    name = url.deletingPathExtension().lastPathComponent
    self.path = path
    var output = ""
    var errors: [String] = []
    var status: Int?
    for comment in CorpusProgram.comments(in: source) {
      if let text = comment.expectation("prints") {
        output += text + "\n"
      } else if let text = comment.expectation("stderr") {
        errors.append(text)
      } else if let text = comment.expectation("exits") {
        status = Int(text)
      }
    }
    if output.isEmpty && errors.isEmpty && status == nil { return nil }
    expectedOutput = output
    expectedErrors = errors
    expectedStatus = status ?? 0
  }

  /// The comments of a SOM text; it may be wrong beyond its strings and comments.
  static func comments(in source: String) -> [String] {
    var result: [String] = []
    var rest = Substring(source)
    while let c = rest.first {
      if c == "\"" {
        let body = rest.dropFirst().prefix { $0 != "\"" }
        result.append(String(body))
        rest = rest[body.endIndex...].dropFirst()
      } else if c == "'" {
        rest = rest.dropFirst()
        let start = rest
        var closed = false
        while let d = rest.first, !closed {
          rest = rest.dropFirst(d == "\\" ? 2 : 1)
          closed = d == "'"
        }
        // A string that is never closed is a test of that error; its comments count.
        if !closed { rest = start }
      } else {
        rest = rest.dropFirst()
      }
    }
    return result
  }

  /// What is wrong with the outcome; empty if it is as expected.
  public func mismatches(_ outcome: CorpusOutcome) -> String {
    var report = ""
    if outcome.standardOutput != expectedOutput {
      report += "printed:\n\(outcome.standardOutput)expected:\n\(expectedOutput)"
    }
    for text in expectedErrors where !outcome.standardError.contains(text) {
      report += "standard error lacks: \(text)\n"
    }
    if outcome.status != expectedStatus {
      report += "status \(outcome.status), expected \(expectedStatus)\n"
    }
    if !report.isEmpty && !outcome.standardError.isEmpty {
      report += "standard error:\n\(outcome.standardError.suffix(1500))"
    }
    return report
  }
}

extension String {
  fileprivate func expectation(_ kind: String) -> String? {
    guard hasPrefix(kind + ":") else { return nil }
    let text = dropFirst(kind.count + 1)
    return String(text.first == " " ? text.dropFirst() : text)
  }
}

/// All programs of the corpus.
public enum Corpus {
  public static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Corpus")

  /// Sorted by group and name; `except` leaves out whole groups.
  public static func programs(except groups: Set<String> = []) -> [CorpusProgram] {
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.allObjects ?? []
    return files.compactMap { $0 as? URL }
      .filter { $0.pathExtension == "som" }
      .compactMap { url in
        (try? String(contentsOf: url, encoding: .utf8)).flatMap {
          CorpusProgram(path: url.path, source: $0)
        }
      }
      .filter { !groups.contains($0.group) }
      .sorted { $0.description < $1.description }
  }

  /// Runs programs, answers a report of the failures (empty if there are none).
  public static func failures(
    of programs: [CorpusProgram], run: (CorpusProgram) throws -> CorpusOutcome
  ) -> String {
    programs.map { failure(of: $0, run: run) }.joined()
  }

  /// The same, some programs at a time.
  public static func failures(
    of programs: [CorpusProgram], atOnce workers: Int, run: @Sendable (CorpusProgram) throws -> CorpusOutcome
  ) -> String {
    let state = Mutex((next: 0, reports: [String](repeating: "", count: programs.count)))
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
      while true {
        let i = state.withLock { state in
          defer { state.next += 1 }
          return state.next
        }
        guard i < programs.count else { return }
        let report = failure(of: programs[i], run: run)
        state.withLock { $0.reports[i] = report }
      }
    }
    return state.withLock { $0.reports.joined() }
  }

  private static func failure(
    of program: CorpusProgram, run: (CorpusProgram) throws -> CorpusOutcome
  ) -> String {
    do {
      let wrong = program.mismatches(try run(program))
      return wrong.isEmpty ? "" : "--- \(program)\n\(wrong)\n"
    } catch {
      return "--- \(program): \(error)\n"
    }
  }
}
