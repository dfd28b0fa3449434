// Activations, their variables, and what makes them end early.

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
  /// What the activation protects just now.
  var protection: Protection?

  enum Protection: Sendable {
    case handling, ensuring

    /// What this message protects, if anything.
    init?(_ selector: String) {
      switch selector {
      case "valueHandling": self = .handling
      case "valueEnsuring": self = .ensuring
      default: return nil
      }
    }

    /// The method's last arguments say how: an exception's class and what to do, or a block.
    var argumentCount: Int {
      switch self {
      case .handling: 2
      case .ensuring: 1
      }
    }
  }

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

/// Variables of one running of a method or block, from start to end, within those around it: a restart makes others.
final class Scope {
  private var values: [Value]
  private let outer: Scope?
  /// The running of the method at the bottom, where `^` in blocks returns from. Nil: this one.
  private let outermost: Scope?
  /// The number of the process that runs it.
  let process: Int
  /// The running has ended.
  var isOver = false

  init(_ values: [Value], outer: Scope?, process: Int) {
    self.process = process
    self.values = values
    self.outer = outer
    outermost = outer?.home
  }

  var home: Scope { outermost ?? self }

  subscript(place: Node.Place) -> Value {
    get { scope(place.scopesOut).values[place.index] }
    set { scope(place.scopesOut).values[place.index] = newValue }
  }

  private func scope(_ count: Int) -> Scope {
    var scope = self
    for _ in 0..<count { scope = scope.outer! }
    return scope
  }
}

/// What leaves activations other than by returning. Never leaves the thread of its machine.
enum Unwinding: Error, @unchecked Sendable {
  /// `^` in a block returns from its home.
  case returning(from: Scope, Value)
  /// `restart`, sent by this activation.
  case restarting(Activation)
  /// A handler ends: the activation that protects with it answers the value, or starts again with that receiver.
  case handled(by: Activation, Value)
  case again(Activation, Value)
  /// The program ends. What `ensure:` protects is not run after `system exit:`.
  case ending(status: Int, isError: Bool)
  /// The process ends: somebody has terminated it.
  case terminating
  /// More steps or activations than the reference is given: its result says nothing.
  case limit(String)
}
