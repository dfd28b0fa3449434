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

/// What an activation was given, as far as it can be told without changing anything.
public enum GivenArgument {
  case value(Value)
  /// An object that was never allocated; its body words are values.
  case unallocated(ClassWord, fields: [Value])
}
