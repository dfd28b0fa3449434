// The picture of the demo, as lines of text with colours: methA and methB side by side, the running program and its
// speed below, and what happens under that. Knows nothing of terminals.

import Foundation
import Laboratory

struct PaneLayout {
  var rows: Int
  var columns: Int
  var usesColours = true

  struct StoryLine: Equatable {
    var text: String
    var isTitle: Bool
  }

  /// Smaller ones cannot show what it is about.
  static let smallest = (rows: 16, columns: 50)

  /// Exactly `rows` lines of `columns` characters.
  func draw(
    methA: String, methB: String, samples: [SpeedSample], lines: [String], story: [StoryLine]
  ) -> [String] {
    if rows < Self.smallest.rows || columns < Self.smallest.columns {
      let text = "The demo needs \(Self.smallest.columns) columns and \(Self.smallest.rows) rows."
      return (0..<rows).map { pad($0 == 0 ? text : "", columns) }
    }
    let left = (columns - 3) / 2, right = columns - left - 3
    let sources = (a: source(methA, left - 1), b: source(methB, right - 1))
    let sourceRows = max(4, min(max(sources.a.count, sources.b.count), rows / 3))
    var picture = ["┌\(title("methA", left))┬\(title("methB", right))┐"]
    for i in 0..<sourceRows {
      picture.append(
        "│ \(line(i, of: sources.a, sourceRows, left - 1))│ \(line(i, of: sources.b, sourceRows, right - 1))│")
    }
    picture.append("├\(rule(title("the program, running", left), "┴", columns - 2))┤")
    picture.append(row(speedLine(samples)))
    picture.append(row(sparkline(samples, columns - 4)))
    let lineRows = rows < 30 ? 1 : 3
    for i in 0..<lineRows { picture.append(row(lines.suffix(lineRows).dropFirst(i).first ?? "")) }
    picture.append("├\(title("what happens", columns - 2))┤")
    picture += storyLines(story, rows - picture.count - 1)
    picture.append("└\(String(repeating: "─", count: columns - 2))┘")
    return picture
  }

  // MARK: The story

  /// The step that is told now, from its title on, and what fits of the steps before it. Nothing is cut off: long lines
  /// go on in the next one.
  private func storyLines(_ story: [StoryLine], _ room: Int) -> [String] {
    let width = columns - 4
    let current = story.lastIndex(where: \.isTitle) ?? 0
    var before: [String] = [], now: [String] = []
    for (i, line) in story.enumerated() {
      let indent = line.isTitle ? 0 : 2 + line.text.prefix { $0 == " " }.count
      let text = line.text.drop { $0 == " " }
      for (j, part) in Self.wrap(String(text), width - indent - 2).enumerated() {
        let shown = String(repeating: " ", count: indent + (j > 0 ? 2 : 0)) + part
        if i < current {
          before.append(row(shown, .dim))
        } else {
          now.append(row(shown, line.isTitle ? .bold : .plain))
        }
      }
    }
    var result = now.count > room ? now.prefix(1) + now.suffix(room - 1) : before.suffix(room - now.count) + now
    while result.count < room { result.append(row("")) }
    return Array(result)
  }

  /// Parts of `width` characters at most, broken at spaces where there are any.
  static func wrap(_ text: String, _ width: Int) -> [String] {
    var parts: [String] = []
    var rest = Substring(text)
    let width = max(8, width)
    while rest.count > width {
      let head = rest.prefix(width + 1)
      let end = head.lastIndex(of: " ") ?? rest.index(rest.startIndex, offsetBy: width)
      parts.append(String(rest[..<end]))
      rest = rest[end...].drop { $0 == " " }
    }
    return parts + [String(rest)]
  }

  // MARK: Sources

  /// A method's lines, none of them wider than its pane. In its file it is indented, but for its first line, which the
  /// text begins with.
  private func source(_ text: String, _ width: Int) -> [String] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let indent = lines.dropFirst().filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
    return (lines.prefix(1) + lines.dropFirst().map { String($0.dropFirst(indent)) }).flatMap { line in
      let margin = line.prefix { $0 == " " }
      let parts = Self.wrap(String(line.dropFirst(margin.count)), max(8, width - margin.count - 2))
      return parts.enumerated().map { String(margin) + ($0 > 0 ? "  " : "") + $1 }
    }
  }

  private func line(_ i: Int, of lines: [String], _ count: Int, _ width: Int) -> String {
    if i == count - 1, lines.count > count { return pad("… \(lines.count - count + 1) more lines", width) }
    return pad(i < lines.count ? lines[i] : "", width)
  }

  // MARK: Speed

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

  // MARK: Lines

  private enum Style: Int { case plain = 0, bold, dim }

  private func row(_ text: String, _ style: Style = .plain) -> String {
    let padded = pad(text, columns - 3)
    let styled = usesColours && style != .plain ? "\u{1b}[\(style.rawValue)m\(padded)\u{1b}[0m" : padded
    return "│ \(styled)│"
  }

  /// Exactly `width` characters.
  private func pad(_ text: String, _ width: Int) -> String {
    let n = text.count
    return n > width
      ? String(text.prefix(max(0, width - 1))) + "…" : text + String(repeating: " ", count: width - n)
  }

  private func title(_ text: String, _ width: Int) -> String {
    "─ \(text) " + String(repeating: "─", count: max(0, width - text.count - 3))
  }

  /// A rule that goes on behind `left`, with the end of the bar between the sources in it.
  private func rule(_ left: String, _ joint: String, _ width: Int) -> String {
    left + joint + String(repeating: "─", count: width - left.count - 1)
  }
}
