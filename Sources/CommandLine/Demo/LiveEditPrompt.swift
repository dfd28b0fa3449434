// `ovid demo live-edit --interactive`: a person types another methB, and sees what that does to the running loop.

import Foundation
import Ovid

struct LiveEditPrompt {
  let session: LiveEditSession

  func run() throws {
    session.start()
    let isTerminal = isatty(0) == 1 && isatty(1) == 1
    let panes = isTerminal ? try LiveEditPanes(session: session, hasPrompt: true) : nil
    let view: any LiveEditView = panes ?? PlainView()
    view.step("Type what methB shall answer, for example ^3 or | n | n := 2. ^n * n")
    view.step("or a whole method: methA = ( … ), isRunning = ( ^false ). An empty line ends the demo.")
    defer { panes?.close() }
    while let line = prompt(isTerminal), !line.allSatisfy(\.isWhitespace) {
      let source = line.contains("=") && line.contains("(") ? line : "methB = ( \(line) )"
      let receipt = session.vm.accept(ChangeSet([.method("LiveEdit", source)], author: "you"))
      view.tell(receipt.description)
      if receipt.succeeded { tellEffect(receipt, view) }
      view.refresh()
      if session.monitor.look({ $0.exitStatus }) != nil {
        view.step("The program has ended.")
        return
      }
    }
    session.vm.quit(status: 0)
  }

  private func prompt(_ isTerminal: Bool) -> String? {
    if isTerminal {
      let rows = LiveEditPanes.size().rows
      LiveEditPanes.write("\u{1b}[\(rows - 1);1H\u{1b}[JmethB> ")
    }
    return readLine()
  }

  private func tellEffect(_ receipt: Receipt, _ view: any LiveEditView) {
    let microseconds = session.monitor.wait(seconds: 1) { state in
      state.events.compactMap { event in
        if case .effect(receipt.id, _, let microseconds) = event { return microseconds }
        return nil
      }.first
    }
    if let microseconds { view.tell("accept to effect: \(microseconds) µs") }
    if let text = session.monitor.look({ $0.errorText.split(separator: "\n").last }) {
      view.tell("program: \(text)")
    }
  }
}
