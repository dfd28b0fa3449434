// What an embedding asks of a machine whose program does not run: load a class, evaluate an expression.

import GccBackend
import Syntax
import VM

/// What an expression answered, as plain values: nothing here refers to an object of the machine.
public struct EvaluationResult: Sendable, Hashable, CustomStringConvertible {
  /// The values that have a Swift counterpart; everything else is known by its class and its text.
  public enum Value: Sendable, Hashable {
    case `nil`
    case boolean(Bool)
    case integer(Int)
    /// Beyond 64 bits: in decimal.
    case bigInteger(String)
    case double(Double)
    case string(String)
    case symbol(String)
    case object
  }
  public var value: Value
  /// Name of the class of the answer.
  public var className: String
  /// What the answer's `printString` says, and of strings and symbols the text itself. `...` at the end: it was cut.
  public var description: String
}

/// How an evaluation ended without an answer.
public enum EvaluationFailure: Error, Sendable {
  case syntax(String)
  /// `system exit:` or an uncaught error, which has printed its message.
  case exit(status: Int)
  case interrupted
}

extension Runtime {
  /// Loads a class from the class path, and what it needs. Blocks; any thread but the VM's.
  public func load(_ className: String) throws {
    _ = try perform { universe in try universe.loadClass(className) }
  }

  /// Evaluates statements, with nil as `self`. Blocks; any thread but the VM's.
  public func evaluate(_ text: String) throws -> EvaluationResult {
    try interruptibly {
      try perform { [self] universe in
        let outcome: Outcome
        do { outcome = try universe.evaluate(SourceText(name: "expression", text)) } catch {
          throw EvaluationFailure.syntax("\(error)")
        }
        switch outcome {
        case .value(let value): return try result(value)
        case .exit(let status): throw failure(status)
        }
      }
    }
  }

  /// Of an object's text, no more than `limit` characters. VM thread, no program runs.
  func result(_ value: Value, limit: Int = Int(Int32.max)) throws -> EvaluationResult {
    let mark = universe.handles.count
    defer { universe.handles.pop(to: mark) }
    let handle = universe.handles.push(value)
    let className = universe.classes[value.classIndex].name
    var text = className
    switch print(value, limit) {
    case .value(let string): text = universe.string(string) ?? className
    case .exit(let status): throw failure(status)
    }
    let plain = plainValue(universe.handles[handle], text)
    return EvaluationResult(value: plain, className: className, description: text)
  }

  /// Why the program that has just ended gave no answer.
  private func failure(_ status: Int) -> EvaluationFailure {
    universe.ending == .interrupted ? .interrupted : .exit(status: status)
  }

  /// As programs print it: by printString; with a core library that has none, by asString.
  private func print(_ value: Value, _ limit: Int) -> Outcome {
    let isText = universe.isString(value) || plainValue(value, "") != .object
    let printing = universe.symbols.intern("printStringLimitedTo:")
    if isText || universe.lookup(value.classIndex, printing) == nil { return universe.perform(value, "asString") }
    return universe.perform(value, "printStringLimitedTo:", [Value(integer: limit)])
  }

  private func plainValue(_ value: Value, _ text: String) -> EvaluationResult.Value {
    switch value {
    case .nil: return .nil
    case .true: return .boolean(true)
    case .false: return .boolean(false)
    default: break
    }
    if universe.isInteger(value) {
      guard let big = universe.bigInteger(value) else { return .object }
      return Int(exactly: big).map { .integer($0) } ?? .bigInteger(big.description)
    }
    if let d = universe.double(value) { return .double(d) }
    if universe.isString(value) {
      let content = universe.string(value) ?? text
      return universe.symbolID(value) == nil ? .string(content) : .symbol(content)
    }
    return .object
  }
}

extension Runtime {
  /// Makes a machine whose program prints to `out` and `error` (nil: the process's own); to sinks, line by line if
  /// somebody watches.
  public convenience init(
    options: Options, classPath: [String], out: ((UnsafeRawBufferPointer) -> Void)?,
    error: ((UnsafeRawBufferPointer) -> Void)?, flushesLines: Bool, compileWorker: [String]?
  ) {
    self.init(
      options: options, classPath: classPath, output: Output(out: out, error: error, flushesLines: flushesLines),
      compileWorker: compileWorker)
  }
}

extension Runtime {
  /// Whether libgccjit can be loaded into this process: its version, or what is wrong.
  public static func compilerState() -> (version: Int?, problem: String?) {
    CompilerService.state(of: InProcessGenerator())
  }

  /// The same where this machine compiles. Any thread; may wait for the worker to start.
  public func compilerState() -> (version: Int?, problem: String?) { compiling.state() }

  /// The folder for the temporary files of the compile worker, the bytes that are free there (nil if it is not there),
  /// and how many it needs.
  public static func temporaryFiles() -> (folder: String, room: Int?, needed: Int) {
    let folder = ObjectFiles.defaultPlaces.first { TemporaryFiles.hasRoom(in: $0) } ?? TemporaryFiles.folder
    return (folder, TemporaryFiles.room(in: folder), TemporaryFiles.needed)
  }
}
