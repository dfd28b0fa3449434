// Every deoptimized activation keeps a native one of the interpreter under it, until it returns; recursion that
// deoptimizes at every level must end in "Stack overflow", not in a fault.

import VM

/// Of the stack that is in use.
struct NativeStackGuard {
  /// What handlers, tracebacks and primitives may need.
  private static let reserve: UInt = 64 << 20

  /// Addresses below are not to be used; 0 if the stack is not known.
  private var limit: UInt = 0
  /// What is below that. While a stack overflow is being handled, most of it may be used.
  private var reserve: UInt = 0
  var isLent = false

  /// The program goes on on this stack.
  mutating func begin(_ stack: NativeStack, isLent: Bool) {
    reserve = min(Self.reserve, UInt(stack.size) / 2)
    limit = UInt(stack.low) + reserve
    self.isLent = isLent
  }

  /// Whether another activation fits.
  var hasRoom: Bool { Self.position() > limit - (isLent ? reserve / 4 * 3 : 0) }

  @inline(never) private static func position() -> UInt {
    var here = 0
    return withUnsafeMutablePointer(to: &here) { UInt(bitPattern: $0) }
  }
}
