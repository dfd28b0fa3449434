// Changes from outside, several at a time: all of them are made, or none.

import Syntax

/// One change of an accept.
public enum ReferenceChange: Sendable {
  case method(className: String, isClassSide: Bool, source: String)
  /// The whole text of a class: a new one, or what an existing one becomes.
  case classText(String)
}

extension ReferenceMachine {
  /// False: there is an error in one of them, and nothing has changed.
  func accept(_ changes: [ReferenceChange]) -> Bool {
    let before = Snapshot(globals)
    do throws(ReferenceError) {
      for change in changes { try make(change) }
      return true
    } catch {
      before.restore(self)
      return false
    }
  }

  private func make(_ change: ReferenceChange) throws(ReferenceError) {
    switch change {
    case .method(let name, let isClassSide, let source):
      let class_ = try load(name)
      _ = try compile(source, in: isClassSide ? class_.class_ as Class : class_)
    case .classText(let text):
      let file = try ClassFile("class", Array(text.utf8))
      guard let class_ = globals[file.definition.name]?.asClass else {
        _ = try make(file)
        return
      }
      try become(class_, file)
    }
  }

  /// Fields keep their values by name, whichever class defines them before and after.
  private func become(_ class_: Class, _ file: ClassFile) throws(ReferenceError) {
    let definition = file.definition
    guard let superName = definition.superclassName, superName != "nil" else {
      throw ReferenceError("\(class_.name) needs a superclass")
    }
    let superclass = try load(superName)
    if superclass.inherits(from: class_) { throw ReferenceError("\(class_.name) would be a superclass of itself") }
    try reshape(class_, superclass, definition.instanceFields)
    try reshape(class_.class_, superclass.class_, definition.classFields)
    try setMethods(of: class_, file.instanceMethods)
    try setMethods(of: class_.class_, file.classMethods)
  }

  private func reshape(_ class_: Class, _ superclass: Class, _ names: [String]) throws(ReferenceError) {
    if class_.superclass === superclass, class_.ownFields.map(\.name) == names { return }
    let old = class_.family.map { ($0, $0.fields) }
    let inherited = superclass.fields
    class_.setSuperclass(superclass)
    class_.ownFields = names.map { name in
      old[0].1.first { $0.name == name && !inherited.contains($0) } ?? Field(name)
    }
    for (each, fields) in old {
      if Set(each.fields.map(\.name)).count != each.fields.count {
        throw ReferenceError("\(each.name) would have two fields of one name")
      }
      var moved: [Field: Field] = [:]
      for field in fields { moved[field] = each.fields.first { $0.name == field.name } }
      each.noteReshaping(moved)
      each.bindAgain()
    }
  }

  /// What the text has no more is removed; the rest means what it means in the class as it is now.
  private func setMethods(of class_: Class, _ trees: [MethodTree]) throws(ReferenceError) {
    for selector in class_.selectors where !trees.contains(where: { $0.selector == selector }) {
      class_.remove(selector)
    }
    for tree in trees {
      if let current = class_.methods[tree.selector], case .tree(let old) = current.code, old.text == tree.text {
        current.bindings = try Bindings(tree, in: class_)
      } else {
        try define(tree, in: class_)
      }
    }
  }
}

/// Everything that an accept may change.
private struct Snapshot {
  private let globals: [String: Value]
  private let classes: [(Class, Class.State)]

  init(_ globals: [String: Value]) {
    self.globals = globals
    classes = globals.values.compactMap(\.asClass).flatMap { [$0, $0.class_] }.map { ($0, $0.state) }
  }

  func restore(_ machine: ReferenceMachine) {
    machine.globals = globals
    for (class_, state) in classes { class_.state = state }
  }
}
