// One request that runs code of the program.

import Foundation
import VM

/// A request that is under way. Any thread.
final class OngoingCall: @unchecked Sendable {
  private struct State {
    var process: Int?
    var reason: VirtualMachineError?
    var hasEnded = false
    var hasBegun = false
    /// Until it has ended: so a timer for it keeps a machine no longer than the call does.
    var owner: Calls?
  }
  private let state = Guarded(State())
  let number: Int
  let limits: CallLimits
  /// A program: it is ended as `quit` ends it, and reports its errors itself.
  let isProgram: Bool
  let evaluation: DebugEvaluation
  private let complete: Guarded<((VirtualMachineError?) -> Void)?>

  // VM thread.
  var hasAnswer = false
  /// It has its limits, and can be ended.
  var isRunning = false
  var pollsLeft: Int
  var heapBefore = 0
  var outputBefore = 0
  var deadline: ContinuousClock.Instant?

  /// `complete` is called once: when it has ended, with the error if there is one.
  init(
    number: Int, limits: CallLimits, isProgram: Bool = false, _ complete: @escaping (VirtualMachineError?) -> Void
  ) {
    self.number = number
    self.limits = limits
    self.isProgram = isProgram
    evaluation = DebugEvaluation(number: number, isQuiet: true)
    evaluation.isCall = true
    pollsLeft = limits.polls ?? .max
    self.complete = Guarded(complete)
  }

  /// Whom it belongs to while it is under way.
  var owner: Calls? { state.update { $0.owner } }
  func belong(to owner: Calls) { state.update { $0.owner = owner } }
  var process: Int? { state.update { $0.process } }
  var hasEnded: Bool { state.update { $0.hasEnded } }
  /// It is to end, whether it has begun or not.
  var isToEnd: Bool { reason != nil }
  /// Why it is to end, or has ended.
  var reason: VirtualMachineError? { state.update { $0.reason } }

  /// The first reason counts.
  func setReason(_ reason: VirtualMachineError) {
    state.update { if $0.reason == nil { $0.reason = reason } }
  }

  /// False: it is not to begin any more.
  func begin(_ process: Int) -> Bool {
    state.update {
      $0.process = process
      $0.hasBegun = true
      return $0.reason == nil
    }
  }

  func end(_ error: VirtualMachineError?) {
    let owner = state.update { state -> Calls? in
      state.hasEnded = true
      // Let go of outside of the lock.
      defer { state.owner = nil }
      return state.owner
    }
    defer { withExtendedLifetime(owner) {} }
    typealias Held = ((VirtualMachineError?) -> Void)?
    let complete = complete.update { (held: inout Held) -> Held in
      defer { held = nil }
      return held
    }
    complete?(error)
  }
}

/// A request that somebody can cancel. Any thread.
public final class CallHandle: Sendable {
  let call: OngoingCall
  let calls: Calls
  init(_ call: OngoingCall, _ calls: Calls) {
    self.call = call
    self.calls = calls
  }

  /// Ends it soon: it leaves all its activations, and what `ensure:` protects is run. Does nothing if it has ended.
  public func cancel() { calls.end(call, because: .cancelled) }
}
