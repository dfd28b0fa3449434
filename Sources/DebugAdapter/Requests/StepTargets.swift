// Stepping into one of the messages of a statement. The session steps into whatever comes first; so the methods that the
// message may find get a breakpoint that counts once, and the step goes over the statement.

import EditorProtocols
import Syntax

/// The numbers by which clients name selectors and methods as targets.
struct TargetNumbers {
  private var numbers: [String: Int] = [:]
  private var names: [Int: String] = [:]

  mutating func number(of name: String) -> Int {
    if let number = numbers[name] { return number }
    let number = numbers.count + 1
    numbers[name] = number
    names[number] = name
    return number
  }
  func name(_ number: Int) -> String? { names[number] }
}

/// A step that ends where a method begins that the activation has called itself.
struct StepIntoTarget {
  /// How deep that method's activation is.
  var depth: Int
  var breakpoints: Set<Int>
}

extension DebugAdapter {
  /// Messages that compiled code has no send for, as long as nobody implements them anew.
  private static let inlined: Set<String> = [
    "ifTrue:", "ifFalse:", "ifTrue:ifFalse:", "ifFalse:ifTrue:", "ifNil:", "ifNotNil:", "whileTrue:", "whileFalse:",
    "and:", "or:", "to:do:", "timesRepeat:",
  ]
  /// Methods of one selector that get a breakpoint.
  private static let implementorLimit = 50

  /// The messages of the statement that an activation is at.
  func stepInTargets(_ arguments: FrameArguments) async throws -> JSON? {
    let frame = try handles.frame(arguments.frameId)
    var targets: [JSON] = []
    for send in try await sends(at: frame) where !Self.inlined.contains(send.selector) {
      if targets.contains(where: { $0["label"]?.string == send.selector }) { continue }
      guard try await !implementors(of: send.selector).isEmpty else { continue }
      targets.append([
        "id": .integer(self.targets.number(of: send.selector)), "label": .string(send.selector),
        "line": clientLine(send.line),
      ])
    }
    return ["targets": .array(targets)]
  }

  /// Methods with statements to stop at.
  private func implementors(of selector: String) async throws -> [JSON] {
    let found = try await ask("implementors", ["selector": .string(selector)])["methods"]?.array ?? []
    var result: [JSON] = []
    for method in found.prefix(Self.implementorLimit) {
      let report = try? await ask("method", ["method": .string(method.methodName)])
      if report?["isPrimitive"]?.bool == false { result.append(method) }
    }
    return result
  }

  /// The messages of the innermost statement, with their lines where the client sees them.
  private func sends(at frame: Handles.Frame) async throws -> [(selector: String, line: Int)] {
    let found = try await ask("activation", ["activation": frame.activation])["text"] ?? .null
    let stack =
      try await ask(
        "stack", ["process": .integer(frame.process), "count": 1000])["activations"]?.array ?? []
    guard let activation = stack.first(where: { $0["id"] == frame.activation }), let at = activation["place"],
      let line = at["line"]?.integer, let column = at["column"]?.integer, let text = found["text"]?.string
    else { throw AdapterError("The activation has no text.") }
    let source = SourceText(name: "method", text)
    let firstLine = found["line"]?.integer ?? 1, firstColumn = found["column"]?.integer ?? 1
    let place = (line: line - firstLine + 1, column: line == firstLine ? column - firstColumn + 1 : column)
    guard let method = try? Parser.parseMethod(source) else { return [] }
    func isBefore(_ offset: Int, _ place: (line: Int, column: Int)) -> Bool {
      let found = source.position(of: offset)
      return (found.line, found.column) <= place
    }
    let statement = method.statements.last { isBefore($0.range.start, place) && !isBefore($0.range.end, place) }
    guard let statement else { return [] }
    let shift = (try? await self.place(ofActivation: activation))?.lineShift ?? 0
    var result: [(String, Int)] = []
    statement.value.forEachOwnSend { selector, range in
      result.append((selector, source.position(of: range.start).line + firstLine - 1 + shift))
    }
    return result
  }

  /// Goes on until the innermost activation of a process has called a method of that selector.
  func step(intoTarget number: Int, of process: Int) async throws -> JSON? {
    guard let selector = targets.name(number), !selector.contains(">>") else {
      throw AdapterError("There is no target \(number); stepInTargets answers them.")
    }
    let report = try await ask("processes")["processes"]?.array?.first { $0["id"]?.integer == process }
    guard let stop = report?["stop"], let depth = stop["depth"]?.integer else {
      throw AdapterError("Process \(process) does not stand still.")
    }
    let index = stop["activation"]?["id"]?["index"]?.integer ?? 0
    var set: Set<Int> = []
    for method in try await implementors(of: selector) {
      let made = try? await ask("addBreakpoint", ["method": .string(method.methodName)])
      if let id = made?["breakpoint"]?["id"]?.integer { set.insert(id) }
    }
    steps[process] = StepIntoTarget(depth: depth - index + 1, breakpoints: set)
    do { return try await step(ThreadArguments(threadId: process), "over") } catch {
      await dropStep(of: process)
      throw error
    }
  }

  func dropStep(of process: Int) async {
    for id in steps.removeValue(forKey: process)?.breakpoints ?? [] {
      _ = try? await ask("removeBreakpoint", ["id": .integer(id)])
    }
  }

  /// A process has stopped: answers whether it is to go on, since somebody else has called that method.
  func goesOn(after stop: JSON, _ process: Int) async -> Bool {
    guard let step = steps[process] else { return false }
    let ids = stop["breakpoints"]?.array?.compactMap(\.integer) ?? []
    let depth = stop["depth"]?.integer ?? 0, index = stop["activation"]?["id"]?["index"]?.integer ?? 0
    let isElsewhere =
      !ids.isEmpty && step.breakpoints.isSuperset(of: ids) && stop["reason"]?.string == "breakpoint"
      && depth - index > step.depth
    if isElsewhere {
      // Over the statement of the activation that the step began in.
      let from = JSON.integer(depth - step.depth + 1)
      if (try? await ask("step", ["process": .integer(process), "kind": "over", "from": from])) != nil { return true }
    }
    await dropStep(of: process)
    return false
  }
}

extension Statement {
  fileprivate var value: Expression {
    switch self {
    case .expression(let value), .returning(let value, _, _): value
    }
  }
}

extension Expression {
  /// The messages of an expression without those of its blocks, which others send.
  fileprivate func forEachOwnSend(_ visit: (_ selector: String, _ range: SourceRange) -> Void) {
    switch self {
    case .literal, .variable, .block: break
    case .assignment(let node): node.value.forEachOwnSend(visit)
    case .cascade(let node):
      node.receiver.forEachOwnSend(visit)
      for message in node.messages {
        for argument in message.arguments { argument.forEachOwnSend(visit) }
        visit(message.selector, message.selectorRange)
      }
    case .send(let first):
      // Down the receivers without recursion: chains may be long.
      var chain = [first]
      while let last = chain.last, case .send(let next) = last.receiver { chain.append(next) }
      chain.last?.receiver.forEachOwnSend(visit)
      for send in chain.reversed() {
        for argument in send.arguments { argument.forEachOwnSend(visit) }
        visit(send.selector, send.message.selectorRange)
      }
    }
  }
}
