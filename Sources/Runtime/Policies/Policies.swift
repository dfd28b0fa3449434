// Carrying out what an accept with a policy does to live activations, after it was made.

import MachineLayout
import VM

/// VM thread.
final class Policies {
  private let universe: Universe
  /// It leads to the accepts, which lead here.
  private unowned let debugger: Debugger

  init(_ universe: Universe, _ debugger: Debugger) {
    self.universe = universe
    self.debugger = debugger
  }

  func plan(_ plan: EditPlan, _ policy: AcceptPolicy, top: Words) throws(EditErrors) -> PolicyPlan {
    var result = PolicyPlan(plan, debugger)
    try result.follow(policy, top: top)
    return result
  }

  /// What a plan would meet.
  func activations(_ plan: EditPlan, top: Words) -> [DryRun.OldActivation] {
    PolicyPlan(plan, debugger).activations(top: top)
  }

  func carryOut(_ plan: PolicyPlan) {
    for restart in plan.restarts { carryOut(restart) }
    debugger.migrate(plan.migrations)
  }

  /// The process leaves everything up to the activation as soon as it has its turn.
  private func carryOut(_ restart: PolicyPlan.Restart) {
    _ = universe.demand(of: restart.process) { [universe, debugger] frame in
      // It may have returned before that.
      let entries = debugger.entries(from: frame)
      guard
        let entry = entries.first(where: { $0.place == restart.place && universe.root(of: $0.info).id == restart.old }),
        debugger.returnObstacle(entry) == nil, let method = try? debugger.method(toRestart: entry, installed: true)
      else { return true }
      universe.unwind(to: entry.place.frame, entry.place.number, restarting: method)
      return false
    }
  }
}
