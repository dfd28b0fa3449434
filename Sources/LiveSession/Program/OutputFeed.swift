// What the program prints, on its way to the clients: at most 64 KB of each stream at a time. The machine's thread only
// copies bytes; a program that prints more than anybody can read is not held up, and the oldest of it is left out.

import Foundation
import Synchronization

public final class OutputFeed: Sendable {
  static let limit = 64 << 10

  /// The last bytes of a stream, and how many went before them.
  struct Tail {
    var bytes: [UInt8] = []
    var leftOut = 0

    mutating func append(_ new: UnsafeRawBufferPointer, limit: Int) {
      if new.count >= limit {
        leftOut += bytes.count + new.count - limit
        bytes = Array(new.suffix(limit))
        return dropPartial()
      }
      bytes.append(contentsOf: new)
      // Not at every line: what is too much is moved once it is as much again.
      if bytes.count > 2 * limit { cut(limit) }
    }
    mutating func cut(_ limit: Int) {
      let extra = bytes.count - limit
      guard extra > 0 else { return }
      leftOut += extra
      bytes.removeFirst(extra)
      dropPartial()
    }
    /// Nothing begins in the middle of a character.
    private mutating func dropPartial() {
      while let first = bytes.first, first & 0xC0 == 0x80 {
        bytes.removeFirst()
        leftOut += 1
      }
    }

    /// What can be shown of it; the beginning of a character stays for the next time.
    mutating func take(_ limit: Int) -> (text: String, leftOut: Int)? {
      cut(limit)
      var end = bytes.count
      for back in 1...3 where back <= bytes.count {
        let byte = bytes[bytes.count - back]
        if byte & 0xC0 == 0x80 { continue }
        let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
        if length > back { end = bytes.count - back }
        break
      }
      if end == 0 && leftOut == 0 { return nil }
      defer {
        bytes.removeFirst(end)
        leftOut = 0
      }
      return (String(decoding: bytes[..<end], as: UTF8.self), leftOut)
    }
  }

  private struct State {
    var out = Tail()
    var error = Tail()
    /// Of both together, for who comes later.
    var all = Tail()
    var wake: (@Sendable () -> Void)?
    var isWaiting = false
  }
  private let state = Mutex(State())
  /// What is taken is told before anybody else takes. How much of it a recording keeps.
  private let telling = Mutex(ByteBudget(perSecond: 100_000, atOnce: 1 << 20))

  public init() {}

  /// Sinks for a machine's output.
  public var sinks: (out: @Sendable (UnsafeRawBufferPointer) -> Void, error: @Sendable (UnsafeRawBufferPointer) -> Void)
  { ({ [self] in add($0, isError: false) }, { [self] in add($0, isError: true) }) }

  private func add(_ bytes: UnsafeRawBufferPointer, isError: Bool) {
    let wake = state.withLock { state -> (@Sendable () -> Void)? in
      if isError {
        state.error.append(bytes, limit: Self.limit)
      } else {
        state.out.append(bytes, limit: Self.limit)
      }
      state.all.append(bytes, limit: Self.limit)
      if state.isWaiting { return nil }
      state.isWaiting = true
      return state.wake
    }
    wake?()
  }

  /// Calls `wake` when there is something after `take`.
  func onOutput(_ wake: @escaping @Sendable () -> Void) { state.withLock { $0.wake = wake } }

  /// What has come since the last time.
  func take() -> [(stream: String, text: String, leftOut: Int)] {
    state.withLock { state in
      state.isWaiting = false
      var result: [(String, String, Int)] = []
      if let (text, leftOut) = state.out.take(Self.limit) { result.append(("out", text, leftOut)) }
      if let (text, leftOut) = state.error.take(Self.limit) { result.append(("error", text, leftOut)) }
      return result
    }
  }

  /// Tells what has come since the last time.
  func tell(_ log: EventLog) {
    telling.withLock { budget in
      for part in take() {
        func event(_ text: String, _ leftOut: Int) -> Fields {
          Fields("stream", part.stream).with("text", text).with("leftOut", leftOut)
        }
        let bytes = part.text.utf8.count
        let isRecorded = budget.takes(bytes, at: ProcessInfo.processInfo.systemUptime)
        log.append(
          "output", event(part.text, part.leftOut), recorded: isRecorded ? nil : event("", part.leftOut + bytes))
      }
    }
  }

  /// The end of all that was printed.
  var tail: (text: String, leftOut: Int) {
    state.withLock { state in
      state.all.cut(Self.limit)
      return (String(decoding: state.all.bytes, as: UTF8.self), state.all.leftOut)
    }
  }
}
