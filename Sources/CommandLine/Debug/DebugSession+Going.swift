// Commands that let the program go on. They wait until it stands still again, or has ended.

import Ovid

extension DebugSession {
  /// What has been looked at goes on; what has stopped since is looked at next.
  func goOn() throws {
    guard hasStarted else { return try start(stopping: false) }
    let unseen = unseenStops
    for process in try vm.debugger.processes() {
      guard let stop = process.stop, !unseen.contains(stop.number) else { continue }
      try vm.debugger.resume(process.id)
    }
    proceed()
  }

  /// Of stops that nobody has looked at.
  private var unseenStops: Set<Int> { Set(program.waitingStops.map(\.number)) }

  /// Nothing is selected until something stands still.
  private func proceed(others: Set<Int> = []) {
    select(nil)
    wait(others: others)
  }

  func step(_ kind: DebugStep) throws {
    guard hasStarted else { return try start(stopping: true) }
    let selection = try selected()
    let others = unseenStops
    try vm.debugger.step(selection.stop.process, kind, from: selection.activation?.id.index)
    proceed(others: others)
  }

  func stepUntil(_ text: String) throws {
    let line = try number(text, "until")
    let activation = try activation()
    let source = try vm.debugger.text(of: activation.id)
    let last = source.line + source.text.split(separator: "\n", omittingEmptySubsequences: false).count - 1
    guard (source.line...last).contains(line) else {
      throw Refusal("\(activation.method) has the lines \(source.line) to \(last): `list` shows them")
    }
    let others = unseenStops
    try vm.debugger.step(activation.id.process, .toLine(line), from: activation.id.index)
    proceed(others: others)
  }

  func restart(_ argument: String) throws {
    guard argument.isEmpty || "own".hasPrefix(argument) else {
      throw Refusal("restart takes nothing, or `own`: the version that the activation runs")
    }
    try vm.debugger.restart(try activation().id, installed: argument.isEmpty)
    proceed()
  }

  func returnValue(_ text: String) throws {
    try vm.debugger.return(text, from: try activation().id)
    proceed()
  }

  func resume(_ text: String) throws {
    try vm.debugger.resume(try selected().stop.process, with: text)
    proceed()
  }

  func leave() throws {
    try vm.debugger.leave(try selected().stop.process)
    isLeaving = true
    wait()
  }

  // MARK: Processes

  func listProcesses() throws {
    guard hasStarted else { _ = try selected(); return }
    for process in try vm.debugger.processes() {
      let mark = process.id == selection?.stop.process ? ">" : " "
      let name = process.name == "\(process.id)" ? "" : " (\(process.name))"
      var text = "\(mark) \(process.id)\(name), priority \(process.priority): "
      if let stop = process.stop {
        text += "stands still, \(StopText.reason(stop))"
        if let activation = stop.activation { text += ", in \(activation.name)" }
      } else {
        text += process.activity
      }
      console.say(StopText.cut(text, console.columns))
    }
  }

  func selectProcess(_ text: String) throws {
    let id = try number(text, "process")
    guard let process = try vm.debugger.processes().first(where: { $0.id == id }) else {
      throw Refusal("there is no process \(id): `processes` lists them")
    }
    guard let stop = process.stop else {
      throw Refusal("process \(id) does not stand still (it \(process.activity)): `pause \(id)` stops it")
    }
    show(stop)
  }

  func pause(_ text: String) throws {
    let id = text.isEmpty ? nil : try number(text, "pause")
    guard hasStarted else { _ = try selected(); return }
    let processes = try vm.debugger.processes()
    if let id, let stop = processes.first(where: { $0.id == id })?.stop, stop.evaluations == 0 {
      throw Refusal("process \(id) stands still already: `process \(id)` selects it")
    }
    if id == nil, !processes.contains(where: { $0.stop == nil }) {
      throw Refusal("every process stands still already")
    }
    let others = unseenStops
    try vm.debugger.pause(id)
    wait(others: others)
  }

  func terminate(_ text: String) throws {
    let id = text.isEmpty ? try selected().stop.process : try number(text, "terminate")
    try vm.debugger.terminate(id)
    if id == Self.mainProcess { return proceed() }
    console.say("process \(id) ends")
    guard id == selection?.stop.process else { return }
    // Another one that stands still, or whatever comes.
    let unseen = unseenStops
    let others = try vm.debugger.processes().filter { $0.id != id }
    if let stop = others.compactMap(\.stop).first(where: { !unseen.contains($0.number) }) { return show(stop) }
    proceed()
  }
}
