// The checked form of a set of changes: everything parsed and compiled, nothing installed. What passes here can
// be installed without failing, so a set is made as a whole or not at all.

import Bytecode
import Foundation
import Syntax
import VM

/// Errors of one change, or of several places in it.
struct EditErrors: Error {
  var errors: [AcceptError]
  /// What is in the way will be gone when some activation has returned.
  var isPassing = false
  init(_ errors: [AcceptError]) { self.errors = errors }
  init(_ message: String, expected: String? = nil) {
    errors = [AcceptError(change: 0, message: message, expected: expected)]
  }
  init(_ syntax: SyntaxErrors) {
    errors = syntax.diagnostics.map {
      AcceptError(
        change: 0, line: $0.line, column: $0.column, message: $0.message,
        expected: $0.expected.isEmpty ? nil : $0.expected)
    }
  }
}

/// One step of an accept, ready to be made.
enum Edit {
  case define(MethodKey, MethodDefinition, SourceText)
  /// The text is that of the current version: nothing to do.
  case keep(MethodKey, version: Int)
  case remove(MethodKey)
  case load(ClassSource)
  case setFields(className: String, isClassSide: Bool, [String])
  case setSuperclass(className: String, to: String, fields: [String], classFields: [String])
}

struct EditPlan {
  let universe: Universe
  private(set) var edits: [Edit] = []
  private(set) var stale: [Receipt.StaleEdit] = []
  /// Fields that classes will have once the set is made, by "Foo" or "Foo class".
  private var fields: [String: [String]] = [:]
  /// Superclasses that classes will have, likewise.
  private var superclasses: [String: Int] = [:]
  private var removed: Set<MethodKey> = []
  /// Methods that this set defines, so that it may remove or replace them again.
  private var defined: Set<MethodKey> = []

  /// The top frame of the program.
  private let frame: Words
  /// Replaces methods by equal text, too.
  let force: Bool

  init(universe: Universe, frame: Words, force: Bool = false) {
    self.universe = universe
    self.frame = frame
    self.force = force
  }

  mutating func add(_ change: Change) throws(EditErrors) {
    switch change {
    case .method(let className, let isClassSide, let source, let basedOn):
      let info = try classInfo(className, isClassSide)
      let text = SourceText(name: "\(info.name)", source)
      let method: MethodDefinition
      do throws(SyntaxErrors) { method = try Parser.parseMethod(text) } catch { throw EditErrors(error) }
      try define(method, text, className, isClassSide, basedOn)
    case .removeMethod(let key, let basedOn):
      try remove(key, basedOn)
    case .addField(let className, let isClassSide, let name):
      let info = try classInfo(className, isClassSide)
      if fieldNames(info).contains(name) { throw EditErrors("\(info.name) has a field \(name) already") }
      try setFields(className, isClassSide, info, ownFields(info) + [name])
    case .removeField(let className, let isClassSide, let name):
      let info = try classInfo(className, isClassSide)
      guard ownFields(info).contains(name) else { throw EditErrors("\(info.name) defines no field \(name)") }
      try setFields(className, isClassSide, info, ownFields(info).filter { $0 != name })
    case .classSource(let source, let file):
      try addClass(SourceText(name: file ?? "class", source), file)
    }
  }

  // MARK: Methods

  private mutating func define(
    _ method: MethodDefinition, _ source: SourceText, _ className: String, _ isClassSide: Bool, _ basedOn: Int?
  ) throws(EditErrors) {
    let info = try classInfo(className, isClassSide)
    let key = MethodKey(className: className, isClassSide: isClassSide, selector: method.selector)
    try check(method, source, info)
    noteStale(key, info, basedOn)
    if !force, !defined.contains(key), !removed.contains(key), fields.isEmpty,
      let current = info.methods[universe.symbols.intern(method.selector)].map({ universe.methods[$0] }),
      current.sourceText == method.text(in: source)
    {
      edits.append(.keep(key, version: current.version))
      return
    }
    if let obstacle = universe.obstacleToAnotherVersion() { throw EditErrors(obstacle) }
    defined.insert(key)
    removed.remove(key)
    edits.append(.define(key, method, source))
  }

  private func check(_ method: MethodDefinition, _ source: SourceText, _ info: ClassInfo) throws(EditErrors) {
    let hidden = info.bodyNames.prefix(info.fieldBase)
    let scope = ClassScope(className: info.name, instanceFields: hidden + fieldNames(info))
    do throws(SyntaxErrors) {
      _ = try BytecodeCompiler.compile(method, source: source, scope: scope)
    } catch {
      throw EditErrors(error)
    }
    if method.isPrimitive, !universe.hasPrimitive(method.selector, in: info) {
      throw EditErrors("there is no primitive \(info.name)>>\(method.selector)", expected: "a method body")
    }
  }

  private mutating func remove(_ key: MethodKey, _ basedOn: Int?) throws(EditErrors) {
    let info = try classInfo(key.className, key.isClassSide)
    let exists = info.methods[universe.symbols.intern(key.selector)] != nil
    guard (exists && !removed.contains(key)) || defined.contains(key) else {
      throw EditErrors("\(info.name) has no method \(key.selector)")
    }
    noteStale(key, info, basedOn)
    removed.insert(key)
    defined.remove(key)
    edits.append(.remove(key))
  }

  private mutating func noteStale(_ key: MethodKey, _ info: ClassInfo, _ basedOn: Int?) {
    guard let basedOn else { return }
    let found = info.methods[universe.symbols.intern(key.selector)].map { universe.methods[$0].version } ?? 0
    if found != basedOn { stale.append(Receipt.StaleEdit(method: key, basedOn: basedOn, found: found)) }
  }

  // MARK: Classes

  /// The current version of a class; loads it if the class path has it.
  private func classInfo(_ className: String, _ isClassSide: Bool) throws(EditErrors) -> ClassInfo {
    if universe.classes.named(className) == nil { _ = try? universe.loadClass(className) }
    guard let info = universe.classes.named(MethodKey.holderName(className, isClassSide)) else {
      throw EditErrors("there is no class \(className)")
    }
    return info
  }

  private func ownFields(_ info: ClassInfo) -> [String] { fields[info.name] ?? info.ownFieldNames }
  private func fieldNames(_ info: ClassInfo) -> [String] {
    let superIndex = superclasses[info.name] ?? info.superIndex
    let inherited = superIndex == 0 ? [] : fieldNames(universe.classes[superIndex])
    let own = ownFields(info)
    // A class object's fields begin with those of the classes above it, which `fieldNames` has all.
    if fields.isEmpty { return info.fieldNames }
    return inherited + own
  }
  private func checkUnique(_ names: [String], _ info: ClassInfo) throws(EditErrors) {
    if let repeated = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
      throw EditErrors("\(info.name) would have two fields \(names[repeated])")
    }
  }
  private func checkRoom(_ info: ClassInfo, growth: Int) throws(EditErrors) {
    if let obstacle = universe.obstacle(toAdding: growth, to: info.index, frame: frame) { throw EditErrors(obstacle) }
  }
  private mutating func setFields(
    _ className: String, _ isClassSide: Bool, _ info: ClassInfo, _ names: [String]
  ) throws(EditErrors) {
    try checkUnique(names, info)
    var affected = [info.index]
    while let index = affected.popLast() {
      if WellKnownClass(rawValue: index) != nil {
        throw EditErrors("the fields of \(universe.classes[index].name) cannot change")
      }
      affected += universe.classes[index].subclasses
    }
    if info.format == .bytes || info.format == .words { throw EditErrors("\(info.name) cannot have fields") }
    try checkRoom(info, growth: names.count - ownFields(info).count)
    fields[info.name] = names
    edits.append(.setFields(className: className, isClassSide: isClassSide, names))
  }

  private mutating func setSuperclass(
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
      superclasses[side.name] = newSuper
      fields[side.name] = own
      var below = [side.index]
      while let index = below.popLast() {
        try checkUnique(fieldNames(universe.classes[index]), universe.classes[index])
        below += universe.classes[index].subclasses
      }
    }
    edits.append(
      .setSuperclass(
        className: info.name, to: superName, fields: definition.instanceFields, classFields: definition.classFields))
  }

  private mutating func addNewClass(_ file: ClassSource) throws(EditErrors) {
    let isOfThisSet = edits.contains {
      if case .load(let other) = $0 { other.definition.name == file.definition.superclassName } else { false }
    }
    if !isOfThisSet {
      do { try universe.validate(file) } catch { throw EditErrors(error.description) }
    }
    edits.append(.load(file))
  }

  /// A class's whole text: a new class, or the difference from what is loaded.
  private mutating func addClass(_ source: SourceText, _ file: String?) throws(EditErrors) {
    let definition: ClassDefinition
    do throws(SyntaxErrors) { definition = try Parser.parseClass(source) } catch { throw EditErrors(error) }
    guard let info = universe.classes.named(definition.name), info.isLoaded,
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
      for selector in side.selectors {
        let name = universe.symbols.name(selector)
        if !methods.contains(where: { $0.selector == name }) {
          try remove(MethodKey(className: definition.name, isClassSide: isClassSide, selector: name), nil)
        }
      }
      for method in methods {
        let old = side.methods[universe.symbols.intern(method.selector)].map { universe.methods[$0] }
        // Below another class its names may mean something else.
        if moves || old?.sourceText != method.text(in: source) {
          try define(method, source, definition.name, isClassSide, nil)
        }
      }
    }
  }
}
