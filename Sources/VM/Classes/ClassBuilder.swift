// Making classes from their definitions: instance side, class side, class object, methods.

import Bytecode
import MachineLayout
import Syntax

/// VM thread.
public final class ClassBuilder {
  private unowned(unsafe) let universe: Universe
  private let classes: ClassTable
  /// Names whose superclass is being loaded.
  private var loading: Set<String> = []
  /// Whether there is no class Class yet: class sides wait for it.
  private(set) var isBooting = true
  private var waiting: [(definition: ClassDefinition, source: SourceText, info: ClassInfo)] = []

  init(_ universe: Universe) {
    self.universe = universe
    classes = universe.classes
  }

  /// The class called `name`, loaded if it is not yet.
  func load(_ name: String) throws(LoadError) -> ClassInfo {
    if let info = classes.named(name), info.isLoaded, !info.isMetaclass { return info }
    if universe.classNames.isWithdrawn(name) { throw .unknownClass(name) }
    let file = try universe.loader.find(name, universe.options)
    guard file.definition.name == name else {
      throw .invalid("\(file.path ?? "\(name).som") defines class \(file.definition.name), not \(name)")
    }
    return try define(file)
  }

  /// The class that a program's file `name`.som defines, under whatever name that is no other class's.
  func loadProgram(_ name: String) throws(LoadError) -> ClassInfo {
    if isLoaded(name) { return try load(name) }
    let file = try universe.loader.find(name, universe.options)
    let defined = file.definition.name
    return isLoaded(defined) || CoreLibrary.source(of: defined) != nil ? try load(name) : try define(file)
  }

  private func isLoaded(_ name: String) -> Bool { classes.named(name)?.isLoaded == true }

  /// Why the program cannot make a class of this name; nil if it can.
  public func obstacle(toCreatingClass name: String) -> String? {
    if !Parser.isClassName(name) { return "'\(name)' cannot be the name of a class" }
    let isFree = universe.classNames.isWithdrawn(name) || !universe.loader.exists(name, universe.options)
    return isLoaded(name) || !isFree ? "there is a class \(name) already" : nil
  }

  /// Defines the class of a parsed file, and loads its superclass first.
  func define(_ file: ClassSource) throws(LoadError) -> ClassInfo {
    try universe.changing { effects throws(LoadError) in try define(file, &effects) }
  }
  private func define(_ file: ClassSource, _ effects: inout Effects) throws(LoadError) -> ClassInfo {
    let definition = file.definition
    let name = file.source.isBundled ? universe.library.key(definition.name) : definition.name
    if let known = classes.named(name), known.isLoaded { return known }
    if !loading.insert(name).inserted { throw .cyclicSuperclass(name) }
    defer { loading.remove(name) }
    let superclass = try self.superclass(of: file, called: file.definition.superclassName)
    // The superclass's file may have needed this class.
    if let known = classes.named(name), known.isLoaded { return known }
    let inherited = superclass?.fieldNames ?? []
    let above = superclass.flatMap { classes.infos[$0.metaIndex] }?.fieldNames ?? []
    try check(file, superclass, classes.named(name), (inherited, above))
    return make(file, name, superclass, &effects)
  }

  /// Defines the class of a parsed file in an accept, which has compiled its methods. Requires that `validate` would let it
  /// through, and that its superclass is loaded, which may have another name still than in the text. `isBare`: its fields
  /// come with the changes of shape that follow.
  public func add(
    _ file: ClassSource, below superName: String, _ prepared: [MethodKey: CompiledText], isBare: Bool
  ) -> Effects {
    var effects = Effects()
    let superclass = classes.named(superName)
    let info = make(file, file.definition.name, superclass, isBare: isBare, &effects)
    for side in [info, classes[info.metaIndex]] {
      for (selector, method) in side.methods {
        universe.methods[method].prepared = prepared[universe.key(universe.symbols.name(selector), in: side.index)]
      }
    }
    return effects
  }

  private func make(
    _ file: ClassSource, _ name: String, _ superclass: ClassInfo?, isBare: Bool = false, _ effects: inout Effects
  ) -> ClassInfo {
    universe.classNames.admit(name)
    let definition = file.definition
    let existing = classes.named(name)
    let (format, base) = layout(superclass, existing)
    let info = existing ?? classes.add(name: name, isMetaclass: false)
    info.path = file.path
    info.definition = definition
    info.source = file.source
    classes.setFields(
      info, own: isBare ? [] : definition.instanceFields, inherited: superclass?.fieldNames ?? [], base: base,
      format: format,
      doubles: superclass?.doubleFields ?? 0)
    classes.setSuperclass(info, superclass?.index ?? 0)
    info.isLoaded = true
    if isBooting {
      waiting.append((definition, file.source, info))
    } else {
      defineClassSide(definition, file.source, info, isBare: isBare, &effects)
      addMethods(definition, file.source, info, &effects)
    }
    return info
  }

  /// Fields that a class may have, inherited ones included.
  public static let fieldLimit = 30_000

  /// Throws what `define` would throw if its superclass were called that and had these fields. Loads at most the
  /// superclass.
  public func validate(
    _ file: ClassSource, below superName: String?, inherited: (instance: [String], class: [String])
  ) throws(LoadError) {
    try check(file, try superclass(of: file, called: superName), classes.named(file.definition.name), inherited)
  }

  /// Nil for Object.
  private func superclass(of file: ClassSource, called superName: String?) throws(LoadError) -> ClassInfo? {
    let name = file.definition.name
    guard let superName, superName != "nil" else {
      if name == "Object" { return nil }
      throw .invalid("Class \(name) has no superclass: only Object is a root")
    }
    let key = file.source.isBundled ? universe.library.key(superName) : superName
    if superName == name || loading.contains(key) { throw .cyclicSuperclass(superName) }
    do { return try file.source.isBundled ? universe.library.load(superName) : load(superName) } catch {
      guard error == .unknownClass(superName) else { throw error }
      let message = "there is no class \(superName) on the class path to be the superclass of \(name)"
      throw .syntax(Diagnostic(in: file.source, at: file.definition.nameRange, message: message).description)
    }
  }

  /// A field of the name of an inherited one would hide it from the class's own methods only.
  private func checkFields(
    _ file: ClassSource, _ inherited: (instance: [String], class: [String])
  ) throws(LoadError) {
    let definition = file.definition
    for (names, inherited, range) in [
      (definition.instanceFields, inherited.instance, definition.instanceFieldsRange),
      (definition.classFields, inherited.class, definition.classFieldsRange),
    ] {
      if let repeated = names.first(where: inherited.contains) {
        let message = "Field '\(repeated)' is already defined in a superclass."
        let place = range ?? definition.nameRange
        throw .syntax(Diagnostic(in: file.source, at: place, message: message).description)
      }
    }
  }

  /// Throws if the class cannot have its fields.
  private func check(
    _ file: ClassSource, _ superclass: ClassInfo?, _ existing: ClassInfo?,
    _ inherited: (instance: [String], class: [String])
  ) throws(LoadError) {
    let name = file.definition.name, fields = file.definition.instanceFields
    if inherited.instance.count + fields.count > Self.fieldLimit {
      throw .invalid("Class \(name) has too many fields")
    }
    try checkFields(file, inherited)
    switch existing.flatMap({ WellKnownClass(rawValue: $0.index) }) {
    case .boolean, .true, .false, .nil:
      // Their instances are no objects in memory.
      if !fields.isEmpty || !inherited.instance.isEmpty {
        throw .invalid("Class \(name) cannot have fields")
      }
    default: break
    }
    let (format, base) = layout(superclass, existing)
    if !fields.isEmpty && (format == .bytes || format == .words) {
      throw .invalid("Class \(name) cannot have fields")
    }
    if let superclass, !inherited.instance.isEmpty, superclass.fieldBase != base {
      throw .invalid("Class \(name) cannot inherit the fields of \(superclass.name)")
    }
  }

  /// Format of the instances, and body words before their fields.
  private func layout(_ superclass: ClassInfo?, _ existing: ClassInfo?) -> (format: ObjectFormat, base: Int) {
    switch existing.flatMap({ WellKnownClass(rawValue: $0.index) }) {
    case .string, .symbol: (.bytes, 2)
    case .integer, .double: (.words, 1)
    case .array: (.indexable, 1)
    case .block, .block1, .block2, .block3: (.fields, BlockLayout.size)
    case .class, .metaclass: (.fields, ClassObjectLayout.hiddenWords)
    case .method, .primitive: (.fields, MethodObjectLayout.hiddenWords)
    default: (superclass?.format ?? .fields, superclass?.fieldBase ?? 0)
    }
  }

  /// Makes the metaclass, both class objects, and the global.
  private func defineClassSide(
    _ definition: ClassDefinition, _ source: SourceText, _ info: ClassInfo, isBare: Bool = false,
    _ effects: inout Effects
  ) {
    let meta = classes.add(name: info.name + " class", isMetaclass: true)
    let above = info.superIndex == 0 ? classes[.class] : classes[classes[info.superIndex].metaIndex]
    classes.lock.withLock {
      info.metaIndex = meta.index
      meta.metaIndex = WellKnownClass.metaclass.rawValue
      meta.instanceIndex = info.index
      meta.path = info.path
      meta.definition = definition
      meta.source = source
      meta.isLoaded = true
    }
    classes.setFields(
      meta, own: isBare ? [] : definition.classFields, inherited: above.fieldNames, base: ClassObjectLayout.hiddenWords,
      format: .fields)
    classes.setSuperclass(meta, above.index)
    makeClassObject(meta, classIndex: WellKnownClass.metaclass.rawValue)
    makeClassObject(info, classIndex: meta.index)
    if source.isBundled { universe.library.setGlobal(definition.name, classes.object(info.index), &effects) }
    if info.name == info.plainName { universe.setGlobal(info.name, classes.object(info.index), &effects) }
  }

  private func makeClassObject(_ info: ClassInfo, classIndex: Int) {
    let shape = classes[classIndex]
    let object = universe.heap.allocateTenured(shape.classWord, bodyWords: shape.bodyWords)
    for i in 0..<shape.bodyWords { object[i] = .nil }
    object[ClassObjectLayout.classIndex] = Value(integer: info.index)
    classes.objects[info.index] = Value(object)
  }

  private func addMethods(
    _ definition: ClassDefinition, _ source: SourceText, _ info: ClassInfo, _ effects: inout Effects
  ) {
    let builder = universe.methodBuilder!
    for method in definition.instanceMethods {
      builder.add(builder.make(method, source, info), to: info, &effects)
    }
    let meta = classes[info.metaIndex]
    for method in definition.classMethods {
      builder.add(builder.make(method, source, meta), to: meta, &effects)
    }
    info.isOpen = true
    meta.isOpen = true
  }

  /// What the file of a class says now, as far as this machine has seen it. `isMoved`: it is another file. Any thread.
  public func noteFile(_ file: ClassSource, isMoved: Bool = false) {
    classes.lock.withLock {
      guard let info = classes.named(file.definition.name) else { return }
      for info in [info, classes[info.metaIndex]] {
        info.path = isMoved ? file.path : info.path ?? file.path
        info.source = file.source
        info.definition = file.definition
      }
    }
  }

  /// The well-known classes are there: makes the class sides that have waited, and all methods.
  func makeClassSides() {
    universe.changing { effects in
      for (definition, source, info) in waiting { defineClassSide(definition, source, info, &effects) }
      for (definition, source, info) in waiting { addMethods(definition, source, info, &effects) }
    }
    waiting = []
  }

  func bootEnds() { isBooting = false }
}

extension Universe {
  /// The class called `name`, loaded if it is not yet.
  @discardableResult
  public func loadClass(_ name: String) throws(LoadError) -> ClassInfo { try classBuilder.load(name) }
  public func loadProgram(_ name: String) throws(LoadError) -> ClassInfo { try classBuilder.loadProgram(name) }

  /// Defines the class of a parsed file, and loads its superclass first.
  @discardableResult
  public func define(_ file: ClassSource) throws(LoadError) -> ClassInfo { try classBuilder.define(file) }
}
