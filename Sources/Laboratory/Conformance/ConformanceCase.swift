// One program of an upstream checkout, how it is started, and what it has to do.

import Foundation

/// How the programs are run.
public enum ConformanceMode: String, CaseIterable, Sendable {
  case interpreter, compiled, stress

  var flags: [String] {
    switch self {
    case .interpreter: return ["--jit=off"]
    case .compiled: return []
    case .stress: return ["--compile-now", "--deopt-every=7", "--gc-every=1000"]
    }
  }
  public var description: String {
    flags.isEmpty ? "with the compiler, default flags" : flags.joined(separator: " ")
  }
}

/// Which core library the programs run on.
public enum ConformanceLibrary: String, CaseIterable, Sendable {
  case upstream, own
}

/// How much of a benchmark is run: its inner iterations, fewer where every safepoint costs a thousand times more.
struct ConformanceSize: Equatable, Sendable {
  var normal = 1
  var stress = 1

  func callAsFunction(_ mode: ConformanceMode) -> Int { mode == .stress ? stress : normal }
}

public struct ConformanceCase: Sendable {
  enum Expectation: Sendable {
    /// What the first comment of an integration test says.
    case comment(IntegrationExpectation)
    /// Status 0, all of `printing` in standard output, and none of `never`.
    case success(printing: [String], never: [String])
  }

  public internal(set) var suite: String
  public internal(set) var name: String
  var program: String
  var arguments: [String] = []
  /// Appended to the arguments, if there is one.
  var size: ConformanceSize?
  /// Folders before the core library.
  var classPath: [String]
  var libraries = ConformanceLibrary.allCases
  /// The folder it runs in.
  var directory: String
  var expectation: Expectation
  /// Seconds; under stress five times as many.
  var timeout = 60.0

  /// - Parameter cache: a folder for compiled code, so that the programs compile what they share only once.
  func words(
    _ mode: ConformanceMode, _ library: ConformanceLibrary, checkout: String, cache: String
  ) -> [String] {
    let folders = classPath + (library == .upstream ? ["\(checkout)/Smalltalk"] : [])
    return ["run", "--upstream-wording"] + mode.flags + (mode == .interpreter ? [] : ["--cache-dir=\(cache)"])
      + (folders.isEmpty ? [] : ["-cp", folders.joined(separator: ":")])
      + [program] + arguments + (size.map { ["\($0(mode))"] } ?? [])
  }

  /// nil if it did what it had to.
  func problem(_ outcome: ChildProcess.Outcome, _ library: ConformanceLibrary) -> String? {
    if outcome.hasTimedOut || outcome.signal != nil { return outcome.ending }
    switch expectation {
    case .comment(let comment):
      return comment.problem(library == .own ? Self.withErrorsAsUpstream(outcome) : outcome)
    case .success(let printing, let never):
      if outcome.status != 0 {
        return "\(outcome.ending): \(Self.lastLine(outcome.errors) ?? Self.lastLine(outcome.output) ?? "no output")"
      }
      let text = outcome.output + outcome.errors
      if let line = text.split(separator: "\n").first(where: { line in never.contains { line.contains($0) } }) {
        return "printed '\(line.trimmingCharacters(in: .whitespaces))'"
      }
      return printing.first { !outcome.output.contains($0) }.map { "did not print '\($0)'" }
    }
  }

  /// Upstream's core library prints the `ERROR:` line of an error on standard output, behind an empty one; Ovid's prints
  /// it on standard error, behind the traceback.
  static func withErrorsAsUpstream(_ outcome: ChildProcess.Outcome) -> ChildProcess.Outcome {
    var outcome = outcome
    for line in outcome.errors.split(separator: "\n") where line.hasPrefix("ERROR: ") {
      outcome.output += "\n\(line)\n"
    }
    return outcome
  }

  private static func lastLine(_ text: String) -> Substring? {
    text.split(separator: "\n").last { !$0.allSatisfy(\.isWhitespace) }
  }
}

/// What became of one case, in one mode, on one library.
public struct ConformanceResult: Sendable {
  enum Verdict: Equatable, Sendable {
    case passed
    case failed(String)
    case skipped(String)
  }
  var test: ConformanceCase
  var mode: ConformanceMode
  var library: ConformanceLibrary
  var verdict: Verdict
  var seconds = 0.0
  /// The command that shows it.
  var command = ""

  /// What is printed of it.
  public var line: String {
    let text =
      switch verdict {
      case .passed: "ok"
      case .failed(let reason): "FAILED: \(reason)"
      case .skipped: "skipped"
      }
    return column(mode.rawValue, 12) + column(library.rawValue, 9)
      + String(format: "%7.2f s  ", seconds) + "\(test.suite)/\(test.name) \(text)"
  }
}
