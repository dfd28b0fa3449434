// Changes that the program itself makes. What it asks for (`Foo compile: …`) is an accept like any other, made while the
// message that asks for it runs, so its effect begins when that returns. What it does without asking, as setting a global,
// has only its consequences here.

import VM

/// VM thread.
final class ProgramEdits {
  private let universe: Universe
  private let program: RuntimeProgram
  private let installed: InstalledCode
  private let tiering: Tiering
  private let accepts: Accepts
  private let versions: MethodVersions
  private let log: ChangeLogWriter

  init(
    _ machine: Machine, _ tiering: Tiering, _ accepts: Accepts, _ versions: MethodVersions, _ log: ChangeLogWriter
  ) {
    universe = machine.universe
    program = machine.program
    installed = machine.installed
    self.tiering = tiering
    self.accepts = accepts
    self.versions = versions
    self.log = log
  }

  /// The author of what a program does to itself.
  static let author = "program"

  /// See `Hooks.edit`.
  func make(_ change: Change, policy: String?, _ frame: Words) -> Result<Value, VMError> {
    let policy = policy.flatMap(AcceptPolicy.init) ?? .next
    let set = ChangeSet([change], author: Self.author, policy: policy)
    var receipt = accepts.make(AcceptRequest(set: set, origin: .program), frame)
    guard receipt.succeeded else {
      return .failure(.compileError(receipt.errors.first?.reason ?? "the change was refused"))
    }
    log.flush(&receipt)
    let mark = universe.handles.push(answer(to: change, receipt))
    defer { universe.handles.pop(to: mark) }
    // The policy may concern whoever asks. What it was checked against holds only as long as nothing more is run.
    guard accepts.tellProgram(receipt, frame), universe.performDemands(frame) else { return .success(.none) }
    return .success(universe.handles[mark])
  }

  private func answer(to change: Change, _ receipt: Receipt) -> Value {
    func classObject(_ name: String) -> Value {
      universe.classes.named(name).map { universe.classes.object($0.index) } ?? .nil
    }
    switch change {
    case .method, .primitive:
      return receipt.methods.first.flatMap { versions.current($0.method) }.map(universe.methodObject) ?? .nil
    case .removeMethod(let key, _): return classObject(key.holderName)
    case .addField(let name, let isClassSide, _), .removeField(let name, let isClassSide, _):
      return classObject(MethodKey.holderName(name, isClassSide))
    case .renameClass(_, let new): return classObject(new)
    case .removeClass(let name):
      return universe.classNames.removedClass(name).map { universe.classes.object($0.index) } ?? .nil
    case .classSource: return receipt.loaded.first.map(classObject) ?? .nil
    }
  }

  /// What the program does itself counts at once. It may set a global all the time.
  func changed(_ effects: Effects) {
    program.refreshGlobals(after: effects)
    for unit in Invalidation(of: effects, in: installed, program, universe).all {
      if unit.isAboutGlobal { tiering.noteFailedSpeculation(of: unit.code) }
      tiering.invalidate(unit.code, because: unit.reason, .changed)
    }
  }
}
