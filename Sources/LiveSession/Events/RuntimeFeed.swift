// Turns what the machine tells into events of the session. The machine's thread only puts it into a queue here: making
// JSON of it is the business of a thread of its own.

import Foundation
import Ovid

final class RuntimeFeed: @unchecked Sendable {
  /// More than so many in the queue are left out, and that is told.
  private static let limit = 8192

  private let log: EventLog
  private let condition = NSCondition()
  // Guarded by the condition.
  private var queue: [RuntimeEvent] = []
  private var leftOut = 0
  private var isStopping = false

  init(_ log: EventLog) {
    self.log = log
    Thread.detachNewThread { [self] in work() }
  }

  func stop() {
    condition.withLock {
      isStopping = true
      condition.broadcast()
    }
  }

  /// The machine's thread.
  func add(_ event: RuntimeEvent) {
    condition.withLock {
      if queue.count < Self.limit { queue.append(event) } else { leftOut += 1 }
      condition.signal()
    }
  }

  private func work() {
    while true {
      let (events, left, goesOn) = condition.withLock { () -> ([RuntimeEvent], Int, Bool) in
        while queue.isEmpty && !isStopping { condition.wait() }
        defer { (queue, leftOut) = ([], 0) }
        return (queue, leftOut, !isStopping)
      }
      for event in events { tell(event) }
      if left > 0 { log.append("overflow", Fields("leftOut", left)) }
      if !goesOn { return }
    }
  }

  private func tell(_ event: RuntimeEvent) {
    switch event {
    case .accepted(let receipt):
      log.append(receipt.succeeded ? "accepted" : "refused", Fields("receipt", receipt))
    case .installed(let name, let isLoop): log.append("installed", Fields("name", name).with("isLoop", isLoop))
    case .effect(let receipt, let method, let microseconds, let sender):
      log.append(
        "effect",
        Fields("receipt", receipt).with("method", method).with("microseconds", microseconds).with("sender", sender))
    case .reoptimized(let receipt, let name, let microseconds):
      log.append("reoptimized", Fields("receipt", receipt).with("name", name).with("microseconds", microseconds))
    case .settled(let receipt, let microseconds):
      log.append("settled", Fields("receipt", receipt).with("microseconds", microseconds))
    case .takenBack(let receipt, let by, let error):
      log.append("takenBack", Fields("receipt", receipt).with("by", by).with("error", error))
    case .debug(let event): tell(event)
    }
  }

  private func tell(_ event: DebugEvent) {
    switch event {
    case .stopped(let stop): log.append("stopped", Fields("stop", stop))
    case .continued(let process): log.append("continued", Fields("process", process))
    case .breakpointChanged(let report): log.append("breakpoint", Fields("breakpoint", report))
    case .evaluated(let process, let value, let failure):
      log.append("evaluated", Fields("process", process).with("value", value).with("failure", failure))
    case .logged(let breakpoint, let process, let text):
      log.append("logged", Fields("breakpoint", breakpoint).with("process", process).with("text", text))
    }
  }
}
