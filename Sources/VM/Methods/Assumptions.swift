// What inlined bytecode assumes about other methods, and what happens when it stops being true: the methods that
// relied on it run their generic variant from then on, live activations included; until it is true again.
//
// A control structure stands for all the sends that the core library's definition of its selector makes, and those
// that their definitions make: `ifTrue:` for `True>>ifTrue:` and for the `value` that this sends to the block. What they
// are is read off those definitions (`sendsBehind`).

import Bytecode
import MachineLayout
import Syntax

/// Compares what the assumed receivers find for a selector before and after a change.
struct AssumptionWatch {
  private let selector: Int
  private let classes: [Int]
  private let before: [Method?]

  /// Operators and control structures stand for the methods of these.
  fileprivate static let receivers: [WellKnownClass] = [
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

  /// After the change: makes the methods follow that assumed something else, or assume it again.
  func check(_ universe: Universe, _ effects: inout Effects) {
    var isChanged = false
    for (index, old) in zip(classes, before) {
      let new = universe.classes.lookup(index, selector)
      if new == old { continue }
      let change = universe.assumptions.note(selector, universe.classes[index].name, from: old, to: new)
      isChanged = isChanged || change
    }
    if isChanged { universe.assumptions.changed(&effects) }
  }
}

/// Which methods that bytecode may stand for are others than at the start.
public final class Assumptions {
  private unowned(unsafe) let universe: Universe
  /// By selector id and class name: what was found at first.
  private(set) var originals: [Int: [String: Method?]] = [:]
  /// The versions that would make it all right again.
  var originalMethods: [Method] { originals.values.flatMap { $0.values.compactMap { $0 } } }
  /// Names whose values were replaced: `nil`, `true`, `false`.
  private var brokenNames: Set<String> = []
  /// By selector: it and all that are sent in its stead.
  private var closures: [String: Set<Int>] = [:]

  init(_ universe: Universe) { self.universe = universe }

  /// Answers whether that makes a difference between what holds and what does not.
  fileprivate func note(
    _ selector: Int, _ className: String, from old: Method?, to new: Method?
  ) -> Bool {
    if let original = originals[selector]?[className] {
      guard isSame(original, new) else { return false }
      originals[selector]![className] = nil
      if originals[selector]!.isEmpty { originals[selector] = nil }
      return true
    }
    if isSame(old, new) { return false }
    originals[selector, default: [:]][className] = .some(old)
    return true
  }

  private func isAnyBroken(_ selectors: Set<Int>) -> Bool {
    !originals.isEmpty && selectors.contains { originals[$0] != nil }
  }

  /// From now on `name` (`nil`, `true`, `false`) does not mean what bytecode takes it for.
  func breakName(_ name: String, _ effects: inout Effects) {
    if brokenNames.insert(name).inserted { changed(&effects) }
  }

  /// Whether bytecode that makes these assumptions would be wrong now.
  public func isBroken(_ made: Set<InlinedSelector>) -> Bool {
    if originals.isEmpty && brokenNames.isEmpty { return false }
    return made.contains {
      brokenNames.contains($0.selector) || isAnyBroken(sendsBehind($0.selector))
    }
  }

  /// The same method, another version with the same text, or none.
  private func isSame(_ a: Method?, _ b: Method?) -> Bool {
    guard let a, let b else { return a == b }
    return a == b || universe.methods[a].saysTheSame(as: universe.methods[b])
  }

  /// The selector and every one that is sent, to a receiver of which the bytecode assumes anything, when its original
  /// definitions run.
  private func sendsBehind(_ selector: String) -> Set<Int> {
    if let known = closures[selector] { return known }
    var result: Set<Int> = []
    var work = [universe.symbols.intern(selector)]
    while let next = work.popLast() {
      guard result.insert(next).inserted else { continue }
      for receiver in AssumptionWatch.receivers + [.object] {
        let info = universe.classes[receiver]
        let original = originals[next]?[info.name]
        guard let method = original ?? universe.classes.lookup(info.index, next) else { continue }
        universe.methods[method].definition?.body.forEachSend { selector, _ in
          work.append(universe.symbols.intern(selector))
        }
      }
    }
    closures[selector] = result
    return result
  }

  /// Methods change to the variant of their bytecode that is right now.
  fileprivate func changed(_ effects: inout Effects) {
    var roots: [MethodInfo] = []
    universe.methods.forEach { info in
      if info.outer == nil, info.original == nil, let chunk = info.chunk, !chunk.assumptions.isEmpty {
        roots.append(info)
      }
    }
    // A block goes with its method: both variants agree on outer environments only as wholes.
    for info in roots {
      let isBroken = isBroken(info.chunk!.assumptions)
      if isBroken == (info.kind == .superseded) { continue }
      if isBroken {
        universe.variants.supersede(info, &effects.superseded)
      } else {
        universe.variants.restore(info)
        if let twin = info.twin { collect(universe.methods[twin], &effects.superseded) }
      }
    }
  }

  private func collect(_ info: MethodInfo, _ all: inout [Int]) {
    all.append(info.id)
    for block in info.blocks { collect(universe.methods[block], &all) }
  }
}

extension MethodInfo {
  /// True for two versions of a method of one class that have the same text, but for its layout, and the same names in
  /// it; of primitives, the same function.
  func saysTheSame(as other: MethodInfo) -> Bool {
    guard holderIndex == other.holderIndex, selector == other.selector, primitive == other.primitive else {
      return false
    }
    if primitive != nil { return true }
    guard let definition, let theirs = other.definition else { return false }
    return definition.isSame(as: theirs)
  }
}
