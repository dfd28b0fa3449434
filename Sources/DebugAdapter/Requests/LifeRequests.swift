// From `initialize` to `disconnect`.

import Dispatch
import EditorProtocols
import Foundation
import LiveSession

struct InitializeArguments: Decodable, Sendable {
  var linesStartAt1: Bool?
  var columnsStartAt1: Bool?
  var pathFormat: String?
  var supportsInvalidatedEvent: Bool?
  var supportsProgressReporting: Bool?
}

struct AttachArguments: Decodable, Sendable {
  /// What `ovid live` prints, a class, or a process number; nil: the only session that there is.
  var address: String?
}

struct RestartArguments: Decodable, Sendable { var arguments: LaunchArguments? }
struct DisconnectArguments: Decodable, Sendable { var terminateDebuggee: Bool? }

extension DebugAdapter {
  func initialize(_ arguments: InitializeArguments) throws -> JSON? {
    guard phase == .new else { throw AdapterError("initialize was said already.") }
    if let format = arguments.pathFormat, format != "path", format != "uri" {
      throw AdapterError("pathFormat is path or uri, and not \(format.prefix(20)).")
    }
    phase = .initialized
    client.firstLine = arguments.linesStartAt1 == false ? 0 : 1
    client.firstColumn = arguments.columnsStartAt1 == false ? 0 : 1
    client.hasURIs = arguments.pathFormat == "uri"
    if arguments.supportsInvalidatedEvent == true { client.hears.insert("invalidated") }
    if arguments.supportsProgressReporting == true { client.hears.insert("progress") }
    return Self.capabilities
  }

  static let capabilities: JSON = [
    "supportsConfigurationDoneRequest": true, "supportsFunctionBreakpoints": true,
    "supportsConditionalBreakpoints": true, "supportsHitConditionalBreakpoints": true, "supportsLogPoints": true,
    "supportsExceptionInfoRequest": true, "supportsExceptionFilterOptions": true, "supportsEvaluateForHovers": true,
    "supportsSetVariable": true, "supportsSetExpression": true, "supportsRestartFrame": true,
    "supportsRestartRequest": true, "supportsTerminateRequest": true, "supportTerminateDebuggee": true,
    "supportsTerminateThreadsRequest": true, "supportsLoadedSourcesRequest": true, "supportsCancelRequest": true,
    "supportsCompletionsRequest": true, "supportsClipboardContext": true, "supportsDelayedStackTraceLoading": true,
    "supportsGotoTargetsRequest": true, "supportsStepBack": false, "supportsStepInTargetsRequest": true,
    "supportsSteppingGranularity": false, "supportsDataBreakpoints": false, "supportsModulesRequest": false,
    "supportsBreakpointLocationsRequest": true,
    "exceptionBreakpointFilters": [
      [
        "filter": "unhandled", "label": "Errors that nobody handles", "default": true,
        "description": "The process stops where the error is, and can be repaired and go on.",
      ],
      [
        "filter": "error", "label": "All errors",
        "description": "Also those that somebody handles.",
      ],
      [
        "filter": "class", "label": "Exceptions by class", "supportsCondition": true,
        "conditionDescription": "Names of classes of exceptions, with commas between: ZeroDivide, NotFound",
        "description": "Exceptions of these classes and of those below them, also those that somebody handles.",
      ],
    ],
  ]

  // MARK: Programs

  func launch(_ arguments: LaunchArguments) async throws -> JSON? {
    try needNoProgram()
    let host = host
    target = try await Self.blocking { try host.launch(arguments) }
    (program.isLaunched, program.noDebug) = (true, arguments.noDebug == true)
    program.stopsOnEntry = arguments.stopOnEntry == true && !program.noDebug
    program.arguments = arguments.args ?? []
    try await connect("launch")
    return nil
  }

  func attach(_ arguments: AttachArguments) async throws -> JSON? {
    try needNoProgram()
    let host = host
    target = try await Self.blocking { try host.attach(arguments.address) }
    try await connect("attach")
    return nil
  }

  private func needNoProgram() throws {
    if session != nil { throw AdapterError("There is a program already; disconnect first.") }
  }

  private static func blocking<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
    }
  }

  private func connect(_ method: String) async throws {
    guard let target else { return }
    let session = SessionClient(target.link) { [incoming] in incoming.yield(.event($0)) }
    let snapshot = try await session.hello(as: "debugger")
    self.session = session
    phase = .connected
    program.className = snapshot["program"]?["className"]?.string ?? ""
    let file = snapshot["program"]?["file"]?.string.map(path)
    later(
      "process",
      .fields([
        "name": .string(file ?? program.className), "isLocalProcess": true, "startMethod": .string(method),
        "systemProcessId": program.isLaunched ? .integer(Int(getpid())) : nil,
      ]))
    later("initialized")
  }

  func configurationDone() async throws -> JSON? {
    guard phase == .connected else {
      throw AdapterError(phase == .configured ? "configurationDone was said already." : "Launch or attach first.")
    }
    phase = .configured
    if program.isLaunched {
      if program.stopsOnEntry { try await stopOnEntry() }
      _ = try await ask("restartProgram")
    } else {
      // Some may stand still already.
      for process in try await ask("processes")["processes"]?.array ?? [] {
        noteThread(process)
        if let stop = process["stop"] { incoming.yield(.event(["kind": "stopped", "stop": stop])) }
      }
    }
    return nil
  }

  private func stopOnEntry() async throws {
    for selector in program.arguments.isEmpty ? ["run"] : ["run:", "run"] {
      guard let found = try? await ask("method", ["method": .string("\(program.className)>>\(selector)")]) else {
        continue
      }
      let method = (found["implementation"] ?? found["method"] ?? .null).methodName
      return try await stopOnce(at: method, reason: "entry")
    }
  }

  /// It stops where the method begins, the next time only.
  func stopOnce(at method: String, reason: String) async throws {
    let made = try await ask("addBreakpoint", ["method": .string(method)])
    if let id = made["breakpoint"]?["id"]?.integer { onceBreakpoints[id] = reason }
  }

  func restart(_ arguments: RestartArguments) async throws -> JSON? {
    guard phase == .configured else { throw AdapterError("There is no program to begin again.") }
    if let new = arguments.arguments?.args { program.arguments = new }
    if let stops = arguments.arguments?.stopOnEntry { program.stopsOnEntry = stops }
    if program.stopsOnEntry { try await stopOnEntry() }
    _ = try await ask("restartProgram", ["arguments": .array(program.arguments.map(JSON.string))])
    // What stands still would never end.
    try await letEverythingGo()
    return nil
  }

  func terminate() async throws -> JSON? {
    _ = try await ask("quitProgram")
    try await letEverythingGo()
    return nil
  }

  private func letEverythingGo() async throws {
    for process in try await ask("processes")["processes"]?.array ?? [] where process["stop"] != nil {
      _ = try? await ask("resume", ["process": process["id"] ?? .null])
    }
  }

  func disconnect(_ arguments: DisconnectArguments) async throws -> JSON? {
    await leave(terminating: arguments.terminateDebuggee)
    return nil
  }

  /// - Parameter terminating: nil: what was launched ends, what was attached to goes on.
  func leave(terminating: Bool?) async {
    guard phase != .over else { return }
    if let session {
      if terminating ?? program.isLaunched {
        _ = try? await session.ask("quitProgram")
      }
      if !program.isLaunched {
        let mine = breakpoints.ids.union(onceBreakpoints.keys)
        for id in mine { _ = try? await session.ask("removeBreakpoint", ["id": .integer(id)]) }
        for process in ownStops { _ = try? await session.ask("resume", ["process": .integer(process)]) }
      }
      session.close()
    }
    phase = .over
    session = nil
    target?.end()
  }
}
