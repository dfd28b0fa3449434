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
  private let history: History
  private let files: SourceFiles
  private let queue = AcceptQueue()
  /// Writes class files after their accepts have been answered.
  private let writing = DispatchQueue(label: "ovid class files")

  init(
    _ machine: Machine, _ thread: ProgramThread, _ inspections: Inspections, _ accepts: Accepts,
    _ versions: MethodVersions, _ log: ChangeLogWriter, _ history: History
  ) {
    universe = machine.universe
    self.thread = thread
    self.inspections = inspections
    self.accepts = accepts
    self.versions = versions
    self.log = log
    self.history = history
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
  public func accept(_ changes: ChangeSet) -> Receipt { accept(changes, takingBack: nil) }

  /// - Parameter takingBack: set for an undo or a redo.
  func accept(_ changes: ChangeSet, takingBack: TakingBack?) -> Receipt {
    let request = AcceptRequest(set: changes, takingBack: takingBack)
    return thread.isCurrent ? accepts.make(request, universe.bottomFrame) : accept(request)
  }
  /// Not on the VM thread.
  func accept(_ request: AcceptRequest) -> Receipt {
    var receipt = submit(request).wait()
    guard receipt.succeeded else { return receipt }
    log.flush(&receipt)
    if request.origin == .editor { files.write(request.set, &receipt) }
    if request.isLogged { history.complete(receipt) }
    return receipt
  }

  /// Answers when the program has the change, and the log; class files are written right after that, and `written` is told
  /// the receipt with what became of them.
  public func accept(_ changes: ChangeSet, written: @escaping @Sendable (Receipt) -> Void) -> Receipt {
    accept(AcceptRequest(set: changes), written: written)
  }
  /// Not on the VM thread.
  func accept(_ request: AcceptRequest, written: @escaping @Sendable (Receipt) -> Void) -> Receipt {
    var receipt = submit(request).wait()
    guard receipt.succeeded else { return receipt }
    log.flush(&receipt)
    let answered = receipt
    writing.async { [self] in
      var whole = answered
      files.write(request.set, &whole)
      history.complete(whole)
      written(whole)
    }
    return receipt
  }
  /// Returns when the class files of all accepts are written that were answered.
  public func finishWriting() { writing.sync {} }

  public func accept(_ changes: Change..., author: String = "") -> Receipt {
    accept(ChangeSet(changes, author: author))
  }

  /// What a set of changes would do, and what its policy would meet; nothing changes.
  public func dryRun(_ changes: ChangeSet) -> DryRun {
    inspections.atSafepoint { [accepts] top in accepts.dryRun(changes, top) }
  }

  // MARK: Replaying

  /// Makes the accepts of a log again, in order, each as a whole. They are not logged a second time if this machine
  /// appends to the same file. Not on the VM thread.
  public func replay(_ path: String) throws(ChangeLogError) -> ReplayReport {
    let contents = try ChangeLog.read(path)
    let isOwn = log.isAppending(to: path)
    let entries = inspections.atSafepoint { [universe] in
      LoggedNames.settled(contents.entries) { (try? universe.loadClass($0)) != nil }
    }
    let replay = inspections.atSafepoint { [self] in LogReplay(entries, universe, versions) }
    var report = ReplayReport(kept: replay.kept, endsTorn: contents.endsTorn)
    // An undo in the log names an accept by its number there.
    var numbers: [Int: Int] = [:]
    for entry in entries {
      let changes = inspections.atSafepoint { replay.changes(of: entry) }
      if changes.isEmpty { continue }
      let receipt = accept(
        AcceptRequest(
          set: ChangeSet(changes, author: entry.author),
          origin: entry.author == ProgramEdits.author ? .program : .editor,
          takingBack: entry.takingBack?.renumbered(by: numbers), isLogged: !isOwn))
      numbers[entry.accept] = receipt.id
      report.receipts.append(receipt)
    }
    return report
  }

  // MARK: A session again

  /// A session that a log has kept, to be made again step by step.
  public func session(_ path: String) throws(ChangeLogError) -> LoggedSession {
    LoggedSession(try ChangeLog.read(path), isOwn: log.isAppending(to: path), universe, versions, inspections, self)
  }
}
