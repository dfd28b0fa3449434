// Executable memory for baseline code. One range of addresses, so that everything in it reaches everything else with a
// jump of 32 bits. Pages are writable or executable, never both: whoever writes runs nothing there meanwhile.

import Foundation
import GccBackend

/// VM thread only, except for `free`.
final class CodeArea: @unchecked Sendable {
  private let base: UnsafeMutableRawPointer
  private let lock = NSLock()
  // Guarded by `lock`.
  private var end = 0
  /// Free pieces, by size.
  private var free: [Int: [Int]] = [:]
  private var usedBytes = 0

  static let capacity = 64 << 20
  /// Sizes are multiples of this.
  private static let grain = 64
  private static let page = Int(sysconf(Int32(_SC_PAGESIZE)))

  init() throws(ObjectImageError) {
    let memory = mmap(nil, Self.capacity, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let memory, memory != MAP_FAILED else {
      throw ObjectImageError("no addresses for baseline code", isPassing: true)
    }
    base = memory
  }
  deinit { munmap(base, Self.capacity) }

  var bytesInUse: Int { lock.withLock { usedBytes } }

  /// A piece of that many bytes, or nil if all are in use.
  func allocate(_ count: Int) -> UnsafeMutableRawPointer? {
    let size = Self.rounded(count)
    return lock.withLock {
      if let piece = free[size]?.popLast() {
        usedBytes += size
        return base + piece
      }
      guard size <= Self.capacity - end else { return nil }
      defer { end += size }
      usedBytes += size
      return base + end
    }
  }

  func free(_ piece: UnsafeMutableRawPointer, _ count: Int) {
    let size = Self.rounded(count)
    lock.withLock {
      usedBytes -= size
      free[size, default: []].append(piece - base)
    }
  }

  /// Lets `body` fill a piece.
  func write(_ piece: UnsafeMutableRawPointer, _ count: Int, _ body: () -> Void) throws(ObjectImageError) {
    let first = (piece - base) / Self.page * Self.page
    let last = (piece - base + count + Self.page - 1) / Self.page * Self.page
    func allow(_ protection: Int32) -> Bool { mprotect(base + first, last - first, protection) == 0 }
    guard allow(PROT_READ | PROT_WRITE) else { throw ObjectImageError("no memory for baseline code", isPassing: true) }
    body()
    guard allow(PROT_READ | PROT_EXEC) else { throw ObjectImageError("this system forbids executable memory") }
  }

  private static func rounded(_ count: Int) -> Int { (count + grain - 1) / grain * grain }
}
