// What the session tells, as the client hears it.

import EditorProtocols

extension DebugAdapter {
  /// Receipts and what becomes of them, which the protocol has no events for: `ovid/NAME`.
  private static let receiptEvents: Set<String> = [
    "accepted", "refused", "written", "effect", "reoptimized", "settled", "takenBack", "installed",
  ]

  func tell(_ event: JSON) async {
    guard !event.isNull else {
      // The session is gone.
      if phase == .connected || phase == .configured { self.event("terminated") }
      return
    }
    let kind = event["kind"]?.string ?? ""
    switch kind {
    case "stopped": await tellStop(event["stop"] ?? .null)
    case "continued":
      let process = event["process"]?.integer ?? 0
      handles.forget(process: process)
      ownStops.remove(process)
      if impliedContinues.remove(process) == nil {
        self.event("continued", ["threadId": .integer(process), "allThreadsContinued": false])
      }
    case "breakpoint":
      guard let report = event["breakpoint"], let id = report["id"]?.integer, breakpoints.isHeld(id) else { return }
      places.forget()
      let shown = await breakpoint(report)
      if let line = shown["line"]?.integer { breakpoints.tell(self.line(line), of: id) }
      self.event("breakpoint", ["reason": "changed", "breakpoint": shown])
    case "logged":
      console(event["text"]?.string ?? "")
    case "evaluated":
      let text = event["value"]?["text"]?.string ?? event["failure"]?["message"]?.string ?? ""
      console("the evaluation has ended: \(text)")
    case "processes":
      let processes = event["processes"]?.array ?? []
      for process in processes { noteThread(process) }
      let now = Set(processes.compactMap { $0["id"]?.integer })
      for gone in threads.subtracting(now).sorted() {
        self.event("thread", ["reason": "exited", "threadId": .integer(gone)])
      }
      threads = now
    case "program": await tellProgram(event["program"] ?? .null)
    case "output":
      if let leftOut = event["leftOut"]?.integer, leftOut > 0 { console("(\(leftOut) bytes are left out)") }
      self.event(
        "output",
        [
          "category": event["stream"]?.string == "error" ? "stderr" : "stdout",
          "output": event["text"] ?? "",
        ])
    default:
      guard Self.receiptEvents.contains(kind) else { return }
      if ["accepted", "takenBack", "written"].contains(kind) { places.forget() }
      self.event("ovid/\(kind)", event)
      // Which version is installed is another one for those who stand still.
      if kind == "accepted" || kind == "takenBack" { invalidate("stacks") }
    }
  }

  func noteThread(_ process: JSON) {
    guard let id = process["id"]?.integer, threads.insert(id).inserted else { return }
    event("thread", ["reason": "started", "threadId": .integer(id)])
  }

  // MARK: Stops

  private func tellStop(_ stop: JSON) async {
    let process = stop["process"]?.integer ?? 0
    let ids = stop["breakpoints"]?.array?.compactMap(\.integer) ?? []
    let reason = stop["reason"]?.string ?? ""
    impliedContinues.remove(process)
    let isStepIntoTarget = steps[process]?.breakpoints.isDisjoint(with: ids) == false
    if await goesOn(after: stop, process) { return }
    let once = ids.compactMap { onceBreakpoints[$0] }.first ?? (isStepIntoTarget ? "step" : nil)
    if once != nil, !isStepIntoTarget { await dropOnceBreakpoints() }
    if program.noDebug || reason == "unhandledError" && program.isLaunched && !stopsAtUnhandledErrors {
      // As if nobody looked.
      _ = try? await ask("resume", ["process": .integer(process)])
      return
    }
    noteThread(["id": .integer(process)])
    let (name, description) = Self.words(for: reason)
    let held = ids.filter(breakpoints.isHeld)
    if expectedStops.remove(process) != nil || !held.isEmpty || once != nil { ownStops.insert(process) }
    let isFunction = held.contains { breakpoints.isFunction($0) }
    event(
      "stopped",
      .fields([
        "reason": .string(once ?? (isFunction ? "function breakpoint" : name)),
        "description": .string(once == nil ? description : "Stands at the \(once == "entry" ? "entry" : "beginning")"),
        "threadId": .integer(process), "allThreadsStopped": false, "preserveFocusHint": false,
        "text": reason == "error" || reason == "unhandledError" ? stop["message"] : nil,
        "hitBreakpointIds": held.isEmpty ? nil : .array(held.map(JSON.integer)),
      ]))
    if let answered = stop["answered"]?["text"]?.string { console("answered \(answered)") }
    if reason == "breakpoint", let message = stop["message"]?.string { console(message) }
  }

  private static func words(for reason: String) -> (name: String, description: String) {
    switch reason {
    case "breakpoint": ("breakpoint", "Stands at a breakpoint")
    case "step": ("step", "Has made a step")
    case "pause": ("pause", "Was paused")
    case "halt": ("breakpoint", "Has sent halt")
    case "unhandledError": ("exception", "Stands at an error that nobody handles")
    case "error": ("exception", "Stands at an error that somebody may handle")
    default: ("pause", "Stands still")
    }
  }

  // MARK: The program

  private func tellProgram(_ report: JSON) async {
    if report["state"]?.string != "ended" || report["beginsAgain"] == true { return }
    if let problem = report["problem"]?.string {
      event("output", ["category": "stderr", "output": .string(problem + "\n")])
    }
    if phase != .configured { return }
    event("exited", ["exitCode": report["status"] ?? 1])
    event("terminated")
  }
}
