// What is asked at a stop: none of it changes the program, or it is put back at once.

import Ovid

extension FuzzDebugger {
  func look(at stop: StopReport) throws(DebugError) {
    let stack = try debugger.stack(stop.process, all: random.chance(20), count: 1 + random.pick(12))
    var texts: [ActivationID: FuzzMethodText] = [:]
    for activation in stack where !activation.isMachinery && activation.name != "evaluation" {
      let text = FuzzMethodText(try debugger.text(of: activation.id))
      texts[activation.id] = text
      check(activation, text, stop)
    }
    check(stop, stack)
    guard !stack.isEmpty else { return }
    let chosen = random.one(of: stack)
    let variables = try debugger.variables(chosen.id)
    if let text = texts[chosen.id] { check(variables, of: chosen, text, stop) }
    let known = variables.filter { variable in
      variable.value != nil && variable.kind != .field && variables.filter { $0.name == variable.name }.count == 1
    }
    guard !known.isEmpty else { return }
    let variable = random.one(of: known)
    if let value = variable.value?.id, random.chance(30) {
      count("children")
      _ = try debugger.children(value, count: 5)
    }
    if random.chance(40) { try evaluate(variable, chosen, stop) }
    if random.chance(30) { try assign(variable, chosen, stop) }
  }

  /// Answers the text of the value; nil if it has stopped.
  private func evaluate(_ text: String, _ activation: ActivationReport) throws(DebugError) -> String? {
    count("evaluate")
    if case .value(let value) = try debugger.evaluate(text, in: activation.id) { return value.text }
    return nil
  }

  private func evaluate(
    _ variable: VariableReport, _ activation: ActivationReport, _ stop: StopReport
  ) throws(DebugError) {
    guard let text = try evaluate(variable.name, activation), !hasProcesses else { return }
    if text != variable.value?.text {
      fail("\(variable.name) is \(text) when it is evaluated, and was \(variable.value?.text ?? "")", stop)
    }
  }

  /// An integer gets another value, and its own again. Where compiled code keeps it elsewhere, that is refused.
  private func assign(
    _ variable: VariableReport, _ activation: ActivationReport, _ stop: StopReport
  ) throws(DebugError) {
    guard !hasProcesses, let old = variable.value?.text, let number = Int(old), abs(number) < 1_000_000 else { return }
    do {
      count("set")
      _ = try debugger.set(variable.name, in: activation.id, to: "7007")
    } catch {
      if error.code == .refused, !isDebuggable { return }
      throw error
    }
    let now = try debugger.variables(activation.id).first { $0.name == variable.name }?.value?.text
    if now != "7007" { fail("\(variable.name) is \(now ?? "gone") after it was set", stop) }
    try debugger.set(variable.name, in: activation.id, to: old)
  }

  // MARK: Breakpoints

  func changeBreakpoints() throws(DebugError) {
    if random.chance(25), breakpoints.count < 8 { try addBreakpoint() }
    guard !breakpoints.isEmpty else { return }
    let place = random.pick(breakpoints.count)
    if random.chance(15) {
      count("remove a breakpoint")
      return try debugger.removeBreakpoint(breakpoints.remove(at: place))
    }
    if random.chance(10) {
      count("change a breakpoint")
      let id = breakpoints[place]
      guard let report = try debugger.breakpoints().first(where: { $0.id == id }) else { return }
      var breakpoint = report.breakpoint
      if random.chance(50) { breakpoint.isEnabled.toggle() } else { breakpoint.hitCount = 1 + random.pick(30) }
      _ = try debugger.change(id, to: breakpoint)
    }
  }

  func addBreakpoint() throws(DebugError) {
    guard let breakpoint = methods.breakpoint(&random) else { return }
    count(breakpoint.logMessage != nil ? "logpoint" : breakpoint.condition != nil ? "condition" : "breakpoint")
    breakpoints.append(try debugger.add(breakpoint).id)
  }
}
