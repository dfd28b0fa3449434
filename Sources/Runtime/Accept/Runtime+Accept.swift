// Accepting changes: parse and compile everything, then install all of it or nothing, invalidate exactly what
// depended on it, log, answer a receipt. docs/live-editing.md says what running code sees.

import Foundation
import Optimizer
import Syntax
import VM

/// What accepting remembers. VM thread.
struct EditingState {
  var lastReceipt = 0
  var log: ChangeLog?
  /// While a change is being made: what the universe's hooks report, collected for the receipt.
  var collected: Collected?
  /// Methods whose first run is an event: when the accept was requested.
  var awaitingEffect: [Int: AwaitedEffect] = [:]

  struct Collected {
    var touchedSelectors: Set<Int> = []
    var touchedClasses: Set<Int> = []
    var touchedCells: Set<Int> = []
    var superseded: [Int] = []
  }
}

extension Runtime {
  // MARK: Asking

  /// Queues an accept. Any thread; the program makes the change at its next safepoint.
  public func submit(_ changes: ChangeSet) -> PendingAccept { submit(PendingAccept(changes)) }

  private func submit(_ pending: PendingAccept) -> PendingAccept {
    acceptQueue.add(pending)
    interrupt()
    vmThread.wake()
    return pending
  }

  /// Makes a change and waits for the receipt. Any thread.
  public func accept(_ changes: ChangeSet) -> Receipt {
    if vmThread.isCurrent { return make(changes, requested: Clock.microseconds(), frame: universe.bottomFrame) }
    return accept(PendingAccept(changes))
  }
  /// Not on the VM thread.
  func accept(_ pending: PendingAccept) -> Receipt {
    var receipt = submit(pending).wait()
    if receipt.succeeded { flushLog(&receipt) }
    if pending.origin == .editor { writeBack(pending.changes, &receipt) }
    return receipt
  }
  public func accept(_ changes: Change..., author: String = "") -> Receipt {
    accept(ChangeSet(changes, author: author))
  }

  /// Undo of one method: its earlier version comes back as an accept like any other.
  public func revert(_ key: MethodKey, toVersion version: Int) -> Receipt {
    guard let change = universe.lock.withLock({ change(bringingBack: key, version: version) }) else {
      var receipt = Receipt(id: 0, author: "undo")
      receipt.errors = [AcceptError(change: 0, message: "\(key) has no version \(version)")]
      return receipt
    }
    return accept(ChangeSet([change], author: "undo"))
  }

  public func onEvent(_ listener: @escaping @Sendable (RuntimeEvent) -> Void) -> Int { events.add(listener) }
  public func removeListener(_ id: Int) { events.remove(id) }

  // MARK: Making

  /// What is queued, at a poll. False unwinds (a listener in the program ended it).
  func processAccepts(_ frame: Words) -> Bool {
    var goOn = true
    let all = acceptQueue.takeAll()
    for (i, pending) in all.enumerated() {
      var draft = draft(pending.changes, frame, pending.origin)
      draft.isLogged = pending.isLogged
      if draft.mayPassLater, Clock.microseconds() - pending.requested < Self.acceptPatience {
        acceptQueue.putBack(all[i...])
        interrupt()
        break
      }
      let receipt = make(draft, requested: pending.requested, frame: frame)
      pending.complete(receipt)
      goOn = goOn && tellProgram(receipt, frame)
    }
    return goOn
  }

  /// Microseconds until an accept is refused because of an activation that may return.
  private static let acceptPatience = 500_000

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

  /// Makes one set of changes. VM thread, at a safepoint whose top frame is `frame`.
  func make(_ set: ChangeSet, requested: Int, frame: Words, origin: AcceptOrigin = .editor) -> Receipt {
    make(draft(set, frame, origin), requested: requested, frame: frame)
  }

  /// A set of changes, checked at this safepoint.
  private struct Draft {
    let set: ChangeSet
    var plan: EditPlan
    var isLogged = true
    var errors: [AcceptError] = []
    /// What is in the way is only activations that may have returned at the next poll.
    var mayPassLater = false
    /// Microseconds (`Clock`).
    let began = Clock.microseconds()
    var ended = 0
  }

  private func draft(_ set: ChangeSet, _ frame: Words, _ origin: AcceptOrigin) -> Draft {
    universe.changesAtPolls += 1
    // In a poll, that was done when it began.
    if pollDepth == 0, universe.obstacleToAnotherVersion() != nil { reclaimIfDue(frame) }
    var draft = Draft(set: set, plan: EditPlan(universe: universe, frame: frame, origin: origin))
    for (i, change) in set.changes.enumerated() {
      do throws(EditErrors) {
        try draft.plan.add(change, number: i)
      } catch {
        draft.errors += error.errors.map {
          var e = $0
          e.change = i
          return e
        }
      }
    }
    if draft.errors.isEmpty {
      do throws(EditErrors) { try draft.plan.finish() } catch {
        draft.mayPassLater = error.isPassing
        draft.errors = error.errors
      }
    } else {
      draft.errors = draft.plan.finish(after: draft.errors)
    }
    draft.ended = Clock.microseconds()
    return draft
  }

  private func make(_ draft: Draft, requested: Int, frame: Words) -> Receipt {
    let set = draft.set
    editing.lastReceipt += 1
    var receipt = Receipt(id: editing.lastReceipt, author: set.author)
    receipt.errors = draft.errors
    receipt.latency.waiting = draft.began - requested
    receipt.latency.parsing = draft.ended - draft.began
    var clock = draft.ended
    func lap() -> Int {
      let now = Clock.microseconds()
      defer { clock = now }
      return now - clock
    }
    var replaced: [ChangeLog.Replaced] = []
    if receipt.errors.isEmpty {
      editing.collected = EditingState.Collected()
      replaced = install(draft.plan, &receipt, frame)
      let collected = editing.collected ?? EditingState.Collected()
      editing.collected = nil
      receipt.latency.installing = lap()
      invalidateDependents(collected, &receipt, requested, draft.plan.origin == .stress ? nil : frame)
      receipt.latency.invalidating = lap()
    }
    if receipt.succeeded {
      counters.accepts += 1
      if draft.isLogged { log(set, replaced, draft.plan.origin, &receipt) }
      for method in receipt.methods where method.after != nil && method.after != method.before {
        watchEffect(method.method, receipt.id, requested)
      }
    } else {
      counters.refusedAccepts += 1
    }
    if universe.isReclamationDue { interrupt() }
    receipt.latency.total = Clock.microseconds() - requested
    events.post(.accepted(receipt))
    return receipt
  }

  /// Answers what was there, for the log.
  private func install(_ plan: EditPlan, _ receipt: inout Receipt, _ frame: Words) -> [ChangeLog.Replaced] {
    receipt.stale = plan.stale
    var replaced: [ChangeLog.Replaced] = []
    for edit in plan.edits {
      if editing.log != nil, let key = edit.replacedMethod {
        let text = currentMethod(key).flatMap { universe.methods[$0].sourceText }
        replaced.append(ChangeLog.Replaced(method: key, text: text))
      }
      do {
        for made in try perform(edit, frame) { receipt.note(made) }
        switch edit {
        case .load(let file): receipt.loaded.append(file.definition.name)
        case .setShapes: receipt.classes = plan.classChanges
        case .define, .keep, .remove, .noteFile: break
        }
      } catch {
        // Planning has checked everything that can fail short of memory.
        receipt.errors.append(AcceptError(change: 0, message: "\(error)"))
        // Nothing has changed yet.
        if case .setShapes = edit { break }
      }
    }
    return replaced
  }

  // MARK: Invalidating

  /// Live frames are counted from `frame` down; nil: nobody reads the count, and the stack may be deep.
  private func invalidateDependents(
    _ collected: EditingState.Collected, _ receipt: inout Receipt, _ requested: Int, _ frame: Words?
  ) {
    var broken: [CodeID: String] = [:]
    var callees: [CodeID: Set<Int>] = [:]
    func note(_ list: [BrokenDependency]) {
      for b in list {
        if broken[b.code] == nil { broken[b.code] = installed.describe(b.dependency) }
        if case .lookup(_, _, let method?) = b.dependency { callees[b.code, default: []].insert(method) }
        if case .superLookup(_, _, let method?) = b.dependency { callees[b.code, default: []].insert(method) }
      }
    }
    if collected.touchedClasses.isEmpty {
      for selector in collected.touchedSelectors { note(installed.registry.broken(selector: selector, facts: program)) }
    } else {
      note(installed.registry.brokenAnywhere(facts: program))
    }
    for cell in collected.touchedCells { note(installed.registry.broken(cell: cell, facts: program)) }
    for code in installed.units(containing: collected.superseded) where broken[code.id] == nil {
      broken[code.id] = "it took a redefined operator or control structure as built in"
      callees[code.id] = []
    }
    // Field places are part of the code of the classes' methods.
    for code in installed.units.values where !collected.touchedClasses.isEmpty && broken[code.id] == nil {
      let touched = code.methods.first { collected.touchedClasses.contains(universe.methods[$0].holderIndex) }
      if let touched {
        broken[code.id] = "the shape of \(universe.classes[universe.methods[touched].holderIndex].name)"
      }
    }
    if broken.isEmpty { return }
    let frames = frame.map { installed.compiledFrames(from: $0) } ?? []
    for id in broken.keys.sorted() {
      guard let code = installed[id] else { continue }
      let live = frames.reduce(0) { $0 + ($1.code === code ? 1 : 0) }
      receipt.invalidated.append(
        Receipt.InvalidatedCode(code: id, name: code.name, dependency: broken[id] ?? "", frames: live))
      receipt.framesDeoptimized += live
      for call in code.inlined where callees[id]?.contains(call.method) == true {
        receipt.callSites.append(
          Receipt.InlinedCallSite(
            caller: universe.methods[call.caller].name, line: installed.line(call.caller, call.callSite),
            callee: universe.methods[call.method].name))
      }
      tiering.awaited[code.key] = (receipt.id, requested)
      invalidate(code, because: broken[id] ?? "", recompileAfter: min(options.compileThreshold, 200))
    }
  }

  /// Changes that come from elsewhere (the program's own `global:put:`, class loading) invalidate at once.
  private func invalidateNow(_ list: [BrokenDependency], countsAsFailure: Bool = false) {
    for b in list {
      if let code = installed[b.code] {
        if countsAsFailure { noteFailedSpeculation(of: code) }
        invalidate(
          code, because: installed.describe(b.dependency), recompileAfter: min(options.compileThreshold, 200))
      }
    }
  }

  func methodChanged(_ change: MethodChange) {
    if let old = change.old.flatMap(universe.methods.find) {
      universe.reclaimableBytes += ([old.id] + old.blocks).reduce(0) { $0 + installed.byteCount(ofCodeOf: $1) }
      if let text = old.sourceText {
        history.update { $0.keep(text, old.name, version: old.version, primitive: old.primitive) }
      }
    }
    if editing.collected != nil {
      editing.collected?.touchedSelectors.insert(change.selector)
    } else {
      invalidateNow(installed.registry.broken(selector: change.selector, facts: program))
    }
  }
  func methodsSuperseded(_ methods: [Int]) {
    if editing.collected != nil {
      editing.collected?.superseded += methods
    } else {
      for code in installed.units(containing: methods) {
        invalidate(code, because: "redefined operator", recompileAfter: min(options.compileThreshold, 200))
      }
    }
  }
  func classChanged(_ old: Int, _ new: Int) {
    program.refreshGlobals(ofClass: old)
    if editing.collected != nil {
      editing.collected?.touchedClasses.formUnion([old, new])
    } else {
      invalidateNow(installed.registry.brokenAnywhere(facts: program))
    }
  }
  func globalChanged(_ cell: Int) {
    program.refreshGlobal(cell)
    if editing.collected != nil {
      editing.collected?.touchedCells.insert(cell)
    } else {
      // A program may do that all the time.
      invalidateNow(installed.registry.broken(cell: cell, facts: program), countsAsFailure: true)
    }
  }
}
