// Activations as the program sees them, whatever frames they are in.

import MachineLayout

/// One activation as the program sees it: compiled frames stand for several.
public struct Activation {
  public var method: Method
  public var pc: Int
  /// Its `self`.
  public var receiver: Value
  public init(method: Method, pc: Int, receiver: Value) {
    self.method = method
    self.pc = pc
    self.receiver = receiver
  }
}

/// Where an activation is on a stack.
public struct ActivationPlace: Equatable {
  public let frame: Words
  /// Of a compiled frame: which of the activations that it stands for. 0 is the outermost.
  public let number: Int

  /// Whether it is outside of another one.
  func isOutside(of other: ActivationPlace) -> Bool {
    frame == other.frame ? number < other.number : frame < other.frame
  }
}

/// What an activation was given, as far as it can be told without changing anything.
public enum GivenArgument {
  case value(Value)
  /// An object that was never allocated; its body words are values.
  case unallocated(ClassWord, fields: [Value])
}

extension Frame {
  /// What a frame of the interpreter, or of a primitive, stands for; nil for the bottom of the stack. Requires: the frame
  /// is not compiled.
  var activation: Activation? {
    let method = method
    if method.argumentCount < 0 { return nil }
    return Activation(method: method, pc: hasRegisters ? pc : 0, receiver: selfOf(words, method.words))
  }
}

extension Universe {
  /// The activations that a frame stands for, innermost first; none for the bottom of the stack.
  public func activations(of frame: Frame) -> [Activation] {
    frame.isCompiled ? hooks.activations?(frame.words) ?? [] : frame.activation.map { [$0] } ?? []
  }

  /// The one that has made the frame above, or will.
  public func innermostActivation(of frame: Frame) -> Activation? {
    frame.isCompiled ? hooks.activations?(frame.words).first : frame.activation
  }

  /// The activations of the frames from `top` down, innermost first, each with its place; of so many frames.
  public func placedActivations(
    from top: Words, frames: Int = .max
  ) -> [(activation: Activation, place: ActivationPlace)] {
    StackFrames(from: top).prefix(frames).flatMap { frame in
      let all = activations(of: frame)
      return all.enumerated().map { ($1, ActivationPlace(frame: frame.words, number: all.count - 1 - $0)) }
    }
  }

  /// The activations on the stack from frame `top` down, innermost first.
  public func activations(from top: Words) -> [Activation] { activations(in: StackFrames(from: top)) }
  func activations(in frames: StackFrames) -> [Activation] { frames.flatMap(activations) }

  /// Argument `register` (-1 is the last) of an activation, made an object if it was none yet. Nil: out of memory
  /// was raised.
  func argument(_ register: Int, of activation: ActivationPlace, _ top: Words) -> Value? {
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
