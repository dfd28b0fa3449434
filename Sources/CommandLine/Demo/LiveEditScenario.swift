// The story of the demo, step by step. Every number in it is measured while it runs, and a step that does not
// happen as it must ends it.

import Foundation
import Laboratory
import Ovid

/// Shows the story to somebody.
protocol LiveEditView {
  /// A new step begins.
  func step(_ title: String)
  /// Something was observed.
  func tell(_ text: String)
  /// The sources may have changed.
  func refresh()
  /// Leaves the audience time to look.
  func pause(_ seconds: Double)
}

struct LiveEditScenario {
  let session: LiveEditSession
  let view: any LiveEditView
  private var monitor: LiveEditMonitor { session.monitor }

  init(session: LiveEditSession, view: any LiveEditView) {
    self.session = session
    self.view = view
  }

  func run() throws {
    if case .missing(let reason) = session.vm.compilerSupport() { try interpret(reason) }
    let speed = try compile()
    let edit = try editInlinedMethod()
    try recover(from: edit, to: speed)
    try editRunningMethod()
    try endAndStartAgain()
  }

  /// What is left of the demo where nothing can be compiled: the edit takes effect, at the interpreter's speed.
  private func interpret(_ reason: String) throws {
    view.step("\(reason): nothing can be compiled here; `ovid doctor` says how to install it")
    session.start()
    view.refresh()
    try expect(value: 1, seconds: 10, "methA runs")
    view.step("accept a new methB while the interpreted loop of methA runs")
    view.tell(try session.accept("methB = (\n    ^2\n)").description)
    view.refresh()
    try expect(value: 2, seconds: 10, "methB answers 2")
    view.tell("the loop, never left, adds 2 for each send now")
    view.pause(2)
    throw StepFailure(
      description: "the rest of the demo is about compiled code, and \(reason); `make setup` installs it")
  }

  /// Starts the program, and waits until it runs compiled code.
  func compile() throws -> Double {
    view.step("methA loops, sending methB; it starts in the interpreter")
    session.start()
    view.refresh()
    guard let first = monitor.wait(seconds: 10, for: { $0.samples.compactMap(\.rate).first }) else {
      throw StepFailure(description: "the program reports nothing. \(monitor.look { $0.errorText })")
    }
    view.tell("interpreter: \(short(first)) sends/s")
    let (code, site) = try session.waitUntilInlined(seconds: 30)
    view.tell(
      "compiled: \(code.name), by libgccjit in \(code.compileMicroseconds / 1000) ms"
        + (code.isFromCache ? " (from the code cache)" : ""))
    view.tell("inlined: \(site.callee) into \(site.caller), line \(site.line)")
    view.refresh()
    let speed = try session.speed(over: 0.4)
    view.tell(
      "compiled code: \(short(speed)) sends/s, \(String(format: "%.0f", speed / first)) times the interpreter's"
    )
    view.pause(2)
    return try session.speed(over: 0.2, by: \.processorRate)
  }

  /// Replaces methB while compiled code that has inlined it runs.
  func editInlinedMethod() throws -> ContinuousClock.Instant {
    view.step("accept a new methB, which the running loop has inlined")
    let start = ContinuousClock.now
    let receipt = try session.accept("methB = (\n    ^2\n)")
    view.refresh()
    view.tell(receipt.description)
    guard !receipt.invalidated.isEmpty else {
      throw StepFailure(description: "no compiled code was invalidated")
    }
    guard receipt.callSites.contains(where: { $0.caller == "LiveEdit>>methA" }) else {
      throw StepFailure(description: "the receipt does not name the call site in methA")
    }
    guard receipt.framesDeoptimized > 0 else { throw StepFailure(description: "no frame was deoptimized") }
    let microseconds = try effect(of: receipt)
    view.tell(
      "\(receipt.invalidated.count) code unit(s) invalidated, \(receipt.framesDeoptimized) live frame(s) deoptimized; "
        + "accept to effect \(microseconds) µs")
    try expect(value: 2, seconds: 10, "methB answers 2")
    view.tell("the loop, never left, adds 2 for each send now")
    return start
  }

  /// Microseconds from the request to the first send that ran the new code.
  private func effect(of receipt: Receipt) throws -> Int {
    let found = monitor.wait(seconds: 10) { state in
      state.events.compactMap { event in
        if case .effect(receipt.id, _, let microseconds, _) = event { return microseconds }
        return nil
      }.first
    }
    guard let found else {
      throw StepFailure(description: "no send ran the new code of accept \(receipt.id)")
    }
    return found
  }

  /// Waits until the program reports that methB answers `value`, from then on.
  private func expect(value: Int, seconds: Double, _ what: String) throws {
    let seen = monitor.wait(seconds: seconds) { $0.samples.last?.value == value ? true : nil }
    guard seen != nil else {
      let last = monitor.look { $0.samples.last.map { "\($0.value)" } ?? "nothing" }
      throw StepFailure(
        description: "\(what): the program reports \(last) instead. \(monitor.look { $0.errorText })")
    }
  }

  /// `speed` is by the processor time of the program's thread.
  func recover(from edit: ContinuousClock.Instant, to speed: Double) throws {
    view.step("the loop is compiled again, in the background")
    let back = try session.waitUntilBack(to: speed, adding: 2, since: edit)
    view.tell(
      "back to 90 % of the speed \(String(format: "%.1f", (back - edit).milliseconds)) ms after the accept")
    let (code, site) = try session.waitUntilInlined(seconds: 10)
    view.tell("compiled: \(code.name), with the new \(site.callee) inlined, line \(site.line)")
    view.tell("now \(short(try session.speed(over: 0.3))) sends/s")
    view.pause(2)
  }

  /// Replaces methA, which runs: its activation must go on as it is.
  func editRunningMethod() throws {
    view.step("accept a new methA, whose activation is running")
    let before = monitor.look { $0.samples.count }
    let receipt = try session.accept(
      "methA = (\n    [ self isRunning ] whileTrue: [\n        self count: 0 - self methB ]\n)")
    view.refresh()
    view.tell(receipt.description)
    let values = monitor.wait(seconds: 10) { state in
      state.samples.count >= before + 100 ? Set(state.samples[before...].map(\.value)) : nil
    }
    guard let values else { throw StepFailure(description: "the program stopped reporting") }
    guard values == [2] else {
      throw StepFailure(description: "the running activation changed: it reports \(values.sorted())")
    }
    view.tell(
      "100 reports later: the running activation still adds 2; it finishes with the code it started with")
    view.pause(2)
  }

  func endAndStartAgain() throws {
    view.step("let this activation end; the program starts methA once more")
    _ = try session.accept("isRunning = (\n    ^activation > 1\n)")
    view.refresh()
    guard monitor.wait(seconds: 10, for: { $0.lines.contains("methA ends 1") ? true : nil }) != nil else {
      throw StepFailure(description: "the activation did not end. \(monitor.look { $0.errorText })")
    }
    view.tell("methA ended, and started again")
    try expect(value: -2, seconds: 10, "the new methA runs")
    view.tell("the new activation runs the new methA: it subtracts 2 for each send")
    let (code, _) = try session.waitUntilInlined(seconds: 20)
    view.tell("compiled: \(code.name); \(short(try session.speed(over: 0.3))) sends/s")
    view.pause(2)
    _ = try session.accept("isRunning = (\n    ^false\n)")
    let status = monitor.wait(seconds: 10) { $0.exitStatus }
    guard case .success(0) = status else {
      throw StepFailure(
        description: "the program did not end well: \(status.map { "\($0)" } ?? "it still runs") "
          + monitor.look { $0.errorText })
    }
    view.step("the program ended; nothing was restarted, and no send ever ran code that was not current")
  }
}
