// Where the program's output goes: the process's own standard output and error, or sinks of a host. Output is
// collected and written in blocks; line by line where somebody watches; and never later than 50 ms after it was
// printed. Error output is written at once, behind what was printed before it.

import Foundation
import Synchronization

public final class Output: @unchecked Sendable {
  public typealias Sink = (UnsafeRawBufferPointer) -> Void

  /// Each line goes out when it is complete, for somebody who watches.
  public let flushesLines: Bool
  private let out: Sink
  private let error: Sink
  /// Whether any thread may write: true for the process's own output; sinks are called on the machine's thread.
  private let isShared: Bool
  private let buffer = OutputBuffer()
  private let standard: StandardOutput
  private let listeners = OutputListeners()
  private var timer: FlushTimer?
  /// Asks the machine's thread to call `flush` soon. Set before anything is printed; for sinks.
  public var requestFlush: () -> Void = {}

  /// What goes out in one piece where nobody watches.
  static let block = 1 << 15

  /// - Parameters:
  ///   - out: nil: the process's standard output; to a terminal it is written line by line.
  ///   - error: nil: the process's error output.
  ///   - flushesLines: for sinks.
  public init(out: Sink? = nil, error: Sink? = nil, flushesLines: Bool = false) {
    let standard = StandardOutput()
    self.standard = standard
    let listeners = listeners
    let writeOut = out ?? { standard.write($0) }, writeError = error ?? { _ = StandardOutput.write(2, $0) }
    self.out = {
      writeOut($0)
      listeners.tell($0, isError: false)
    }
    self.error = {
      writeError($0)
      listeners.tell($0, isError: true)
    }
    self.flushesLines = out == nil ? isatty(1) == 1 : flushesLines
    isShared = out == nil
    timer = FlushTimer { [weak self] in self?.flushOverdue() ?? false }
  }

  deinit { timer?.stop() }

  /// Also gives everything that is written to `listener`, on the thread that has written it. Any thread.
  public func listen(_ listener: @escaping OutputListeners.Listener) { listeners.add(listener) }

  /// The errno with which writing to the process's standard output failed, once it has.
  public var failure: Int32? { standard.failure }

  /// The program's thread only.
  public func print(_ text: String) {
    var copy = text
    copy.withUTF8 { print(bytes: UnsafeRawBufferPointer($0)) }
  }

  /// Bytes that were printed so far. The program's thread only.
  public private(set) var byteCount = 0

  /// The program's thread only.
  public func print(bytes: UnsafeRawBufferPointer) {
    byteCount += bytes.count
    var rest = bytes
    while true {
      let n = buffer.add(rest)
      if n == rest.count { break }
      rest = UnsafeRawBufferPointer(rebasing: rest[n...])
      flush()
      // A sink that prints: there is nobody to write it.
      if buffer.count == OutputBuffer.capacity { return }
    }
    if buffer.count >= Self.block || (flushesLines && Self.hasLineEnd(bytes)) { flush() } else { timer?.arm() }
  }

  private static func hasLineEnd(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let start = bytes.baseAddress else { return false }
    return memchr(start, 10, bytes.count) != nil
  }

  /// Writes what was printed. The program's thread only.
  public func flush() { buffer.take(rewinding: true, out) }

  /// Writes to the error output, behind what was printed. Any thread.
  public func printError(_ text: String) {
    var copy = text
    copy.withUTF8 { bytes in
      buffer.take(rewinding: false, out) { error(UnsafeRawBufferPointer(bytes)) }
    }
  }

  /// Writes what was printed on the process's standard output, for a process that is about to end; unless somebody who
  /// writes already is held up. Any thread.
  public func flushLast() {
    if isShared { buffer.take(waiting: 0.2, out) }
  }

  /// On the timer's thread: whether there was something.
  private func flushOverdue() -> Bool {
    if buffer.count == 0 { return false }
    if isShared { buffer.take(rewinding: false, out) } else { requestFlush() }
    return true
  }
}

/// Who is told what was written, beside those that it is for. Any thread.
public final class OutputListeners: Sendable {
  public typealias Listener = @Sendable (_ bytes: UnsafeRawBufferPointer, _ isError: Bool) -> Void
  private let listeners = Mutex<[Listener]>([])

  func add(_ listener: @escaping Listener) { listeners.withLock { $0.append(listener) } }
  func tell(_ bytes: UnsafeRawBufferPointer, isError: Bool) {
    for listener in listeners.withLock({ $0 }) { listener(bytes, isError) }
  }
}

/// The process's standard output.
private final class StandardOutput: @unchecked Sendable {
  private let lock = NSLock()
  private var error: Int32?

  var failure: Int32? { lock.withLock { error } }

  func write(_ bytes: UnsafeRawBufferPointer) {
    guard let failure = Self.write(1, bytes) else { return }
    lock.withLock { error = failure }
  }

  /// Answers the errno if it fails.
  static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int32? {
    var rest = bytes
    while !rest.isEmpty {
      let n = Foundation.write(descriptor, rest.baseAddress, rest.count)
      if n < 0 && errno == EINTR { continue }
      if n < 0 && errno == EAGAIN {
        // Somebody else who has this terminal or pipe does not wait; we do.
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&ready, 1, -1)
        continue
      }
      if n <= 0 { return errno }
      rest = UnsafeRawBufferPointer(rebasing: rest[n...])
    }
    return nil
  }
}
