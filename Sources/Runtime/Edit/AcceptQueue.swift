// Accepts from other threads wait here for the VM thread's next safepoint, in order of arrival.

import Foundation

/// Who wants what, since when.
struct AcceptRequest: Sendable {
  let set: ChangeSet
  var origin = AcceptOrigin.editor
  /// Set for an undo or a redo.
  var takingBack: TakingBack?
  /// False while a log is replayed that this machine appends to itself.
  var isLogged = true
  /// Microseconds (`Clock`).
  let requested = Clock.microseconds()
}

/// One accept on its way.
public final class PendingAccept: @unchecked Sendable {
  let request: AcceptRequest
  public var changes: ChangeSet { request.set }
  private let condition = NSCondition()
  private var result: Receipt?

  init(_ request: AcceptRequest) { self.request = request }

  func complete(_ receipt: Receipt) {
    condition.withLock {
      result = receipt
      condition.broadcast()
    }
  }
  /// Blocks until the change is made or refused. Not on the VM thread.
  public func wait() -> Receipt {
    condition.withLock {
      while result == nil { condition.wait() }
      return result!
    }
  }
  public var receipt: Receipt? { condition.withLock { result } }
}

final class AcceptQueue: @unchecked Sendable {
  private let lock = NSLock()
  private var pending: [PendingAccept] = []

  func add(_ accept: PendingAccept) { lock.withLock { pending.append(accept) } }
  /// They come before all others.
  func putBack(_ accepts: ArraySlice<PendingAccept>) { lock.withLock { pending.insert(contentsOf: accepts, at: 0) } }
  func takeAll() -> [PendingAccept] {
    lock.withLock {
      defer { pending = [] }
      return pending
    }
  }
}
