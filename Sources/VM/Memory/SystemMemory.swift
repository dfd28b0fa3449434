// The end of what the operating system gives: memory below --heap-limit that a collection needs and cannot get, and
// the bounds of the native stack.

import Foundation

enum SystemMemory {
  /// Half a collection cannot be undone: the process ends, with a message and not with a trap.
  static func isExhausted() -> Never {
    let message = "ovid: the operating system gives no more memory; a smaller --heap-limit makes this an error\n"
    FileHandle.standardError.write(Data(message.utf8))
    fflush(nil)
    _exit(1)
  }

  /// Address space for stacks, which takes memory only where it is touched. Nil: there is no more.
  static func reserve(_ bytes: Int) -> UnsafeMutableRawPointer? {
    let flags = MAP_PRIVATE | Int32(MAP_ANONYMOUS) | Int32(MAP_NORESERVE)
    let p = mmap(nil, bytes, PROT_READ | PROT_WRITE, flags, -1, 0)
    return p == MAP_FAILED ? nil : p
  }
}

/// The native stack of the current thread: calls between native code and the interpreter nest on it.
public struct NativeStack: Sendable {
  /// Where ordinary programs must stop; between this and `hardLimit`, errors are handled.
  let limit: UInt64
  let hardLimit: UInt64
  /// Its lowest address, and its bytes.
  public let low, size: UInt64

  /// Bytes for programs with so many bytes of frames: calls between native code and the interpreter nest as deep as those
  /// allow. To be reserved, not committed.
  public static func bytes(forFrames stackBytes: Int) -> Int { 64 << 20 + 32 * stackBytes }

  /// Of the thread that calls.
  public init() {
    #if canImport(Darwin)
      let thread = pthread_self()
      let size = UInt64(pthread_get_stacksize_np(thread))
      let low = UInt64(UInt(bitPattern: pthread_get_stackaddr_np(thread))) - size
    #else
      var attributes = pthread_attr_t()
      var start: UnsafeMutableRawPointer?
      var bytes = 0
      // A GNU extension that Swift's Glibc module does not show.
      typealias GetAttributes = @convention(c) (pthread_t, UnsafeMutablePointer<pthread_attr_t>) -> Int32
      let symbol = dlsym(nil, "pthread_getattr_np")
      if let symbol, unsafeBitCast(symbol, to: GetAttributes.self)(pthread_self(), &attributes) == 0 {
        pthread_attr_getstack(&attributes, &start, &bytes)
        pthread_attr_destroy(&attributes)
      }
      let size = UInt64(bytes)
      let low = UInt64(UInt(bitPattern: start))
    #endif
    self.init(low: low, size: size)
  }

  /// Of `size` bytes from the address `low`.
  init(low: UInt64, size: UInt64) {
    let margin = min(32 << 20, size / 2)
    self.low = low
    self.size = size
    limit = low + max(margin, 1)
    hardLimit = low + max(margin / 2, 1)
  }
}
