// Recompilation when the profile has changed. The counts that decide what is inlined are the interpreter's, so they end
// when code is compiled; what was rare then may be all that the program does now. So the compiler thread, when it has
// nothing to do, asks from time to time where the program is: a method that is just being entered from a send which was
// left a call only because it was rare has one vote for it. (Sampling of call edges at prologues: Arnold et al.,
// "Adaptive optimization in the Jalapeño JVM", 2000.)

import IR
import Optimizer
import VM

struct CallSampler {
  struct Edge: Hashable {
    let code: CodeID
    let call: CodePlace
  }
  /// A sample was asked for. Any thread.
  let isDue = Guarded(false)
  /// Nothing ran when it was looked, so nobody looks until something does.
  private(set) var isResting = false

  /// The last samples; nil is anywhere else.
  private var recent: [Edge?] = []
  private static let window = 32
  /// So many of them make a call hot.
  private static let votes = 4

  /// Seconds between samples: more and more of them where nothing is found.
  private(set) var pause = shortestPause
  private static let shortestPause = 0.01
  private static let longestPause = 1.0

  mutating func hurry() {
    pause = Self.shortestPause
    isResting = false
  }

  mutating func rest() { isResting = true }

  /// Answers whether the edge is hot now.
  mutating func note(_ edge: Edge?) -> Bool {
    recent.append(edge)
    if recent.count > Self.window { recent.removeFirst() }
    guard let edge else {
      pause = min(Self.longestPause, pause * 1.25)
      return false
    }
    pause = Self.shortestPause
    guard recent.count(where: { $0 == edge }) >= Self.votes else { return false }
    recent.removeAll()
    return true
  }
}

extension InstalledCode {
  /// The send that has just entered the method of this frame, if it is one that was rare.
  func coldCall(into frame: Words) -> CallSampler.Edge? {
    let callee = Frame(frame)
    guard callee.pc == CodeMetadata.noRegisters, let caller = callee.sender, let code = code(caller.words),
      !code.isInvalidated, !code.coldCalls.isEmpty, code.metadata.safepoints.indices.contains(caller.pc),
      let inner = code.metadata.safepoints[caller.pc].frames.last
    else { return nil }
    let call = CodePlace(method: MethodID(inner.method), pc: inner.originPC)
    return code.coldCalls.contains(call) ? CallSampler.Edge(code: code.id, call: call) : nil
  }
}
