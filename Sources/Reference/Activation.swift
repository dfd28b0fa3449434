// Activations, their variables, and what makes them end early.

/// One running of a method or a block.
final class Activation {
  /// The method's class keeps it.
  unowned(unsafe) let method: Method
  /// What it runs: the method's, or a block's in it.
  unowned(unsafe) let code: Code
  /// Nil for a method.
  let block: BlockObject?
  /// `self`. An activation of on:do: that starts again may get another one.
  @exclusivity(unchecked) var receiver: Value
  let arguments: [Value]
  /// Who sent the message. Nil for the outermost.
  let sender: Activation?
  let bindings: Bindings
  /// Activations from the outermost to this one.
  let depth: Int
  /// No two activations of a machine have the same.
  let serial: Int
  /// What the activation protects just now.
  @exclusivity(unchecked) var protection: Protection?

  enum Protection: Sendable {
    case handling, ensuring

    /// What this message protects, if anything.
    init?(_ selector: Name) {
      switch selector.text {
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
    _ method: Method, _ code: Code, _ block: BlockObject?, _ receiver: Value, _ arguments: [Value],
    from sender: Activation?, _ bindings: Bindings, serial: Int
  ) {
    self.code = code
    self.serial = serial
    self.method = method
    self.block = block
    self.receiver = receiver
    self.arguments = arguments
    self.sender = sender
    self.bindings = bindings
    depth = (sender?.depth ?? 0) + 1
  }

  /// For walks along long chains, which need not keep what the innermost activation keeps.
  typealias Unretained = Unmanaged<Activation>
  /// This activation and those below it, innermost first.
  var chain: some Sequence<Activation> { sequence(first: self) { $0.sender } }
}

/// Variables of one running of a method, or of a block that has some, from start to end, within those around it: a restart makes others.
final class Scope {
  @exclusivity(unchecked) private var values: [Value]
  private let outer: Scope?
  /// The number of the process that runs it.
  let process: Int
  /// The running has ended.
  @exclusivity(unchecked) var isOver = false

  init(_ arguments: [Value], _ temporaryCount: Int, of nilValue: Value, outer: Scope?, process: Int) {
    self.process = process
    values = arguments
    if temporaryCount > 0 {
      values.reserveCapacity(arguments.count + temporaryCount)
      for _ in 0..<temporaryCount { values.append(nilValue) }
    }
    self.outer = outer
  }

  /// The running of the method at the bottom, where `^` in blocks returns from.
  var home: Scope { outer?.home ?? self }

  subscript(place: Node.Place) -> Value {
    get { place.scopesOut == 0 ? values[place.index] : outer![place.further] }
    set { if place.scopesOut == 0 { values[place.index] = newValue } else { outer![place.further] = newValue } }
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
