// What a primitive is given, and the table of all.

import BigInt

final class Primitive: Sendable {
  let body: @Sendable (PrimitiveCall) throws(Unwinding) -> Value
  init(_ body: @escaping @Sendable (PrimitiveCall) throws(Unwinding) -> Value) { self.body = body }
}

enum Primitives {
  /// By class and selector: "Foo>>bar", "Foo class>>bar".
  static let all: [String: Primitive] = {
    var result: [String: Primitive] = [:]
    for table in [objects, classes, reflection, integers, bits, doubles, strings, arrays, blocks, processes, system] {
      result.merge(table) { a, _ in a }
    }
    return result
  }()
}

/// No call outlives the send that it is for, while which machine and sender are there; methods always are.
struct PrimitiveCall {
  unowned(unsafe) let machine: ReferenceMachine
  unowned(unsafe) let method: Method
  let receiver: Value
  let arguments: [Value]
  unowned(unsafe) let sender: Activation

  init(
    _ machine: ReferenceMachine, _ method: Method, _ receiver: Value, _ arguments: [Value], _ sender: Activation
  ) {
    self.machine = machine
    self.method = method
    self.receiver = receiver
    self.arguments = arguments
    self.sender = sender
  }

  func raise(_ error: MachineError) throws(Unwinding) -> Value {
    try machine.raise(error, from: sender, receiver: receiver)
  }

  func wrongArgument(needs expected: String, not value: Value? = nil) throws(Unwinding) -> Value {
    let found = describe(value ?? arguments.first ?? receiver)
    return try raise(.wrongArgument("\(method.name) needs \(expected), not \(found)"))
  }

  func wrongReceiver() throws(Unwinding) -> Value {
    return try raise(.wrongArgument("\(method.name) cannot run with \(describe(receiver)) as its receiver"))
  }

  private func describe(_ value: Value) -> String {
    switch value {
    case .small(let integer): return "\(integer)"
    case .large(let integer): return "\(integer.value)"
    case .double(let double): return Primitives.text(double)
    case .object(let object):
      for (known, name) in [(machine.nilValue, "nil"), (machine.trueValue, "true"), (machine.falseValue, "false")]
      where value.isIdentical(to: known) { return name }
      if let class_ = value.asClass { return "the class \(class_.name)" }
      guard let text = value.text else { return "an instance of \(object.class_.name)" }
      return object.class_ === machine[.symbol] ? "#\(text.prefix(40))" : "'\(text.prefix(40))'"
    }
  }

  /// What an edit answers, or the CompileError that it raises.
  func edit(_ body: () throws(ReferenceError) -> Value) throws(Unwinding) -> Value {
    let result: Result<Value, ReferenceError>
    do throws(ReferenceError) { result = .success(try body()) } catch { result = .failure(error) }
    switch result {
    case .success(let value): return value
    case .failure(let error):
      machine.refusals.insert(error.message)
      return try raise(.compile(error.message))
    }
  }
}
