// Waiting for what is outside of the machine: input, a pipe's other end. Other processes, edits, and whoever wants to end the
// program do not wait for that.

import Foundation

enum Descriptor {
  /// How long one look waits, in milliseconds.
  static let patience: Int32 = 20

  /// Whether one of `events` (`POLLIN`, …) has come, or reading and writing say at once what else is the matter.
  static func isReady(_ descriptor: Int32, _ events: Int32, waits: Bool) -> Bool {
    var state = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    let count = poll(&state, 1, waits ? patience : 0)
    return count > 0 || count < 0 && errno != EINTR
  }
}

extension Universe {
  /// A primitive has looked in vain for what comes from outside; it looks again after this. False: unwind.
  func letOthersRun(_ h: Words) -> Bool {
    if scheduler.isAlone { return thread[.poll] == 0 || handlePoll(h) }
    return scheduler.wait(for: .input, until: .now + .milliseconds(Int(Descriptor.patience)), h)
  }

  /// Waits until a descriptor can be read or written, which is tried then. False: unwind.
  func wait(for descriptor: Int32, _ events: Int32, _ h: Words) -> Bool {
    while !Descriptor.isReady(descriptor, events, waits: scheduler.isAlone) { if !letOthersRun(h) { return false } }
    return true
  }
}
