// What became of one test, put together from what its process told.

import Foundation

struct TestOutcome {
  enum Verdict: Equatable { case passed, failed, skipped }

  struct Failure {
    var message: String
    var trace: TestTrace
  }

  var className: String
  var selector: String
  /// The flags of the machine that it ran with.
  var mode: TestMode
  var verdict: Verdict
  var failures: [Failure] = []
  var reason = ""
  var output = ""
  /// How long it ran, with setUp and tearDown.
  var seconds = 0.0

  var name: String { "\(className)>>#\(selector)" }

  init(_ className: String, _ selector: String, _ mode: TestMode) {
    self.className = className
    self.selector = selector
    self.mode = mode
    verdict = .passed
  }

  /// Takes a record that came while the test ran.
  mutating func take(_ record: TestRecord) {
    switch record.kind {
    case .trace:
      failures.append(Failure(message: "", trace: TestTrace(record.body)))
    case .fail:
      if failures.last?.message != "" { failures.append(Failure(message: "", trace: TestTrace(""))) }
      failures[failures.count - 1].message = record.body.trimmed
      verdict = .failed
    case .skip:
      if verdict == .passed { verdict = .skipped }
      reason = record.body.trimmed
    case .begin, .more:
      output += record.body
    case .none, .test, .end, .done: break
    }
  }

  /// The process ended while the test ran: its last words are the message.
  mutating func died(_ ending: TestProcess.Ending) {
    let trace = TestTrace(output)
    if case .status = ending, let place = trace.rest.lastRange(of: "ERROR: ") {
      failures.append(Failure(message: String(trace.rest[place.upperBound...]).trimmed, trace: trace))
    } else if case .status = ending, !trace.frames.isEmpty {
      failures.append(Failure(message: trace.rest.trimmed, trace: trace))
    } else {
      failures.append(Failure(message: "the test \(ending.description)", trace: trace))
    }
    if !trace.frames.isEmpty, let start = output.lastRange(of: "Traceback (") {
      output = String(output[..<start.lowerBound])
    }
    verdict = .failed
  }
}

extension TestOutcome {
  /// A failure without a place gets that of the test's method in the file.
  mutating func locate(_ file: String) {
    guard let last = failures.last, last.trace.place == nil, last.trace.inner.isEmpty,
      let text = FileManager.default.contents(atPath: file).map({ String(decoding: $0, as: UTF8.self) })
    else { return }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let line = lines.firstIndex {
      let words = $0.split { $0 == " " || $0 == "\t" }
      return words.first.map { $0 == selector } ?? false && words.count > 1 && words[1].hasPrefix("=")
    }
    guard let line else { return }
    failures[failures.count - 1].trace.frames = [
      TestTrace.Frame(
        file: file.contains("/") ? file : "./" + file, line: line + 1, method: "\(className)>>\(selector)",
        source: String(lines[line]).trimmed)
    ]
  }
}

/// How tests are run: under which flags of the machine.
struct TestMode: Hashable, Sendable {
  var flags: [String]
  /// Empty for the plain way.
  var name: String { flags.joined(separator: " ") }

  static let plain = TestMode(flags: [])
  /// Every tier, and the rare things made frequent.
  static let stress = [
    plain, TestMode(flags: ["--jit=off"]), TestMode(flags: ["--compile-now", "--deopt-every=7"]),
    TestMode(flags: ["--gc-every=50"]),
  ]
}

extension String {
  var trimmed: String {
    guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(self[first...last])
  }

  fileprivate func lastRange(of text: String) -> Range<Index>? { ranges(of: text).last }
}
