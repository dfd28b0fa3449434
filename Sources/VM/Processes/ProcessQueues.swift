// The processes whose turn comes, by priority, and those that wait for a time. What leaves a queue from the middle stays
// in it as a ticket that is not valid any more.

import DequeModule
import HeapModule

struct ReadyQueue {
  static let priorities = 1...100
  /// Above all priorities.
  static let mostUrgent = priorities.upperBound + 1
  private var queues = [Deque<ProcessTicket>](repeating: [], count: mostUrgent + 1)
  /// No queue above is filled.
  private var highest = 0

  mutating func append(_ process: ProgramProcess) {
    queues[process.urgency].append(ProcessTicket(process))
    highest = max(highest, process.urgency)
  }
  mutating func prepend(_ process: ProgramProcess) {
    queues[process.urgency].prepend(ProcessTicket(process))
    highest = max(highest, process.urgency)
  }

  /// The highest priority at which somebody waits for its turn; 0 if nobody does.
  mutating func highestPriority() -> Int {
    while highest > 0 {
      while let first = queues[highest].first {
        if first.isValid { return highest }
        queues[highest].removeFirst()
      }
      highest -= 1
    }
    return 0
  }

  /// Among some of them, the first of the highest priority.
  mutating func first(among isMeant: (ProgramProcess) -> Bool) -> ProgramProcess? {
    for priority in stride(from: highestPriority(), to: 0, by: -1) {
      if let found = queues[priority].first(where: { $0.isValid && isMeant($0.process) }) { return found.process }
    }
    return nil
  }

  /// Takes out whose turn it is.
  mutating func next() -> ProgramProcess? {
    let priority = highestPriority()
    return priority == 0 ? nil : queues[priority].removeFirst().process
  }
}

struct SleepQueue {
  private struct Sleeper: Comparable {
    let deadline: ContinuousClock.Instant
    /// Who has begun to wait first comes first.
    let number: Int
    let ticket: ProcessTicket
    static func < (a: Sleeper, b: Sleeper) -> Bool { (a.deadline, a.number) < (b.deadline, b.number) }
    static func == (a: Sleeper, b: Sleeper) -> Bool { a.number == b.number }
  }
  private var sleepers = HeapModule.Heap<Sleeper>()
  private var count = 0

  mutating func insert(_ process: ProgramProcess, until deadline: ContinuousClock.Instant) {
    count += 1
    // Many that were woken before their time must not be kept until then.
    if sleepers.count > 1000, count % sleepers.count == 0 {
      sleepers = HeapModule.Heap(sleepers.unordered.filter { $0.ticket.isValid })
    }
    sleepers.insert(Sleeper(deadline: deadline, number: count, ticket: ProcessTicket(process)))
  }

  /// When the first one is to be woken.
  mutating func firstDeadline() -> ContinuousClock.Instant? {
    while let first = sleepers.min {
      if first.ticket.isValid { return first.deadline }
      sleepers.removeMin()
    }
    return nil
  }

  /// Takes out one whose time has come.
  mutating func next(at now: ContinuousClock.Instant) -> ProgramProcess? {
    guard let deadline = firstDeadline(), deadline <= now else { return nil }
    return sleepers.removeMin().ticket.process
  }
}
