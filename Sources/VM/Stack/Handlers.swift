// Activations on the stack that handle exceptions (`Protection.handling`), and what programs know of them. Nobody keeps a
// list of all, so that a handler that is not reached costs nothing; `HandlerSearch.swift` finds them.

/// An activation of on:do:, or of another method that handles exceptions.
struct HandlingActivation: Equatable {
  let frame: Words
  /// Of a compiled frame: which of the activations that it stands for. 0 is the outermost.
  let number: Int

  /// Whether it is outside of another one.
  func isOutside(of other: HandlingActivation) -> Bool {
    frame == other.frame ? number < other.number : frame < other.frame
  }
}

/// The activations that instances of ExceptionHandler stand for. An activation gets another frame when the compiled one
/// that it was part of is deoptimized, so the instances know a number by which it is found here.
struct HandlerTable {
  /// Outermost first.
  private var entries: [(id: Int, activation: HandlingActivation)] = []
  private var activations: [Int: HandlingActivation] = [:]
  private var lastID = 0

  /// The number of an activation on the stack whose top frame is `top`.
  mutating func id(of activation: HandlingActivation, top: Words) -> Int {
    forget(above: top)
    var low = 0, high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].activation.isOutside(of: activation) { low = middle + 1 } else { high = middle }
    }
    if low < entries.count, entries[low].activation == activation { return entries[low].id }
    lastID += 1
    entries.insert((lastID, activation), at: low)
    activations[lastID] = activation
    return lastID
  }
  /// Nil: it has ended.
  func activation(_ id: Int) -> HandlingActivation? { activations[id] }

  /// What the compiled frame `frame`, which is the top one, stood for are frames of their own now, outermost first.
  mutating func moved(from frame: Words, to frames: [Words]) {
    forget(above: frame)
    for i in entries.indices.reversed() {
      let (id, activation) = entries[i]
      guard activation.frame == frame else { break }
      guard activation.number < frames.count else { continue }
      let moved = HandlingActivation(frame: frames[activation.number], number: 0)
      entries[i].activation = moved
      activations[id] = moved
    }
  }

  private mutating func forget(above top: Words) {
    while let last = entries.last, last.activation.frame > top {
      activations[last.id] = nil
      entries.removeLast()
    }
  }
}

extension Universe {
  /// The activations of compiled frame `frame`, the top one, have got these frames, outermost first.
  public func activationsMoved(from frame: Words, to frames: [Words]) { handlerTable.moved(from: frame, to: frames) }

  static let handlerClass = "ExceptionHandler"
  static let handlerFields = (exceptionClass: "exceptionClass", action: "action", activation: "activation")

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
      Frame(activation.frame).isCompiled
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
