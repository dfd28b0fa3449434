// The demo in the terminal: methA and methB side by side, the running program and its speed below, and what
// happens under that. Redrawn ten times a second from a thread of its own.

import Foundation
import Ovid
import VM

final class LiveEditPanes: LiveEditView, @unchecked Sendable {
  private let session: LiveEditSession
  private let lock = NSLock()
  // Guarded by `lock`.
  private var story: [(text: String, isTitle: Bool)] = []
  private var sources = (a: "", b: "")
  private var isClosed = false
  private let hasPrompt: Bool

  /// With a prompt, the last two lines of the screen are left to the person who types.
  init(session: LiveEditSession, hasPrompt: Bool = false) throws(NativeThread.Failure) {
    self.session = session
    self.hasPrompt = hasPrompt
    Self.write("\u{1b}[2J\u{1b}[H" + (hasPrompt ? "" : "\u{1b}[?25l"))
    refresh()
    try NativeThread.start("ovid panes") { [self] in
      while !lock.withLock({ isClosed }) {
        draw()
        Foundation.Thread.sleep(forTimeInterval: 0.1)
      }
    }
  }

  func step(_ title: String) { add(title, isTitle: true) }
  func tell(_ text: String) { for line in text.split(separator: "\n") { add(String(line), isTitle: false) } }
  func pause(_ seconds: Double) { Foundation.Thread.sleep(forTimeInterval: seconds) }
  private func add(_ text: String, isTitle: Bool) { lock.withLock { story.append((text, isTitle)) } }

  func refresh() {
    let new = (a: session.source(LiveEditSession.methA), b: session.source(LiveEditSession.methB))
    lock.withLock { sources = new }
  }

  /// Draws once more, and leaves the cursor below.
  func close() {
    draw()
    let height = Self.size().rows
    lock.withLock { isClosed = true }
    Self.write("\u{1b}[\(height);1H\u{1b}[?25h\n")
  }

  private func draw() {
    let (rows, columns) = Self.size()
    let (samples, lines) = session.monitor.look { (Array($0.samples.suffix(400)), Array($0.lines.suffix(3))) }
    let (story, sources) = lock.withLock { (self.story, self.sources) }
    let frame = PaneLayout(rows: rows - (hasPrompt ? 2 : 1), columns: columns)
      .draw(methA: sources.a, methB: sources.b, samples: samples, lines: lines, story: story)
    // Save the cursor, draw from the top, restore: what a person is typing stays as it is.
    var out = "\u{1b}7\u{1b}[H"
    for line in frame { out += line + "\u{1b}[K\r\n" }
    Self.write(out + "\u{1b}8")
  }

  static func size() -> (rows: Int, columns: Int) {
    var size = winsize()
    guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return (24, 80) }
    return (max(Int(size.ws_row), 12), max(Int(size.ws_col), 40))
  }

  static func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
}

/// The picture, as lines of text with colours; knows nothing of terminals.
struct PaneLayout {
  var rows: Int
  var columns: Int
  var usesColours = true

  func draw(
    methA: String, methB: String, samples: [SpeedSample], lines: [String],
    story: [(text: String, isTitle: Bool)]
  ) -> [String] {
    let half = (columns - 3) / 2
    let sourceRows = max(3, min(6, rows / 4))
    var picture = [bar("methA", half, "methB", columns - half - 3)]
    let a = clip(methA, sourceRows), b = clip(methB, sourceRows)
    for i in 0..<sourceRows {
      picture.append("│ \(pad(a[i], half - 1))│ \(pad(b[i], columns - half - 4))│")
    }
    picture.append(bar("the program, running", columns - 2))
    picture.append("│ \(pad(speedLine(samples), columns - 3))│")
    picture.append("│ \(pad(sparkline(samples, columns - 5), columns - 3))│")
    for i in 0..<(rows < 16 ? 1 : 3) {
      picture.append("│ \(pad(i < lines.count ? lines[i] : "", columns - 3))│")
    }
    picture.append(bar("what happens", columns - 2))
    let room = max(1, rows - picture.count - 1)
    for item in story.suffix(room) {
      let text = pad(item.isTitle ? item.text : "  " + item.text, columns - 3)
      picture.append("│ \(item.isTitle ? colour(text, 1) : text)│")
    }
    while picture.count < rows - 1 { picture.append("│ \(pad("", columns - 3))│") }
    picture.append("└\(String(repeating: "─", count: columns - 2))┘")
    return picture
  }

  private func speedLine(_ samples: [SpeedSample]) -> String {
    guard let last = samples.last, let rate = last.rate else { return "starting" }
    return "\(short(rate)) sends/s now, \(short(Double(last.sends))) so far; each send adds \(last.value)"
  }

  /// Speed over the last reports, on a logarithmic scale from 1 M to 2 G sends/s.
  private func sparkline(_ samples: [SpeedSample], _ width: Int) -> String {
    let marks = Array("▁▂▃▄▅▆▇█")
    let rates = samples.compactMap(\.rate).suffix(width)
    return String(
      rates.map { rate in
        let x = (log10(max(rate, 1e6)) - 6) / 3.3
        return marks[min(marks.count - 1, max(0, Int(x * Double(marks.count))))]
      })
  }

  private func clip(_ text: String, _ count: Int) -> [String] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    // In its file a method is indented, but for its first line, which the text begins with.
    let indent = lines.dropFirst().map { $0.prefix { $0 == " " }.count }.min() ?? 0
    lines = lines.prefix(1) + lines.dropFirst().map { String($0.dropFirst(indent)) }
    return (0..<count).map { $0 < lines.count ? lines[$0] : "" }
  }

  /// Exactly `width` characters.
  private func pad(_ text: String, _ width: Int) -> String {
    let n = text.count
    return n > width
      ? String(text.prefix(max(0, width - 1))) + "…" : text + String(repeating: " ", count: width - n)
  }

  private func bar(_ left: String, _ leftWidth: Int, _ right: String? = nil, _ rightWidth: Int = 0) -> String {
    func part(_ title: String, _ width: Int) -> String {
      "─ \(title) " + String(repeating: "─", count: max(0, width - title.count - 3))
    }
    guard let right else { return "├\(part(left, leftWidth))┤" }
    return "┌\(part(left, leftWidth))┬\(part(right, rightWidth))┐"
  }

  private func colour(_ text: String, _ code: Int) -> String {
    usesColours ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
  }
}
