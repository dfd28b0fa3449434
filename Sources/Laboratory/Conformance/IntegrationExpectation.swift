// The first comment of an integration test says how it must end and what it must print:
//
//   VM:
//     status: error | success | a number       (success if it is not given)
//     stdout: text, or lines indented below    (anything if it is not given)
//     stderr: likewise
//     custom_classpath: dir:dir
//
// A line `...` stands for any number of lines; at an end of a line it stands for any text. White space at the ends of
// lines, and empty lines at the ends of the text, do not count.

import Foundation

struct IntegrationExpectation: Equatable, Sendable {
  enum Status: Equatable, Sendable { case success, error, exactly(Int32) }

  var status = Status.success
  var output: [String]?
  var errors: [String]?
  var classPath: [String]?

  struct NoExpectation: Error, CustomStringConvertible {
    let description = "its first comment does not say what it must do"
  }

  /// Reads the expectation of a test from its source.
  init(source: String) throws(NoExpectation) {
    guard let start = source.firstIndex(of: "\""),
      let end = source[source.index(after: start)...].firstIndex(of: "\"")
    else { throw NoExpectation() }
    let lines = source[source.index(after: start)..<end].split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = lines.firstIndex(where: { $0.trimmingCharacters(in: .whitespaces) == "VM:" }) else {
      throw NoExpectation()
    }
    var keys: [(name: String, lines: [String])] = []
    var keyIndent: Int?
    for line in lines[(first + 1)...] {
      let text = line.trimmingCharacters(in: .whitespaces)
      let indent = line.prefix { $0 == " " || $0 == "\t" }.count
      if !text.isEmpty, indent <= keyIndent ?? indent, let colon = text.firstIndex(of: ":") {
        keyIndent = indent
        let value = text[text.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        keys.append((String(text[..<colon]), value.isEmpty ? [] : [value]))
      } else if !keys.isEmpty {
        keys[keys.count - 1].lines.append(text)
      }
    }
    for (name, lines) in keys {
      switch name {
      case "status": status = Self.status(lines.first ?? "success")
      case "stdout": output = Self.trimmed(lines)
      case "stderr": errors = Self.trimmed(lines)
      case "custom_classpath": classPath = lines.first?.split(separator: ":").map(String.init)
      default: throw NoExpectation()
      }
    }
  }

  private static func status(_ text: String) -> Status {
    if let number = Int32(text) { return .exactly(number) }
    return text == "error" ? .error : .success
  }

  /// nil if the program did it.
  func problem(_ outcome: ChildProcess.Outcome) -> String? {
    let isRight =
      switch status {
      case .success: outcome.status == 0
      case .error: outcome.status != 0
      case .exactly(let number): outcome.status == number
      }
    if !isRight { return outcome.ending + Self.quoted(outcome.errors, outcome.output) }
    if let output, !Self.matches(output, Self.lines(outcome.output)) {
      return "standard output differs: " + Self.difference(output, Self.lines(outcome.output))
    }
    if let errors, !Self.matches(errors, Self.lines(outcome.errors)) {
      return "standard error differs: " + Self.difference(errors, Self.lines(outcome.errors))
    }
    return nil
  }

  private static func quoted(_ texts: String...) -> String {
    texts.compactMap { lines($0).last }.first.map { ": \($0)" } ?? ""
  }

  static func lines(_ text: String) -> [String] {
    trimmed(text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
  }

  private static func trimmed(_ lines: [String]) -> [String] {
    let lines = lines.map { $0.trimmingCharacters(in: .whitespaces) }
    guard let first = lines.firstIndex(where: { !$0.isEmpty }),
      let last = lines.lastIndex(where: { !$0.isEmpty })
    else { return [] }
    return Array(lines[first...last])
  }

  /// Whether all of `text` is what `pattern` describes.
  static func matches(_ pattern: [String], _ text: [String]) -> Bool {
    // reachable[j]: the pattern so far matches the first j lines.
    var reachable = [Bool](repeating: false, count: text.count + 1)
    reachable[0] = true
    for line in pattern {
      var next = [Bool](repeating: false, count: text.count + 1)
      if line == "..." {
        var seen = false
        for j in 0...text.count {
          seen = seen || reachable[j]
          next[j] = seen
        }
      } else {
        for j in 0..<text.count where reachable[j] && matches(line, text[j]) { next[j + 1] = true }
      }
      reachable = next
    }
    return reachable[text.count]
  }

  private static func matches(_ pattern: String, _ line: String) -> Bool {
    let isOpenAtStart = pattern.hasPrefix("..."), isOpenAtEnd = pattern.hasSuffix("...") && pattern.count > 3
    let core = pattern.dropFirst(isOpenAtStart ? 3 : 0).dropLast(isOpenAtEnd ? 3 : 0)
    switch (isOpenAtStart, isOpenAtEnd) {
    case (false, false): return line == core
    case (true, false): return line.hasSuffix(core)
    case (false, true): return line.hasPrefix(core)
    case (true, true): return line.contains(core)
    }
  }

  /// The first line of the pattern that nothing in the text, from there on, is like.
  private static func difference(_ pattern: [String], _ text: [String]) -> String {
    var fits = 0
    while fits < pattern.count, matches(Array(pattern[...fits]) + ["..."], text) { fits += 1 }
    if fits == pattern.count { return "more than expected, the last line is '\(text.last ?? "")'" }
    let found = fits < text.count && !pattern[..<fits].contains("...") ? text[fits] : text.last ?? "nothing"
    return "expected '\(pattern[fits])', found '\(found)'"
  }
}
