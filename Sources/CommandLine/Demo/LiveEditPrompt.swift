// `ovid demo live-edit --interactive`: a person types another methB, and sees what that does to the running loop. An
// edit with which the program ends in an error, or stops reporting, is taken back, and the program starts again.

import Foundation
import Laboratory
import Ovid

final class LiveEditPrompt {
  static let text = "methB> "
  /// A program that reports nothing for so long will not do it any more.
  private static let patience = Duration.seconds(2)

  private let session: LiveEditSession
  private let signals: EndingSignals
  private var view: any LiveEditView = PlainView()
  /// What was accepted, the latest last, with the text before it.
  private var edits: [(method: MethodKey, before: String?)] = []
  private var lastStart = ContinuousClock.now

  init(session: LiveEditSession, signals: EndingSignals) {
    self.session = session
    self.signals = signals
  }

  func run() throws {
    session.start()
    if isatty(0) == 1 && isatty(1) == 1 {
      let panes = try LiveEditPanes(session: session, hasPrompt: true)
      signals.watch { panes.screen.close() }
      view = panes
      explain()
      readKeys(panes)
      panes.close()
    } else {
      explain()
      while let line = readLine(), take(line), goesOn() {}
    }
    session.vm.quit(status: 0)
  }

  private func explain() {
    view.step("Type what methB shall answer, for example ^3 or | n | n := 2. ^n * n")
    view.tell("or a whole method: methA = ( … ), isRunning = ( ^false ). An empty line, or Ctrl-D, ends the demo.")
  }

  private func readKeys(_ panes: LiveEditPanes) {
    while goesOn() {
      var ready = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
      if poll(&ready, 1, 200) <= 0 { continue }
      var bytes = [UInt8](repeating: 0, count: 4096)
      let n = read(STDIN_FILENO, &bytes, bytes.count)
      if n <= 0 { return }
      for event in panes.type(Array(bytes[..<n])) {
        switch event {
        case .end: return
        case .entered(let line): if !take(line) { return }
        }
      }
    }
  }

  /// Accepts what the line says. False: it ends the demo.
  private func take(_ line: String) -> Bool {
    if line.allSatisfy(\.isWhitespace) { return false }
    let isMethod = line.firstMatch(of: #/^\s*(\w+|(\w+:\s*\w+\s*)+)\s*=\s*\(/#) != nil
    view.step("you: \(line)")
    let receipt = session.vm.accept(
      ChangeSet([.method("LiveEdit", isMethod ? line : "methB = ( \(line) )")], author: "you"))
    view.tell(receipt.description)
    guard receipt.succeeded else { return true }
    for change in receipt.methods where change.before != change.after {
      let before = change.before.flatMap { session.vm.source(of: change.method, version: $0) }
      edits.append((change.method, before))
    }
    tellEffect(receipt)
    view.refresh()
    return true
  }

  private func tellEffect(_ receipt: Receipt) {
    let microseconds = session.monitor.wait(seconds: 1) { state in
      state.events.compactMap { event in
        if case .effect(receipt.id, _, let microseconds, _) = event { return microseconds }
        return nil
      }.first
    }
    if let microseconds { view.tell("accept to effect: \(microseconds) µs") }
    // An error shows at once, mostly.
    _ = session.monitor.wait(seconds: 0.1) { _ in nil as Int? }
  }

  // MARK: The program's health

  /// Looks after the program. False: it has ended as it should.
  private func goesOn() -> Bool {
    let (status, lastReport) = session.monitor.look { ($0.exitStatus, $0.samples.last?.arrival) }
    if case .success(0) = status {
      view.step("The program has ended.")
      return false
    }
    if status != nil {
      view.step("The program ended with an error:")
      for line in session.monitor.look({ $0.errorText }).split(separator: "\n").suffix(3) { view.tell(String(line)) }
      return startAgain()
    }
    if ContinuousClock.now - max(lastReport ?? lastStart, lastStart) > Self.patience {
      view.step("The program has reported nothing for \(Int(Self.patience.seconds)) s, and is stopped.")
      session.vm.quit(status: 1)
      guard session.monitor.wait(seconds: 5, for: { $0.exitStatus.map { _ in true } }) != nil else {
        view.tell("It does not stop.")
        return false
      }
      return startAgain()
    }
    return true
  }

  /// Without the last edit, if there was one.
  private func startAgain() -> Bool {
    guard let edit = edits.popLast() else { return false }
    let change: Change =
      edit.before.map { .method("LiveEdit", $0) } ?? .removeMethod(edit.method, basedOn: nil)
    let receipt = session.vm.accept(ChangeSet([change], author: "demo"))
    view.tell("\(edit.method) is what it was before, and the program starts again.")
    if !receipt.succeeded { view.tell(receipt.description) }
    view.refresh()
    session.startAgain()
    lastStart = .now
    return true
  }
}
