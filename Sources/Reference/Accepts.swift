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
      let reshaped = try reshape(changes)
      for change in changes { try make(change) }
      for class_ in reshaped { try bindAgain(class_) }
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
      guard let class_ = globals[Name(file.definition.name)]?.asClass else {
        _ = try make(file)
        return
      }
      try setMethods(of: class_, file.instanceMethods)
      try setMethods(of: class_.class_, file.classMethods)
    }
  }

  /// Makes the fields and superclasses of all classes in the set what its last texts of them say. Fields keep their values
  /// by name, whichever class defines them before and after. Answers the classes whose fields may be others now.
  private func reshape(_ changes: [ReferenceChange]) throws(ReferenceError) -> [Class] {
    var shapes: [ObjectIdentifier: (class: Class, superclass: Class, fields: [String])] = [:]
    var order: [Class] = []
    for case .classText(let text) in changes {
      let definition = try ClassFile("class", Array(text.utf8)).definition
      guard let class_ = globals[Name(definition.name)]?.asClass else { continue }
      guard let superName = definition.superclassName, superName != "nil" else {
        throw ReferenceError("\(class_.name) needs a superclass")
      }
      let superclass = try load(superName)
      let sides: [(Class, Class, [String])] = [
        (class_, superclass, definition.instanceFields), (class_.class_, superclass.class_, definition.classFields),
      ]
      for (side, above, fields) in sides {
        shapes[ObjectIdentifier(side)] = (side, above, fields)
        order.append(side)
      }
    }
    for (start, superclass, _) in shapes.values {
      var place: Class? = superclass
      for _ in 0...shapes.count {
        while let class_ = place, shapes[ObjectIdentifier(class_)] == nil { place = class_.superclass }
        if place === start { throw ReferenceError("\(start.name) would be a superclass of itself") }
        place = place.flatMap { shapes[ObjectIdentifier($0)]?.superclass }
      }
    }
    let changed = order.filter { side in
      guard let shape = shapes[ObjectIdentifier(side)] else { return false }
      return side.superclass !== shape.superclass || side.ownFields.map(\.name) != shape.fields
    }
    var affected: [Class] = []
    for class_ in changed.flatMap(\.family) where !affected.contains(where: { $0 === class_ }) {
      affected.append(class_)
    }
    let old = affected.map(\.fields)
    for side in changed {
      guard let shape = shapes[ObjectIdentifier(side)] else { continue }
      if side.superclass !== shape.superclass { side.setSuperclass(shape.superclass) }
      side.ownFields = shape.fields.map { name in side.ownFields.first { $0.name == name } ?? Field(name) }
    }
    for (class_, fields) in zip(affected, old) {
      if Set(class_.fields.map(\.name)).count != class_.fields.count {
        throw ReferenceError("\(class_.name) would have two fields of one name")
      }
      var moved: [Field: Field] = [:]
      for field in fields { moved[field] = class_.fields.first { $0.name == field.name } }
      class_.noteReshaping(moved)
    }
    return affected
  }

  /// The names of a class's methods mean what they mean now; that of a field which is gone is a global's.
  private func bindAgain(_ class_: Class) throws(ReferenceError) {
    for method in class_.methods.values {
      if case .tree(let tree) = method.code { _ = try Bindings(tree, in: class_) }
      method.bindings = method.bindings.again(in: class_, gone: .global)
    }
  }

  /// What the text has no more is removed; the rest means what it means in the class as it is now.
  private func setMethods(of class_: Class, _ trees: [MethodTree]) throws(ReferenceError) {
    for selector in class_.selectors where !trees.contains(where: { $0.selector == selector }) {
      class_.remove(selector)
    }
    for tree in trees {
      if let current = class_.methods[tree.name], case .tree(let old) = current.code, old.text == tree.text {
        current.bindings = try Bindings(tree, in: class_)
      } else {
        try define(tree, in: class_)
      }
    }
  }
}

/// Everything that an accept may change.
private struct Snapshot {
  private let globals: NameTable<Value>
  private let classes: [(Class, Class.State)]

  init(_ globals: NameTable<Value>) {
    self.globals = globals
    classes = globals.values.compactMap(\.asClass).flatMap { [$0, $0.class_] }.map { ($0, $0.state) }
  }

  func restore(_ machine: ReferenceMachine) {
    machine.globals = globals
    for (class_, state) in classes { class_.state = state }
  }
}
