// The VM stack: one reserved region, growing upward, with a reserve above its limit for deoptimization, slow paths
// and unwinding.

import Foundation

final class VMStack: @unchecked Sendable {
  let base: Words
  let limit: Words
  /// Of the region, if it is this stack's own.
  private let byteCount: Int?
  static let reserveBytes = 1 << 20

  init(bytes: Int) {
    let byteCount = bytes + VMStack.reserveBytes
    self.byteCount = byteCount
    guard let p = SystemMemory.reserve(byteCount) else { SystemMemory.isExhausted() }
    base = p.assumingMemoryBound(to: UInt64.self)
    limit = base + bytes / 8
  }

  /// In memory that somebody else has reserved: `bytes` and the reserve.
  init(at base: Words, bytes: Int) {
    self.base = base
    limit = base + bytes / 8
    byteCount = nil
  }

  deinit { if let byteCount { munmap(base, byteCount) } }

  /// Builds the bottom frame, of a method without receiver or arguments.
  func begin(_ bottomMethod: Words) {
    base[0] = 1
    base[1] = bits(bottomMethod)
    base[2] = 0
  }
}

extension Universe {
  /// Bytes above the limit of a stack that are there for the machine itself.
  public var stackReserve: Int { VMStack.reserveBytes }

  /// The frame at the bottom of the VM stack: the top frame when nothing runs.
  public var bottomFrame: Words { stack.base }

  /// Makes the first stack the thread's.
  func installStack() {
    thread[.stackBase] = bits(stack.base)
    thread[.stackLimit] = bits(stack.limit)
    thread[.limit] = bits(stack.limit)
    let bottom = methods.add(
      name: "<bottom>", selector: "<bottom>", selectorID: symbols.intern("<bottom>"), argumentCount: -1,
      holderIndex: 0)
    bottom.ownEntry = .native(interpretEntry)
    stack.begin(bottom.method.words)
  }
}
