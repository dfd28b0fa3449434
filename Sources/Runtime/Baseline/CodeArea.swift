// Executable memory for baseline code. One range of addresses, so that everything in it reaches everything else with a
// jump of 32 bits. No address is writable and executable: the same pages are at two addresses, or, where there is no such
// memory, writable for a moment, in which nothing runs there. (That takes longer than to write the code.)

import Foundation
import GccBackend

/// VM thread only, except for `free`.
final class CodeArea: @unchecked Sendable {
  private let base: UnsafeMutableRawPointer
  /// So many bytes behind an address its page can be written, if not there itself.
  private let writingDistance: Int?
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
    if let (code, writable) = Self.mapTwice() {
      base = code
      writingDistance = writable - code
      return
    }
    let memory = mmap(nil, Self.capacity, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let memory, memory != MAP_FAILED else {
      throw ObjectImageError("no addresses for baseline code", isPassing: true)
    }
    base = memory
    writingDistance = nil
  }
  deinit {
    munmap(base, Self.capacity)
    if let writingDistance { munmap(base + writingDistance, Self.capacity) }
  }

  /// Nil where there are no files in memory, or what is in them must not run.
  private static func mapTwice() -> (code: UnsafeMutableRawPointer, writable: UnsafeMutableRawPointer)? {
    #if os(Linux)
      // Swift's view of the C library does not have it.
      typealias Create = @convention(c) (UnsafePointer<CChar>, UInt32) -> Int32
      guard let create = dlsym(nil, "memfd_create") else { return nil }
      let closeOnExec: UInt32 = 1
      let file = unsafeBitCast(create, to: Create.self)("ovid baseline code", closeOnExec)
      if file < 0 { return nil }
      defer { close(file) }
      func map(_ protection: Int32) -> UnsafeMutableRawPointer? {
        let memory = mmap(nil, capacity, protection, MAP_SHARED | MAP_NORESERVE, file, 0)
        return memory == MAP_FAILED ? nil : memory
      }
      guard ftruncate(file, off_t(capacity)) == 0, let code = map(PROT_READ | PROT_EXEC) else { return nil }
      if let writable = map(PROT_READ | PROT_WRITE) { return (code, writable) }
      munmap(code, capacity)
    #endif
    return nil
  }

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

  /// Lets `body` fill a piece: at the address that it is given.
  func write(
    _ piece: UnsafeMutableRawPointer, _ count: Int, _ body: (UnsafeMutableRawPointer) -> Void
  ) throws(ObjectImageError) {
    if let writingDistance { return body(piece + writingDistance) }
    let first = (piece - base) / Self.page * Self.page
    let last = (piece - base + count + Self.page - 1) / Self.page * Self.page
    func allow(_ protection: Int32) -> Bool { mprotect(base + first, last - first, protection) == 0 }
    guard allow(PROT_READ | PROT_WRITE) else { throw ObjectImageError("no memory for baseline code", isPassing: true) }
    body(piece)
    guard allow(PROT_READ | PROT_EXEC) else { throw ObjectImageError("this system forbids executable memory") }
  }

  private static func rounded(_ count: Int) -> Int { (count + grain - 1) / grain * grain }
}
