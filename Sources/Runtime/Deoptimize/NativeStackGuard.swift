// Every deoptimized activation keeps a native one of the interpreter under it, until it returns; recursion that
// deoptimizes at every level must end in "Stack overflow", not in a fault.

import VM

struct NativeStackGuard {
  /// What handlers, tracebacks and primitives may need.
  private static let reserve: UInt = 64 << 20

  /// Addresses below are not to be used; 0 if the stack is not known.
  private var limit: UInt = 0

  /// The program goes on on this stack.
  mutating func begin(_ stack: NativeStack) { limit = UInt(stack.low) + min(Self.reserve, UInt(stack.size) / 2) }

  /// While a stack overflow is being handled, some of the reserve may be used.
  mutating func lend() -> UInt {
    let lent = limit > Self.reserve ? Self.reserve / 4 * 3 : 0
    limit -= lent
    return lent
  }
  mutating func takeBack(_ lent: UInt) { limit += lent }

  /// Whether another activation fits.
  var hasRoom: Bool { Self.position() > limit }

  @inline(never) private static func position() -> UInt {
    var here = 0
    return withUnsafeMutablePointer(to: &here) { UInt(bitPattern: $0) }
  }
}
