// The last value of an accept: what it did and cost; printed by the command line, sent to editors as JSON.

import VM

/// Why an accept changed nothing (docs/live-editing.md, row 14).
public struct AcceptError: Error, Hashable, Sendable, Codable, CustomStringConvertible {
  /// Which of the changes, from 0.
  public var change: Int
  /// In the text of that change, from 1; nil if the error is not about a place in the text.
  public var line: Int?
  public var column: Int?
  public var message: String
  /// What was expected there, if the error is about syntax.
  public var expected: String?

  public init(change: Int, line: Int? = nil, column: Int? = nil, message: String, expected: String? = nil) {
    self.change = change
    self.line = line
    self.column = column
    self.message = message
    self.expected = expected
  }
  public var description: String {
    let place = line.map { "\($0):\(column ?? 1): " } ?? ""
    return place + message + (expected.map { message.contains($0) ? "" : ", expected \($0)" } ?? "")
  }
}

public struct Receipt: Sendable, Codable {
  /// Counts accepts, from 1; refused ones too.
  public var id: Int
  public var author: String
  /// Empty if the accept succeeded.
  public var errors: [AcceptError] = []
  public var methods: [MethodVersion] = []
  /// Classes that are new.
  public var loaded: [String] = []
  /// Classes with other fields or another superclass than before.
  public var classes: [ClassChange] = []
  /// Methods that had moved on since the editor read them (docs/live-editing.md, row 15); they are replaced all the same.
  public var stale: [StaleEdit] = []
  public var invalidated: [InvalidatedCode] = []
  public var callSites: [InlinedCallSite] = []
  /// Live activations of compiled code that go on in the interpreter.
  public var framesDeoptimized = 0
  public var latency = Latency()
  /// Where the change log could not be written, and why; the accept counts, but does not survive a crash.
  public var logFailure: String?
  /// Class files that say now what was accepted.
  public var files: [String]?
  /// What was edited in the files since the program read them, and is left there as it is.
  public var kept: [KeptText]?
  /// Why a class file could not be written; it is as it was, and the change is in the program only.
  public var fileFailure: String?

  public var succeeded: Bool { errors.isEmpty }

  /// Versions count from 1, for each class and selector; nil: no such method (before, after).
  public struct MethodVersion: Hashable, Sendable, Codable {
    public var method: MethodKey
    public var before: Int?
    public var after: Int?
  }
  public struct ClassChange: Hashable, Sendable, Codable {
    /// "Foo" or "Foo class".
    public var name: String
    /// Its new superclass; nil if that is as it was.
    public var superclass: String?
    /// All fields that it defines itself now.
    public var fields: [String]
  }
  public struct StaleEdit: Hashable, Sendable, Codable {
    public var method: MethodKey
    public var basedOn: Int
    public var found: Int
  }
  public struct InvalidatedCode: Hashable, Sendable, Codable {
    public var code: CodeID
    /// `Class>>selector`, with `, loop at line n` for on-stack replacement.
    public var name: String
    /// The fact that no longer holds.
    public var dependency: String
    public var frames: Int
  }
  public struct InlinedCallSite: Hashable, Sendable, Codable {
    public var caller: String
    public var line: Int
    public var callee: String
  }
  /// Microseconds.
  public struct Latency: Hashable, Sendable, Codable {
    public var waiting = 0
    public var parsing = 0
    public var installing = 0
    public var invalidating = 0
    /// From the request until the program goes on, with the change in place.
    public var total = 0
  }

  public init(id: Int, author: String) {
    self.id = id
    self.author = author
  }

  /// Of what could not even be asked for: it counts as no accept.
  public init(refused error: AcceptError, author: String) {
    self.init(id: 0, author: author)
    errors = [error]
  }

  /// What was planned, and became of it. VM thread, right after it was installed.
  mutating func note(_ plan: EditPlan, _ effects: Effects, _ universe: Universe) {
    stale = plan.stale
    classes = plan.classChanges
    loaded = plan.classes.map(\.definition.name)
    var places: [MethodKey: Int] = [:]
    func version(_ method: Int?) -> Int? { method.map { universe.methods[$0].version } }
    // A method can get several versions in one accept: compiled again for new fields, then replaced.
    func note(_ made: MethodVersion) {
      if let place = places[made.method] {
        methods[place].after = made.after
      } else {
        places[made.method] = methods.count
        methods.append(made)
      }
    }
    for change in effects.methods {
      let key = universe.key(universe.symbols.name(change.selector), in: change.classIndex)
      note(MethodVersion(method: key, before: version(change.old), after: version(change.new)))
    }
    for case .keep(let key, let kept) in plan.methods where places[key] == nil {
      note(MethodVersion(method: key, before: kept, after: kept))
    }
  }
}

extension Receipt: CustomStringConvertible {
  public var description: String {
    if let first = errors.first {
      return "accept \(id) refused: \(first)" + (errors.count > 1 ? " (and \(errors.count - 1) more)" : "")
    }
    var lines = methods.filter { $0.before != $0.after }.map { m in
      "accept \(id): \(m.method) \(m.before.map { "v\($0)" } ?? "none") → \(m.after.map { "v\($0)" } ?? "removed")"
    }
    lines += loaded.map { "accept \(id): \($0) is a new class" }
    lines += classes.map { c in
      "accept \(id): \(c.name) "
        + (c.superclass.map { "is below \($0) now" }
          ?? (c.fields.isEmpty ? "has no fields of its own now" : "has the fields \(c.fields.joined(separator: ", "))"))
    }
    if lines.isEmpty { lines = ["accept \(id): nothing changed"] }
    lines += stale.map { "  \($0.method) was edited from v\($0.basedOn), but v\($0.found) was current" }
    lines += invalidated.map { code in
      "  invalidated \(code.name): \(code.dependency)" + (code.frames > 0 ? ", \(code.frames) live" : "")
    }
    lines += callSites.map { "  \($0.callee) was inlined in \($0.caller), line \($0.line)" }
    lines.append(
      "  \(latency.total) µs: waiting \(latency.waiting), parsing \(latency.parsing), "
        + "installing \(latency.installing), invalidating \(latency.invalidating)")
    lines += (files ?? []).map { "  wrote \($0)" }
    lines += (kept ?? []).map { "  \($0)" }
    if let fileFailure { lines.append("  not written: \(fileFailure)") }
    if let logFailure { lines.append("  not logged: \(logFailure)") }
    return lines.joined(separator: "\n")
  }
}

/// What happens to a change after its receipt.
public enum RuntimeEvent: Sendable, Codable {
  case accepted(Receipt)
  /// A unit of compiled code is part of the program; running loops enter it at their next iteration.
  case installed(name: String, isLoop: Bool)
  /// A send ran new code of this accept for the first time, so long after the request.
  case effect(receipt: Int, method: MethodKey, microseconds: Int)
  /// Code that the accept had invalidated is compiled again.
  case reoptimized(receipt: Int, name: String, microseconds: Int)
}
