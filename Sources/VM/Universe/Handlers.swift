// Finding the activations on the stack that handle exceptions (`Protection.handling`), from the innermost outwards.
// Nobody keeps a list of them, so that a handler that is not reached costs nothing.

import Bytecode

/// An activation of on:do:, or of another method that handles exceptions.
struct HandlingActivation: Equatable {
  let frame: Words
  /// Of a compiled frame: which of the activations that it stands for. 0 is the outermost.
  let number: Int
}

/// The activations that instances of ExceptionHandler stand for. An activation gets another frame when the compiled one
/// that it was part of is deoptimized, so the instances know a number by which it is found here.
struct HandlerTable {
  private var entries: [(id: Int, activation: HandlingActivation)] = []
  private var lastID = 0

  /// The number of an activation on the stack whose top frame is `top`.
  mutating func id(of activation: HandlingActivation, top: Words) -> Int {
    forget(above: top)
    if let known = entries.first(where: { $0.activation == activation }) { return known.id }
    lastID += 1
    entries.append((lastID, activation))
    return lastID
  }
  /// Nil: it has ended.
  func activation(_ id: Int) -> HandlingActivation? { entries.first { $0.id == id }?.activation }

  /// What the compiled frame `frame`, which is the top one, stood for are frames of their own now, outermost first.
  mutating func moved(from frame: Words, to frames: [Words]) {
    if entries.isEmpty { return }
    forget(above: frame)
    for i in entries.indices where entries[i].activation.frame == frame {
      let number = entries[i].activation.number
      if number < frames.count { entries[i].activation = HandlingActivation(frame: frames[number], number: 0) }
    }
  }

  private mutating func forget(above top: Words) { entries.removeAll { $0.activation.frame > top } }
}

extension Universe {
  /// The activations of compiled frame `frame`, the top one, have got these frames, outermost first.
  public func activationsMoved(from frame: Words, to frames: [Words]) { handlerTable.moved(from: frame, to: frames) }

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

  /// Up to `limit` handling activations that count at frame `top`, innermost first; only outside of `outside`, if there
  /// is one. While a handler runs, only those outside of it count.
  func handling(from top: Words, outside: HandlingActivation? = nil, limit: Int = 1) -> [HandlingActivation] {
    let handlerIndex = loadedLibraryClass(Universe.handlerClass)?.index
    var skipped = outside
    var found: [HandlingActivation] = []
    visitActivations(from: top) { activation, frame in
      if skipped != nil {
        if activation == skipped { skipped = nil }
        return false
      }
      if frame.method.holderIndex == handlerIndex {
        skipped = handlerID(frame.receiver).flatMap(handlerTable.activation)
      } else if frame.method[.protects] != 0, methods[frame.method].unit?.protection(at: frame.pc) == .handling {
        found.append(activation)
        return found.count >= limit
      }
      return false
    }
    return found
  }

  /// Whether this activation is on the stack, and handles exceptions.
  func isHandling(_ searched: HandlingActivation, from top: Words) -> Bool {
    var found = false
    visitActivations(from: top) { activation, frame in
      found = activation == searched && methods[frame.method].unit?.protection(at: frame.pc) == .handling
      return found
    }
    return found
  }

  /// The number (`HandlerTable`) that an instance of ExceptionHandler knows; nil if the value is none.
  func handlerID(_ value: Value) -> Int? {
    guard value.isPointer, value != .none, let info = loadedLibraryClass(Universe.handlerClass),
      value.object.classIndex == info.index,
      let field = info.fieldNames.firstIndex(of: Universe.handlerFields.activation)
    else { return nil }
    let id = value.object[info.fieldBase + field]
    return id.isInteger ? id.integer : nil
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
