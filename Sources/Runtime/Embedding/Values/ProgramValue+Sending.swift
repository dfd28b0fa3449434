// Sending messages to values from Swift.

import Foundation
import MachineLayout
import Syntax
import VM

extension ProgramValue {
  /// Sends a message and waits for its answer: `try account.send("deposit:", 10)`.
  ///
  /// Runs in the main process of the program if none runs, else in a process of its own, which takes turns with it; from a
  /// Swift method that the program has called, right there. An error that nothing handles is thrown as
  /// `VirtualMachineError.failed`, and has ended nothing but this call.
  /// - Parameter selector: with as many arguments as it takes: `"at:put:"`, two.
  @discardableResult
  public func send(
    _ selector: String, _ arguments: any ValueConvertible..., limits: CallLimits = .none
  ) throws(VirtualMachineError) -> ProgramValue {
    try send(selector, arguments: arguments, limits: limits)
  }

  /// The same with an array of arguments.
  @discardableResult
  public func send(
    _ selector: String, arguments: [any ValueConvertible], limits: CallLimits = .none
  ) throws(VirtualMachineError) -> ProgramValue {
    let runtime = try runtime(selector)
    return try runtime.calls.send(self, selector, arguments, limits)
  }

  /// Evaluates a block with these arguments.
  @discardableResult
  public func call(
    _ arguments: any ValueConvertible..., limits: CallLimits = .none
  ) throws(VirtualMachineError) -> ProgramValue {
    try send(Self.evaluating(arguments.count), arguments: arguments, limits: limits)
  }

  static func evaluating(_ count: Int) -> String {
    switch count {
    case 0: "value"
    case 1: "value:"
    default: "value:" + String(repeating: "with:", count: count - 1)
    }
  }

  /// `send` for a task.
  public func sendAsync(
    _ selector: String, _ arguments: [any ValueConvertible], _ limits: CallLimits
  ) async throws(VirtualMachineError) -> ProgramValue {
    try await runtime(selector).calls.sendAsync(self, selector, arguments, limits)
  }
  /// `call` for a task.
  public func callAsync(
    _ arguments: [any ValueConvertible], _ limits: CallLimits
  ) async throws(VirtualMachineError) -> ProgramValue {
    try await sendAsync(Self.evaluating(arguments.count), arguments, limits)
  }

  /// A block as a Swift closure.
  public func function<Result: ValueConvertible>(
    returning: Result.Type = Result.self
  ) -> () throws -> Result { { try call().read() } }
  /// A block of one argument as a Swift closure.
  public func function<A: ValueConvertible, Result: ValueConvertible>(
    _: A.Type = A.self, returning: Result.Type = Result.self
  ) -> (A) throws -> Result { { try call($0).read() } }
  /// A block of two arguments as a Swift closure.
  public func function<A: ValueConvertible, B: ValueConvertible, Result: ValueConvertible>(
    _: A.Type = A.self, _: B.Type = B.self, returning: Result.Type = Result.self
  ) -> (A, B) throws -> Result { { try call($0, $1).read() } }

  /// What its `printString` says.
  public func printString(limits: CallLimits = .none) throws(VirtualMachineError) -> String {
    if root == nil { return "\(content)" }
    return try send("printString", arguments: [], limits: limits).read()
  }

  /// Its equal in the language (`=`), which its class defines.
  public func isEqual(to other: ProgramValue) throws(VirtualMachineError) -> Bool { try send("=", other).read() }

  func runtime(_ selector: String) throws(VirtualMachineError) -> Runtime {
    guard let root else {
      throw .wrongType(
        "a Swift value understands no \(selector) before a machine has it: send it by VirtualMachine.send(to:)")
    }
    return try root.link.runtime()
  }
}

extension Calls {
  /// `receiver` may be a literal: then it is made first.
  public func send(
    _ receiver: ProgramValue, _ selector: String, _ arguments: [any ValueConvertible], _ limits: CallLimits
  ) throws(VirtualMachineError) -> ProgramValue {
    try checkCount(selector, arguments.count)
    return try call("send", limits, sending(receiver, selector, arguments)) { [self] in value(VM.Value(bits: $0)) }
  }

  func checkCount(_ selector: String, _ count: Int) throws(VirtualMachineError) {
    let wanted = SymbolTable.argumentCount(of: selector)
    if wanted != count { throw .wrongType("\(selector) takes \(wanted) arguments, and \(count) were given") }
  }

  func sending(
    _ receiver: ProgramValue, _ selector: String, _ arguments: [any ValueConvertible]
  ) -> Body {
    { [self] frame in
      let writer = ValueWriter(self, frame)
      let first = writer.keep(try writer.value(receiver))
      for argument in arguments { _ = writer.keep(try argument.write(writer)) }
      let handles = universe.handles
      let values = (0..<arguments.count).map { handles[first + 1 + $0] }
      return universe.send(handles[first], universe.symbols.intern(selector), values, frame: frame)
    }
  }

  /// Statements with nil as `self`. Throws `VirtualMachineError.syntax` if they are none.
  func evaluating(_ text: String) throws(VirtualMachineError) -> Body {
    let source = SourceText(name: "expression", text)
    let definition: MethodDefinition
    do throws(SyntaxErrors) { definition = try Parser.parseExpression(source) } catch { throw .syntax("\(error)") }
    return { [self] frame in
      do throws(InstallError) { return try universe.call(universe.prepare(definition, source), frame) } catch {
        throw VirtualMachineError.syntax("\(error)")
      }
    }
  }
}
