// A program under the debugger: it runs on a thread of its own, and what becomes of it is waited for here.

import Foundation
import Ovid
import VM

/// Events come on the machine's thread; everything else is asked by one session.
final class DebuggedProgram: @unchecked Sendable {
  enum News {
    case stopped(StopReport)
    /// An evaluation that had stopped has ended.
    case evaluated(process: Int, value: ValueReport?, failure: DebugError?)
    /// What the program has said is all; `problem`: why it could not even run.
    case ended(status: Int32, problem: String?)
  }

  private let condition = NSCondition()
  // Guarded by the condition.
  private var news: [News] = []
  private var notes: [String] = []
  private let console: Console

  init(_ vm: VirtualMachine, _ console: Console) {
    self.console = console
    vm.onEvent { [weak self] event in
      if case .debug(let event) = event { self?.receive(event) }
    }
  }

  private func receive(_ event: DebugEvent) {
    switch event {
    case .stopped(let stop): add(.stopped(stop))
    case .continued(let process):
      condition.withLock {
        news.removeAll { if case .stopped(let stop) = $0 { stop.process == process } else { false } }
      }
    case .evaluated(let process, let value, let failure):
      add(.evaluated(process: process, value: value, failure: failure))
    case .logged(_, _, let text): console.say(text)
    case .breakpointChanged(let report):
      guard let note = BreakpointText.changed(report) else { return }
      condition.withLock { notes.append(note) }
    }
  }

  private func add(_ new: News) {
    condition.withLock {
      news.append(new)
      condition.signal()
    }
  }

  /// Begins to run `body`, which answers the exit status.
  func start(_ body: @escaping @Sendable () throws -> Int32) throws {
    try NativeThread.start("ovid debuggee") { [self] in
      do { add(.ended(status: try body(), problem: nil)) } catch {
        add(.ended(status: ExitStatus.failure, problem: "\(error)"))
      }
    }
  }

  /// What has happened next; waits for it. Of stops only those that `isWanted`.
  func next(_ isWanted: (StopReport) -> Bool) -> News {
    condition.withLock {
      while true {
        if let new = first(isWanted) { return new }
        condition.wait()
      }
    }
  }
  /// The same, if there is something.
  func takeNews(_ isWanted: (StopReport) -> Bool) -> News? { condition.withLock { first(isWanted) } }

  private func first(_ isWanted: (StopReport) -> Bool) -> News? {
    let index = news.firstIndex { if case .stopped(let stop) = $0 { isWanted(stop) } else { true } }
    return index.map { news.remove(at: $0) }
  }

  /// The stops that nobody has looked at.
  var waitingStops: [StopReport] {
    condition.withLock { news.compactMap { if case .stopped(let stop) = $0 { stop } else { nil } } }
  }

  /// What is worth a line before the next prompt.
  func takeNotes() -> [String] {
    condition.withLock {
      defer { notes = [] }
      return notes
    }
  }
}
