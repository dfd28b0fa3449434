// What an `Inspector` answers: plain values, in which nothing refers to an object of the machine.

/// A class, as a browser shows it.
public struct ClassReport: Sendable, Hashable, Codable {
  /// `Foo`, without `class`.
  public var name: String
  /// nil for the root.
  public var superclass: String?
  /// The file it was loaded from; nil for bundled classes and those that were typed in.
  public var path: String?
  /// Fields and selectors that the class itself defines.
  public var fields: [String]
  /// Fields of the class itself, inherited ones first.
  public var classFields: [String]
  /// Of methods that the class itself defines, in the order of its text.
  public var selectors: [String]
  /// The same of its class side.
  public var classSelectors: [String]
  /// Names of direct subclasses that are loaded.
  public var subclasses: [String]
}

/// At which tier a method runs now.
public struct TierReport: Sendable, Hashable, Codable {
  /// What runs when a method is sent.
  public enum Tier: String, Sendable, Codable {
    /// From the slowest code to the fastest, but for primitives, which are the machine's own.
    case primitive, interpreted, baseline, compiled
    /// It has not run, so there is no bytecode yet.
    case notRun
  }
  /// A send that a method is inlined at.
  public struct Place: Sendable, Hashable, Codable {
    /// The compiled unit.
    public var unit: String
    /// The method whose source has the send, and its line there.
    public var caller: String
    /// Of the send, from 1.
    public var line: Int
  }
  /// `Class>>selector`.
  public var method: String
  /// Counts from 1.
  public var version: Int
  /// What a send of it runs now.
  public var tier: Tier
  /// The method's own code: itself, and loops of it that are entered in the middle.
  public var units: [CodeReport]
  /// Where other code has it inlined.
  public var inlined: [Place]
  /// Why the compiler gave up on it.
  public var note: String?
}

/// One installed unit of compiled code.
public struct CodeReport: Sendable, Hashable, Codable {
  /// A method inlined into compiled code.
  public struct InlinedSend: Sendable, Hashable, Codable {
    /// The method whose source has the send, its line there, and what was inlined.
    public var caller: String
    /// Of the send, from 1.
    public var line: Int
    /// `Class>>selector`.
    public var callee: String
  }
  /// `Class>>selector`, with the line of the loop if it is entered in the middle.
  public var name: String
  /// What is inlined into that.
  public var inlined: [InlinedSend]
  /// Until it could be installed.
  public var compileMicroseconds: Int
  /// Whether it was compiled in an earlier run.
  public var isFromCache: Bool
  /// Times that an activation of it fell back into the interpreter.
  public var deoptimizations: Int
}

/// A method at every stage, as text. A stage that does not exist (of a primitive, or without libgccjit) is nil.
public struct Disassembly: Sendable, Hashable {
  /// `Class>>selector`.
  public var method: String
  /// Its text.
  public var source: String?
  /// What the interpreter runs; nil: it has not run.
  public var bytecode: String?
  /// The compiler's graph; nil: it is not compiled.
  public var ir: String?
  /// Machine code; nil: it is not compiled.
  public var assembly: String?
  /// How long the phases of compiling it took.
  public var times: String?
  /// Why IR or assembly are missing.
  public var note: String?
}

extension TierReport: CustomStringConvertible {
  public var description: String {
    var lines: [String]
    switch tier {
    case .primitive: lines = ["\(method) is a primitive: machine code of the virtual machine"]
    case .notRun: lines = ["\(method) v\(version) has not run yet"]
    case .interpreted: lines = ["\(method) v\(version) is interpreted"]
    case .baseline: lines = ["\(method) v\(version) runs as baseline code"]
    case .compiled: lines = ["\(method) v\(version) is compiled"]
    }
    for unit in units {
      let inlined = unit.inlined.isEmpty ? "" : ", with \(unit.inlined.map(\.callee).joined(separator: ", ")) inlined"
      lines.append("  \(unit.name): compiled in \(unit.compileMicroseconds / 1000) ms\(inlined)")
    }
    for place in inlined {
      let unit = place.unit == place.caller ? "" : " (in the code of \(place.unit))"
      lines.append("  inlined in \(place.caller), line \(place.line)\(unit)")
    }
    if let note { lines.append("  not compiled: \(note)") }
    return lines.joined(separator: "\n")
  }
}
