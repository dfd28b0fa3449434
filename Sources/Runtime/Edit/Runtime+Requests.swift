// How accepts come to the VM thread: from any thread through the queue, and what the program is told of them.

import Foundation
import VM

/// What accepting remembers. VM thread.
struct EditingState {
  var lastReceipt = 0
  var log: ChangeLog?
  /// Methods whose first run is an event: when the accept was requested.
  var awaitingEffect: [Int: AwaitedEffect] = [:]
  /// The step of every commit that is to fail (tests).
  var failingStep: Int?
}

extension Runtime {
  // MARK: Asking

  /// Queues an accept. Any thread; the program makes the change at its next safepoint.
  public func submit(_ changes: ChangeSet) -> PendingAccept { submit(AcceptRequest(set: changes)) }

  private func submit(_ request: AcceptRequest) -> PendingAccept {
    let pending = PendingAccept(request)
    acceptQueue.add(pending)
    interrupt()
    vmThread.wake()
    return pending
  }

  /// Makes a change and waits for the receipt. Any thread.
  public func accept(_ changes: ChangeSet) -> Receipt {
    let request = AcceptRequest(set: changes)
    return vmThread.isCurrent ? make(request, universe.bottomFrame) : accept(request)
  }
  /// Not on the VM thread.
  func accept(_ request: AcceptRequest) -> Receipt {
    var receipt = submit(request).wait()
    if receipt.succeeded { flushLog(&receipt) }
    if request.origin == .editor { writeBack(request.set, &receipt) }
    return receipt
  }
  public func accept(_ changes: Change..., author: String = "") -> Receipt {
    accept(ChangeSet(changes, author: author))
  }

  /// Undo of one method: its earlier version comes back as an accept like any other.
  public func revert(_ key: MethodKey, toVersion version: Int) -> Receipt {
    guard let change = universe.lock.withLock({ change(bringingBack: key, version: version) }) else {
      return Receipt(
        refused: AcceptError(change: 0, message: "\(key) has no version \(version)"), author: Self.undoAuthor)
    }
    return accept(ChangeSet([change], author: Self.undoAuthor))
  }

  /// The author of what `revert` brings back.
  public static let undoAuthor = "undo"

  public func onEvent(_ listener: @escaping @Sendable (RuntimeEvent) -> Void) -> Int { events.add(listener) }
  public func removeListener(_ id: Int) { events.remove(id) }

  // MARK: At a poll

  /// What is queued, at a poll. False unwinds (a listener in the program ended it).
  func processAccepts(_ frame: Words) -> Bool {
    var goOn = true
    let all = acceptQueue.takeAll()
    for (i, pending) in all.enumerated() {
      let request = pending.request, plan = plan(request, frame)
      if plan.mayPassLater, Clock.microseconds() - request.requested < Self.acceptPatience {
        acceptQueue.putBack(all[i...])
        interrupt()
        break
      }
      let receipt = make(plan, of: request, frame)
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
}
