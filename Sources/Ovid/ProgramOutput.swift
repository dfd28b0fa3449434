// Where a program's output goes.

import Synchronization

/// Where what programs print goes: given to a machine when it is made.
public struct ProgramOutput: Sendable {
  /// Receives what the program prints, in chunks of bytes, on the machine's thread. Must not call back into the
  /// machine.
  public typealias Sink = @Sendable (UnsafeRawBufferPointer) -> Void
  var out: Sink?
  var error: Sink?
  var flushesLines: Bool

  /// The process's standard output and standard error: in blocks, or line by line to a terminal, and never later than
  /// 50 ms after it was printed.
  public static let standard = ProgramOutput(out: nil, error: nil, flushesLines: false)

  /// Output and error output to `out` and `error`; each line arrives when it is printed.
  public static func redirected(out: @escaping Sink, error: @escaping Sink) -> ProgramOutput {
    ProgramOutput(out: out, error: error, flushesLines: true)
  }

  /// Collects everything, for tests and tools that want the text.
  public static func captured(by capture: OutputCapture) -> ProgramOutput {
    redirected(out: { capture.append($0, isError: false) }, error: { capture.append($0, isError: true) })
  }
}

/// Collects a program's output. Any thread.
public final class OutputCapture: Sendable {
  private let state = Mutex((out: [UInt8](), error: [UInt8]()))
  /// Without anything in it.
  public init() {}

  func append(_ bytes: UnsafeRawBufferPointer, isError: Bool) {
    state.withLock { state in
      if isError { state.error.append(contentsOf: bytes) } else { state.out.append(contentsOf: bytes) }
    }
  }
  /// What was printed since it was made or cleared; bytes that are no UTF-8 are replaced.
  public var out: String { state.withLock { String(decoding: $0.out, as: UTF8.self) } }
  /// The same of the error output.
  public var error: String { state.withLock { String(decoding: $0.error, as: UTF8.self) } }
  /// Forgets both.
  public func clear() { state.withLock { $0 = ([], []) } }
}
