// Where the program's output goes: replaceable sinks, standard output buffered.

import Foundation

public final class Output: @unchecked Sendable {
  public var out: (UnsafeRawBufferPointer) -> Void
  public var error: (UnsafeRawBufferPointer) -> Void
  /// Each line goes out when it is complete, for somebody who watches.
  public var flushesLines = false
  /// The errno with which writing to the process's standard output failed, once it has.
  public var failure: Int32? { standard.failure }
  private let standard = StandardOutput()
  private var buffer: [UInt8] = []

  /// Writes to the process's standard output and error.
  public init() {
    out = { [standard] in standard.failure = Output.write(1, $0) ?? standard.failure }
    error = { _ = Output.write(2, $0) }
    buffer.reserveCapacity(1 << 16)
  }
  public convenience init(
    out: @escaping (UnsafeRawBufferPointer) -> Void, error: @escaping (UnsafeRawBufferPointer) -> Void
  ) {
    self.init()
    self.out = out
    self.error = error
  }

  public func print(_ text: String) {
    buffer.append(contentsOf: text.utf8)
    flushIfDue()
  }
  public func print(bytes: UnsafeRawBufferPointer) {
    buffer.append(contentsOf: bytes)
    flushIfDue()
  }
  private func flushIfDue() {
    if buffer.count >= 1 << 15 || (flushesLines && buffer.last == UInt8(ascii: "\n")) { flush() }
  }
  public func printError(_ text: String) {
    flush()
    var copy = text
    copy.withUTF8 { error(UnsafeRawBufferPointer($0)) }
  }
  public func flush() {
    if buffer.isEmpty { return }
    buffer.withUnsafeBytes { out($0) }
    buffer.removeAll(keepingCapacity: true)
  }

  /// Answers the errno if it fails.
  private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int32? {
    var rest = bytes
    while !rest.isEmpty {
      let n = Foundation.write(descriptor, rest.baseAddress, rest.count)
      if n < 0 && errno == EINTR { continue }
      if n <= 0 { return errno }
      rest = UnsafeRawBufferPointer(rebasing: rest[n...])
    }
    return nil
  }
}

private final class StandardOutput: @unchecked Sendable {
  var failure: Int32?
}
