// Running code of the program from outside, while no program runs: loading classes, and evaluating what somebody types.

import Syntax
import VM

/// Blocks; any thread but the VM's, unless a method says otherwise.
public final class Evaluations: @unchecked Sendable {
  private let universe: Universe
  private let thread: ProgramThread
  private let interruptions: Interruptions
  private let inspections: Inspections
  private let editor: Editor

  init(
    _ universe: Universe, _ thread: ProgramThread, _ interruptions: Interruptions, _ inspections: Inspections,
    _ editor: Editor
  ) {
    self.universe = universe
    self.thread = thread
    self.interruptions = interruptions
    self.inspections = inspections
    self.editor = editor
  }

  /// Loads a class from the class path, and what it needs. One that was removed, or has another name by now, comes again
  /// by an accept.
  public func load(_ className: String) throws {
    let again = try thread.perform { [universe] in
      let file = try universe.classNames.file(ofWithdrawn: className)
      if file == nil { _ = try universe.loadClass(className) }
      return file
    }
    guard let again else { return }
    let text = String(decoding: again.source.bytes, as: UTF8.self)
    let receipt = editor.accept(.classSource(text, file: again.path), author: "load")
    if let error = receipt.errors.first { throw LoadError.invalid("\(error)") }
  }

  /// Loads the class that a program's file defines; answers its name.
  public func loadProgram(_ name: String) throws -> String {
    try thread.perform { [universe] in try universe.loadProgram(name).name }
  }

  /// Searches one more folder for classes, after the others.
  public func addClassPath(_ folder: String) {
    _ = try? thread.perform { [universe] in
      if !universe.options.classPath.contains(folder) { universe.options.classPath.append(folder) }
    }
  }

  // MARK: Workspaces

  /// An empty workspace.
  public func makeWorkspace() -> Workspace {
    inspections.atSafepoint { [universe] in Workspace(WorkspaceVariables(universe)) }
  }

  /// Evaluates statements, or accepts a class. `self` is nil; a variable that is assigned and declared nowhere
  /// belongs to the workspace.
  public func evaluate(_ text: String, in workspace: Workspace) -> WorkspaceAnswer {
    let source = SourceText(name: "input", text)
    let input: ParsedInput
    do throws(SyntaxErrors) { input = try Parser.parseInput(source) } catch {
      return error.isIncomplete ? .incomplete(EditErrors(error).errors) : .refused(EditErrors(error).errors)
    }
    switch input {
    case .nothing: return .nothing
    case .classDefinition(let definition):
      let receipt = editor.accept(ChangeSet([.classSource(text, file: nil)], author: "workspace"))
      if receipt.succeeded {
        inspections.atSafepoint { workspace.variables.forget(definition.name) }
      }
      return .accepted(receipt)
    case .expression(let definition):
      let answer = try? interruptions.during {
        try thread.perform { [self] in
          evaluate { try workspace.variables.evaluate(definition, source: source) }
        }
      }
      return answer ?? .failed
    }
  }

  /// The names of a workspace's variables, in order of appearance.
  public func variables(of workspace: Workspace) -> [String] {
    inspections.atSafepoint { workspace.variables.names.filter { !$0.hasPrefix("<") } }
  }

  /// The class of what a variable of the workspace holds.
  public func className(ofVariable name: String, in workspace: Workspace) -> String? {
    inspections.atSafepoint { [universe] in
      workspace.variables.classIndex(of: name).map { universe.classes[$0].name }
    }
  }

  /// True if the text of a method ends too early.
  public static func isIncomplete(method text: String) -> Bool {
    do throws(SyntaxErrors) { _ = try Parser.parseMethod(SourceText(name: "method", text)) } catch {
      return error.isIncomplete
    }
    return false
  }

  /// VM thread.
  private func evaluate(_ body: () throws -> Outcome) -> WorkspaceAnswer {
    do {
      switch try body() {
      case .value(let value): return .value(try result(value, limit: Workspace.textLimit))
      case .exit(let status): return ended(status)
      }
    } catch let failure as InstallError {
      if case .syntax(let errors) = failure { return .refused(EditErrors(errors).errors) }
      return .refused([AcceptError(change: 0, message: "\(failure)")])
    } catch EvaluationFailure.exit(let status) {
      return ended(status)
    } catch EvaluationFailure.interrupted {
      return .interrupted
    } catch {
      return .refused([AcceptError(change: 0, message: "\(error)")])
    }
  }

  private func ended(_ status: Int) -> WorkspaceAnswer {
    switch universe.ending {
    case .exit: .exit(status: status)
    case .error: .failed
    case .interrupted, .stopped, .process: .interrupted
    }
  }

  // MARK: Results

  /// Of an object's text, no more than `limit` characters. VM thread, no program runs.
  private func result(_ value: Value, limit: Int = Int(Int32.max)) throws -> EvaluationResult {
    let mark = universe.handles.count
    defer { universe.handles.pop(to: mark) }
    let handle = universe.handles.push(value)
    let className = universe.classes[value.classIndex].name
    var text = className
    switch print(value, limit) {
    case .value(let string): text = universe.string(string) ?? className
    case .exit(let status): throw failure(status)
    }
    let plain = universe.plainValue(universe.handles[handle], text)
    return EvaluationResult(value: plain, className: className, description: text)
  }

  /// Why the program that has just ended gave no answer.
  private func failure(_ status: Int) -> EvaluationFailure {
    universe.ending == .interrupted ? .interrupted : .exit(status: status)
  }

  /// As programs print it: by printString; with a core library that has none, by asString.
  private func print(_ value: Value, _ limit: Int) -> Outcome {
    let isText = universe.isString(value) || universe.plainValue(value, "") != .object
    let printing = universe.symbols.intern("printStringLimitedTo:")
    if isText || universe.lookup.method(value.classIndex, printing) == nil {
      return universe.perform(value, "asString")
    }
    return universe.perform(value, "printStringLimitedTo:", [Value(integer: limit)])
  }
}

extension Universe {
  /// A value that has a Swift counterpart; of others, `object`. VM thread.
  func plainValue(_ value: Value, _ text: String) -> EvaluationResult.Value {
    switch value {
    case .nil: return .nil
    case .true: return .boolean(true)
    case .false: return .boolean(false)
    default: break
    }
    if isInteger(value) {
      guard let big = bigInteger(value) else { return .object }
      return Int(exactly: big).map { .integer($0) } ?? .bigInteger(big.description)
    }
    if let d = double(value) { return .double(d) }
    if isString(value) {
      let content = string(value) ?? text
      return symbolID(value) == nil ? .string(content) : .symbol(content)
    }
    return .object
  }
}
