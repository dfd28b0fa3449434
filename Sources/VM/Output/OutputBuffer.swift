// What a program has printed and nobody has written yet: a ring of bytes. The program's thread adds without a lock
// (to print must cost no atomic read-modify-write); whoever writes takes the bytes out under one.

import Foundation
import Synchronization

final class OutputBuffer: @unchecked Sendable {
  static let capacity = 1 << 16

  private let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: OutputBuffer.capacity)
  /// Bytes since the ring was empty and rewound. Stored by the program's thread.
  private let added = Atomic<Int>(0)
  /// How many of them were taken out. Stored under the lock.
  private let taken = Atomic<Int>(0)
  /// Held while bytes are written, so that two writers keep their order.
  private let lock = NSRecursiveLock()
  /// Guarded by `lock`: a sink that prints must not be given the same bytes again.
  private var isWriting = false

  deinit { bytes.deallocate() }

  /// Any thread.
  var count: Int { added.load(ordering: .acquiring) - taken.load(ordering: .acquiring) }

  /// Adds as much of `source` as there is room for, and answers how much that is. The program's thread only.
  @inline(__always)
  func add(_ source: UnsafeRawBufferPointer) -> Int {
    let end = added.load(ordering: .relaxed)
    let room = Self.capacity - (end - taken.load(ordering: .acquiring))
    let n = min(source.count, room)
    guard n > 0, let start = source.baseAddress else { return 0 }
    let place = end & (Self.capacity - 1)
    let first = min(n, Self.capacity - place)
    UnsafeMutableRawPointer(bytes + place).copyMemory(from: start, byteCount: first)
    if first < n { UnsafeMutableRawPointer(bytes).copyMemory(from: start + first, byteCount: n - first) }
    added.store(end + n, ordering: .releasing)
    return n
  }

  /// Gives everything to `write`, in pieces and in order, and calls `then` before anybody else writes.
  /// - Parameter rewinding: true on the program's thread: then the next block is one piece.
  func take(rewinding: Bool, _ write: (UnsafeRawBufferPointer) -> Void, then: () -> Void = {}) {
    lock.withLock {
      if takeLocked(write), rewinding {
        added.store(0, ordering: .relaxed)
        taken.store(0, ordering: .releasing)
      }
      then()
    }
  }

  /// As `take`, but gives up if somebody else writes for longer than `seconds`.
  func take(waiting seconds: Double, _ write: (UnsafeRawBufferPointer) -> Void) {
    guard lock.lock(before: Date(timeIntervalSinceNow: seconds)) else { return }
    defer { lock.unlock() }
    _ = takeLocked(write)
  }

  /// False if this thread is writing already.
  private func takeLocked(_ write: (UnsafeRawBufferPointer) -> Void) -> Bool {
    if isWriting { return false }
    isWriting = true
    defer { isWriting = false }
    while true {
      let start = taken.load(ordering: .relaxed), end = added.load(ordering: .acquiring)
      if start == end { return true }
      let place = start & (Self.capacity - 1)
      let n = min(end - start, Self.capacity - place)
      write(UnsafeRawBufferPointer(start: bytes + place, count: n))
      taken.store(start + n, ordering: .releasing)
    }
  }
}
