/// Word offsets in the state of a thread of execution, which interpreter and compiled code read and write.
@frozen public enum ThreadSlot: Int, CaseIterable, Sendable {
  /// Address that a new frame's end must not pass. 0 asks the next method entry to poll.
  case limit
  /// Not 0: the next loop back edge polls.
  case poll
  /// The nursery: next free byte, and its end. A limit of 0 sends every allocation to the slow path.
  case allocationTop, allocationLimit
  /// While unwinding (a function answered 0): the environment whose home is the target, an `ActivationToken`, or a raw
  /// `UnwindReason`; and the value it is to answer.
  case unwindTarget, unwindValue
  /// Unmanaged reference to the `Universe`.
  case universe
  case stackBase, stackLimit
  /// The home word of environments that the process that runs makes (`EnvironmentLayout.home`): its number.
  case processMark
  /// Counts safepoints and guards down to the next forced deoptimization (`--deopt-every`), or stays 0.
  case deoptCountdown
  // Addresses of C functions that compiled code calls.
  case deoptimize, entryPoll, loopPoll, genericSend, allocateSlow, remember, boxDouble, unwindThroughHome, equalStrings
  /// Address of a C function that baseline code calls.
  case siteLookup
  // Addresses of C functions that the interpreter calls when a counter has run out; 0 without a compiler.
  case hotEntry, hotLoop
  /// The runtime (deoptimizer, installed code): Unmanaged reference, or 0 with --jit=off.
  case runtime
  /// What a slow path, or baseline code, leaves for the interpreter: the frame to go on in or to activate, or the value
  /// that it answers.
  case nextFrame, answer
  /// Address of the table of the global lookup cache.
  case lookupCache
  /// The native stack must not grow below this address; 0: not known yet.
  case nativeLimit
  /// The innermost frame to go on with, when code that was entered at a loop answered `Word.resumeInPlace`.
  case resumeFrame
  /// Address of the table of the strings of one ASCII character, complete.
  case characters
  /// Address of the word with the one box of 0.0.
  case zero
  /// Address of the table of `InstanceTemplate`s, by class index.
  case templates
}

/// Words of a frame's header, before its registers.
public enum FrameLayout {
  @inlinable public static var headerWords: Int { 3 }
}
