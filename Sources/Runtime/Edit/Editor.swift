// What editors, prompts and file watchers ask for. The program makes the change at its next safepoint (`Accepts`), on
// its own thread; what goes to the disk after that does not hold it up.

import Foundation
import VM

/// Any thread, unless a method says otherwise.
public final class Editor: @unchecked Sendable {
  private let universe: Universe
  private let thread: ProgramThread
  private let inspections: Inspections
  private let accepts: Accepts
  private let versions: MethodVersions
  private let log: ChangeLogWriter
  private let files: SourceFiles
  private let queue = AcceptQueue()

  init(
    _ machine: Machine, _ thread: ProgramThread, _ inspections: Inspections, _ accepts: Accepts,
    _ versions: MethodVersions, _ log: ChangeLogWriter
  ) {
    universe = machine.universe
    self.thread = thread
    self.inspections = inspections
    self.accepts = accepts
    self.versions = versions
    self.log = log
    files = SourceFiles(machine, versions)
  }

  // MARK: Accepting

  /// Queues an accept.
  public func submit(_ changes: ChangeSet) -> PendingAccept { submit(AcceptRequest(set: changes)) }

  private func submit(_ request: AcceptRequest) -> PendingAccept {
    let pending = PendingAccept(request)
    queue.add(pending)
    universe.requestPoll()
    thread.wake()
    return pending
  }

  /// Makes what is queued; see `Accepts.poll`. VM thread.
  func poll(_ frame: Words) -> Bool { accepts.poll(queue, frame) }

  /// Makes a change and waits for the receipt.
  public func accept(_ changes: ChangeSet) -> Receipt {
    let request = AcceptRequest(set: changes)
    return thread.isCurrent ? accepts.make(request, universe.bottomFrame) : accept(request)
  }
  /// Not on the VM thread.
  private func accept(_ request: AcceptRequest) -> Receipt {
    var receipt = submit(request).wait()
    if receipt.succeeded { log.flush(&receipt) }
    if request.origin == .editor { files.write(request.set, &receipt) }
    return receipt
  }
  public func accept(_ changes: Change..., author: String = "") -> Receipt {
    accept(ChangeSet(changes, author: author))
  }

  /// The change that makes a method again what it was in this version; nil if that is not kept.
  public func change(bringingBack key: MethodKey, version: Int) -> Change? {
    universe.lock.withLock { versions.change(bringingBack: key, version: version) }
  }

  /// Undo of one method: its earlier version comes back as an accept like any other.
  public func revert(_ key: MethodKey, toVersion version: Int) -> Receipt {
    guard let change = change(bringingBack: key, version: version) else {
      return Receipt(
        refused: AcceptError(change: 0, message: "\(key) has no version \(version)"), author: Self.undoAuthor)
    }
    return accept(ChangeSet([change], author: Self.undoAuthor))
  }

  /// The author of what `revert` brings back.
  public static let undoAuthor = "undo"

  // MARK: Replaying

  /// Makes the accepts of a log again, in order, each as a whole. They are not logged a second time if this machine
  /// appends to the same file. Not on the VM thread.
  public func replay(_ path: String) throws(ChangeLogError) -> ReplayReport {
    let contents = try ChangeLog.read(path)
    let isOwn = log.isAppending(to: path)
    let replay = inspections.atSafepoint { [self] in LogReplay(contents.entries, universe, versions) }
    var report = ReplayReport(kept: replay.kept, endsTorn: contents.endsTorn)
    for entry in contents.entries {
      let changes = inspections.atSafepoint { replay.changes(of: entry) }
      if changes.isEmpty { continue }
      report.receipts.append(
        accept(
          AcceptRequest(
            set: ChangeSet(changes, author: entry.author),
            origin: entry.author == ProgramEdits.author ? .program : .editor, isLogged: !isOwn)))
    }
    return report
  }
}
