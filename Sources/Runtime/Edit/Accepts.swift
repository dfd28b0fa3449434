// An accept from its beginning to its end: a line of values, each with a file of its own.
//
//   ChangeSet ─► EditPlan ─► Commit ─► Effects ─► Invalidation ─► Receipt
//
// Until a commit is installed nothing has changed: making the plan or the commit may refuse the set, nothing after that
// can fail. docs/live-editing.md says what running code sees.

import VM

/// A set of changes, checked at this safepoint.
private struct CheckedPlan {
  let plan: Result<EditPlan, EditErrors>
  /// Microseconds (`Clock`).
  let began: Int
  let ended = Clock.microseconds()

  /// What is in the way is only activations that may have returned at the next poll.
  var mayPassLater: Bool {
    if case .failure(let errors) = plan { errors.isPassing } else { false }
  }
}

/// VM thread.
final class Accepts {
  private let universe: Universe
  private let program: RuntimeProgram
  private let installed: InstalledCode
  private let counters: Counters
  private let events: EventBus
  private let tiering: Tiering
  private let reclamation: Reclamation
  private let versions: MethodVersions
  private let log: ChangeLogWriter
  private let history: History
  private let watch: EffectWatch
  private let settling: Settling

  /// Counts on from the change log.
  private lazy var lastReceipt = history.lastNumber
  /// Its breakpoints follow what is accepted.
  weak var debugger: Debugger?
  /// For sets with a policy.
  var policies: Policies?

  /// The step of every commit that is to fail (tests).
  var failingStep: Int?

  init(
    _ machine: Machine, _ tiering: Tiering, _ reclamation: Reclamation, _ versions: MethodVersions,
    _ log: ChangeLogWriter, _ history: History, _ watch: EffectWatch, _ settling: Settling
  ) {
    universe = machine.universe
    program = machine.program
    installed = machine.installed
    counters = machine.counters
    events = machine.events
    self.tiering = tiering
    self.reclamation = reclamation
    self.versions = versions
    self.log = log
    self.history = history
    self.watch = watch
    self.settling = settling
  }

  // MARK: Making one

  /// Makes a set of changes, or refuses it. At a safepoint whose top frame is `frame`.
  func make(_ request: AcceptRequest, _ frame: Words) -> Receipt { make(plan(request, frame), of: request, frame) }

  private func plan(_ request: AcceptRequest, _ frame: Words) -> CheckedPlan {
    universe.changesAtPolls += 1
    let began = Clock.microseconds()
    if universe.room.obstacleToAnotherVersion() != nil { reclamation.makeRoom(frame) }
    return CheckedPlan(
      plan: Result { () throws(EditErrors) in
        let plan = try EditPlan(request.set, universe: universe, frame: frame, origin: request.origin)
        if request.set.refusesStale, !plan.stale.isEmpty { throw EditErrors(stale: plan.stale) }
        return plan
      }, began: began)
  }

  private func make(_ checked: CheckedPlan, of request: AcceptRequest, _ frame: Words) -> Receipt {
    lastReceipt += 1
    var receipt = Receipt(id: lastReceipt, author: request.set.author)
    receipt.latency.waiting = checked.began - request.requested
    receipt.latency.parsing = checked.ended - checked.began
    var made: Effects?
    do throws(EditErrors) {
      let plan = try checked.plan.get()
      let policy = request.set.policy == .next ? nil : try policies?.plan(plan, request.set.policy, top: frame)
      let commit = try Commit(plan, Commit.Steps(failing: failingStep))
      let isKept = request.isLogged && request.origin != .stress
      let entry = isKept ? historyEntry(request, plan, receipt) : nil

      let effects = commit.install()
      made = effects
      program.refreshGlobals(after: effects)
      for renaming in effects.renamed { rename(renaming) }
      versions.keepReplaced(effects)
      receipt.note(plan, effects, universe)
      let installed = Clock.microseconds()
      receipt.latency.installing = installed - checked.ended

      let invalidation = Invalidation(of: effects, in: self.installed, program, universe)
      carryOut(invalidation, &receipt, request.requested, request.origin == .stress ? nil : frame)
      receipt.latency.invalidating = Clock.microseconds() - installed

      counters.figures.accepts += 1
      receipt.latency.total = Clock.microseconds() - request.requested
      if let entry { keep(entry, request.origin, &receipt) }
      watch.begin(receipt, request.requested)
      if let seconds = request.set.probation { debugger?.probation?.begin(receipt, effects, seconds: seconds) }
      if let policy {
        policies?.carryOut(policy)
        receipt.policyEffects = policy.effects
      }
    } catch {
      receipt.errors = error.errors
      counters.figures.refusedAccepts += 1
    }
    if universe.reclaimer.isDue { universe.requestPoll() }
    receipt.latency.total = Clock.microseconds() - request.requested
    if receipt.succeeded { debugger?.breakpoints.follow() }
    events.post(.accepted(receipt))
    if let made, request.origin != .stress {
      settling.begin(receipt, request.requested, made, frame, waits: request.origin == .program)
    }
    return receipt
  }

  /// What the history says of an accept, before it is made.
  private func historyEntry(_ request: AcceptRequest, _ plan: EditPlan, _ receipt: Receipt) -> ChangeLog.Entry {
    ChangeLog.Entry(
      accept: receipt.id, author: request.set.author, time: Clock.secondsSince1970, changes: request.set.changes,
      replaced: plan.replacedTexts, classes: plan.classDifferences, takingBack: request.takingBack)
  }

  private func keep(_ entry: ChangeLog.Entry, _ origin: AcceptOrigin, _ receipt: inout Receipt) {
    var entry = entry
    entry.receipt = receipt
    log.append(entry, origin, &receipt)
    entry.receipt = receipt
    history.add(entry)
  }

  /// What is known of the methods of a class that has another name is found under that.
  private func rename(_ renaming: ClassRenaming) {
    versions.rename(renaming)
    watch.rename(renaming)
    installed.refreshNames()
  }

  /// Carries out what an accept invalidates, and notes it in the receipt. Live frames are counted from `frame` down; nil:
  /// nobody reads the count, and the stack may be deep.
  private func carryOut(
    _ invalidation: Invalidation, _ receipt: inout Receipt, _ requested: Int, _ frame: Words?
  ) {
    let units = invalidation.all
    if units.isEmpty { return }
    let frames = frame.map { installed.compiledFrames(from: $0) } ?? []
    for unit in units {
      let code = unit.code
      let live = frames.reduce(0) { $0 + ($1.code === code ? 1 : 0) }
      receipt.invalidated.append(
        Receipt.InvalidatedCode(code: code.id, name: code.name, dependency: unit.reason, frames: live))
      receipt.framesDeoptimized += live
      for call in code.inlined where unit.callees.contains(call.method) {
        receipt.callSites.append(
          Receipt.InlinedCallSite(
            caller: universe.methods[call.caller].name, line: installed.line(call.caller, call.callSite),
            callee: universe.methods[call.method].name))
      }
      tiering.invalidate(code, because: unit.reason, .changed, by: (receipt.id, requested))
    }
  }

  /// What a set of changes would do.
  func dryRun(_ set: ChangeSet, _ frame: Words) -> DryRun {
    var result = DryRun()
    switch plan(AcceptRequest(set: set), frame).plan {
    case .failure(let errors): result.errors = errors.errors
    case .success(let plan):
      result.activations = policies?.activations(plan, top: frame) ?? []
      result.invalidated = installed.names(invalidatedBy: plan)
      if set.policy != .next {
        do throws(EditErrors) { _ = try policies?.plan(plan, set.policy, top: frame) } catch {
          result.errors = error.errors
        }
      }
    }
    return result
  }

  // MARK: At a poll

  /// Makes what is queued. False unwinds (a listener in the program ended it).
  func poll(_ queue: AcceptQueue, _ frame: Words) -> Bool {
    var goOn = true
    let all = queue.takeAll()
    for (i, pending) in all.enumerated() {
      let request = pending.request, plan = plan(request, frame)
      if plan.mayPassLater, Clock.microseconds() - request.requested < Self.patience {
        queue.putBack(all[i...])
        universe.requestPoll()
        break
      }
      let receipt = make(plan, of: request, frame)
      pending.complete(receipt)
      goOn = goOn && tellProgram(receipt, frame)
    }
    return goOn
  }

  /// Microseconds until an accept is refused because of an activation that may return.
  private static let patience = 500_000

  /// Runs the block that the program gave to `system onChange:`, if there is one. False: unwind.
  func tellProgram(_ receipt: Receipt, _ frame: Words) -> Bool {
    for method in receipt.methods where method.before != method.after {
      if universe.notifyProgram(ofChange: "\(method.method)", frame: frame, words: wordsInUse(frame)) == 0 {
        return false
      }
    }
    return true
  }

  /// Words of the top frame that a send from it must not overwrite.
  private func wordsInUse(_ frame: Words) -> Int {
    if Frame(frame).isCompiled { return installed.wordsInUse(frame) }
    let method = Method(UnsafeMutableRawPointer(bitPattern: UInt(frame[1]))!)
    // At entry there are no registers yet.
    return Int64(bitPattern: frame[2]) < 0 || !method.isLinked ? Frame.headerWords : method.frameSize
  }
}
