// Values, calls in both directions, and classes that are written in Swift.

import Runtime

/// A value of a program, held by Swift code: see `ProgramValue`.
public typealias Value = ProgramValue

extension VirtualMachine {
  // MARK: Values

  /// Evaluates statements, with nil as `self`, to a value that is kept: `let account = try vm.value(of: "Account new")`.
  ///
  /// Runs in the main process if no program runs, else in a process of its own, which takes turns with it. From a Swift
  /// method that the program has called it runs right there; from output sinks and event handlers it is refused.
  /// - Throws: `failed` for an error that nothing handled, `syntax`, `limitExceeded`, `exit`, `interrupted`, …
  public func value(of text: String, limits: CallLimits = .none) throws(VirtualMachineError) -> Value {
    try runtime.calls.evaluate(text, limits)
  }
  /// The same without holding up a thread; cancelling the task ends the evaluation.
  public func value(of text: String, limits: CallLimits = .none) async throws(VirtualMachineError) -> Value {
    try await runtime.calls.evaluateAsync(text, limits)
  }

  /// A class, loaded from the class path if it is not: something to send `new` to.
  public func `class`(_ name: String) throws(VirtualMachineError) -> Value { try runtime.calls.classValue(name) }

  /// An object of this machine of a Swift value. (Arguments need no such conversion: they are converted as they are given.)
  public func make(_ value: some ValueConvertible) throws(VirtualMachineError) -> Value {
    try runtime.calls.make(value)
  }

  /// An object of this machine of any `Encodable`: structures are Dictionaries with strings as keys, or instances of
  /// `className` with fields named as their properties.
  public func encode(_ value: some Encodable, as className: String? = nil) throws -> Value {
    try runtime.calls.make(Value(encoding: value, as: className))
  }

  /// Sends a message to any value: `try vm.send(to: 3, "max:", 4)`. To an object that is held already, `Value.send` does it.
  @discardableResult
  public func send(
    to receiver: some ValueConvertible, _ selector: String, _ arguments: any ValueConvertible...,
    limits: CallLimits = .none
  ) throws(VirtualMachineError) -> Value {
    try runtime.calls.send(receiver.programValue, selector, arguments, limits)
  }
  /// The same without holding up a thread; cancelling the task ends the call.
  @discardableResult
  public func send(
    to receiver: some ValueConvertible, _ selector: String, _ arguments: any ValueConvertible...,
    limits: CallLimits = .none
  ) async throws(VirtualMachineError) -> Value {
    try await runtime.calls.sendAsync(receiver.programValue, selector, arguments, limits)
  }

  // MARK: Swift from the language

  /// Makes, or makes anew, a class of the language whose methods are Swift closures: see `SwiftClass`. Its instances stand
  /// for objects of the Swift class `type`.
  public func define<T: SwiftObject>(
    _ name: String, _ type: T.Type, superclass: String = "Object", _ body: (inout SwiftClass<T>) throws -> Void
  ) throws(VirtualMachineError) {
    try refuseFromWithin("define")
    try runtime.define(name, type, superclass: superclass, body)
  }

  /// The same for a class without a Swift class behind it, whose receivers are values.
  public func define(
    _ name: String, superclass: String = "Object", _ body: (inout SwiftClass<Value>) throws -> Void
  ) throws(VirtualMachineError) {
    try refuseFromWithin("define")
    try runtime.define(name, Value.self, superclass: superclass, body)
  }

  /// Gives Swift closures to methods of a class of the program whose own text says `= primitive` of them, and which has a
  /// field `swiftObject` before all others: its instances stand for objects of the Swift class `type`. Before the class is
  /// loaded. With such a file, tools that know nothing of the Swift program know what the class understands.
  public func implement<T: SwiftObject>(
    _ name: String, _ type: T.Type, _ body: (inout SwiftClass<T>) throws -> Void
  ) throws(VirtualMachineError) {
    try refuseFromWithin("implement")
    try runtime.implement(name, type, body)
  }

  /// The same for a class without a Swift class behind it, whose receivers are values.
  public func implement(
    _ name: String, _ body: (inout SwiftClass<Value>) throws -> Void
  ) throws(VirtualMachineError) {
    try refuseFromWithin("implement")
    try runtime.implement(name, Value.self, body)
  }

  /// Lets go of a Swift object now, whoever in the program still refers to it: a message to it is an error from then on.
  /// Without this an object is let go of when a collection finds that the program does not refer to it any more, and all of
  /// them with the machine. False: the program has no such object.
  @discardableResult
  public func release(_ object: some SwiftObject) throws(VirtualMachineError) -> Bool {
    try runtime.calls.release(object)
  }

  /// How many objects of the program are held by values, and how many Swift objects the program holds.
  public func heldObjects() throws(VirtualMachineError) -> (byValues: Int, byProgram: Int) {
    let (byHost, byProgram) = try runtime.calls.heldObjects()
    return (byHost, byProgram)
  }
}

extension Value {
  /// `send` without holding up a thread; cancelling the task ends the call.
  @discardableResult
  public func send(
    _ selector: String, _ arguments: any ValueConvertible..., limits: CallLimits = .none
  ) async throws(VirtualMachineError) -> Value {
    try await sendAsync(selector, arguments, limits)
  }
  /// `call` without holding up a thread.
  @discardableResult
  public func call(
    _ arguments: any ValueConvertible..., limits: CallLimits = .none
  ) async throws(VirtualMachineError) -> Value {
    try await callAsync(arguments, limits)
  }
}
