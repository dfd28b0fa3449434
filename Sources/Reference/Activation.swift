// Activations, their variables, and what makes them end early.

import Syntax

/// One running of a method or a block.
final class Activation {
  let method: Method
  /// Nil for a method.
  let block: BlockObject?
  /// `self`. An activation of on:do: that starts again may get another one.
  var receiver: Value
  let arguments: [Value]
  /// Who sent the message. Nil for the outermost.
  let sender: Activation?
  let bindings: Bindings
  /// Activations from the outermost to this one.
  let depth: Int
  /// No two activations of a machine have the same.
  let serial: Int
  /// One running from start to end: a restart makes another. Where `^` in a block returns to.
  var running = Running()
  /// What the activation protects just now.
  var protection: Protection?

  final class Running { var isOver = false }

  enum Protection { case handling, ensuring }

  init(
    _ method: Method, _ block: BlockObject?, _ receiver: Value, _ arguments: [Value], from sender: Activation?,
    _ bindings: Bindings, serial: Int
  ) {
    self.serial = serial
    self.method = method
    self.block = block
    self.receiver = receiver
    self.arguments = arguments
    self.sender = sender
    self.bindings = bindings
    depth = (sender?.depth ?? 0) + 1
  }

  /// This activation and those below it, innermost first.
  var chain: some Sequence<Activation> { sequence(first: self) { $0.sender } }
}

/// Variables of one running of a method or block, within those around it.
final class Scope {
  private var names: [String] = []
  private var values: [Value] = []
  private let outer: Scope?
  /// The running of the method at the bottom, where `^` returns from.
  let home: Activation.Running

  init(outer: Scope?, home: Activation.Running) {
    self.outer = outer
    self.home = home
  }

  func declare(_ name: String, _ value: Value) {
    names.append(name)
    values.append(value)
  }

  func value(of name: String) -> Value? {
    if let i = names.lastIndex(of: name) { return values[i] }
    return outer?.value(of: name)
  }

  /// False if there is no such variable.
  func assign(_ name: String, _ value: Value) -> Bool {
    if let i = names.lastIndex(of: name) {
      values[i] = value
      return true
    }
    return outer?.assign(name, value) ?? false
  }
}

/// What leaves activations other than by returning. Never leaves the thread of its machine.
enum Unwinding: Error, @unchecked Sendable {
  /// `^` in a block returns from its home.
  case returning(from: Activation.Running, Value)
  /// `restart`, sent by this activation.
  case restarting(Activation)
  /// A handler ends: the activation that protects with it answers the value, or starts again with that receiver.
  case handled(by: Activation, Value)
  case again(Activation, Value)
  /// The program ends. What `ensure:` protects is not run after `system exit:`.
  case ending(status: Int, isError: Bool)
  /// More steps or activations than the reference is given: its result says nothing.
  case limit(String)
}
