// The whole screen of a terminal for as long as something is drawn on it: a buffer of its own, so that what was there
// before comes back, and every picture in one write.

import Foundation
import Synchronization

final class TerminalScreen: Sendable {
  private struct State {
    var isOpen = true
    var size = (rows: 0, columns: 0)
  }
  private let state = Mutex(State())
  /// What the terminal was set to, if keys are read one by one.
  private let settings: termios?

  /// - Parameter readsKeys: bytes come as keys are pressed, without echo; also those of Ctrl-C.
  init(readsKeys: Bool) {
    var before = termios()
    if readsKeys, tcgetattr(STDIN_FILENO, &before) == 0 {
      settings = before
      var raw = before
      raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
      raw.c_iflag &= ~tcflag_t(ICRNL | IXON)
      tcsetattr(STDIN_FILENO, TCSANOW, &raw)
    } else {
      settings = nil
    }
    // Another buffer, no cursor, and no new line behind the last column.
    Self.write("\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l")
  }

  /// Rows and columns now.
  static var size: (rows: Int, columns: Int) {
    var size = winsize()
    guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (24, 80) }
    return (Int(size.ws_row), Int(size.ws_col))
  }

  /// Draws lines of full width from the top, and puts the cursor somewhere (from 0), or hides it. After a change of size
  /// nothing of the earlier picture stays.
  func draw(_ lines: [String], size: (rows: Int, columns: Int), cursor: (row: Int, column: Int)?) {
    state.withLock { state in
      guard state.isOpen else { return }
      var out = "\u{1b}[?25l"
      if state.size != size { out += "\u{1b}[2J" }
      state.size = size
      for (i, line) in lines.prefix(size.rows).enumerated() { out += "\u{1b}[\(i + 1);1H" + line }
      if lines.count < size.rows { out += "\u{1b}[\(lines.count + 1);1H\u{1b}[J" }
      if let cursor { out += "\u{1b}[\(cursor.row + 1);\(cursor.column + 1)H\u{1b}[?25h" }
      Self.write(out)
    }
  }

  /// Gives the terminal back as it was. Any thread; the first call counts.
  func close() {
    state.withLock { state in
      guard state.isOpen else { return }
      state.isOpen = false
      // Cleared, since tmux would break its long lines anew where the other buffer is shown.
      Self.write("\u{1b}[2J\u{1b}[H\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l")
      if var settings { tcsetattr(STDIN_FILENO, TCSANOW, &settings) }
    }
  }

  private static func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
}
