// Makes method versions, and puts them into their classes, while the program runs: what an accept is made of.
//
// What can fail comes first: a method is prepared, with everything that it needs, before anybody can find it. To install
// what is prepared cannot fail, so several methods are installed as a whole or not at all.

import Bytecode
import MachineLayout
import Syntax

/// VM thread, at safepoints.
public final class MethodBuilder {
  private unowned(unsafe) let universe: Universe
  private let classes: ClassTable
  private let methods: MethodTable

  init(_ universe: Universe) {
    self.universe = universe
    classes = universe.classes
    methods = universe.methods
  }

  // MARK: In an accept

  /// Makes a method for class `classIndex`. `text` is its bytecode (nil for a primitive), which may know the class as the
  /// changes of shape make it that are installed together with the method. `primitive`: see `MethodInfo.primitive`. At a
  /// safepoint; may move objects.
  public func prepare(
    _ definition: MethodDefinition, _ text: CompiledText?, source: SourceText, in classIndex: Int,
    primitive: String? = nil, frame: Words
  ) throws(InstallError) -> PreparedMethod {
    let holder = classes[classIndex]
    if let text, !universe.room.isThere(forLiteralsOf: text.chunk, frame) {
      throw .compile(
        "there is no memory for the literals of \(holder.name)>>\(definition.selector): the heap is limited to "
          + "\(universe.heap.limit >> 20) MB (--heap-limit)")
    }
    let info = make(definition, source, holder, primitive: primitive)
    if let text {
      info.scope = text.scope
      universe.variants.link(info, text.chunk)
      mark(info, isAhead: true)
    }
    return PreparedMethod(info: info)
  }

  /// Takes back what was prepared.
  public func discard(_ prepared: [PreparedMethod]) {
    methods.remove(prepared.flatMap { withBlocks($0.info) }, poisoning: universe.heap.gcEvery > 0)
  }

  /// Adds or replaces a method in its class.
  public func install(_ prepared: PreparedMethod) -> Effects {
    var effects = Effects()
    mark(prepared.info, isAhead: false)
    add(prepared.info, to: classes[prepared.info.holderIndex], &effects)
    return effects
  }

  private func mark(_ info: MethodInfo, isAhead: Bool) {
    for info in withBlocks(info) { info.isAhead = isAhead }
  }

  private func withBlocks(_ info: MethodInfo) -> [MethodInfo] {
    [info] + info.blocks.flatMap { withBlocks(methods[$0]) }
  }

  /// Removes a method, if the class itself has one for the selector.
  public func remove(_ selector: Int, from classIndex: Int) -> Effects {
    var effects = Effects()
    let holder = classes[classIndex]
    guard let old = holder.methods[selector] else { return effects }
    let watch = AssumptionWatch(universe, selector, holder)
    classes.lock.withLock {
      replace(methods[old], in: holder)
      holder.methods[selector] = nil
      holder.selectors.removeAll { $0 == selector }
    }
    changed(holder, selector, old, nil, watch, &effects)
    return effects
  }

  // MARK: Versions

  /// A method version that is not in its class's dictionary yet, compiled at its first activation.
  public func make(
    _ definition: MethodDefinition, _ source: SourceText, _ holder: ClassInfo, name: String? = nil,
    primitive: String? = nil
  ) -> MethodInfo {
    let selector = universe.symbols.intern(definition.selector)
    let name = name ?? "\(holder.name)>>\(definition.selector)"
    let info = methods.add(
      name: name, selector: definition.selector, selectorID: selector,
      argumentCount: definition.arguments.count, holderIndex: holder.index)
    info.source = source
    info.definition = definition
    if definition.isPrimitive {
      let primitive = primitive ?? universe.primitives.key(definition.selector, in: holder)
      info.primitive = primitive
      switch universe.primitives.action(primitive) ?? .function(undefinedPrimitive) {
      case .activation(let kind): info.ownEntry = .interpreter(kind)
      case .function(let function):
        info.ownEntry = .native(function)
        info.method[.primitive] = functionAddress(function)
      case .host(let function):
        info.ownEntry = .native(HostFunction.entry)
        info.method[.primitive] = functionAddress(HostFunction.entry)
        info.method[.hostFunction] = UInt64(UInt(bitPattern: Unmanaged.passUnretained(function).toOpaque()))
      }
    }
    return info
  }

  /// Puts a method into its class's dictionary, in place of another one if there is one, and makes every cache and
  /// assumption follow.
  func add(_ info: MethodInfo, to holder: ClassInfo, _ effects: inout Effects) {
    let selector = info.method.selector
    let watch = universe.classBuilder.isBooting ? nil : AssumptionWatch(universe, selector, holder)
    let old = holder.methods[selector]
    classes.lock.withLock {
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
  private func replace(_ info: MethodInfo, in holder: ClassInfo) {
    info.isReplaced = true
    if info.kind == .lazy, info.scope == nil { info.scope = holder.scope }
  }

  private func changed(
    _ holder: ClassInfo, _ selector: Int, _ old: Method?, _ new: Method?, _ watch: AssumptionWatch?,
    _ effects: inout Effects
  ) {
    if universe.classBuilder.isBooting { return }
    if let old { universe.reclaimer.note(methods[old]) }
    watch?.check(universe, &effects)
    guard holder.isOpen else { return }
    universe.lookup.flush(selector: selector)
    effects.methods.append(
      MethodChange(classIndex: holder.index, selector: selector, old: old?.id, new: new?.id))
  }
}

/// What a `= primitive` method runs whose function nobody registered.
private let undefinedPrimitive: NativeEntry = { thread, h, method in
  let universe = Universe.of(thread)
  let name = universe.methods[Method(method)].name
  return universe.raise(.other("Undefined primitive \(name)"), h)
}
