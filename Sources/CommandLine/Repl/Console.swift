// Where the session and its programs write. It knows whether the last line is finished, so that a value does not
// stick to what a program printed before it.

import Foundation
import Ovid
import Synchronization

final class Console: Sendable {
  private struct State {
    var isAtLineStart = true
    /// The errno with which writing standard output failed.
    var failure: Int32?
  }
  private let state = Mutex(State())
  private let output: Int32
  private let errorOutput: Int32

  init(output: Int32 = STDOUT_FILENO, errorOutput: Int32 = STDERR_FILENO) {
    self.output = output
    self.errorOutput = errorOutput
  }

  /// Output of the machine's programs.
  var programOutput: ProgramOutput {
    .redirected(out: { [self] in write(output, $0) }, error: { [self] in write(errorOutput, $0) })
  }

  /// The errno with which writing standard output failed; nil as long as it has not.
  var failure: Int32? { state.withLock { $0.failure } }

  /// Columns of the terminal that is written to; nil: it is none.
  var columns: Int? { Self.columns(of: output) }
  static func columns(of descriptor: Int32) -> Int? {
    var size = winsize()
    return ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : nil
  }

  /// A line of its own on standard output.
  func say(_ text: String) { writeLine(output, text) }

  /// A line of its own on standard error.
  func complain(_ text: String) { writeLine(errorOutput, text) }

  func finishLine() {
    if state.withLock({ !$0.isAtLineStart }) { write(output, "\n") }
  }

  func prompt(_ text: String) { write(output, text) }

  /// Whoever reads a line has ended it.
  func lineWasRead() { state.withLock { $0.isAtLineStart = true } }

  private func writeLine(_ descriptor: Int32, _ text: String) {
    finishLine()
    write(descriptor, text.hasSuffix("\n") ? text : text + "\n")
  }

  private func write(_ descriptor: Int32, _ text: String) {
    var copy = text
    copy.withUTF8 { write(descriptor, UnsafeRawBufferPointer($0)) }
  }

  private func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) {
    guard let last = bytes.last else { return }
    state.withLock { state in
      state.isAtLineStart = last == UInt8(ascii: "\n")
      if descriptor == output, state.failure != nil { return }
      var rest = bytes
      while !rest.isEmpty {
        let n = Foundation.write(descriptor, rest.baseAddress, rest.count)
        if n < 0 && errno == EINTR { continue }
        if n <= 0 {
          if descriptor == output { state.failure = errno }
          return
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[n...])
      }
    }
  }
}
