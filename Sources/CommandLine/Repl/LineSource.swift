// Where the lines of a session come from: a terminal with line editing, a terminal without, or a pipe.

import Foundation

enum InputLine: Equatable {
  case text(String)
  /// There was a line, but it cannot be used; why.
  case unusable(String)
  /// Ctrl-C.
  case interrupted
  case end
}

protocol LineSource: AnyObject {
  func next(prompt: String) -> InputLine
  /// Adds an input to the history, if there is one.
  func remember(_ entry: String)
}

enum SessionLines {
  /// Those of standard input; as a terminal, if there are interrupts to wait for.
  /// - Parameter history: the name of the file that keeps them.
  static func make(
    _ console: Console, _ interrupts: Interrupts?, history: String, complete: @escaping (String, Int) -> Completion
  ) -> any LineSource {
    guard let interrupts else { return PlainLines() }
    let hasScreen = isatty(STDOUT_FILENO) == 1
    let editor =
      hasScreen
      ? LineEditor(
        wakeDescriptor: interrupts.wakeDescriptor,
        history: HistoryFile(environment: ProcessInfo.processInfo.environment, name: history), complete: complete)
      : nil
    return editor ?? PlainLines(console: hasScreen ? console : nil, wakeDescriptor: interrupts.wakeDescriptor)
  }
}

/// Lines as they come, of a pipe or a plain terminal.
final class PlainLines: LineSource {
  private let descriptor: Int32
  /// nil: no prompts.
  private let console: Console?
  private let wakeDescriptor: Int32?
  private var buffer: [UInt8] = []
  /// What of `buffer` has been answered.
  private var used = 0
  private var isAtEnd = false

  /// Longest line, in bytes.
  static let limit = 16 << 20

  init(descriptor: Int32 = STDIN_FILENO, console: Console? = nil, wakeDescriptor: Int32? = nil) {
    self.descriptor = descriptor
    self.console = console
    self.wakeDescriptor = wakeDescriptor
  }

  func remember(_ entry: String) {}

  func next(prompt: String) -> InputLine {
    console?.prompt(prompt)
    defer { console?.lineWasRead() }
    var isTooLong = false
    // Where to go on looking for the end of the line.
    var scanned = used
    while true {
      if let end = buffer[scanned...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { used = end + 1 }
        return isTooLong ? tooLong() : line(buffer[used..<end])
      }
      scanned = buffer.count
      if scanned - used > Self.limit {
        isTooLong = true
        buffer.removeAll()
        used = 0
        scanned = 0
      }
      if isAtEnd {
        defer { used = buffer.count }
        if isTooLong { return tooLong() }
        return used == buffer.count ? .end : line(buffer[used...])
      }
      if used > 0 {
        buffer.removeSubrange(..<used)
        scanned -= used
        used = 0
      }
      if !fill() { return .interrupted }
    }
  }

  private func tooLong() -> InputLine { .unusable("a line may have \(Self.limit) bytes, and this one has more") }

  private func line(_ bytes: ArraySlice<UInt8>) -> InputLine {
    let bytes = bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes
    guard let text = String(validating: bytes, as: UTF8.self) else { return .unusable("this line is not UTF-8 text") }
    return .text(text)
  }

  /// Reads some more; false if interrupted.
  private func fill() -> Bool {
    if let wakeDescriptor {
      var both = [
        pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: wakeDescriptor, events: Int16(POLLIN), revents: 0),
      ]
      while poll(&both, 2, -1) < 0, errno == EINTR {}
      if both[1].revents & Int16(POLLIN) != 0 {
        var signals = [UInt8](repeating: 0, count: 64)
        _ = read(wakeDescriptor, &signals, signals.count)
        return false
      }
    }
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    var n: Int
    repeat { n = read(descriptor, &chunk, chunk.count) } while n < 0 && errno == EINTR
    if n > 0 { buffer += chunk[..<n] } else { isAtEnd = true }
    return true
  }
}
