// The input that is being worked on, in a file that outlives a crash of this process.

import Foundation
import SourceTools

final class CurrentInput: @unchecked Sendable {
  let path: String
  private let descriptor: Int32

  init() throws {
    path = "\(NSTemporaryDirectory())ovid-front-end-\(getpid()).som"
    descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw SomFiles.Problem(description: "cannot write \(path): \(String(cString: strerror(errno)))")
    }
  }

  deinit { close(descriptor) }

  func write(_ text: [UInt8]) {
    // The data survive the process without a sync; only a crash of the machine would lose them.
    text.withUnsafeBytes { _ = pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    ftruncate(descriptor, off_t(text.count))
  }

  func bytes() -> [UInt8] { FileManager.default.contents(atPath: path).map { [UInt8]($0) } ?? [] }
  func remove() { unlink(path) }

  /// Gives the calling thread a stack for signal handlers: its own may be what is exhausted.
  static func useSignalStack() {
    let size = 64 << 10
    var stack = stack_t()
    // Never freed: it belongs to the thread until the process ends.
    stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
    stack.ss_size = size
    sigaltstack(&stack, nil)
  }

  /// Says on standard error where the input is when a signal is about to end the process.
  func leaveOnCrash() {
    for number in [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE] {
      var action = sigaction()
      action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND)) | Int32(SA_ONSTACK)
      action.__sigaction_handler.sa_handler = { number in
        let message: StaticString = "ovid: the front end crashed; its input is the newest ovid-front-end-*.som in "
        _ = Foundation.write(2, message.utf8Start, message.utf8CodeUnitCount)
        let place: StaticString = "the folder for temporary files (/tmp)\n"
        _ = Foundation.write(2, place.utf8Start, place.utf8CodeUnitCount)
        raise(number)
      }
      sigaction(number, &action, nil)
    }
  }
}
