// Which method versions are in use: found by a full collection together with the objects, since blocks and Method
// objects refer to versions, and versions to objects (their literals). A version is in use
//   - that its class has, or had before what bytecode stands for was redefined, and the stubs for what is not understood;
//   - that an activation on the stack runs, or would run if its compiled code were left;
//   - whose block or Method object is alive;
//   - that compiled code refers to, if that code belongs to a version in use;
//   - whose blocks, home method or other variant are in use.
// Inline caches do not count: they name only versions that classes have.

import MachineLayout

public final class MethodTrace {
  private let universe: Universe
  /// Reached, but what they refer to is not yet.
  private var pending: [MethodInfo] = []

  /// `frame` is the top frame.
  init(_ universe: Universe, frame: Words) {
    self.universe = universe
    for info in universe.classes.infos {
      guard let info else { continue }
      for method in info.methods.values { reach(method) }
    }
    for stub in universe.lookup.allStubs { reach(stub) }
    for original in universe.assumptions.originalMethods { reach(original) }
    var seen: Set<UInt64> = []
    universe.forEachStack(running: frame) { frames in
      // Other activations of the same are passed over.
      for frame in frames where seen.insert(frame.words[1]).inserted {
        if frame.isCompiled {
          universe.hooks.methodsInFrame?(frame.words).forEach(reach)
        } else {
          reach(frame.method)
        }
      }
    }
  }

  private func reach(_ method: Method) { reach(universe.methods[method]) }
  private func reach(_ id: Int) { reach(universe.methods[id]) }
  private func reach(_ info: MethodInfo) {
    if info.isReached { return }
    info.isReached = true
    pending.append(info)
  }

  /// Reaches what a living object stands for, if it is a block or a method.
  @inline(__always)
  func reach(from object: Words) {
    let index = ObjectPointer(object).classIndex
    if index > WellKnownClass.primitive.rawValue { return }
    if BlockLayout.isClass(index) {
      reach(Method(ObjectPointer(object)[BlockLayout.method].rawAddress))
    } else if index == WellKnownClass.method.rawValue || index == WellKnownClass.primitive.rawValue {
      reach(Method(ObjectPointer(object)[MethodObjectLayout.method].rawAddress))
    }
  }

  /// Reaches what the versions that were reached refer to, and calls `visit` with the address of each of their roots.
  /// False if there were none.
  func visitReached(_ visit: (Words) -> Void) -> Bool {
    if pending.isEmpty { return false }
    while let info = pending.popLast() {
      for id in info.blocks { reach(id) }
      for id in [info.outer, info.twin, info.original] { if let id { reach(id) } }
      universe.hooks.methodsInCode?(info.id).forEach(reach)
      info.method.forEachRoot(visit)
    }
    return true
  }
}
