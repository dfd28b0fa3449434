// Sends that mark the activation that makes them: what is between on:do: or ensure: and the block it protects.
// Nothing is done when such an activation begins or ends; whoever signals or unwinds finds it on the stack, by the
// instruction it is at. See `Block.som`.

/// How an activation protects the block that it evaluates, with `selector`.
public enum Protection: Sendable {
  /// Handles exceptions: its last two arguments are their class and what is to be done.
  case handling
  /// Its last argument runs when the activation is left by something else than a return.
  case ensuring

  public init?(selector: String) {
    switch selector {
    case "valueHandling": self = .handling
    case "valueEnsuring": self = .ensuring
    default: return nil
    }
  }

  public static let selectors = ["valueHandling", "valueEnsuring"]

  /// Arguments that the method must have.
  var argumentCount: Int {
    switch self {
    case .handling: 2
    case .ensuring: 1
    }
  }
}

extension BytecodeChunk {
  /// What an activation that is at the instruction `pc` protects.
  public func protection(at pc: Int) -> Protection? {
    guard !isBlock, instructions.indices.contains(pc), instructions[pc].opcode == .send,
      let protection = Protection(selector: sites[instructions[pc].uc].selector),
      argumentCount >= protection.argumentCount
    else { return nil }
    return protection
  }

  /// Whether some instruction protects something.
  public var protects: Bool { !isBlock && sites.contains { Protection.selectors.contains($0.selector) } }
}
