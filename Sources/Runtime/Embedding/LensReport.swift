// What the machine does with a method, line by line: plain values, in which nothing refers to an object of the machine.

/// A method through the lens. Lines are those of the text of the method they are in, counted from 1; times are in
/// microseconds.
public struct LensReport: Sendable, Hashable, Codable {
  /// A line with code on it; comments and empty lines are left out.
  public struct Line: Sendable, Hashable, Codable {
    /// In the method's own text, from 1.
    public var line: Int
    /// `compiled`: at least one valid unit of code has it. `notRun`: nobody has been here when the rest of the method was
    /// compiled, or ever. `interpreted`: whoever comes here is interpreted, `baseline`: or runs the method's baseline code.
    public var tier: TierReport.Tier
    /// The units that have it, by name: code of the method itself, or of others that have it inlined.
    public var units: [String]
    /// What is inlined here, in any unit.
    public var inlined: [String]
    /// Times that compiled code was left here.
    public var deoptimizations: Int
  }
  /// Compiled code of the method itself.
  public struct Unit: Sendable, Hashable, Codable {
    /// `Class>>selector`, with the line of the loop, counted in its file, if it is entered in the middle.
    public var name: String
    /// The line of that loop.
    public var loopLine: Int?
    /// How long ago it became a part of the program.
    public var age: Int
    /// How long it took to compile.
    public var compileTime: Int
    /// Whether it was compiled in an earlier run.
    public var isFromCache: Bool
    /// Everything that is inlined in it, into whichever method.
    public var inlined: [CodeReport.InlinedSend]
    /// Times that it was left for the interpreter.
    public var deoptimizations: Int
    /// On what it depends, in words; the first 200.
    public var dependencies: [String]
  }
  /// Where code of others has the method.
  public struct Place: Sendable, Hashable, Codable {
    /// The compiled unit.
    public var unit: String
    /// The method whose source has the send, and the line of its text.
    public var caller: String
    /// In the method's own text, from 1.
    public var line: Int
    /// The unit is a loop that is entered in the middle.
    public var isLoop: Bool
  }
  /// A place where compiled code was left.
  public struct Deoptimization: Sendable, Hashable, Codable {
    /// In the method's own text, from 1.
    public var line: Int
    /// As in traces and statistics, `wrongClass`; or `othersRan`.
    public var reason: String
    /// Why, in words.
    public var explanation: String
    /// How often.
    public var count: Int
  }
  /// A unit that an accept has made invalid.
  public struct Invalidation: Sendable, Hashable, Codable {
    /// The unit: of the method, or of one that had it inlined.
    public var unit: String
    /// The fact that no longer held.
    public var reason: String
    /// The number of the accept that did it, if one did.
    public var receipt: Int?
    /// Seconds since then.
    public var age: Int
  }

  /// `Class>>selector`.
  public var method: String
  /// Counts from 1.
  public var version: Int
  /// What a send of it runs now.
  public var tier: TierReport.Tier
  /// Why the compiler gave up on it.
  public var note: String?
  /// The line of the file on which the text begins; nil: it has no text.
  public var firstLine: Int?
  /// Each line of the text that code belongs to.
  public var lines: [Line]
  /// The compiled units that are the method's own.
  public var units: [Unit]
  /// Where other units have it inlined.
  public var inlinedInto: [Place]
  /// Of this version, the most frequent first.
  public var deoptimizations: [Deoptimization]
  /// How often this version was compiled.
  public var compileCount: Int
  /// How often code that had the method was invalidated, in all versions, and the last 16 times, oldest first.
  public var invalidationCount: Int
  /// The units that accepts have made invalid, the latest last.
  public var invalidations: [Invalidation]
}

extension LensReport: CustomStringConvertible {
  public var description: String { text(source: nil) }

  /// For people; with the method's text, if it is given, beside the lines.
  public func text(source: String?) -> String {
    var text: [String] = ["\(method) v\(version) \(Self.state(tier))"]
    if let note { text.append("  not compiled: \(note)") }
    text += lineTexts(source)
    if !units.isEmpty { text.append("code") }
    for unit in units { text.append("  " + Self.text(unit)) }
    if !inlinedInto.isEmpty { text.append("inlined in") }
    for place in inlinedInto {
      let unit = place.unit == place.caller ? "" : " (in the code of \(place.unit))"
      text.append("  \(place.caller), line \(place.line)\(unit)")
    }
    let dependencies = Set(units.flatMap(\.dependencies)).sorted()
    if !dependencies.isEmpty { text.append("depends on") }
    text += dependencies.map { "  " + $0 }
    if !deoptimizations.isEmpty { text.append("left for the interpreter") }
    for place in deoptimizations {
      text.append("  line \(place.line), \(Self.times(place.count)): \(place.explanation)")
    }
    if invalidationCount > 0 { text.append("invalidated \(Self.times(invalidationCount))") }
    for entry in invalidations {
      let accept = entry.receipt.map { "accept \($0)" } ?? "the machine"
      text.append("  \(entry.unit), by \(accept), \(Self.duration(entry.age)) ago: \(entry.reason)")
    }
    return text.joined(separator: "\n")
  }

  private func lineTexts(_ source: String?) -> [String] {
    let byNumber = Dictionary(lines.map { ($0.line, $0) }) { a, _ in a }
    let texts = source?.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let numbers = texts.map { Array(1...max(1, $0.count)) } ?? lines.map(\.line)
    return numbers.map { number in
      let line = byNumber[number]
      var text = "  \(Self.padded("\(number)", 4, right: true))  \(Self.padded(line?.tier.rawValue ?? "", 11))"
      if let texts, texts.indices.contains(number - 1) { text += " | \(texts[number - 1])" }
      if let line, !line.inlined.isEmpty { text += "   <- \(line.inlined.joined(separator: ", ")) inlined" }
      if let line, line.deoptimizations > 0 { text += "   (left \(Self.times(line.deoptimizations)))" }
      while text.last == " " { text.removeLast() }
      return text
    }
  }

  private static func text(_ unit: Unit) -> String {
    let time = unit.isFromCache ? "from the cache" : "in \(duration(unit.compileTime))"
    let left = unit.deoptimizations == 0 ? "" : ", left \(times(unit.deoptimizations))"
    let inlined = unit.inlined.isEmpty ? "" : ", \(unit.inlined.count) inlined"
    return "\(unit.name): compiled \(duration(unit.age)) ago \(time)\(inlined)\(left)"
  }

  private static func state(_ tier: TierReport.Tier) -> String {
    switch tier {
    case .primitive: "is a primitive: machine code of the virtual machine"
    case .notRun: "has not run yet"
    case .interpreted: "is interpreted"
    case .baseline: "runs as baseline code"
    case .compiled: "is compiled"
    }
  }
  private static func times(_ count: Int) -> String { count == 1 ? "once" : "\(count) times" }
  private static func duration(_ microseconds: Int) -> String {
    if microseconds < 10_000_000 { return "\(microseconds / 1000) ms" }
    return "\(microseconds / 1_000_000) s"
  }
  private static func padded(_ text: String, _ width: Int, right: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, width - text.count))
    return right ? space + text : text + space
  }
}
