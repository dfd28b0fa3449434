// The activations that are to go over to another version of their method (`AcceptPolicy.migrate`), until they have.

import MachineLayout
import VM

/// VM thread.
final class Migrations {
  private struct Awaited {
    let plan: PolicyPlan.Migration
    /// The version to go on in (id).
    let target: Int
  }
  private let universe: Universe
  /// By the method, in one of its variants, that they run now.
  private var awaited: [Int: Awaited] = [:]

  init(_ machine: Machine) { universe = machine.universe }

  func add(_ plans: [Int: PolicyPlan.Migration]) {
    for (id, plan) in plans {
      if let target = universe.method(plan.key) { awaited[id] = Awaited(plan: plan, target: target.id) }
    }
  }

  /// Before versions (ids) are freed: nobody runs them.
  func forget(_ dead: Set<Int>) {
    awaited = awaited.filter { !dead.contains($0.key) && !dead.contains($0.value.target) }
  }

  /// Where they go over, by method.
  var places: [Int: Set<Int>] { awaited.mapValues(\.plan.heads) }

  /// The interpreted frame is at such a place; answers whether it has gone over.
  func goOver(_ frame: Words, at pc: Int) -> Bool {
    guard !awaited.isEmpty, let awaited = awaited[Frame(frame).method.id], awaited.plan.heads.contains(pc),
      let target = universe.methods.find(awaited.target), target.kind != .superseded, target.chunk != nil
    else { return false }
    return awaited.plan.loops.perform(
      frame, at: pc, to: target.method, limit: universe.thread[.stackLimit] + UInt64(universe.stackReserve / 2))
  }
}
