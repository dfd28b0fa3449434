// The last value of an accept: what it did and cost; printed by the command line, sent to editors as JSON.

import VM

/// What became of an accept. Lines count from 1.
public struct Receipt: Sendable, Codable {
  /// Counts accepts, from 1; refused ones too.
  public var id: Int
  /// Who has made it: an editor, `undo`, the program itself.
  public var author: String
  /// Empty if the accept succeeded.
  public var errors: [AcceptError] = []
  /// The methods that were made, replaced or removed.
  public var methods: [MethodVersion] = []
  /// Classes that are new.
  public var loaded: [String] = []
  /// Classes that were removed, and have come back as what they were.
  public var restored: [String] = []
  /// Classes that are no part of the program any more.
  public var removed: [RemovedClass] = []
  /// Classes that have another name. The rest of the receipt says the new one.
  public var renamed: [ClassRenaming] = []
  /// Methods that still say the name of a class that was removed or renamed: it stands for no class there.
  public var mentions: [Mention] = []
  /// Classes with other fields or another superclass than before.
  public var classes: [ClassChange] = []
  /// Methods that had moved on since the editor read them (docs/live-editing.md, row 15); they are replaced all the same.
  public var stale: [StaleEdit] = []
  /// The compiled units that relied on what was changed.
  public var invalidated: [InvalidatedCode] = []
  /// Where compiled code had a changed method inlined.
  public var callSites: [InlinedCallSite] = []
  /// Live activations of compiled code that go on in the interpreter.
  public var framesDeoptimized = 0
  /// What its policy does to activations that run what it has replaced.
  public var policyEffects: [PolicyEffect]?
  /// How long it took.
  public var latency = Latency()
  /// Where the change log could not be written, and why; the accept counts, but does not survive a crash.
  public var logFailure: String?
  /// Class files that say now what was accepted.
  public var files: [String]?
  /// What was edited in the files since the program read them, and is left there as it is.
  public var kept: [KeptText]?
  /// Class files that are no more, since their classes were removed or have other files now.
  public var deletedFiles: [String]?
  /// Why a class file could not be written; it is as it was, and the change is in the program only.
  public var fileFailure: String?

  /// Whether it was made; else nothing has changed, and `errors` says why.
  public var succeeded: Bool { errors.isEmpty }
  /// The program was what it was to be.
  public var changesNothing: Bool {
    methods.allSatisfy { $0.before == $0.after } && loaded.isEmpty && restored.isEmpty && removed.isEmpty
      && renamed.isEmpty && classes.isEmpty
  }

  /// Versions count from 1, for each class and selector; nil: no such method (before, after).
  public struct MethodVersion: Hashable, Sendable, Codable {
    /// The method.
    public var method: MethodKey
    /// Its version before; nil: there was none.
    public var before: Int?
    /// Its version now; nil: it was removed.
    public var after: Int?
  }
  /// A class that has other fields now.
  public struct ClassChange: Hashable, Sendable, Codable {
    /// "Foo" or "Foo class".
    public var name: String
    /// Its new superclass; nil if that is as it was.
    public var superclass: String?
    /// All fields that it defines itself now.
    public var fields: [String]
  }
  /// A class that is out of the program.
  public struct RemovedClass: Hashable, Sendable, Codable {
    /// The name that it had.
    public var name: String
    /// Those that are in memory; they stay what they are.
    public var instances: Int
  }
  /// Where code that was not changed names what is gone.
  public struct Mention: Hashable, Sendable, Codable {
    /// The method that names it.
    public var method: MethodKey
    /// What it names.
    public var name: String
  }
  /// Somebody else has changed the method since the editor read it.
  public struct StaleEdit: Hashable, Sendable, Codable {
    /// The method.
    public var method: MethodKey
    /// The version that the editor showed.
    public var basedOn: Int
    /// The version that was there.
    public var found: Int
  }
  /// A unit of compiled code that is not entered any more.
  public struct InvalidatedCode: Hashable, Sendable, Codable {
    /// The unit.
    public var code: CodeID
    /// `Class>>selector`, with `, loop at line n` for on-stack replacement.
    public var name: String
    /// The fact that no longer holds.
    public var dependency: String
    /// Activations of it that were under way, and go on interpreted.
    public var frames: Int
  }
  /// A place where a method was inlined.
  public struct InlinedCallSite: Hashable, Sendable, Codable {
    /// The method that has the send.
    public var caller: String
    /// The line of the send.
    public var line: Int
    /// The method that was inlined there.
    public var callee: String
  }
  /// Microseconds.
  public struct Latency: Hashable, Sendable, Codable {
    /// Microseconds until the program came to a safepoint.
    public var waiting = 0
    /// Microseconds for parsing and checking.
    public var parsing = 0
    /// Microseconds for making the changes.
    public var installing = 0
    /// Microseconds for finding and marking compiled code.
    public var invalidating = 0
    /// From the request until the program goes on, with the change in place.
    public var total = 0
  }

  /// An empty one.
  public init(id: Int, author: String) {
    self.id = id
    self.author = author
  }

  /// Of what could not even be asked for: it counts as no accept.
  public init(refused errors: [AcceptError], author: String) {
    self.init(id: 0, author: author)
    self.errors = errors
  }

  /// What was planned, and became of it. VM thread, right after it was installed.
  mutating func note(_ plan: EditPlan, _ effects: Effects, _ universe: Universe) {
    stale = plan.stale
    classes = plan.classChanges
    loaded = plan.classes.map(\.file.definition.name)
    restored = plan.restored
    renamed = effects.renamed
    for renaming in renamed { for i in classes.indices { classes[i].rename(renaming) } }
    if !renamed.isEmpty || !effects.removed.isEmpty { noteNames(effects, universe, plan.frame) }
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

extension Receipt {
  /// What becomes of instances, and who says a name that is gone. VM thread; moves objects.
  fileprivate mutating func noteNames(_ effects: Effects, _ universe: Universe, _ frame: Words) {
    let names = universe.classNames!
    let indices = effects.removed.compactMap { names.removedClass($0)?.index }
    let counts = indices.isEmpty ? [] : names.instanceCounts(of: indices, frame: frame)
    removed = zip(effects.removed, counts).map { RemovedClass(name: $0, instances: $1) }
    let gone = (effects.removed + renamed.map(\.old)).filter { universe.globals.value($0) == .none }
    mentions = names.mentions(of: Set(gone)).map { Mention(method: $0.method, name: $0.name) }
  }
}

extension Receipt.ClassChange {
  fileprivate mutating func rename(_ renaming: ClassRenaming) {
    for isClassSide in [false, true] {
      let old = MethodKey.holderName(renaming.old, isClassSide), new = MethodKey.holderName(renaming.new, isClassSide)
      if name == old { name = new }
      if superclass == old { superclass = new }
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
    lines += restored.map { "accept \(id): \($0) is back, with the instances that it had" }
    lines += renamed.map { "accept \(id): \($0.old) is called \($0.new) now" }
    lines += removed.map { c in
      "accept \(id): \(c.name) is removed"
        + (c.instances == 0
          ? ""
          : "; its \(c.instances == 1 ? "instance stays" : "\(c.instances) instances stay")"
            + " what \(c.instances == 1 ? "it is" : "they are")")
    }
    lines += classes.map { c in
      "accept \(id): \(c.name) "
        + (c.superclass.map { "is below \($0) now" }
          ?? (c.fields.isEmpty ? "has no fields of its own now" : "has the fields \(c.fields.joined(separator: ", "))"))
    }
    if lines.isEmpty { lines = ["accept \(id): nothing changed"] }
    lines += mentions.map { "  \($0.method) still says \($0.name), which is no class now" }
    lines += stale.map { "  \($0.method) was edited from v\($0.basedOn), but v\($0.found) was current" }
    lines += invalidated.map { code in
      "  invalidated \(code.name): \(code.dependency)" + (code.frames > 0 ? ", \(code.frames) live" : "")
    }
    lines += callSites.map { "  \($0.callee) was inlined in \($0.caller), line \($0.line)" }
    lines += (policyEffects ?? []).map { "  \($0)" }
    lines.append(
      "  \(latency.total) µs: waiting \(latency.waiting), parsing \(latency.parsing), "
        + "installing \(latency.installing), invalidating \(latency.invalidating)")
    lines += (files ?? []).map { "  wrote \($0)" }
    lines += (deletedFiles ?? []).map { "  deleted \($0)" }
    lines += (kept ?? []).map { "  \($0)" }
    if let fileFailure { lines.append("  not written: \(fileFailure)") }
    if let logFailure { lines.append("  not logged: \(logFailure)") }
    return lines.joined(separator: "\n")
  }
}
