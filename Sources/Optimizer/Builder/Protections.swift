// Activations that protect what they evaluate (on:do:, ensure:), inlined: see `Protection`. Nothing is emitted for
// them; the frame states of what they evaluate say where they are.

import Bytecode
import IR

extension GraphBuilder {
  /// The current activation is about to evaluate a block whose exceptions it handles. Whoever signals one reads class
  /// and handler from this frame while it waits: from words that hold tagged values.
  func makeHandlerReadable() throws(BuildFailure) {
    _ = try tagged(register(-2))
    if case .virtual(let id) = state.resolve(register(-1)), !canBeRebuilt(id) { try materialize(id) }
  }

  /// A block that shares no variables with its home can be made when it is needed, and as often.
  private func canBeRebuilt(_ id: VirtualID) -> Bool {
    guard blockMethods[id] != nil, case .virtual(_, let fields)? = state.virtuals[id] else { return false }
    return fields.allSatisfy { field in
      guard case .value(let v) = state.resolve(field) else { return false }
      return type(v) == .tagged
    }
  }

  /// A non-local return is about to leave the activations from the current one to `home` (nil: all of this graph).
  /// If a block of one of them has to run on the way, that one needs a frame of its own. False: leave it to the
  /// interpreter.
  func leaveProtected(to home: Context?) throws(BuildFailure) -> Bool {
    var c = context
    while c !== home, let parent = c.parent {
      if parent.chunk.protection(at: c.callPC) == .ensuring {
        if parent !== root { throw .retry(.noInline(path: parent.path)) }
        return false
      }
      c = parent
    }
    return true
  }
}
