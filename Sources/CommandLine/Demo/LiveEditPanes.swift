// The demo in the terminal: draws its picture ten times a second from a thread of its own, and what a person types
// below it.

import Foundation
import Laboratory
import Ovid
import VM

final class LiveEditPanes: LiveEditView, @unchecked Sendable {
  private let session: LiveEditSession
  let screen: TerminalScreen
  private let condition = NSCondition()
  // Guarded by `condition`.
  private var story: [PaneLayout.StoryLine] = []
  private var sources = (a: "", b: "")
  private var field: LineField?
  private var isClosed = false
  private var hasStopped = false

  /// With a prompt, the last line of the screen is for the person who types.
  init(session: LiveEditSession, hasPrompt: Bool = false) throws(NativeThread.Failure) {
    self.session = session
    screen = TerminalScreen(readsKeys: hasPrompt)
    field = hasPrompt ? LineField() : nil
    refresh()
    do { try NativeThread.start("ovid panes") { [self] in run() } } catch {
      screen.close()
      throw error
    }
  }

  func step(_ title: String) { add(title, isTitle: true) }
  func tell(_ text: String) { for line in text.split(separator: "\n") { add(String(line), isTitle: false) } }
  func pause(_ seconds: Double) { Foundation.Thread.sleep(forTimeInterval: seconds) }
  private func add(_ text: String, isTitle: Bool) {
    condition.withLock { story.append(PaneLayout.StoryLine(text: text, isTitle: isTitle)) }
  }

  func refresh() {
    let new = (a: session.source(LiveEditSession.methA), b: session.source(LiveEditSession.methB))
    condition.withLock { sources = new }
  }

  /// Shows what was typed at once; answers what came of it.
  func type(_ bytes: [UInt8]) -> [LineField.Event] {
    condition.withLock {
      let events = field?.take(bytes) ?? []
      condition.broadcast()
      return events
    }
  }

  /// Gives the terminal back, and leaves the story in it.
  func close() {
    condition.withLock {
      isClosed = true
      condition.broadcast()
      while !hasStopped { condition.wait() }
    }
    screen.close()
    let plain = PlainView()
    for line in story {
      let margin = line.text.prefix { $0 == " " }
      let parts = PaneLayout.wrap(
        String(line.text.dropFirst(margin.count)), TerminalScreen.size.columns - margin.count - 6)
      for (i, part) in parts.enumerated() {
        if line.isTitle, i == 0 { plain.step(part) } else { plain.tell(String(margin) + (i > 0 ? "  " : "") + part) }
      }
    }
  }

  private func run() {
    while true {
      draw()
      let goesOn = condition.withLock { () -> Bool in
        if !isClosed { _ = condition.wait(until: Date(timeIntervalSinceNow: 0.1)) }
        hasStopped = isClosed
        condition.broadcast()
        return !isClosed
      }
      if !goesOn { return }
    }
  }

  private func draw() {
    let size = TerminalScreen.size
    let (samples, lines) = session.monitor.look { (Array($0.samples.suffix(400)), Array($0.lines.suffix(3))) }
    let (story, sources, field) = condition.withLock { (self.story, self.sources, self.field) }
    let layout = PaneLayout(rows: size.rows - (field == nil ? 0 : 1), columns: size.columns)
    var picture = layout.draw(methA: sources.a, methB: sources.b, samples: samples, lines: lines, story: story)
    var cursor: (row: Int, column: Int)?
    if let field {
      let (text, column) = field.window(size.columns - LiveEditPrompt.text.count - 1)
      picture.append((LiveEditPrompt.text + text).padding(toLength: size.columns, withPad: " ", startingAt: 0))
      cursor = (picture.count - 1, LiveEditPrompt.text.count + column)
    }
    screen.draw(picture, size: size, cursor: cursor)
  }
}
