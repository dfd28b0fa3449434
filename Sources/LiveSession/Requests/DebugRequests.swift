// Processes, their stacks, breakpoints: the machine's debugger.

import Ovid

extension RequestTable {
  private struct ByProcess: Decodable { var process: Int }
  private struct MaybeProcess: Decodable { var process: Int? }
  private struct Resumed: Decodable {
    var process: Int
    var text: String?
  }
  private struct Stepped: Decodable {
    enum Kind: String, Decodable { case into, over, out, toLine }
    var process: Int
    var kind: Kind
    var line: Int?
    var from: Int?
  }
  private struct StackPage: Decodable {
    var process: Int
    var from: Int?
    var count: Int?
    var all: Bool?
  }
  private struct ByActivation: Decodable { var activation: ActivationID }
  private struct Restarted: Decodable {
    enum Version: String, Decodable { case installed, own }
    var activation: ActivationID
    var version: Version?
  }
  private struct Returned: Decodable {
    var activation: ActivationID
    var text: String
  }
  private struct VariableSet: Decodable {
    var activation: ActivationID
    var name: String
    var text: String
  }
  private struct ByID: Decodable { var id: Int }

  static let debugRequests: [String: RequestHandler] = [
    "processes": answering { session, _ in Fields("processes", try session.programProcesses()) },
    "pause": answering { (session, _, wanted: MaybeProcess) in
      try session.vm.debugger.pause(wanted.process)
      return Fields()
    },
    "resume": answering { (session, _, wanted: Resumed) in
      if let text = wanted.text {
        try session.vm.debugger.resume(wanted.process, with: text)
      } else {
        try session.vm.debugger.resume(wanted.process)
      }
      return Fields()
    },
    "step": answering { (session, _, wanted: Stepped) in
      let step: DebugStep
      switch wanted.kind {
      case .into: step = .into
      case .over: step = .over
      case .out: step = .out
      case .toLine:
        guard let line = wanted.line else { throw RequestError("badParameters", "A step `toLine` needs `line`.") }
        step = .toLine(line)
      }
      try session.vm.debugger.step(wanted.process, step, from: wanted.from)
      return Fields()
    },
    "stack": answering { (session, _, wanted: StackPage) in
      Fields(
        "activations",
        try session.vm.debugger.stack(
          wanted.process, all: wanted.all ?? false, from: wanted.from ?? 0, count: min(wanted.count ?? 100, 1000)))
    },
    "activation": answering { (session, _, wanted: ByActivation) in
      let debugger = session.vm.debugger
      return Fields("text", try debugger.text(of: wanted.activation))
        .with("variables", try debugger.variables(wanted.activation))
    },
    "setVariable": answering { (session, _, wanted: VariableSet) in
      switch try session.vm.debugger.set(wanted.name, in: wanted.activation, to: wanted.text) {
      case .value(let value): return Fields("kind", "value").with("value", value)
      case .stopped(let stop): return Fields("kind", "stopped").with("stop", stop)
      }
    },
    "restart": answering { (session, _, wanted: Restarted) in
      try session.vm.debugger.restart(wanted.activation, installed: wanted.version != .own)
      return Fields()
    },
    "return": answering { (session, _, wanted: Returned) in
      try session.vm.debugger.return(wanted.text, from: wanted.activation)
      return Fields()
    },
    "leave": answering { (session, _, wanted: ByProcess) in
      try session.vm.debugger.leave(wanted.process)
      return Fields()
    },
    "terminate": answering { (session, _, wanted: ByProcess) in
      try session.vm.debugger.terminate(wanted.process)
      return Fields()
    },
    "breakpoints": answering { session, _ in Fields("breakpoints", try session.vm.debugger.breakpoints()) },
    "addBreakpoint": answering { (session, _, wanted: BreakpointParameters) in
      let report = try session.vm.debugger.add(try wanted.breakpoint(nil))
      session.tellBreakpoints()
      return Fields("breakpoint", report)
    },
    "changeBreakpoint": answering { (session, call, wanted: BreakpointParameters) in
      let id = try call.parameters(ByID.self).id
      let old = try session.vm.debugger.breakpoints().first { $0.id == id }?.breakpoint
      let report = try session.vm.debugger.change(id, to: try wanted.breakpoint(old))
      session.tellBreakpoints()
      return Fields("breakpoint", report)
    },
    "removeBreakpoint": answering { (session, _, wanted: ByID) in
      try session.vm.debugger.removeBreakpoint(wanted.id)
      session.tellBreakpoints()
      return Fields()
    },
  ]
}

/// A breakpoint as clients say it.
private struct BreakpointParameters: Decodable {
  var method: MethodName?
  var file: String?
  var line: Int?
  var signal: String?
  var condition: String?
  var hitCount: Int?
  var logMessage: String?
  var isEnabled: Bool?

  /// - Parameter old: gives what is not said.
  func breakpoint(_ old: Breakpoint?) throws -> Breakpoint {
    Breakpoint(
      try place(old?.place), condition: condition ?? old?.condition, hitCount: hitCount ?? old?.hitCount ?? 1,
      logMessage: logMessage ?? old?.logMessage, isEnabled: isEnabled ?? old?.isEnabled ?? true
    ).withoutEmptyTexts
  }

  private func place(_ old: Breakpoint.Place?) throws -> Breakpoint.Place {
    if let key = method?.key { return line.map { .methodLine(key, $0) } ?? .entry(key) }
    if let file, let line { return .fileLine(file, line) }
    if let signal { return .signal(className: signal) }
    if let old { return old }
    throw RequestError(
      "badParameters", "A breakpoint needs a place: `method`, `method` and `line`, `file` and `line`, or `signal`.")
  }
}

extension Breakpoint {
  /// An empty condition or message is none: so they can be taken away.
  fileprivate var withoutEmptyTexts: Breakpoint {
    var copy = self
    if condition?.allSatisfy({ $0.isWhitespace }) == true { copy.condition = nil }
    if logMessage?.isEmpty == true { copy.logMessage = nil }
    return copy
  }
}

extension LiveSession {
  fileprivate func tellBreakpoints() {
    if let breakpoints = try? vm.debugger.breakpoints() {
      log.append("breakpoints", Fields("breakpoints", breakpoints))
    }
  }
}
