// Changes that the program itself asks for (`Foo compile: …`): accepts like any other, made while the message that
// asks for them runs, so their effect begins when it returns.

import Foundation
import Syntax
import VM

extension Runtime {
  func edit(_ edit: ProgramEdit, _ frame: Words) -> Result<Value, VMError> {
    let (receipt, result) = carryOut(edit, frame)
    // No value: unwinds.
    guard case .success(let value) = result else { return result }
    let mark = universe.handles.push(value)
    defer { universe.handles.pop(to: mark) }
    return .success(tellProgram(receipt, frame) ? universe.handles[mark] : .none)
  }

  private func carryOut(_ edit: ProgramEdit, _ frame: Words) -> (Receipt, Result<Value, VMError>) {
    var last = Receipt(id: 0, author: Self.programAuthor)
    let result = carryOut(edit, frame, &last)
    return (last, result)
  }

  private func carryOut(
    _ edit: ProgramEdit, _ frame: Words, _ last: inout Receipt
  ) -> Result<Value, VMError> {
    /// Class name and side of a class index.
    func place(_ index: Int) -> (String, Bool) {
      let info = universe.classes[index]
      return info.isMetaclass ? (universe.classes[info.instanceIndex].name, true) : (info.name, false)
    }
    func accept(_ change: Change) -> Receipt {
      last = make(
        ChangeSet([change], author: Self.programAuthor), requested: Clock.microseconds(), frame: frame, origin: .program
      )
      if last.succeeded { flushLog(&last) }
      return last
    }
    func error(_ receipt: Receipt) -> VMError {
      .compileError(receipt.errors.first.map { "\($0)" } ?? "the change was refused")
    }
    switch edit {
    case .compile(let index, let source):
      let (name, isClassSide) = place(index)
      let receipt = accept(.method(className: name, isClassSide: isClassSide, source: source, basedOn: nil))
      guard receipt.succeeded, let key = receipt.methods.first?.method,
        let method = currentMethod(key)
      else { return .failure(error(receipt)) }
      return .success(universe.methodObject(method))
    case .remove(let index, let selector):
      let (name, isClassSide) = place(index)
      let key = MethodKey(className: name, isClassSide: isClassSide, selector: selector)
      let receipt = accept(.removeMethod(key, basedOn: nil))
      return receipt.succeeded ? .success(universe.classes.object(index)) : .failure(error(receipt))
    case .replace(let index, let selector, let method):
      let (name, isClassSide) = place(index)
      let replacement = universe.methods[method]
      let change: Change
      if let primitive = replacement.primitive {
        let key = MethodKey(className: name, isClassSide: isClassSide, selector: selector)
        change = .primitive(key, function: primitive)
      } else if let text = replacement.text(renamedTo: selector) {
        change = .method(className: name, isClassSide: isClassSide, source: text, basedOn: nil)
      } else {
        return .failure(.wrongArgument("\(replacement.name) cannot stand for #\(selector)"))
      }
      let receipt = accept(change)
      return receipt.succeeded ? .success(universe.classes.object(index)) : .failure(error(receipt))
    case .addField(let index, let field):
      let (name, isClassSide) = place(index)
      let receipt = accept(.addField(className: name, isClassSide: isClassSide, name: field))
      return receipt.succeeded ? .success(universe.classes.object(index)) : .failure(error(receipt))
    case .removeField(let index, let field):
      let (name, isClassSide) = place(index)
      let receipt = accept(.removeField(className: name, isClassSide: isClassSide, name: field))
      return receipt.succeeded ? .success(universe.classes.object(index)) : .failure(error(receipt))
    case .subclass(let index, let name):
      if let obstacle = universe.obstacle(toCreatingClass: name) { return .failure(.other(obstacle)) }
      let receipt = accept(.classSource("\(name) = \(universe.classes[index].name) ( )", file: nil))
      guard receipt.succeeded, let info = universe.classes.named(name) else { return .failure(error(receipt)) }
      return .success(universe.classes.object(info.index))
    }
  }

  func currentMethod(_ key: MethodKey) -> Method? {
    universe.classes.named(key.holderName)?
      .methods[universe.symbols.intern(key.selector)]
  }
}
