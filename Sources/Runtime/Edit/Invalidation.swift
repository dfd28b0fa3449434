// The fifth value of an accept, after its effects: which compiled code relied on what is otherwise now, and on what. It is
// invalid from then on, and its live activations leave it at their next safepoint. What the program changes itself takes
// the same way.

import Optimizer
import VM

struct Invalidation {
  struct Unit {
    let code: CompiledCode
    /// The fact that no longer holds.
    let reason: String
    /// Of calls that it has inlined: the methods (ids) that are others now.
    var callees: Set<Int> = []
    /// The fact was what a global is.
    var isAboutGlobal = false
  }
  private var units: [CodeID: Unit] = [:]
  /// Oldest first.
  var all: [Unit] { units.values.sorted { $0.code.id < $1.code.id } }

  init(of effects: Effects, in installed: InstalledCode, _ facts: RuntimeProgram, _ universe: Universe) {
    if effects.classes.isEmpty {
      for selector in Set(effects.methods.map(\.selector)) {
        note(installed.registry.broken(selector: selector, facts: facts), installed)
      }
    } else {
      note(installed.registry.brokenAnywhere(facts: facts), installed)
    }
    for cell in effects.cells { note(installed.registry.broken(cell: cell, facts: facts), installed) }
    for code in installed.units(containing: effects.superseded) {
      note(code, "it took a redefined operator or control structure as built in")
    }
    // Field places are part of the code of the classes' methods.
    let moved = Set(effects.classes.lazy.filter(\.movesFields).flatMap { [$0.old, $0.new] })
    if moved.isEmpty { return }
    for code in installed.units.values {
      let holder = code.methods.lazy.map { universe.methods[$0].holderIndex }.first(where: moved.contains)
      if let holder { note(code, "the shape of \(universe.classes[holder].name)") }
    }
  }

  private mutating func note(_ list: [BrokenDependency], _ installed: InstalledCode) {
    for broken in list {
      guard let code = installed[broken.code] else { continue }
      note(code, installed.describe(broken.dependency))
      switch broken.dependency {
      case .lookup(_, _, let method?), .superLookup(_, _, let method?): units[code.id]?.callees.insert(method)
      case .global: units[code.id]?.isAboutGlobal = true
      case .lookup, .superLookup, .shape: break
      }
    }
  }

  private mutating func note(_ code: CompiledCode, _ reason: @autoclosure () -> String) {
    if units[code.id] == nil { units[code.id] = Unit(code: code, reason: reason()) }
  }
}
