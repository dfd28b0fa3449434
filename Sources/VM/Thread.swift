// The state of one thread of execution, in raw words at fixed offsets, because compiled code reads and writes
// it, and calls the runtime through the function table at its end.

@frozen public struct Thread: @unchecked Sendable {
  public let words: UnsafeMutablePointer<UInt64>
  @inlinable public init(_ words: UnsafeMutablePointer<UInt64>) { self.words = words }

  /// Word offsets. Compiled code uses the same numbers.
  public enum Slot: Int, CaseIterable, Sendable {
    /// Address that a new frame's end must not pass. 0 asks the next method entry to poll.
    case limit
    /// Not 0: the next loop back edge polls.
    case poll
    /// The nursery: next free byte, and its end. A limit of 0 sends every allocation to the slow path.
    case allocationTop, allocationLimit
    /// While unwinding (a function answered 0): the environment whose home is the target, or a raw
    /// `UnwindReason`; and the value it is to answer.
    case unwindTarget, unwindValue
    /// Unmanaged reference to the `Universe`.
    case universe
    case stackBase, stackLimit
    /// Counts safepoints and guards down to the next forced deoptimization (`--deopt-every`), or stays 0.
    case deoptCountdown
    // Function table: addresses of C functions.
    case deoptimize, entryPoll, loopPoll, genericSend, superSend, allocateSlow, remember, boxDouble
    case unwindThroughHome, globalSlow, interpret, hotEntry, hotLoop, switchVariant, nonBooleanError
    /// The runtime (deoptimizer, code cache): Unmanaged reference, or 0 with --jit=off.
    case runtime
    case spare0, spare1, spare2, spare3
    /// The native stack must not grow below this address; 0: not known yet.
    case nativeLimit
    /// The innermost frame to go on with, when code that was entered at a loop answered `resumeInPlace`.
    case resumeFrame
    /// Another C function: whether two strings are equal.
    case equalStrings
    /// Address of the table of the strings of one ASCII character, complete.
    case characters
    /// Address of the word with the one box of 0.0.
    case zero
  }
  public static let wordCount = Slot.allCases.count

  @inlinable public subscript(_ slot: Slot) -> UInt64 {
    get { words[slot.rawValue] }
    nonmutating set { words[slot.rawValue] = newValue }
  }
}

/// What `unwindTarget` holds when the target is not an environment.
public enum UnwindReason {
  /// Ends the program: `system exit:`, an uncaught error. unwindValue is the status.
  public static let terminate = Value(integer: 1)
}

/// What code that the interpreter entered at a loop answers when it was deoptimized: its activation goes on in the
/// frames that stand where its own was, in the interpreter that had entered it. No value has these bits.
public let resumeInPlace: UInt64 = 0x1C

/// The native signature of everything that can be sent to: interpreter entry, compiled code, primitives.
/// (thread, frame header, method) -> value, or 0 to unwind.
public typealias NativeEntry =
  @convention(c) (
    UnsafeMutablePointer<UInt64>, UnsafeMutablePointer<UInt64>, UnsafeMutableRawPointer
  ) -> UInt64
