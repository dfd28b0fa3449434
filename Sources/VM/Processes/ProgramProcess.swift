// A process of the program, as the machine sees it. The program sees an instance of its class `Process`, which knows the
// number.

import MachineLayout

/// One process. On the VM thread.
final class ProgramProcess {
  enum State: Equatable {
    /// Waits for its turn, or runs.
    case ready
    case waiting(Wait)
  }
  enum Wait: Equatable {
    case semaphore(Int)
    case time
    case input
    /// Something that is asked for at polls.
    case event
    /// For a debugger.
    case debugger
    /// Of the main process: for somebody who asks the machine for something.
    case request
    case end(of: Int)
  }
  /// What it does first when its turn comes.
  enum Demand {
    /// Leaves all its activations; what `ensure:` protects is run.
    case terminate
    /// Ends, because the program does.
    case end(Ending, status: Int)
    case raise(VMError)
    /// Evaluates the block in this root.
    case evaluate(root: Int)
    /// Does this at its innermost frame, on its stack. False: unwind.
    case perform((_ frame: Words) -> Bool)
  }

  let id: Int
  var priority: Int
  /// Evaluations that somebody outside waits for: whatever the priorities are, they come first.
  var evaluations = 0
  /// The priority by which its turn comes.
  var urgency: Int { evaluations > 0 ? ReadyQueue.mostUrgent : priority }
  var state = State.ready
  /// Its turn does not come before it is resumed.
  var isSuspended = false
  /// A debugger has stopped it, so many times within each other: an evaluation in a stopped process can be stopped, too.
  var stops = 0
  /// Nil: it has not begun.
  var fiber: Fiber?
  var demands: [Demand] = []
  /// What it does, if that is no block of the program's: on its stack, from this frame. Answers 0 while it unwinds.
  var body: ((_ frame: Words) -> UInt64)?
  /// What people call it, if it has no instance of Process.
  var label: String?
  /// Called when it has ended, or never begins.
  var ended: (() -> Void)?
  /// What it waits for has been given to it.
  var isGranted = false
  /// Counts up when it leaves a queue from the middle: what stands there with an older number does not count.
  private(set) var ticket = 0
  /// The instance of Process, and blocks to be evaluated.
  private(set) var roots: [UInt64] = [Value.nil.bits]

  init(id: Int, priority: Int) {
    self.id = id
    self.priority = priority
  }

  var object: Value {
    get { Value(bits: roots[0]) }
    set { roots[0] = newValue.bits }
  }
  /// What says that the home of a block runs in this process.
  var mark: Value { Value(integer: id) }
  func root(_ index: Int) -> Value { Value(bits: roots[index]) }
  func addRoot(_ value: Value) -> Int {
    roots.append(value.bits)
    return roots.count - 1
  }
  /// There is none but the instance left that counts.
  func removeRoots() { roots.removeSubrange(1...) }

  func leaveQueues() { ticket += 1 }

  func forEachRoot(_ visit: (Words) -> Void) {
    roots.withUnsafeMutableBufferPointer { for i in $0.indices { visit($0.baseAddress! + i) } }
  }
}

/// A place in a queue.
struct ProcessTicket {
  let process: ProgramProcess
  private let ticket: Int
  init(_ process: ProgramProcess) {
    self.process = process
    ticket = process.ticket
  }
  /// It still stands there.
  var isValid: Bool { ticket == process.ticket }
}
