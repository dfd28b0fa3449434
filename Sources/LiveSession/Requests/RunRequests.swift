// Evaluating, inspecting, watching; beginning the program again.

import Ovid

extension RequestTable {
  private struct Evaluated: Decodable {
    enum Mode: String, Decodable {
      case `do`, print, inspect
    }
    var text: String
    var mode: Mode?
    var workspace: String?
    var seconds: Double?
  }
  private struct EvaluatedIn: Decodable {
    var activation: ActivationID
    var text: String
    var mode: Evaluated.Mode?
    var seconds: Double?
  }
  private struct ByWorkspace: Decodable { var workspace: String? }
  private struct Inspected: Decodable {
    var value: ValueID
    var from: Int?
    var count: Int?
    var path: [ValueID]?
  }
  private struct ByValue: Decodable { var value: ValueID }
  private struct ChildSet: Decodable {
    var value: ValueID
    var child: Int
    var text: String
  }
  private struct Watched: Decodable {
    var text: String
    var interval: Int?
  }
  private struct ByID: Decodable { var id: Int }
  private struct Restarted: Decodable { var arguments: [String]? }
  private struct VariableLine: Encodable {
    var name: String
    var className: String?
  }

  /// Children that are answered at once, at most.
  private static let childLimit = 1000
  private static let pathLimit = 200

  static let runRequests: [String: RequestHandler] = [
    "evaluate": handling { (session, call, wanted: Evaluated) in
      let workspace = try session.workspaces.named(wanted.workspace)
      let input = session.vm.side.evaluate(
        wanted.text, in: workspace, isPrinted: wanted.mode == .print, author: call.client.author
      ) { session.answer(call, $0) }
      try session.follow(call, input, seconds: wanted.seconds)
    },
    "evaluateIn": handling { (session, call, wanted: EvaluatedIn) in
      let debugger = session.vm.debugger, process = wanted.activation.process
      call.takesLong(
        seconds: wanted.seconds, progress: { Fields("process", process) },
        cancel: {
          // It stops there first: an evaluation is left at a stop.
          try? debugger.pause(process)
          try? debugger.leave(process)
        })
      try debugger.evaluate(wanted.text, in: wanted.activation, isPrinted: wanted.mode == .print) { result in
        switch result {
        case .success(.value(let value)):
          call.answer(Fields("kind", "value").with("value", value).with("text", value.text))
        case .success(.stopped(let stop)): call.answer(Fields("kind", "stopped").with("stop", stop))
        case .failure(let error): call.fail(error)
        }
      }
    },
    "variables": answering { (session, _, wanted: ByWorkspace) in
      let workspace = try session.workspaces.named(wanted.workspace)
      return Fields(
        "variables",
        session.vm.variables(of: workspace).map {
          VariableLine(name: $0, className: session.vm.className(ofVariable: $0, in: workspace))
        })
    },
    "inspect": answering { (session, _, wanted: Inspected) in
      let (value, children) = try session.vm.debugger.inspect(
        wanted.value, from: wanted.from ?? 0, count: min(wanted.count ?? 100, childLimit),
        path: Array((wanted.path ?? []).prefix(pathLimit)))
      return Fields("value", value).with("children", children)
    },
    "printString": handling { (session, call, wanted: ByValue) in
      let evaluation = session.vm.side.printString(wanted.value) { session.answer(call, $0) }
      try session.follow(call, .evaluating(evaluation), seconds: nil)
    },
    "setChild": handling { (session, call, wanted: ChildSet) in
      let workspace = try session.workspaces.named(nil)
      let input = session.vm.side.setChild(wanted.child, of: wanted.value, to: wanted.text, in: workspace) {
        session.answer(call, $0)
      }
      try session.follow(call, input, seconds: 10)
    },
    "watch": answering { (session, _, wanted: Watched) in
      Fields("id", try session.watches.add(wanted.text, interval: wanted.interval ?? 250))
    },
    "unwatch": answering { (session, _, wanted: ByID) in
      try session.watches.remove(wanted.id)
      return Fields()
    },
    "restartProgram": answering { (session, _, wanted: Restarted) in
      try session.program.needProgram()
      session.program.restart(wanted.arguments)
      return Fields("program", session.program.report)
    },
    "quitProgram": answering { session, _ in
      try session.program.needProgram()
      session.program.quit()
      return Fields("program", session.program.report)
    },
  ]
}

extension LiveSession {
  /// What was asked for is under way, or has been answered already.
  fileprivate func follow(_ call: LiveCall, _ input: SideInput, seconds: Double?) throws {
    switch input {
    case .nothing: call.answer(Fields("kind", "nothing"))
    case .accepted(let receipt): call.answer(try answer(receipt).with("kind", "accepted"))
    case .incomplete(let errors): throw Self.wrongText(errors, isIncomplete: true)
    case .refused(let errors): throw Self.wrongText(errors)
    case .evaluating(let evaluation):
      call.takesLong(
        seconds: seconds, progress: { Fields("process", evaluation.process) }, cancel: { evaluation.cancel() })
    }
  }

  /// The machine's thread.
  fileprivate func answer(_ call: LiveCall, _ answer: SideAnswer) {
    switch answer {
    case .value(let value):
      call.answer(
        Fields("kind", "value").with("value", value.value).with("text", value.text ?? value.value.text)
          .with("printProblem", value.printProblem).with("microseconds", value.microseconds))
    case .stopped(let stop): call.answer(Fields("kind", "stopped").with("stop", stop))
    case .refused(let errors): call.fail(Self.wrongText(errors))
    case .failed(let error): call.fail(error)
    case .cancelled: call.fail(RequestError("cancelled", "It was cancelled."))
    case .ended:
      call.fail(
        RequestError("ended", "Its process has ended without a value: it was terminated, or the program has ended."))
    }
  }

  private static func wrongText(_ errors: [AcceptError], isIncomplete: Bool = false) -> RequestError {
    guard let error = errors.first else { return RequestError("text", "This is no statement.") }
    return RequestError(
      "text", error.message + (error.expected.map { error.message.contains($0) ? "" : ", expected \($0)" } ?? ""),
      remedy: error.remedy,
      more: Fields("line", error.line).with("column", error.column)
        .with("isIncomplete", isIncomplete ? true : nil))
  }
}
