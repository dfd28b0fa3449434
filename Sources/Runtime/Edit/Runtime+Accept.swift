// An accept from its beginning to its end: a line of values, each with a file of its own.
//
//   ChangeSet ─► EditPlan ─► Commit ─► Effects ─► Invalidation ─► Receipt
//
// Until a commit is installed nothing has changed: making the plan or the commit may refuse the set, nothing after that
// can fail. docs/live-editing.md says what running code sees.

import VM

/// A set of changes, checked at this safepoint.
struct CheckedPlan {
  let plan: Result<EditPlan, EditErrors>
  /// Microseconds (`Clock`).
  let began: Int
  let ended = Clock.microseconds()

  /// What is in the way is only activations that may have returned at the next poll.
  var mayPassLater: Bool {
    if case .failure(let errors) = plan { errors.isPassing } else { false }
  }
}

extension Runtime {
  /// Makes a set of changes, or refuses it. VM thread, at a safepoint whose top frame is `frame`.
  func make(_ request: AcceptRequest, _ frame: Words) -> Receipt { make(plan(request, frame), of: request, frame) }

  func plan(_ request: AcceptRequest, _ frame: Words) -> CheckedPlan {
    universe.changesAtPolls += 1
    let began = Clock.microseconds()
    // In a poll, that was done when it began.
    if pollDepth == 0, universe.obstacleToAnotherVersion() != nil { reclaimIfDue(frame) }
    return CheckedPlan(
      plan: Result { () throws(EditErrors) in
        try EditPlan(request.set, universe: universe, frame: frame, origin: request.origin)
      }, began: began)
  }

  func make(_ checked: CheckedPlan, of request: AcceptRequest, _ frame: Words) -> Receipt {
    editing.lastReceipt += 1
    var receipt = Receipt(id: editing.lastReceipt, author: request.set.author)
    receipt.latency.waiting = checked.began - request.requested
    receipt.latency.parsing = checked.ended - checked.began
    do throws(EditErrors) {
      let plan = try checked.plan.get()
      let commit = try Commit(plan, Commit.Steps(failing: editing.failingStep))
      let replaced = editing.log == nil ? [] : plan.replacedTexts

      let effects = commit.install()
      program.refreshGlobals(after: effects)
      keepReplaced(effects)
      receipt.note(plan, effects, universe)
      let made = Clock.microseconds()
      receipt.latency.installing = made - checked.ended

      let invalidation = Invalidation(of: effects, in: installed, program, universe)
      carryOut(invalidation, &receipt, request.requested, request.origin == .stress ? nil : frame)
      receipt.latency.invalidating = Clock.microseconds() - made

      counters.figures.accepts += 1
      if request.isLogged { log(request.set, replaced, request.origin, &receipt) }
      watchEffects(receipt, request.requested)
    } catch {
      receipt.errors = error.errors
      counters.figures.refusedAccepts += 1
    }
    if universe.isReclamationDue { interrupt() }
    receipt.latency.total = Clock.microseconds() - request.requested
    events.post(.accepted(receipt))
    return receipt
  }
}
