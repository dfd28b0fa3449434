// Method versions: making them, and putting them into their classes.

import Bytecode
import MachineLayout
import Syntax

extension Universe {
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
    let watch = classBuilder.isBooting ? nil : AssumptionWatch(self, selector, holder)
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
    if classBuilder.isBooting { return }
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
