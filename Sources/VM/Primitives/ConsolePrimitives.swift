// System: waiting for what somebody types, making sure that what was printed is seen, and reporting errors.

import Foundation
import Syntax

let consoleRows: [PrimitiveRow] = [
  PrimitiveRow("System", "flush") { native(systemFlush, $0, $1, $2) },
  PrimitiveRow("System", "readLine") { native(systemReadLine, $0, $1, $2) },
  PrimitiveRow("System", "sleep:") { native(systemSleep, $0, $1, $2) },
  PrimitiveRow("System", "fail:") { native(systemFail, $0, $1, $2) },
]

private func systemFlush(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.output.flush()
  return h[-1]
}

/// The next line of standard input without its end; nil when there are no more.
private func systemReadLine(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard universe.options.capabilities.standardInput else {
    return universe.notPermitted(h, m, "read the standard input")
  }
  universe.output.flush()
  while true {
    switch universe.input.nextLine(waits: universe.scheduler.isAlone) {
    case .line(let bytes): return universe.answer(universe.makeString(String(decoding: bytes, as: UTF8.self), h))
    case .end: return Value.nil.bits
    case .tooLong:
      return universe.raise(.other("A line of standard input has more than \(StandardInput.limit) bytes"), h)
    case .waiting: if !universe.letOthersRun(h) { return 0 }
    }
  }
}

/// So many milliseconds. Other processes run and edits are accepted meanwhile.
private func systemSleep(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let end = deadline(argument1(h)) else { return notMilliseconds(universe, h, m) }
  guard universe.options.capabilities.time else { return universe.notPermitted(h, m, "wait for a time") }
  repeat {
    if !universe.scheduler.wait(for: .time, until: end, h) { return 0 }
  } while ContinuousClock.now < end
  return h[-2]
}

/// Traceback and message of an error that nobody handles, on the error output.
private func systemFail(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let message = universe.string(argument1(h)) ?? universe.describe(argument1(h))
  if let answer = universe.hooks.unhandled?(message, h) { return answer }
  let hint = ForeignSpelling.hint(forMessage: message).map { $0 + "\n" } ?? ""
  universe.output.printError(universe.traceback(h) + "ERROR: \(message)\n" + hint)
  return universe.terminate(status: 1, because: .error)
}

/// The lines of the process's standard input. The program's thread only.
final class StandardInput {
  enum Answer {
    case line(ArraySlice<UInt8>)
    /// Nothing came for a while.
    case waiting
    case tooLong
    case end
  }
  static let limit = 1 << 28
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  /// What of `buffer` has been answered, and where to go on looking for the end of the line.
  private var used = 0
  private var scanned = 0
  private var isAtEnd = false

  init(descriptor: Int32 = STDIN_FILENO) { self.descriptor = descriptor }

  /// `waits`: up to `Descriptor.patience`, for what has not come yet.
  func nextLine(waits: Bool = true) -> Answer {
    if let end = buffer[scanned...].firstIndex(of: UInt8(ascii: "\n")) {
      defer {
        used = end + 1
        scanned = used
      }
      return .line(withoutReturn(buffer[used..<end]))
    }
    scanned = buffer.count
    if isAtEnd {
      defer { used = buffer.count }
      return used == buffer.count ? .end : .line(withoutReturn(buffer[used...]))
    }
    if scanned - used > Self.limit { return .tooLong }
    if used > 0 {
      buffer.removeSubrange(..<used)
      scanned -= used
      used = 0
    }
    fill(waits: waits)
    return buffer.count > scanned || isAtEnd ? nextLine(waits: waits) : .waiting
  }

  private func withoutReturn(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    line.last == UInt8(ascii: "\r") ? line.dropLast() : line
  }

  private func fill(waits: Bool) {
    guard Descriptor.isReady(descriptor, POLLIN, waits: waits) else { return }
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    let n = read(descriptor, &chunk, chunk.count)
    if n > 0 { buffer += chunk[..<n] } else if n == 0 || errno != EINTR && errno != EAGAIN { isAtEnd = true }
  }
}
