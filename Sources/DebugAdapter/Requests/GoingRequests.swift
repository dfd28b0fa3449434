// What stands still goes on.

import EditorProtocols

struct ThreadArguments: Decodable, Sendable { var threadId: Int }
struct FrameArguments: Decodable, Sendable { var frameId: Int }
struct TerminateThreadsArguments: Decodable, Sendable { var threadIds: [Int]? }

extension DebugAdapter {
  /// The answer tells that the process goes on, and no event need.
  private func going(_ process: Int, _ request: String, _ parameters: JSON) async throws {
    impliedContinues.insert(process)
    do { _ = try await ask(request, parameters) } catch {
      impliedContinues.remove(process)
      throw error
    }
  }

  func goOn(_ arguments: ThreadArguments) async throws -> JSON? {
    try await going(arguments.threadId, "resume", ["process": .integer(arguments.threadId)])
    return ["allThreadsContinued": false]
  }

  func step(_ arguments: ThreadArguments, _ kind: String) async throws -> JSON? {
    expectedStops.insert(arguments.threadId)
    try await going(arguments.threadId, "step", ["process": .integer(arguments.threadId), "kind": .string(kind)])
    return nil
  }

  func pause(_ arguments: ThreadArguments) async throws -> JSON? {
    expectedStops.insert(arguments.threadId)
    _ = try await ask("pause", ["process": .integer(arguments.threadId)])
    return nil
  }

  /// In the installed version; it stops again where that begins.
  func restartFrame(_ arguments: FrameArguments) async throws -> JSON? {
    let frame = try handles.frame(arguments.frameId)
    if frame.isBlock {
      throw AdapterError("Only activations of methods are begun again here; ovid/restart does it with a block.")
    }
    try await stopOnce(at: frame.method.methodName, reason: "restart")
    do { try await going(frame.process, "restart", ["activation": frame.activation]) } catch {
      await dropOnceBreakpoints()
      throw error
    }
    return nil
  }

  func terminateThreads(_ arguments: TerminateThreadsArguments) async throws -> JSON? {
    for process in arguments.threadIds ?? [] { _ = try await ask("terminate", ["process": .integer(process)]) }
    return nil
  }

  func dropOnceBreakpoints() async {
    let ids = onceBreakpoints.keys
    onceBreakpoints = [:]
    for id in ids { _ = try? await ask("removeBreakpoint", ["id": .integer(id)]) }
  }
}
