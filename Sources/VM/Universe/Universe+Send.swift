// Sending messages from Swift: from primitives (above their frame) and from outside.

import MachineLayout

extension Universe {
  /// Sends `selector` to `receiver`. `frame` is the caller's frame; `words` of it are in use, header included (3
  /// for a primitive). Answers the value, or 0 while unwinding: the caller must then answer 0 too.
  public func send(
    _ receiver: Value, _ selector: Int, _ arguments: [Value] = [], frame: Words, words inUse: Int = 3
  ) -> UInt64 {
    return call(lookup.target(receiver.classIndex, selector), receiver, arguments, frame: frame, words: inUse)
  }

  /// Calls a known method (its argument count must be that of `arguments`).
  public func call(
    _ method: Method, _ receiver: Value, _ arguments: [Value] = [], frame: Words, words inUse: Int = 3
  ) -> UInt64 {
    let base = frame + inUse
    if bits(base + arguments.count + 8) > thread[.stackLimit] { return raise(.stackOverflow, frame) }
    base[0] = receiver.bits
    for (i, value) in arguments.enumerated() { base[1 + i] = value.bits }
    let callee = base + arguments.count + 1
    callee[0] = bits(frame) | 1
    callee[1] = bits(method.words)
    return method.entry(thread.words, callee, UnsafeMutableRawPointer(method.words))
  }

  /// Evaluates a block without arguments itself, whatever its class understands by `value`. Nil: it is none.
  public func evaluate(_ block: Value, frame: Words, words inUse: Int = 3) -> UInt64? {
    guard block.isPointer, block.classIndex == WellKnownClass.block1.rawValue else { return nil }
    return call(Method(block.object[BlockLayout.method].rawAddress), block, frame: frame, words: inUse)
  }
}

@inline(__always)
func functionAddress(_ entry: NativeEntry) -> UInt64 {
  UInt64(UInt(bitPattern: unsafeBitCast(entry, to: UnsafeRawPointer.self)))
}
