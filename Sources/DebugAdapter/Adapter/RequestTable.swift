// Every request of the protocol that is carried out, by name.

import EditorProtocols

extension DebugAdapter {
  /// Answers the body, or throws why not.
  typealias Handler = @Sendable (DebugAdapter, DebugRequest) async throws -> JSON?

  /// They evaluate something, and others need not wait for that.
  static let longRequests: Set<String> = ["evaluate", "ovid/evaluate", "ovid/evaluateIn", "ovid/printString"]

  /// Nil: there is none. `ovid/NAME` is the request NAME of the session.
  static func handler(_ command: String) -> Handler? {
    if let handler = handlers[command] { return handler }
    guard command.hasPrefix("ovid/") else { return nil }
    let name = String(command.dropFirst("ovid/".count))
    if notForwarded.contains(name) { return nil }
    return { adapter, request in try await adapter.ask(name, request.arguments) }
  }
  /// The conversation with the session is the adapter's.
  private static let notForwarded: Set<String> = ["hello", "cancel", "canvas", "drawn", "canvasEvent", "presence"]

  /// A request with arguments.
  private static func taking<A: Decodable & SendableMetatype>(
    _ type: A.Type, _ body: @escaping @Sendable (DebugAdapter, A) async throws -> JSON?
  ) -> Handler {
    { adapter, request in try await body(adapter, try request.arguments.decoded(as: A.self)) }
  }

  static let handlers: [String: Handler] = [
    "initialize": taking(InitializeArguments.self) { try await $0.initialize($1) },
    "launch": taking(LaunchArguments.self) { try await $0.launch($1) },
    "attach": taking(AttachArguments.self) { try await $0.attach($1) },
    "configurationDone": { adapter, _ in try await adapter.configurationDone() },
    "restart": taking(RestartArguments.self) { try await $0.restart($1) },
    "terminate": { adapter, _ in try await adapter.terminate() },
    "disconnect": taking(DisconnectArguments.self) { try await $0.disconnect($1) },

    "setBreakpoints": taking(SetBreakpointsArguments.self) { try await $0.setBreakpoints($1) },
    "breakpointLocations": taking(BreakpointLocationsArguments.self) { try await $0.breakpointLocations($1) },
    "setFunctionBreakpoints": taking(FunctionBreakpointsArguments.self) { try await $0.setFunctionBreakpoints($1) },
    "setExceptionBreakpoints": taking(ExceptionBreakpointsArguments.self) { try await $0.setExceptionBreakpoints($1) },
    "exceptionInfo": taking(ThreadArguments.self) { try await $0.exceptionInfo($1) },

    "continue": taking(ThreadArguments.self) { try await $0.goOn($1) },
    "next": taking(ThreadArguments.self) { try await $0.step($1, "over") },
    "stepIn": taking(StepInArguments.self) { adapter, wanted in
      if let target = wanted.targetId { return try await adapter.step(intoTarget: target, of: wanted.threadId) }
      return try await adapter.step(ThreadArguments(threadId: wanted.threadId), "into")
    },
    "stepInTargets": taking(FrameArguments.self) { try await $0.stepInTargets($1) },
    "stepOut": taking(ThreadArguments.self) { try await $0.step($1, "out") },
    "pause": taking(ThreadArguments.self) { try await $0.pause($1) },
    "gotoTargets": taking(GotoTargetsArguments.self) { try await $0.gotoTargets($1) },
    "goto": taking(GotoArguments.self) { try await $0.goto($1) },
    "restartFrame": taking(FrameArguments.self) { try await $0.restartFrame($1) },
    "terminateThreads": taking(TerminateThreadsArguments.self) { try await $0.terminateThreads($1) },

    "threads": { adapter, _ in try await adapter.threadList() },
    "stackTrace": taking(StackTraceArguments.self) { try await $0.stackTrace($1) },
    "scopes": taking(FrameArguments.self) { try await $0.scopes($1) },
    "variables": taking(VariablesArguments.self) { try await $0.variables($1) },
    "setVariable": taking(SetVariableArguments.self) { try await $0.setVariable($1) },
    "setExpression": taking(SetExpressionArguments.self) { try await $0.setExpression($1) },
    "source": taking(SourceArguments.self) { try await $0.source($1) },
    "loadedSources": { adapter, _ in try await adapter.loadedSources() },

    "evaluate": { adapter, request in
      try await adapter.evaluate(
        try request.arguments.decoded(as: EvaluateArguments.self), sequence: request.sequence)
    },
    "completions": taking(CompletionsArguments.self) { try await $0.completions($1) },
  ]
}
