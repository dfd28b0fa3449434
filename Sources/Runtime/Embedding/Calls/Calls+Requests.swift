// What the embedding interface asks for: sends and evaluations, for threads that wait and for tasks.

import MachineLayout
import VM

extension Calls {
  private func read(_ bits: UInt64) -> ProgramValue { value(VM.Value(bits: bits)) }

  /// Evaluates statements, with nil as `self`.
  public func evaluate(_ text: String, _ limits: CallLimits) throws(VirtualMachineError) -> ProgramValue {
    try call("value(of:)", limits, evaluating(text), read: read)
  }
  public func evaluateAsync(_ text: String, _ limits: CallLimits) async throws(VirtualMachineError) -> ProgramValue {
    try await asyncCall(limits, evaluating(text), read: read)
  }

  public func sendAsync(
    _ receiver: ProgramValue, _ selector: String, _ arguments: [any ValueConvertible], _ limits: CallLimits
  ) async throws(VirtualMachineError) -> ProgramValue {
    try checkCount(selector, arguments.count)
    return try await asyncCall(limits, sending(receiver, selector, arguments), read: read)
  }

  /// Makes an object of the program of a Swift value.
  public func make(_ value: some ValueConvertible) throws(VirtualMachineError) -> ProgramValue {
    try call(
      "make", .none, { [self] frame in try value.write(ValueWriter(self, frame)).bits }, read: read)
  }

  /// The class of that name, loaded if it is not.
  public func classValue(_ name: String) throws(VirtualMachineError) -> ProgramValue {
    try call(
      "class", .none, { [self] frame in try ValueWriter(self, frame).classObject(name).bits }, read: read)
  }

  /// Statements, and what their value prints as.
  public func evaluation(_ text: String, _ limits: CallLimits = .none) throws(VirtualMachineError) -> EvaluationResult {
    let (body, read) = try describing(text)
    return try call("evaluate", limits, body, read: read)
  }
  public func evaluationAsync(
    _ text: String, _ limits: CallLimits
  ) async throws(VirtualMachineError) -> EvaluationResult {
    let (body, read) = try describing(text)
    return try await asyncCall(limits, body, read: read)
  }

  private func describing(
    _ text: String
  ) throws(VirtualMachineError) -> (Body, (UInt64) throws -> EvaluationResult) {
    let evaluating = try evaluating(text)
    let answer = Guarded<EvaluationResult?>(nil)
    return (
      { [self] frame in
        let bits = try evaluating(frame)
        if bits == 0 { return 0 }
        guard let result = description(VM.Value(bits: bits), frame) else { return 0 }
        answer.set(result)
        return VM.Value.nil.bits
      },
      { _ in
        guard let result = answer.get() else { throw VirtualMachineError.unwinding }
        return result
      }
    )
  }

  /// Nil: something unwinds.
  private func description(_ value: VM.Value, _ frame: Words) -> EvaluationResult? {
    let handle = universe.handles.push(value)
    let className = universe.className(of: value)
    let isText = universe.isString(value) || universe.plainValue(value, "") != .object
    let printing = universe.symbols.intern("printStringLimitedTo:")
    let printed: UInt64
    if isText || universe.lookup.method(value.classIndex, printing) == nil {
      printed = universe.send(value, universe.symbols.intern("asString"), frame: frame)
    } else {
      printed = universe.send(value, printing, [VM.Value(integer: Int(Int32.max))], frame: frame)
    }
    if printed == 0 { return nil }
    let text = universe.string(VM.Value(bits: printed)) ?? className
    return EvaluationResult(
      value: universe.plainValue(universe.handles[handle], text), className: className, description: text)
  }

  /// Lets go of a Swift object now.
  public func release(_ object: AnyObject) throws(VirtualMachineError) -> Bool {
    nonisolated(unsafe) let object = object
    return try look { [universe] in universe.hostObjects.release(object) }
  }

  /// How many objects of the program Swift code holds, and how many Swift objects the program.
  public func heldObjects() throws(VirtualMachineError) -> (byHost: Int, byProgram: Int) {
    try look { [roots, universe] in (roots.count, universe.hostObjects.count) }
  }
}
