// Commands for breakpoints.

import Ovid

extension DebugSession {
  func setBreakpoint(_ text: String) throws { try add(try BreakpointText(text, in: self).stopping()) }
  func setLogpoint(_ text: String) throws { try add(try BreakpointText(text, in: self).logging()) }

  func setCatchpoint(_ text: String) throws {
    guard text.first?.isUppercase == true || text == "all", !text.contains(" ") else {
      throw Refusal("catch needs the name of a class, or `all`: catch ZeroDivide")
    }
    try add(Breakpoint(.signal(className: text == "all" ? "Error" : text)))
  }

  private func add(_ breakpoint: Breakpoint) throws {
    console.say(BreakpointText.line(try vm.debugger.add(breakpoint)))
  }

  func listBreakpoints() throws {
    let breakpoints = try vm.debugger.breakpoints()
    if breakpoints.isEmpty { return console.say("there are no breakpoints: `break` sets one") }
    for report in breakpoints { console.say(BreakpointText.line(report)) }
  }

  func deleteBreakpoint(_ text: String) throws {
    if text == "all" {
      for report in try vm.debugger.breakpoints() { try vm.debugger.removeBreakpoint(report.id) }
      return
    }
    try vm.debugger.removeBreakpoint(try number(text, "delete"))
  }

  func enableBreakpoint(_ text: String, _ isEnabled: Bool) throws {
    let id = try number(text, isEnabled ? "enable" : "disable")
    guard let report = try vm.debugger.breakpoints().first(where: { $0.id == id }) else {
      throw Refusal("there is no breakpoint \(id): `breakpoints` lists them")
    }
    var breakpoint = report.breakpoint
    breakpoint.isEnabled = isEnabled
    console.say(BreakpointText.line(try vm.debugger.change(id, to: breakpoint)))
  }
}
