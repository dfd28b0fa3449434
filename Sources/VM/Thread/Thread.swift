// The state of one thread of execution, in raw words at fixed offsets, because compiled code reads and writes
// it, and calls the runtime through the function table at its end.

import MachineLayout

@frozen public struct Thread: @unchecked Sendable {
  public let words: UnsafeMutablePointer<UInt64>
  @inlinable public init(_ words: UnsafeMutablePointer<UInt64>) { self.words = words }

  public typealias Slot = ThreadSlot
  public static let wordCount = Slot.allCases.count

  @inlinable public subscript(_ slot: Slot) -> UInt64 {
    get { words[slot.rawValue] }
    nonmutating set { words[slot.rawValue] = newValue }
  }

  /// Makes the next method entry and the next loop back edge poll. Any thread.
  public func requestPoll() {
    self[.poll] = 1
    self[.limit] = 0
  }
}

/// The words of a thread: they live as long as somebody has this.
final class ThreadMemory: Sendable {
  let thread: Thread

  init() {
    let words = Words.allocate(capacity: Thread.wordCount)
    words.initialize(repeating: 0, count: Thread.wordCount)
    thread = Thread(words)
  }
  deinit { thread.words.deallocate() }
}

/// What `unwindTarget` holds when the target is no activation.
public enum UnwindReason {
  /// Ends the program: `system exit:`, an uncaught error. unwindValue is the status.
  public static let terminate = Value(integer: 1)
  /// Leaves an evaluation that a debugger has begun on top of a stopped process.
  static func abandon(_ evaluation: Int) -> Value { Value(integer: 1 + evaluation) }
}

/// The native signature of everything that can be sent to: interpreter entry, compiled code, primitives.
/// (thread, frame header, method) -> value, or 0 to unwind.
public typealias NativeEntry =
  @convention(c) (
    UnsafeMutablePointer<UInt64>, UnsafeMutablePointer<UInt64>, UnsafeMutableRawPointer
  ) -> UInt64
