// Finding the activations on the stack that handle exceptions (`Protection.handling`), from the innermost outwards.
// Nobody keeps a list of them, so that a handler that is not reached costs nothing.

import Bytecode

/// An activation of on:do:, or of another method that handles exceptions.
struct HandlingActivation {
  let frame: Words
  /// Of a compiled frame: which of the activations that it stands for. 0 is the outermost.
  let number: Int
  var token: UInt64 { ActivationToken.make(frame, number) }
}

extension Universe {
  static let handlerClass = "ExceptionHandler"
  static let handlerFields = (exceptionClass: "exceptionClass", action: "action", activation: "activation")

  /// Calls `visit` with each activation on the stack from frame `top` down, innermost first, until it answers true.
  private func visitActivations(
    from top: Words, _ visit: (_ activation: HandlingActivation, _ frame: VirtualFrame) -> Bool
  ) {
    var h = top
    while true {
      if h[1] & 1 != 0 {
        let frames = hooks.virtualFrames?(h) ?? []
        for (i, frame) in frames.enumerated() {
          if visit(HandlingActivation(frame: h, number: frames.count - 1 - i), frame) { return }
        }
      } else {
        let method = Method(words(h[1])), pc = Int(Int64(bitPattern: h[2]))
        if method.argumentCount >= 0, method.isLinked, pc >= 0 {
          let frame = VirtualFrame(method: method, pc: pc, receiver: selfOf(h, method.words))
          if visit(HandlingActivation(frame: h, number: 0), frame) { return }
        }
      }
      let sender = h[0] & ~1
      if sender == 0 { return }
      h = words(sender)
    }
  }

  /// Up to `limit` handling activations that count at frame `top`, innermost first; only outside of the one with
  /// token `outside`, if that is not 0. While a handler runs, only those outside of it count.
  func handling(from top: Words, outside: UInt64 = 0, limit: Int = 1) -> [HandlingActivation] {
    let handlerIndex = classes.named(Universe.handlerClass)?.index
    var skipped = outside
    var found: [HandlingActivation] = []
    visitActivations(from: top) { activation, frame in
      if skipped != 0 {
        if activation.token == skipped { skipped = 0 }
        return false
      }
      if frame.method.holderIndex == handlerIndex {
        skipped = activationToken(ofHandler: frame.receiver) ?? 0
      } else if frame.method[.protects] != 0, methods[frame.method].unit?.protection(at: frame.pc) == .handling {
        found.append(activation)
        return found.count >= limit
      }
      return false
    }
    return found
  }

  /// Whether a handling activation with this token is on the stack.
  func isHandling(_ token: UInt64, from top: Words) -> Bool {
    var found = false
    visitActivations(from: top) { activation, frame in
      found =
        activation.token == token && methods[frame.method].unit?.protection(at: frame.pc) == .handling
      return found
    }
    return found
  }

  /// What an instance of ExceptionHandler stands for; nil if the value is none.
  func activationToken(ofHandler value: Value) -> UInt64? {
    guard value.isPointer, value != .none, let info = classes.named(Universe.handlerClass),
      value.object.classIndex == info.index,
      let field = info.fieldNames.firstIndex(of: Universe.handlerFields.activation)
    else { return nil }
    let token = value.object[info.fieldBase + field]
    return token.isInteger ? token.bits : nil
  }

  /// Argument `register` (-1 is the last) of an activation, made an object if it was none yet. Nil: out of memory
  /// was raised.
  func argument(_ register: Int, of activation: HandlingActivation, _ top: Words) -> Value? {
    func given() -> GivenArgument {
      activation.frame[1] & 1 != 0
        ? hooks.argument?(activation.frame, activation.number, register) ?? .value(.nil)
        : .value(Value(bits: activation.frame[register]))
    }
    guard case .unallocated(let word, let fields) = given() else {
      guard case .value(let value) = given() else { return .nil }
      return value
    }
    guard let object = heap.allocate(word, bodyWords: fields.count, fill: .nil, frame: top) else { return nil }
    // What it refers to may have moved.
    guard case .unallocated(_, let fields) = given() else { return .nil }
    for (i, field) in fields.enumerated() { heap.store(object, i, field) }
    return Value(object)
  }
}
