// The results for a person, and as JUnit's XML for tools.

import Foundation
import Laboratory

struct TestReport {
  private(set) var results: [TestRunner.Result] = []
  private(set) var passed = 0
  private(set) var failed = 0
  private(set) var skipped = 0
  var isSuccess: Bool { failed == 0 }

  /// Takes a result, and answers it as text.
  mutating func add(_ result: TestRunner.Result) -> String {
    results.append(result)
    let title = result.className + (result.mode.name.isEmpty ? "" : " (\(result.mode.name))")
    if let problem = result.problem {
      failed += 1
      return "FAILED \(title)\n\(problem.indented)\n"
    }
    var text = ""
    var counts: [TestOutcome.Verdict: Int] = [:]
    for outcome in result.outcomes {
      counts[outcome.verdict, default: 0] += 1
      if outcome.verdict == .failed { text += Self.text(of: outcome) }
    }
    passed += counts[.passed, default: 0]
    failed += counts[.failed, default: 0]
    skipped += counts[.skipped, default: 0]
    if result.outcomes.isEmpty { return "" }
    let bad = counts[.failed, default: 0], left = counts[.skipped, default: 0]
    let sum =
      "\(counts[.passed, default: 0]) passed" + (bad > 0 ? ", \(bad) failed" : "")
      + (left > 0 ? ", \(left) skipped" : "")
    return "\(bad > 0 ? "FAILED" : "ok    ") \(title): \(sum)\n" + text
  }

  /// The last line.
  var summary: String { "\(passed) passed, \(failed) failed" + (skipped > 0 ? ", \(skipped) skipped" : "") }

  private static func text(of outcome: TestOutcome) -> String {
    var text = "  \(outcome.name)\n"
    for failure in outcome.failures {
      if let place = failure.trace.place {
        text += "    \(place.file):\(place.line)\n      \(place.source)\n"
      }
      for frame in failure.trace.inner.suffix(5) { text += "      in \(frame.method), \(frame.file):\(frame.line)\n" }
      text += failure.message.indented(by: 4) + "\n"
    }
    let output = outcome.output.trimmed
    if !output.isEmpty {
      let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
      text += "    it printed\(lines.count > 20 ? ", at last" : ""):\n"
      text += lines.suffix(20).map { "      \($0.prefix(400))\n" }.joined()
    }
    return text
  }

  // MARK: JUnit

  var junit: String {
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    text += "<testsuites tests=\"\(passed + failed + skipped)\" failures=\"\(failed)\" skipped=\"\(skipped)\">\n"
    for result in results where result.problem != nil || !result.outcomes.isEmpty {
      let name = result.className + (result.mode.name.isEmpty ? "" : " \(result.mode.name)")
      let bad = result.outcomes.count { $0.verdict == .failed } + (result.problem == nil ? 0 : 1)
      let count = result.outcomes.count + (result.problem == nil ? 0 : 1)
      text += "  <testsuite name=\"\(name.escaped)\" tests=\"\(count)\" failures=\"\(bad)\""
      text += " skipped=\"\(result.outcomes.count { $0.verdict == .skipped })\""
      text += "\(Self.time(result.seconds))>\n"
      if let problem = result.problem {
        text += "    <testcase classname=\"\(name.escaped)\" name=\"class\"\(Self.time(result.seconds))>\n"
        text += "      <failure message=\"\(problem.escaped)\"/>\n    </testcase>\n"
      }
      for outcome in result.outcomes { text += Self.junit(outcome, suite: name) }
      text += "  </testsuite>\n"
    }
    return text + "</testsuites>\n"
  }

  private static func time(_ seconds: Double) -> String { " time=\"\(String(format: "%.3f", seconds))\"" }

  private static func junit(_ outcome: TestOutcome, suite: String) -> String {
    let start =
      "    <testcase classname=\"\(suite.escaped)\" name=\"\(outcome.selector.escaped)\"\(time(outcome.seconds))"
    switch outcome.verdict {
    case .passed: return start + "/>\n"
    case .skipped:
      return start + "><skipped message=\"\(outcome.reason.escaped)\"/></testcase>\n"
    case .failed:
      let message = outcome.failures.map(\.message).joined(separator: "; ")
      return start + ">\n      <failure message=\"\(message.escaped)\">\(Self.text(of: outcome).escaped)</failure>\n"
        + "    </testcase>\n"
    }
  }
}

extension String {
  fileprivate var indented: String { indented(by: 2) }
  fileprivate func indented(by count: Int) -> String {
    let space = String(repeating: " ", count: count)
    return split(separator: "\n", omittingEmptySubsequences: false).map { space + $0 }.joined(separator: "\n")
  }
  /// For XML: also without the control characters that it cannot hold.
  fileprivate var escaped: String {
    var result = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      case "\"": result += "&quot;"
      case "\n": result += "&#10;"
      case "\t": result += "&#9;"
      case _ where scalar.value < 32 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
