// What only a whole set of changes can tell: fields may move between its classes, and methods may rely on fields that a
// later change brings. The same that refuses to load a class refuses to change it.

import Bytecode
import Syntax
import VM

extension BytecodeChunk {
  fileprivate func readsGlobal(among names: Set<String>) -> Bool {
    globals.contains(where: names.contains) || blocks.contains { $0.readsGlobal(among: names) }
  }
}

extension EditPlan {
  /// What changes of the classes that are there, all in one step.
  private var shapeChanges: [ShapeChange] {
    shaped.compactMap { name, _ in
      guard let info = universe.classes.named(name) else { return nil }
      let superclass = superclasses[name].flatMap {
        universe.classes.named($0)?.index == info.superIndex ? nil : $0
      }
      let own = ownFields(info)
      return superclass == nil && own == info.ownFieldNames
        ? nil : ShapeChange(name: name, fields: own, superclass: superclass)
    }
  }

  /// All fields that a class will have, inherited ones first.
  func fieldNames(_ info: ClassInfo) -> [String] { shaped.isEmpty ? info.fieldNames : plannedFields(info.name) }

  /// By "Foo" or "Foo class". As far as the superclasses are no ring, which `finish` refuses.
  private func plannedFields(_ name: String) -> [String] {
    var own: [[String]] = []
    var seen: Set<String> = []
    var next: String? = name
    while let name = next, seen.insert(name).inserted {
      if let info = universe.classes.named(name) {
        own.append(ownFields(info))
        next = superclasses[name] ?? (info.superIndex == 0 ? nil : universe.classes[info.superIndex].name)
      } else {
        let isClassSide = name.hasSuffix(MethodKey.holderName("", true))
        let instance = isClassSide ? String(name.dropLast(MethodKey.holderName("", true).count)) : name
        guard let definition = newClasses[instance]?.file.definition else { break }
        own.append(isClassSide ? definition.classFields : definition.instanceFields)
        next = definition.superclassName.map { _ in MethodKey.holderName(superName(of: definition), isClassSide) }
      }
    }
    return own.reversed().flatMap { $0 }
  }

  /// Checks the set as a whole. What a program does to itself may leave methods behind that use a field which is gone:
  /// they fail when they do.
  mutating func finish() throws(EditErrors) {
    try checkNames()
    let changes = shapeChanges, bases = basesOf(changes)
    func errors(
      _ description: String, _ code: AcceptError.Code, _ name: String, _ remedy: String? = nil
    ) -> EditErrors {
      EditErrors(description, code, name, change: shaped.first { $0.name == name }?.change ?? change, remedy: remedy)
    }
    for new in newClasses.values.sorted(by: { $0.change < $1.change }) { try check(new.file, change: new.change) }
    if let obstacle = universe.shapeObstacles.first(in: changes, new: bases) {
      throw errors(obstacle.description, .badShape, obstacle.name)
    }
    let narrowed = origin == .editor ? narrowed(changes) : []
    let complaints = errorsInMethods(narrowed)
    if !complaints.isEmpty { throw EditErrors(complaints) }
    for info in narrowed { defineAgain(info) }
    for change in changes {
      guard let info = universe.classes.named(change.name) else { continue }
      let growth = fieldNames(info).count - info.fieldNames.count
      if let description = universe.room.obstacle(toAdding: growth, to: info.index, frame: frame) {
        throw errors(description, .noMemory, change.name, "allow more with --heap-limit")
      }
    }
    if let obstacle = universe.shapeObstacles.first(toMoving: changes, new: bases, frame: frame) {
      var errors = errors(
        obstacle.description, .inUse, obstacle.name,
        "accept this again when nothing runs it, or keeps its blocks, any more")
      errors.isPassing = obstacle.isPassing
      throw errors
    }
    classChanges = changes.compactMap { change in
      guard let info = universe.classes.named(change.name) else { return nil }
      // That a metaclass moves with its class goes without saying.
      if info.isMetaclass, change.fields == info.ownFieldNames { return nil }
      return Receipt.ClassChange(
        name: change.name, superclass: info.isMetaclass ? nil : change.superclass, fields: change.fields)
    }
    shapes = changes
    classes = loads(bases: Set(bases.map(\.name)))
  }

  /// The new classes below which classes go that are there, and those above these, as changes of both of their sides.
  private func basesOf(_ changes: [ShapeChange]) -> [ShapeChange] {
    var result: [ShapeChange] = []
    var placed: Set<String> = []
    for change in changes {
      var next = change.superclass ?? ""
      while let new = newClasses[next], placed.insert(next).inserted {
        let definition = new.file.definition, above = superName(of: definition)
        for (isClassSide, fields) in [(false, definition.instanceFields), (true, definition.classFields)] {
          result.append(
            ShapeChange(
              name: MethodKey.holderName(next, isClassSide), fields: fields,
              superclass: MethodKey.holderName(above, isClassSide)))
        }
        next = above
      }
    }
    return result
  }

  /// The new classes, each behind its superclass.
  private func loads(bases: Set<String>) -> [NewClass] {
    var result: [NewClass] = []
    var placed: Set<String> = []
    func place(_ name: String) {
      guard let new = newClasses[name], placed.insert(name).inserted else { return }
      let above = superName(of: new.file.definition)
      place(above)
      result.append(NewClass(file: new.file, superclass: above, isBase: bases.contains(name)))
    }
    for (name, _) in newClasses.sorted(by: { $0.value.change < $1.value.change }) { place(name) }
    return result
  }

  /// What is wrong with methods of the set whatever else is in it, when another change is refused already.
  mutating func finish(after errors: [AcceptError]) -> [AcceptError] {
    let changesClasses = !shaped.isEmpty || !newClasses.isEmpty
    return (changesClasses ? errors : errors + errorsInMethods([])).sorted { $0.change < $1.change }
  }

  // MARK: Classes

  /// Classes of the program that lose the name of a field.
  private func narrowed(_ changes: [ShapeChange]) -> [ClassInfo] {
    var result: [ClassInfo] = []
    for change in changes.sorted(by: { $0.name < $1.name }) {
      guard let root = universe.classes.named(change.name) else { continue }
      for info in withSubclasses(root)
      where !info.isRemoved && !result.contains(where: { $0 === info })
        && !Set(info.fieldNames).isSubset(of: fieldNames(info))
      {
        result.append(info)
      }
    }
    return result
  }

  /// The class and those below it, superclasses first.
  private func withSubclasses(_ info: ClassInfo) -> [ClassInfo] {
    var result = [info]
    var i = 0
    while i < result.count {
      result += result[i].subclasses.map { universe.classes[$0] }
      i += 1
    }
    return result
  }

  /// A class that the set loads.
  private func check(_ file: ClassSource, change: Int) throws(EditErrors) {
    let definition = file.definition, name = definition.name
    let superName = superName(of: definition)
    let inherited = plannedFields(superName), above = plannedFields(MethodKey.holderName(superName, true))
    for (inherited, own) in [(inherited, definition.instanceFields), (above, definition.classFields)] {
      if let repeated = own.first(where: inherited.contains) {
        throw EditErrors(
          "Field '\(repeated)' is already defined in a superclass.", .exists, repeated, change: change,
          remedy: "leave it out, or remove it above in the same accept")
      }
      if inherited.count + own.count > ClassBuilder.fieldLimit {
        throw EditErrors("\(name) would have too many fields", .badShape, name, change: change)
      }
    }
    if newClasses[superName] == nil {
      do { try universe.classBuilder.validate(file, below: superName, inherited: (inherited, above)) } catch {
        throw EditErrors(error, name, below: superName, change: change)
      }
    } else if !definition.instanceFields.isEmpty, !ancestorHasFields(superName) {
      throw EditErrors("\(name) cannot have fields", .badShape, name, change: change)
    }
  }

  /// Whether instances of classes below this one, which is new in this set, can have fields.
  private func ancestorHasFields(_ name: String) -> Bool {
    var name = name
    while let new = newClasses[name] { name = superName(of: new.file.definition) }
    let format = universe.classes.named(name)?.format
    return format != .bytes && format != .words
  }

  // MARK: Methods

  /// Methods that stay as they are, but for the name of a field that is gone: it is a global's now.
  private mutating func defineAgain(_ info: ClassInfo) {
    let gone = Set(info.fieldNames).subtracting(fieldNames(info))
    for key in keys(of: info) where !defined.contains(key) && !removed.contains(key) {
      guard let current = current(key.selector, in: info), current.primitive == nil,
        let definition = current.definition, let source = current.source,
        compiled[key]?.chunk.readsGlobal(among: gone) == true
      else { continue }
      append(defining: key, definition, source)
    }
  }

  /// Compiles the methods of the set in the classes as they will be, and those of `narrowed` classes; answers what is wrong
  /// with them.
  private mutating func errorsInMethods(_ narrowed: [ClassInfo]) -> [AcceptError] {
    var result: [AcceptError] = []
    compileNewClasses(&result)
    for (key, text) in superseded {
      // Where fields change, nobody can say what the names in a text meant that is replaced already.
      guard let info = universe.classes.named(key.holderName), fieldNames(info) == info.fieldNames else { continue }
      _ = compile(text.definition, text.source, scope(info.name), text.change, &result)
    }
    let keys = defined.union(narrowed.flatMap(keys)).subtracting(removed)
    for key in keys.sorted(by: { $0.description < $1.description }) { compile(key, narrowed, &result) }
    return result.sorted { $0.change < $1.change }
  }

  private mutating func compileNewClasses(_ errors: inout [AcceptError]) {
    for (file, change) in newClasses.values {
      let name = file.definition.name
      for (isClassSide, methods) in [(false, file.definition.instanceMethods), (true, file.definition.classMethods)] {
        let scope = scope(MethodKey.holderName(name, isClassSide))
        for method in methods {
          let key = MethodKey(className: name, isClassSide: isClassSide, selector: method.selector)
          compiled[key] = compile(method, file.source, scope, change, &errors)
        }
      }
    }
  }

  /// A method that the set defines, or whose class is one of `narrowed`.
  private mutating func compile(_ key: MethodKey, _ narrowed: [ClassInfo], _ errors: inout [AcceptError]) {
    guard let info = universe.classes.named(key.holderName) else { return }
    let current = current(key.selector, in: info), planned = texts[key]
    guard let definition = planned?.definition ?? current?.definition,
      let source = planned?.source ?? current?.source
    else { return }
    var found: [AcceptError] = []
    compiled[key] = compile(definition, source, scope(info.name), planned?.change ?? change, &found)
    for var error in found {
      error.name = "\(key)"
      if narrowed.contains(where: { $0 === info }) { error.message = "\(key): \(error.message)" }
      if planned == nil {
        error.code = .needed
        error.remedy = "change or remove \(key) in the same accept"
      }
      // The place is one in the text of a change, or in none.
      if planned == nil { (error.line, error.column) = (nil, nil) }
      errors.append(error)
    }
  }

  /// The methods that a class has or gets.
  private func keys(of info: ClassInfo) -> [MethodKey] {
    let className = info.isMetaclass ? universe.classes[info.instanceIndex].name : info.name
    return info.selectors.map {
      MethodKey(className: className, isClassSide: info.isMetaclass, selector: universe.symbols.name($0))
    } + texts.keys.filter { $0.holderName == info.name }
  }

  /// What names will mean in the methods of "Foo" or "Foo class".
  private func scope(_ name: String) -> ClassScope {
    let isClassSide = name.hasSuffix(MethodKey.holderName("", true))
    let info = universe.classes.named(name) ?? (isClassSide ? universe.classes[.class] : nil)
    let hidden = info.map { Array($0.bodyNames.prefix($0.fieldBase)) } ?? []
    return ClassScope(className: name, instanceFields: hidden + plannedFields(name))
  }

  /// Nil for a primitive, or if there are errors.
  private func compile(
    _ method: MethodDefinition, _ source: SourceText, _ scope: ClassScope, _ change: Int, _ errors: inout [AcceptError]
  ) -> CompiledText? {
    do throws(SyntaxErrors) {
      let text = try CompiledText(method, source: source, scope: scope)
      return method.isPrimitive ? nil : text
    } catch {
      errors += EditErrors(error).errors.map {
        var error = $0
        error.change = change
        return error
      }
      return nil
    }
  }
}
