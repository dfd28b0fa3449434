// Classes of the language whose methods are Swift closures: what is registered, and the text that makes the class.

import Foundation
import MachineLayout
import VM

/// What a class of the language that is written in Swift consists of. `VirtualMachine.define` makes one and gives it to its
/// closure.
///
/// ```swift
/// try vm.define("Turtle", Turtle.self) {
///   $0.create("new") { Turtle() }
///   $0.method("forward:") { (turtle: Turtle, steps: Double) in turtle.forward(steps) }
///   $0.property("x", \.x)
/// }
/// ```
///
/// Arguments are read as the closure's types say; another one is the exception `WrongArgument`. What the closure throws is the
/// exception `SwiftError` (or the program's own one, if it comes from the program). All closures run on the machine's own
/// thread: they may send messages to values, and should return soon, since nothing else happens in the machine meanwhile;
/// `asyncMethod` is for what takes long. In the program such a method reads `forward: steps = primitive`, and can be replaced
/// by an edit like any other.
public struct SwiftClass<T: ValueConvertible> {
  struct Row {
    var isClassSide: Bool
    var selector: String
    var function: HostFunction
  }
  let calls: Calls
  private(set) var rows: [Row] = []
  /// Methods in the language, and fields beside them: text between the parentheses of the class, instance side.
  public var source = ""

  init(calls: Calls) { self.calls = calls }

  @usableFromInline
  mutating func add(_ selector: String, isClassSide: Bool = false, _ body: @escaping (HostCall) throws -> UInt64) {
    rows.append(Row(isClassSide: isClassSide, selector: selector, function: calls.hostFunction(body)))
  }

  // MARK: Methods

  /// A method without arguments.
  @inlinable
  public mutating func method<R: ValueConvertible>(_ selector: String, _ body: @escaping (T) throws -> R) {
    add(selector) { call in try call.answer(body(call.argument(0))) }
  }
  /// A method of one argument.
  @inlinable
  public mutating func method<A: ValueConvertible, R: ValueConvertible>(
    _ selector: String, _ body: @escaping (T, A) throws -> R
  ) {
    add(selector) { call in try call.answer(body(call.argument(0), call.argument(1))) }
  }
  /// A method of two arguments.
  @inlinable
  public mutating func method<A: ValueConvertible, B: ValueConvertible, R: ValueConvertible>(
    _ selector: String, _ body: @escaping (T, A, B) throws -> R
  ) {
    add(selector) { call in try call.answer(body(call.argument(0), call.argument(1), call.argument(2))) }
  }
  /// A method of three arguments.
  @inlinable
  public mutating func method<
    A: ValueConvertible, B: ValueConvertible, C: ValueConvertible, R: ValueConvertible
  >(_ selector: String, _ body: @escaping (T, A, B, C) throws -> R) {
    add(selector) { call in
      try call.answer(body(call.argument(0), call.argument(1), call.argument(2), call.argument(3)))
    }
  }

  // What answers nothing answers its receiver.

  /// A method without arguments that answers its receiver.
  @inlinable
  public mutating func method(_ selector: String, _ body: @escaping (T) throws -> Void) {
    add(selector) { call in
      try body(call.argument(0))
      return call.reader(0).bits
    }
  }
  /// A method of one argument that answers its receiver.
  @inlinable
  public mutating func method<A: ValueConvertible>(_ selector: String, _ body: @escaping (T, A) throws -> Void) {
    add(selector) { call in
      try body(call.argument(0), call.argument(1))
      return call.reader(0).bits
    }
  }
  /// A method of two arguments that answers its receiver.
  @inlinable
  public mutating func method<A: ValueConvertible, B: ValueConvertible>(
    _ selector: String, _ body: @escaping (T, A, B) throws -> Void
  ) {
    add(selector) { call in
      try body(call.argument(0), call.argument(1), call.argument(2))
      return call.reader(0).bits
    }
  }

  // MARK: Class side

  /// A message to the class that makes an object.
  @inlinable
  public mutating func create(_ selector: String, _ body: @escaping () throws -> T) {
    add(selector, isClassSide: true) { call in try call.answer(body()) }
  }
  /// A message to the class, with one argument, that makes an object.
  @inlinable
  public mutating func create<A: ValueConvertible>(_ selector: String, _ body: @escaping (A) throws -> T) {
    add(selector, isClassSide: true) { call in try call.answer(body(call.argument(1))) }
  }
  /// A message to the class, with two arguments, that makes an object.
  @inlinable
  public mutating func create<A: ValueConvertible, B: ValueConvertible>(
    _ selector: String, _ body: @escaping (A, B) throws -> T
  ) {
    add(selector, isClassSide: true) { call in try call.answer(body(call.argument(1), call.argument(2))) }
  }
  /// A message to the class.
  @inlinable
  public mutating func classMethod<R: ValueConvertible>(_ selector: String, _ body: @escaping () throws -> R) {
    add(selector, isClassSide: true) { call in try call.answer(body()) }
  }
  /// A message to the class, with one argument.
  @inlinable
  public mutating func classMethod<A: ValueConvertible, R: ValueConvertible>(
    _ selector: String, _ body: @escaping (A) throws -> R
  ) {
    add(selector, isClassSide: true) { call in try call.answer(body(call.argument(1))) }
  }
  /// A message to the class, with two arguments.
  @inlinable
  public mutating func classMethod<A: ValueConvertible, B: ValueConvertible, R: ValueConvertible>(
    _ selector: String, _ body: @escaping (A, B) throws -> R
  ) {
    add(selector, isClassSide: true) { call in try call.answer(body(call.argument(1), call.argument(2))) }
  }

  // MARK: Properties

  /// A property that can be read: the message `name`.
  @inlinable
  public mutating func property<V: ValueConvertible>(_ name: String, _ path: KeyPath<T, V>) {
    add(name) { call in try call.answer((call.argument(0) as T)[keyPath: path]) }
  }
  /// A property that can be read and set: the messages `name` and `name:`.
  @inlinable
  public mutating func property<V: ValueConvertible>(_ name: String, _ path: ReferenceWritableKeyPath<T, V>) {
    add(name) { call in try call.answer((call.argument(0) as T)[keyPath: path]) }
    add(name + ":") { call in
      let object: T = try call.argument(0)
      object[keyPath: path] = try call.argument(1)
      return call.reader(0).bits
    }
  }

  // MARK: What takes long

  /// A method without arguments whose caller waits for it, while other processes run. It runs on no thread of the machine,
  /// and is cancelled with the process that waits.
  public mutating func asyncMethod<R: ValueConvertible & Sendable>(
    _ selector: String, _ body: @escaping @Sendable (T) async throws -> R
  ) where T: Sendable {
    addAsync(selector) { call in
      let receiver: T = try call.argument(0)
      return { try await body(receiver) }
    }
  }
  /// The same with one argument.
  public mutating func asyncMethod<A: ValueConvertible & Sendable, R: ValueConvertible & Sendable>(
    _ selector: String, _ body: @escaping @Sendable (T, A) async throws -> R
  ) where T: Sendable {
    addAsync(selector) { call in
      let receiver: T = try call.argument(0), a: A = try call.argument(1)
      return { try await body(receiver, a) }
    }
  }
  /// The same with two arguments.
  public mutating func asyncMethod<
    A: ValueConvertible & Sendable, B: ValueConvertible & Sendable, R: ValueConvertible & Sendable
  >(
    _ selector: String, _ body: @escaping @Sendable (T, A, B) async throws -> R
  ) where T: Sendable {
    addAsync(selector) { call in
      let receiver: T = try call.argument(0), a: A = try call.argument(1), b: B = try call.argument(2)
      return { try await body(receiver, a, b) }
    }
  }

  private mutating func addAsync<R: ValueConvertible & Sendable>(
    _ selector: String, _ prepare: @escaping (HostCall) throws -> @Sendable () async throws -> R
  ) {
    let calls = Unmanaged.passUnretained(calls)
    add(selector) { call in
      let work = try prepare(call)
      return try calls.takeUnretainedValue().await(call.frame, work)
    }
  }

  /// The text of the class.
  func text(_ name: String, superclass: String, hasField: Bool) -> String {
    func texts(_ isClassSide: Bool) -> String {
      var seen: Set<String> = []
      return rows.filter { $0.isClassSide == isClassSide && seen.insert($0.selector).inserted }.map {
        "    \(MethodInfo.primitiveText($0.selector))\n"
      }.joined()
    }
    let classSide = texts(true)
    let fields = hasField ? "    | \(HostObjects.fieldName) |\n" : ""
    return "\(name) = \(superclass) (\n" + fields + texts(false) + source
      + (classSide.isEmpty ? "" : "    ----\n" + classSide) + ")\n"
  }
}

/// What a task has come to.
private final class TaskResult<R: Sendable>: Sendable {
  let value = Guarded<Result<R, any Error>?>(nil)
}

extension Calls {
  /// Lets the current process wait for a task, and others run.
  func await<R: ValueConvertible & Sendable>(
    _ frame: Words, _ work: @escaping @Sendable () async throws -> R
  ) throws -> UInt64 {
    let result = TaskResult<R>()
    let task = Task { [self] in
      let outcome: Result<R, any Error>
      do { outcome = .success(try await work()) } catch { outcome = .failure(error) }
      result.value.set(outcome)
      requestPoll()
    }
    hostFrame = nil
    guard universe.waitOutside(frame, until: { result.value.get() != nil }), let outcome = result.value.get() else {
      task.cancel()
      throw VirtualMachineError.unwinding
    }
    hostFrame = frame
    return try outcome.get().write(ValueWriter(self, frame)).bits
  }

  /// Makes Swift closures known, before a class whose methods are `= primitive` is loaded.
  func register<T>(_ name: String, _ rows: [SwiftClass<T>.Row]) throws(VirtualMachineError) {
    try look { [universe] in
      for row in rows {
        universe.primitives.register(
          row.function, for: "\(MethodKey.holderName(name, row.isClassSide))>>\(row.selector)")
      }
    }
  }
}

extension Runtime {
  /// Makes, or makes anew, a class of the language whose methods are Swift closures.
  public func define<T: ValueConvertible>(
    _ name: String, _ type: T.Type, superclass: String, _ body: (inout SwiftClass<T>) throws -> Void
  ) throws(VirtualMachineError) {
    var definition = SwiftClass<T>(calls: calls)
    do { try body(&definition) } catch {
      throw error as? VirtualMachineError ?? .load("\(name) cannot be defined: \(error)")
    }
    let swiftClass: AnyClass? = type as? AnyClass
    try calls.register(name, definition.rows)
    let text = definition.text(name, superclass: superclass, hasField: swiftClass != nil)
    let receipt = editor.accept(ChangeSet([.classSource(text, file: nil)], author: "Swift"))
    if let error = receipt.errors.first { throw .load("\(name) cannot be defined: \(error)") }
    guard let swiftClass else { return }
    try calls.look { [calls] in calls.hostClasses[ObjectIdentifier(swiftClass)] = HostClass(name: name) }
  }

  /// Makes Swift closures known that methods of a class of the program are: its text says `= primitive` of them.
  public func implement<T: ValueConvertible>(
    _ name: String, _ type: T.Type, _ body: (inout SwiftClass<T>) throws -> Void
  ) throws(VirtualMachineError) {
    var definition = SwiftClass<T>(calls: calls)
    do { try body(&definition) } catch {
      throw error as? VirtualMachineError ?? .load("\(name) cannot be implemented: \(error)")
    }
    try calls.register(name, definition.rows)
    guard let swiftClass = type as? AnyClass else { return }
    try calls.look { [calls] in calls.hostClasses[ObjectIdentifier(swiftClass)] = HostClass(name: name) }
  }
}
