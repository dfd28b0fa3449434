// Making classes from their definitions: instance side, class side, class object, methods.

import Bytecode
import MachineLayout
import Syntax

extension Universe {
  /// The class called `name`, loaded if it is not yet.
  @discardableResult
  public func loadClass(_ name: String) throws(LoadError) -> ClassInfo {
    if let info = classes.named(name), info.isLoaded, !info.isMetaclass { return info }
    let file = try loader.find(name, options)
    guard file.definition.name == name else {
      throw .invalid("\(file.path ?? "\(name).som") defines class \(file.definition.name), not \(name)")
    }
    return try define(file)
  }

  /// Why the program cannot make a class of this name; nil if it can.
  public func obstacle(toCreatingClass name: String) -> String? {
    if !Parser.isClassName(name) { return "'\(name)' cannot be the name of a class" }
    if classes.named(name)?.isLoaded == true || loader.exists(name, options) {
      return "there is a class \(name) already"
    }
    return nil
  }

  /// Defines the class of a parsed file, and loads its superclass first.
  @discardableResult
  public func define(_ file: ClassSource) throws(LoadError) -> ClassInfo {
    try changing { effects throws(LoadError) in try define(file, &effects) }
  }
  private func define(_ file: ClassSource, _ effects: inout Effects) throws(LoadError) -> ClassInfo {
    let definition = file.definition
    let name = file.source.isBundled ? libraryKey(definition.name) : definition.name
    if let known = classes.named(name), known.isLoaded { return known }
    if !loader.loading.insert(name).inserted { throw .cyclicSuperclass(name) }
    defer { loader.loading.remove(name) }
    let superclass = try self.superclass(of: file)
    // The superclass's file may have needed this class.
    if let known = classes.named(name), known.isLoaded { return known }
    let inherited = superclass?.fieldNames ?? []
    let above = superclass.flatMap { classes.infos[$0.metaIndex] }?.fieldNames ?? []
    try check(file, superclass, classes.named(name), (inherited, above))
    return make(file, name, superclass, &effects)
  }

  /// Defines the class of a parsed file in an accept, which has compiled its methods. Requires that `validate` would let it
  /// through, and that its superclass is loaded.
  public func add(_ file: ClassSource, _ prepared: [MethodKey: CompiledText]) -> Effects {
    var effects = Effects()
    let superclass = file.definition.superclassName.flatMap(classes.named)
    let info = make(file, file.definition.name, superclass, &effects)
    for side in [info, classes[info.metaIndex]] {
      for (selector, method) in side.methods {
        methods[method].prepared = prepared[key(symbols.name(selector), in: side.index)]
      }
    }
    return effects
  }

  private func make(
    _ file: ClassSource, _ name: String, _ superclass: ClassInfo?, _ effects: inout Effects
  ) -> ClassInfo {
    let definition = file.definition
    let existing = classes.named(name)
    let (format, base) = layout(superclass, existing)
    let info = existing ?? classes.add(name: name, isMetaclass: false)
    info.path = file.path
    info.definition = definition
    info.source = file.source
    classes.setFields(
      info, own: definition.instanceFields, inherited: superclass?.fieldNames ?? [], base: base, format: format,
      doubles: superclass?.doubleFields ?? 0)
    classes.setSuperclass(info, superclass?.index ?? 0)
    info.isLoaded = true
    if loader.isBooting {
      loader.waiting.append((definition, file.source, info))
    } else {
      defineClassSide(definition, file.source, info, &effects)
      addMethods(definition, file.source, info, &effects)
    }
    return info
  }

  /// Fields that a class may have, inherited ones included.
  public static let fieldLimit = 30_000

  /// Throws what `define` would throw if its superclass had these fields. Loads at most the superclass.
  public func validate(
    _ file: ClassSource, inherited: (instance: [String], class: [String])
  ) throws(LoadError) {
    try check(file, try superclass(of: file), classes.named(file.definition.name), inherited)
  }

  /// Nil for Object.
  private func superclass(of file: ClassSource) throws(LoadError) -> ClassInfo? {
    let name = file.definition.name
    guard let superName = file.definition.superclassName, superName != "nil" else {
      if name == "Object" { return nil }
      throw .invalid("Class \(name) has no superclass: only Object is a root")
    }
    let key = file.source.isBundled ? libraryKey(superName) : superName
    if superName == name || loader.loading.contains(key) { throw .cyclicSuperclass(superName) }
    do { return try file.source.isBundled ? libraryClass(superName) : loadClass(superName) } catch {
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
    if inherited.instance.count + fields.count > Universe.fieldLimit {
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
  func defineClassSide(
    _ definition: ClassDefinition, _ source: SourceText, _ info: ClassInfo, _ effects: inout Effects
  ) {
    let meta = classes.add(name: info.name + " class", isMetaclass: true)
    let above = info.superIndex == 0 ? classes[.class] : classes[classes[info.superIndex].metaIndex]
    lock.withLock {
      info.metaIndex = meta.index
      meta.metaIndex = WellKnownClass.metaclass.rawValue
      meta.instanceIndex = info.index
      meta.path = info.path
      meta.definition = definition
      meta.source = source
      meta.isLoaded = true
    }
    classes.setFields(
      meta, own: definition.classFields, inherited: above.fieldNames, base: ClassObjectLayout.hiddenWords,
      format: .fields)
    classes.setSuperclass(meta, above.index)
    makeClassObject(meta, classIndex: WellKnownClass.metaclass.rawValue)
    makeClassObject(info, classIndex: meta.index)
    if source.isBundled { setLibraryGlobal(definition.name, classes.object(info.index), &effects) }
    if info.name == info.plainName { setGlobal(info.name, classes.object(info.index), &effects) }
  }

  private func makeClassObject(_ info: ClassInfo, classIndex: Int) {
    let shape = classes[classIndex]
    let object = heap.allocateTenured(shape.classWord, bodyWords: shape.bodyWords)
    for i in 0..<shape.bodyWords { object[i] = .nil }
    object[ClassObjectLayout.classIndex] = Value(integer: info.index)
    classes.objects[info.index] = Value(object)
  }

  func addMethods(
    _ definition: ClassDefinition, _ source: SourceText, _ info: ClassInfo, _ effects: inout Effects
  ) {
    for method in definition.instanceMethods { add(makeMethod(method, source, info), to: info, &effects) }
    let meta = classes[info.metaIndex]
    for method in definition.classMethods { add(makeMethod(method, source, meta), to: meta, &effects) }
    info.isOpen = true
    meta.isOpen = true
  }

  /// A method version that is not in its class's dictionary yet, compiled at its first activation.
  func makeMethod(
    _ definition: MethodDefinition, _ source: SourceText, _ holder: ClassInfo, name: String? = nil,
    primitive: String? = nil
  ) -> MethodInfo {
    let selector = symbols.intern(definition.selector)
    let name = name ?? "\(holder.name)>>\(definition.selector)"
    let info = methods.add(
      name: name, selector: definition.selector, selectorID: selector,
      argumentCount: definition.arguments.count, holderIndex: holder.index)
    info.source = source
    info.definition = definition
    if definition.isPrimitive {
      let primitive = primitive ?? primitiveKey(definition.selector, in: holder)
      info.primitive = primitive
      switch primitives[primitive] ?? .function(undefinedPrimitive) {
      case .activation(let kind): info.ownEntry = .interpreter(kind)
      case .function(let function):
        info.ownEntry = .native(function)
        info.method[.primitive] = functionAddress(function)
      }
    }
    return info
  }

  /// Puts a method into its class's dictionary, in place of another one if there is one, and makes every cache and
  /// assumption follow.
  func add(_ info: MethodInfo, to holder: ClassInfo, _ effects: inout Effects) {
    let selector = info.method.selector
    let watch = loader.isBooting ? nil : AssumptionWatch(self, selector, holder)
    let old = holder.methods[selector]
    lock.withLock {
      if let old {
        replace(methods[old], in: holder)
        info.version = methods[old].version + 1
      } else {
        holder.selectors.append(selector)
      }
      holder.methods[selector] = info.method
    }
    changed(holder, selector, old, info.method, watch, &effects)
  }

  /// A version is not the current one any more. If it is compiled at all, later, then as its class is now.
  func replace(_ info: MethodInfo, in holder: ClassInfo) {
    info.isReplaced = true
    if info.kind == .lazy, info.scope == nil { info.scope = holder.scope }
  }

  func changed(
    _ holder: ClassInfo, _ selector: Int, _ old: Method?, _ new: Method?, _ watch: AssumptionWatch?,
    _ effects: inout Effects
  ) {
    if loader.isBooting { return }
    if let old { reclaimableBytes += byteCount(of: methods[old]) }
    watch?.check(self, &effects)
    guard holder.isOpen else { return }
    flush(selector)
    effects.methods.append(
      MethodChange(classIndex: holder.index, selector: selector, old: old?.id, new: new?.id))
  }

  /// Forgets every cached lookup of `selector`.
  public func flush(_ selector: Int) { lookupCache.flush(selector: selector) }
  /// Forgets every cached lookup.
  public func flushAll() { lookupCache.flushAll() }
}

/// What a `= primitive` method runs whose function nobody registered.
private let undefinedPrimitive: NativeEntry = { thread, h, method in
  let universe = Universe.of(thread)
  let name = universe.methods[Method(method)].name
  return universe.raise(.other("Undefined primitive \(name)"), h)
}
