// What a plan would invalidate, without making it.

import VM

extension InstalledCode {
  /// The names of the units that rely on methods which a plan replaces or removes, or contain methods of classes whose
  /// fields or superclasses it changes. (Whether a new method hides another one shows only when it is there.)
  func names(invalidatedBy plan: EditPlan) -> [String] {
    let universe = plan.universe
    var methods: Set<Int> = []
    for method in plan.methods {
      let key: MethodKey
      switch method {
      case .define(let defined, _, _, _): key = defined
      case .remove(let removed): key = removed
      case .keep: continue
      }
      if let old = universe.method(key) {
        methods.formUnion(universe.withBlocksAndTwin(universe.methods[old]).map(\.id))
      }
    }
    var found = units(containing: methods)
    let reshaped = Set(plan.shapes.compactMap { universe.classes.named($0.name)?.index })
    if !reshaped.isEmpty {
      found += units.values.filter { code in
        code.methods.contains { id in
          universe.classes.withSuperclasses(universe.methods[id].holderIndex).contains(where: reshaped.contains)
        }
      }
    }
    return Set(found.map(\.name)).sorted()
  }
}
