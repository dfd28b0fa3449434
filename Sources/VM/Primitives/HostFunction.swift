// Primitives that the program around the machine has brought: Swift closures. They are called as every other primitive is,
// by an entry that finds the closure in a word of the method.

import MachineLayout

/// A Swift closure that does what a `= primitive` method says. VM thread.
public final class HostFunction: @unchecked Sendable {
  /// Given the frame of the primitive and the method. Answers the value, or 0 while something unwinds.
  public typealias Body = (_ frame: Words, _ method: Method) -> UInt64
  @usableFromInline let body: Body

  public init(_ body: @escaping Body) { self.body = body }

  static let entry: NativeEntry = { _, frame, method in
    let method = Method(method)
    let raw = UnsafeRawPointer(bitPattern: UInt(method[.hostFunction])).unsafelyUnwrapped
    return Unmanaged<HostFunction>.fromOpaque(raw)._withUnsafeGuaranteedRef { $0.body(frame, method) }
  }
}

extension Universe {
  /// The current process waits until `isThere`, which is asked at polls: whoever makes it true asks for one. False: unwind.
  public func waitOutside(_ frame: Words, until isThere: @escaping () -> Bool) -> Bool {
    while !isThere() {
      if !scheduler.wait(until: .now + .seconds(3600), orFor: isThere, frame) { return false }
    }
    return true
  }

  /// A message with the name of a method for an argument that is not what it needs.
  public func raiseWrongArgument(_ text: String, _ frame: Words) -> UInt64 { raise(.wrongArgument(text), frame) }
}

/// What takes the place of these where there is Swift code around the machine: the runtime registers that.
let hostRows: [PrimitiveRow] = ["value", "value:", "value:with:", "numArgs"].map { selector in
  PrimitiveRow("SwiftBlock", selector) { native(hostIsMissing, $0, $1, $2) }
}

private func hostIsMissing(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.raise(.other("There is no Swift code around this machine that could be called"), h)
}
