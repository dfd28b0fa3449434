// What a set of changes does to classes: their fields, superclasses, and whole files. The same that refuses to load a
// class refuses to change it.

import Bytecode
import Foundation
import Syntax
import VM

extension EditPlan {
  /// The current version of a class; loads it if the class path has it.
  func classInfo(_ className: String, _ isClassSide: Bool) throws(EditErrors) -> ClassInfo {
    if universe.classes.named(className) == nil { _ = try? universe.loadClass(className) }
    guard let info = universe.classes.named(MethodKey.holderName(className, isClassSide)) else {
      throw EditErrors("there is no class \(className)")
    }
    return info
  }

  func ownFields(_ info: ClassInfo) -> [String] { fields[info.name] ?? info.ownFieldNames }
  func fieldNames(_ info: ClassInfo) -> [String] {
    let superIndex = superclasses[info.name] ?? info.superIndex
    let inherited = superIndex == 0 ? [] : fieldNames(universe.classes[superIndex])
    let own = ownFields(info)
    // A class object's fields begin with those of the classes above it, which `fieldNames` has all.
    if fields.isEmpty { return info.fieldNames }
    return inherited + own
  }
  /// What a load checks of a class's fields.
  private func checkFields(_ info: ClassInfo) throws(EditErrors) {
    let names = fieldNames(info)
    if let repeated = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
      throw EditErrors("\(info.name) would have two fields \(names[repeated])")
    }
    if names.count > Universe.fieldLimit { throw EditErrors("\(info.name) would have too many fields") }
  }

  private func checkRoom(_ info: ClassInfo, growth: Int) throws(EditErrors) {
    if let obstacle = universe.obstacle(toAdding: growth, to: info.index, frame: frame) { throw EditErrors(obstacle) }
  }

  /// The class and those below it, superclasses first.
  func withSubclasses(_ info: ClassInfo) -> [ClassInfo] {
    var result = [info]
    var i = 0
    while i < result.count {
      result += result[i].subclasses.map { universe.classes[$0] }
      i += 1
    }
    return result
  }

  /// Makes a change of shape, and checks what it means for the classes below.
  private mutating func reshape(_ info: ClassInfo, own: [String], below newSuper: Int? = nil) throws(EditErrors) {
    let before = fieldNames(info)
    fields[info.name] = own
    if let newSuper { superclasses[info.name] = newSuper }
    for info in withSubclasses(info) { try checkFields(info) }
    if !Set(before).isSubset(of: fieldNames(info)) { narrowed.insert(info.name) }
  }

  mutating func setFields(
    _ className: String, _ isClassSide: Bool, _ info: ClassInfo, _ names: [String]
  ) throws(EditErrors) {
    for info in withSubclasses(info) where WellKnownClass(rawValue: info.index) != nil {
      throw EditErrors("the fields of \(info.name) cannot change")
    }
    if info.format == .bytes || info.format == .words { throw EditErrors("\(info.name) cannot have fields") }
    try checkRoom(info, growth: names.count - ownFields(info).count)
    try reshape(info, own: names)
    edits.append(.setFields(className: className, isClassSide: isClassSide, names))
  }

  mutating func setSuperclass(
    _ info: ClassInfo, _ meta: ClassInfo, _ definition: ClassDefinition
  ) throws(EditErrors) {
    guard let superName = definition.superclassName, superName != "nil" else {
      throw EditErrors("only Object is a root: \(info.name) needs a superclass")
    }
    let above = try classInfo(superName, false)
    var index = above.index
    while index != 0, index != info.index {
      index = superclasses[universe.classes[index].name] ?? universe.classes[index].superIndex
    }
    if index != 0 { throw EditErrors("\(info.name) would be a superclass of itself") }
    do { try universe.validateSuperclass(of: info.index, above.index) } catch { throw EditErrors(error.description) }
    if let obstacle = universe.obstacle(toMoving: info.index, below: above.index, frame: frame) {
      var errors = EditErrors(obstacle.description)
      errors.isPassing = obstacle.isPassing
      throw errors
    }
    for (side, newSuper, own) in [
      (info, above.index, definition.instanceFields), (meta, above.metaIndex, definition.classFields),
    ] {
      let inherited = fieldNames(universe.classes[newSuper]).count
      try checkRoom(side, growth: inherited + own.count - fieldNames(side).count)
      try reshape(side, own: own, below: newSuper)
    }
    edits.append(
      .setSuperclass(
        className: info.name, to: superName, fields: definition.instanceFields, classFields: definition.classFields))
  }

  private mutating func addNewClass(_ file: ClassSource) throws(EditErrors) {
    let definition = file.definition, name = definition.name
    if newClasses[name] != nil { throw EditErrors("class \(name) is defined twice") }
    let superName = definition.superclassName ?? "nil"
    if newClasses[superName] == nil {
      do { try universe.validate(file) } catch { throw EditErrors(error.description) }
    } else if !definition.instanceFields.isEmpty, !ancestorHasFields(superName) {
      throw EditErrors("\(name) cannot have fields")
    }
    for (isClassSide, own, methods) in [
      (false, definition.instanceFields, definition.instanceMethods),
      (true, definition.classFields, definition.classMethods),
    ] {
      let inherited = plannedFields(superName, isClassSide)
      if let repeated = own.first(where: inherited.contains) {
        throw EditErrors("Field '\(repeated)' is already defined in a superclass.")
      }
      if inherited.count + own.count > Universe.fieldLimit { throw EditErrors("\(name) would have too many fields") }
      let hidden = isClassSide ? universe.classes[.class].bodyNames.prefix(ClassObjectLayout.hiddenWords) : []
      let scope = ClassScope(className: name, instanceFields: hidden + inherited + own)
      for method in methods {
        try compile(method, file.source, scope)
      }
    }
    newClasses[name] = file
    edits.append(.load(file))
  }

  /// The fields that a class will have, which may be new in this set.
  private func plannedFields(_ name: String, _ isClassSide: Bool) -> [String] {
    guard let file = newClasses[name] else {
      return universe.classes.named(MethodKey.holderName(name, isClassSide)).map(fieldNames) ?? []
    }
    let own = isClassSide ? file.definition.classFields : file.definition.instanceFields
    return plannedFields(file.definition.superclassName ?? "nil", isClassSide) + own
  }

  /// Whether instances of classes below this one, which is new in this set, can have fields.
  private func ancestorHasFields(_ name: String) -> Bool {
    var name = name
    while let file = newClasses[name] { name = file.definition.superclassName ?? "nil" }
    let format = universe.classes.named(name)?.format
    return format != .bytes && format != .words
  }

  /// A class's whole text: a new class, or the difference from what is loaded.
  mutating func addClass(_ source: SourceText, _ file: String?) throws(EditErrors) {
    let definition: ClassDefinition
    do throws(SyntaxErrors) { definition = try Parser.parseClass(source) } catch { throw EditErrors(error) }
    let known = universe.classes.named(definition.name)
    if let file { try checkFile(file, definition, known) }
    guard let info = known, info.isLoaded,
      let meta = universe.classes.named(definition.name + " class")
    else {
      try addNewClass(ClassSource(definition: definition, source: source, path: file))
      return
    }
    let above = info.superIndex == 0 ? "nil" : universe.classes[info.superIndex].name
    let moves = above != definition.superclassName ?? "nil"
    if moves { try setSuperclass(info, meta, definition) }
    for (isClassSide, side, names, methods) in [
      (false, info, definition.instanceFields, definition.instanceMethods),
      (true, meta, definition.classFields, definition.classMethods),
    ] {
      if names != ownFields(side) { try setFields(definition.name, isClassSide, side, names) }
      func key(_ selector: String) -> MethodKey {
        MethodKey(className: definition.name, isClassSide: isClassSide, selector: selector)
      }
      // Another text of the class may have come in the same set.
      let there = side.selectors.map { key(universe.symbols.name($0)) }.filter { !removed.contains($0) }
      let new = defined.filter { $0.className == definition.name && $0.isClassSide == isClassSide }
      for key in Set(there).union(new).sorted(by: { $0.selector < $1.selector })
      where !methods.contains(where: { $0.selector == key.selector }) {
        try remove(key, nil)
      }
      for method in methods {
        let key = key(method.selector)
        // Below another class its names may mean something else.
        if !moves, !defined.contains(key), !removed.contains(key), let old = current(method.selector, in: side),
          isSame(old, method, source)
        {
          note(method, source, key)
        } else {
          try define(method, source, definition.name, isClassSide, nil)
        }
      }
    }
    if let file { edits.append(.noteFile(ClassSource(definition: definition, source: source, path: file))) }
  }

  /// A file is one of the program's if a load would take the class from it.
  private func checkFile(
    _ file: String, _ definition: ClassDefinition, _ info: ClassInfo?
  ) throws(EditErrors) {
    let name = definition.name
    if URL(fileURLWithPath: file).lastPathComponent != "\(name).som" {
      throw EditErrors("the file defines class \(name), which the program would look for in \(name).som")
    }
    guard let info, info.isLoaded else { return }
    if let used = info.path {
      if used != file, !FileIdentity.same(used, file) {
        throw EditErrors("the program has \(name) from another file, \(used)")
      }
    } else if info.source?.isBundled == true {
      throw EditErrors(
        "the program has \(name) from the core library; the file counts when the program is started again")
    }
  }
}
