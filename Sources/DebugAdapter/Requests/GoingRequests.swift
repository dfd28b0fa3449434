// What stands still goes on.

import EditorProtocols
import SourceTools
import Syntax

struct ThreadArguments: Decodable, Sendable { var threadId: Int }
struct FrameArguments: Decodable, Sendable { var frameId: Int }
struct StepInArguments: Decodable, Sendable {
  var threadId: Int
  var targetId: Int?
}
struct GotoArguments: Decodable, Sendable {
  var threadId: Int
  var targetId: Int
}
struct GotoTargetsArguments: Decodable, Sendable {
  var source: SourceArguments.Source
  var line: Int
}
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
    try await beginAgain(try handles.frame(arguments.frameId), reason: "restart")
    return nil
  }

  private func beginAgain(_ frame: Handles.Frame, reason: String) async throws {
    if frame.isBlock {
      throw AdapterError("Only activations of methods are begun again here; ovid/restart does it with a block.")
    }
    try await stopOnce(at: frame.method.methodName, reason: reason)
    do { try await going(frame.process, "restart", ["activation": frame.activation]) } catch {
      await dropOnceBreakpoints()
      throw error
    }
  }

  // MARK: Other statements

  /// An activation cannot go on at another statement, but it can begin again: so there is one target, if the line is at the
  /// beginning of a method that some process stands in.
  func gotoTargets(_ arguments: GotoTargetsArguments) async throws -> JSON? {
    guard let given = arguments.source.path, let file = ClassFile.onDisk(path(given)),
      let method = file.method(atLine: line(arguments.line))
    else { return ["targets": []] }
    let definition = file.methods[method].definition
    let first = definition.body.statements.first.map { file.source.position(of: $0.range.start).line }
    let start = file.lines(ofMethod: method).lowerBound
    guard (start...max(start, first ?? start)).contains(line(arguments.line)) else { return ["targets": []] }
    let name = file.name(ofMethod: method)
    let isActive = handles.frames.values.contains { $0.method.methodName == name && !$0.isBlock }
    if !isActive { return ["targets": []] }
    return [
      "targets": [
        [
          "id": .integer(targets.number(of: name)), "label": .string("\(name) begins again"), "line": clientLine(start),
        ]
      ]
    ]
  }

  func goto(_ arguments: GotoArguments) async throws -> JSON? {
    guard let name = targets.name(arguments.targetId) else {
      throw AdapterError("There is no target \(arguments.targetId); gotoTargets answers them.")
    }
    let found = handles.frames.values.filter {
      $0.process == arguments.threadId && !$0.isBlock && $0.method.methodName == name
    }
    guard let frame = found.min(by: { $0.index < $1.index }) else {
      throw AdapterError("Process \(arguments.threadId) does not stand in \(name).")
    }
    try await beginAgain(frame, reason: "goto")
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
