// What inlined bytecode assumes about other methods, and what happens when it stops being true: the methods that
// relied on it run their generic variant from then on, live activations included.

import Bytecode

/// Compares what the assumed receivers find for a selector before and after a change.
struct AssumptionWatch {
  private let selector: Int
  private let classes: [Int]
  private let before: [Method?]

  /// Operators and control structures stand for the methods of these.
  private static let receivers: [WellKnownClass] = [
    .integer, .double, .true, .false, .nil, .block1, .block2, .block3,
  ]
  /// Inlined for receivers of every class.
  private static let universal: Set<String> = [
    "==", "ifNil:", "ifNotNil:", "ifNil:ifNotNil:", "ifNotNil:ifNil:", "isNil", "notNil",
  ]

  init(_ universe: Universe, _ selector: Int, _ holder: ClassInfo) {
    self.selector = selector
    var classes = AssumptionWatch.receivers.map(\.rawValue)
    if AssumptionWatch.universal.contains(universe.symbols.name(selector)) { classes.append(holder.index) }
    self.classes = classes
    before = classes.map { universe.classes.lookup($0, selector) }
  }
  /// The same method again, word for word, breaks nothing.
  func isBroken(_ universe: Universe) -> Bool {
    zip(classes, before).contains { index, old in
      let new = universe.classes.lookup(index, selector)
      if new == old { return false }
      guard let old, let new else { return true }
      return !universe.methods[old].saysTheSame(as: universe.methods[new])
    }
  }
}

extension MethodInfo {
  /// True for two versions of a method of one class that have the same text.
  func saysTheSame(as other: MethodInfo) -> Bool {
    guard holderIndex == other.holderIndex, let text = definitionText else { return false }
    return text == other.definitionText
  }
  private var definitionText: Substring? {
    guard let source, let definition else { return nil }
    return Substring(definition.text(in: source))
  }
}

extension Universe {
  /// From now on no bytecode may stand for sends of `selector`.
  func breakAssumption(_ selector: String) {
    let inlined = InlinedSelector(selector)
    if !brokenAssumptions.insert(inlined).inserted { return }
    var ids: [Int] = []
    methods.forEach { info in
      guard let unit = info.unit, unit.variant == .inlined, unit.assumptions.contains(inlined),
        info.method.kind != .superseded
      else { return }
      ids.append(info.id)
    }
    // A block goes with its method: both variants agree on outer environments only as wholes.
    let roots = Set(ids.map { root(of: $0) })
    ids = []
    for id in roots.sorted() { supersede(id, &ids) }
    if ids.isEmpty { return }
    for listener in hooks.superseded { listener(ids) }
  }

  private func root(of id: Int) -> Int {
    var i = id
    while let outer = methods[i].outer { i = outer }
    return i
  }

  private func supersede(_ id: Int, _ all: inout [Int]) {
    let info = methods[id]
    if info.method.kind == .superseded { return }
    all.append(id)
    info.method[.kind] = Method.Kind.superseded.rawValue
    info.method[.entry] = functionAddress(interpretEntry)
    trap(info)
    for block in info.blocks { supersede(block, &all) }
  }
}
