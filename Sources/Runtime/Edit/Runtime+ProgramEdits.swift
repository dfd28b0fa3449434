// Changes that the program itself asks for (`Foo compile: …`): accepts like any other, made while the message that
// asks for them runs, so their effect begins when it returns.

import VM

extension Runtime {
  /// See `Hooks.edit`.
  func edit(_ change: Change, _ frame: Words) -> Result<Value, VMError> {
    let set = ChangeSet([change], author: Self.programAuthor)
    var receipt = make(AcceptRequest(set: set, origin: .program), frame)
    guard receipt.succeeded else {
      return .failure(.compileError(receipt.errors.first.map { "\($0)" } ?? "the change was refused"))
    }
    flushLog(&receipt)
    let mark = universe.handles.push(answer(to: change, receipt))
    defer { universe.handles.pop(to: mark) }
    return .success(tellProgram(receipt, frame) ? universe.handles[mark] : .none)
  }

  private func answer(to change: Change, _ receipt: Receipt) -> Value {
    func classObject(_ name: String) -> Value {
      universe.classes.named(name).map { universe.classes.object($0.index) } ?? .nil
    }
    switch change {
    case .method, .primitive:
      return receipt.methods.first.flatMap { currentMethod($0.method) }.map(universe.methodObject) ?? .nil
    case .removeMethod(let key, _): return classObject(key.holderName)
    case .addField(let name, let isClassSide, _), .removeField(let name, let isClassSide, _):
      return classObject(MethodKey.holderName(name, isClassSide))
    case .classSource: return receipt.loaded.first.map(classObject) ?? .nil
    }
  }
}
