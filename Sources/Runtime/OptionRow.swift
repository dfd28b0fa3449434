// One row of the options table, its kinds of value, and the errors of parsing them.

/// Why an option could not be set; the text says what to do.
public enum OptionError: Error, Sendable, CustomStringConvertible {
  /// There is no option of that name; perhaps that one was meant.
  case unknown(name: String, suggestion: String?)
  /// It needs a value.
  case missingValue(row: OptionRow)
  /// The value is none that it takes.
  case badValue(row: OptionRow, found: String)
  /// The same in its environment variable.
  case badEnvironment(row: OptionRow, found: String)

  public var description: String {
    switch self {
    case .unknown(let name, let suggestion):
      let hint = suggestion.map { "did you mean --\($0)?" } ?? "`ovid --help` lists the options."
      return "unknown option --\(name); \(hint)"
    case .missingValue(let row):
      return "--\(row.name) needs a value: --\(row.name)\(row.argument) (\(row.expected))"
    case .badValue(let row, let found):
      return "--\(row.name)=\(found): expected \(row.expected)"
    case .badEnvironment(let row, let found):
      return "\(row.environmentVariable)=\(found): expected \(row.expected)"
    }
  }
}

/// What the machine code that is made of a graph has to do with an option.
enum CodeEffect: Sendable {
  /// Nothing. (What changes the graph itself needs no mention: its text is part of the key of cached code.)
  case none
  /// Each value may make other code.
  case value
  /// All values but the default make the same code, as this one does.
  case presence(String)
}

/// An option: what it is called, and what it does.
public struct OptionRow: Sendable {
  /// Without the dashes.
  public let name: String
  /// A line that says what it does.
  public let help: String
  /// What follows the name in help: `=N`, `=FOLDER`, nothing for a flag.
  public let argument: String
  /// What a value must look like, for errors.
  public let expected: String
  /// The value that the bare flag stands for, if it needs none.
  public let impliedValue: String?
  let parse: @Sendable (inout Options, String) -> Bool
  let print: @Sendable (Options) -> String
  var code = CodeEffect.none

  /// The environment variable that sets it, if no flag does.
  public var environmentVariable: String {
    "OVID_" + name.uppercased().split(separator: "-").joined(separator: "_")
  }
  /// What it is if nobody says anything.
  public var defaultText: String { print(Options()) }

  static func flag(
    _ name: String, _ path: WritableKeyPath<Options, Bool> & Sendable, code: CodeEffect = .none, _ help: String
  ) -> OptionRow {
    OptionRow(
      name: name, help: help, argument: "[=on|off]", expected: "on or off", impliedValue: "on",
      parse: { options, text in
        switch text {
        case "on", "true", "yes", "1": options[keyPath: path] = true
        case "off", "false", "no", "0": options[keyPath: path] = false
        default: return false
        }
        return true
      }, print: { $0[keyPath: path] ? "on" : "off" }, code: code)
  }

  static func count(
    _ name: String, _ path: WritableKeyPath<Options, Int> & Sendable, _ range: ClosedRange<Int>,
    code: CodeEffect = .none, _ help: String
  ) -> OptionRow {
    OptionRow(
      name: name, help: help, argument: "=N",
      expected: "a number from \(range.lowerBound) to \(range.upperBound)", impliedValue: nil,
      parse: { options, text in
        guard let n = Int(text), range.contains(n) else { return false }
        options[keyPath: path] = n
        return true
      }, print: { "\($0[keyPath: path])" }, code: code)
  }

  /// A number of bytes, with an optional suffix k, m or g.
  static func size(
    _ name: String, _ path: WritableKeyPath<Options, Int> & Sendable, _ range: ClosedRange<Int>, _ help: String
  ) -> OptionRow {
    OptionRow(
      name: name, help: help, argument: "=SIZE",
      expected: "a size such as 512m or 2g, from \(sizeText(range.lowerBound)) to \(sizeText(range.upperBound))",
      impliedValue: nil,
      parse: { options, text in
        let shift = ["k": 10, "m": 20, "g": 30][text.suffix(1).lowercased()] ?? 0
        guard let n = Int(shift == 0 ? text[...] : text.dropLast()), n >= 0, n <= (1 << 46) >> shift,
          range.contains(n << shift)
        else { return false }
        options[keyPath: path] = n << shift
        return true
      }, print: { sizeText($0[keyPath: path]) })
  }

  static func text(
    _ name: String, _ path: WritableKeyPath<Options, String?> & Sendable, _ what: String, _ help: String
  ) -> OptionRow {
    OptionRow(
      name: name, help: help, argument: "=\(what)", expected: "a \(what.lowercased()) name", impliedValue: nil,
      parse: { options, text in
        options[keyPath: path] = text.isEmpty ? nil : text
        return true
      }, print: { $0[keyPath: path] ?? "" })
  }

  static func choice<T: RawRepresentable<String> & CaseIterable & Sendable>(
    _ name: String, _ path: WritableKeyPath<Options, T> & Sendable, _ help: String
  ) -> OptionRow {
    let all = T.allCases.map(\.rawValue)
    return OptionRow(
      name: name, help: help, argument: "=" + all.joined(separator: "|"), expected: all.joined(separator: " or "),
      impliedValue: nil,
      parse: { options, text in
        guard let value = T(rawValue: text) else { return false }
        options[keyPath: path] = value
        return true
      }, print: { $0[keyPath: path].rawValue })
  }

  static func topics(
    _ name: String, _ path: WritableKeyPath<Options, Set<TraceTopic>> & Sendable, _ help: String
  ) -> OptionRow {
    let all = TraceTopic.allCases.map(\.rawValue).joined(separator: ",")
    return OptionRow(
      name: name, help: help, argument: "=TOPICS", expected: "some of \(all), or all", impliedValue: nil,
      parse: { options, text in
        if text == "all" {
          options[keyPath: path] = Set(TraceTopic.allCases)
          return true
        }
        let topics = text.split(separator: ",").map { TraceTopic(rawValue: String($0)) }
        guard !topics.contains(nil) else { return false }
        options[keyPath: path] = Set(topics.compactMap { $0 })
        return true
      }, print: { $0[keyPath: path].map(\.rawValue).sorted().joined(separator: ",") })
  }

  static func dump(
    _ name: String, _ path: WritableKeyPath<Options, DumpRequest?> & Sendable, _ help: String
  ) -> OptionRow {
    OptionRow(
      name: name, help: help, argument: "=METHOD[:PASS]",
      expected: "Class>>selector, Class>>selector:pass (or Class>>key:word:/pass), or *", impliedValue: nil,
      parse: { options, text in
        options[keyPath: path] = DumpRequest(text)
        return text == "*" || text.contains(">>") || text.hasPrefix("*:")
      }, print: { $0[keyPath: path]?.description ?? "" })
  }
}

extension DumpRequest: CustomStringConvertible {
  /// Keyword selectors end in a colon, so the pass is what follows the last colon, if anything does; a
  /// selector of several keywords needs `/pass`.
  public init(_ text: String) {
    if let slash = text.lastIndex(of: "/"), text.index(after: slash) < text.endIndex, text[slash...].count > 1,
      !text[..<slash].hasSuffix(">>"), !text[..<slash].hasSuffix("/")
    {
      self.init(method: String(text[..<slash]), pass: String(text[text.index(after: slash)...]))
    } else if let colon = text.lastIndex(of: ":"), text.index(after: colon) < text.endIndex {
      self.init(method: String(text[..<colon]), pass: String(text[text.index(after: colon)...]))
    } else {
      self.init(method: text)
    }
  }
  public var description: String { pass.map { "\(method)/\($0)" } ?? method }
}

private func sizeText(_ n: Int) -> String {
  for (shift, suffix) in [(30, "g"), (20, "m"), (10, "k")] where n > 0 && n & ((1 << shift) - 1) == 0 {
    return "\(n >> shift)\(suffix)"
  }
  return "\(n)"
}
