// What every primitive function needs: its receiver and arguments below the frame header, and how it fails. A
// primitive is one function (the universe, the frame's header, the method) and one row in the table at the top of
// its file; see docs/contracts.md for frames. A primitive must check its receiver too: invokeOn:with: calls it with
// anything.

/// `= primitive` methods of all classes of the core library.
public enum Primitives {
  public static let rows: [PrimitiveRow] =
    objectRows + classRows + methodRows + integerRows + integerBitRows + doubleRows + stringRows + arrayRows
    + textRows + blockRows + systemRows + consoleRows + clockRows + fileRows + editingRows + exceptionRows
    + reflectionRows + processRows + canvasRows + canvasEventRows + hostRows
}

extension Universe {
  /// Makes the primitives of the core library known, and lets programs handle their errors. Before `boot`.
  public func registerPrimitives() {
    primitives.register(Primitives.rows)
    installErrorHandling()
    let arrays = methodArrays
    hooks.extraRoots.append { visit in
      for i in 0..<arrays.count { visit(arrays.slots + i) }
    }
  }
}

/// What a row's NativeEntry does: calls the primitive with the universe that the thread words are of. That outlives
/// every call, so it needs no counting of references: two atomic instructions took longer than a short primitive.
@inline(__always)
func native(
  _ primitive: (Universe, Words, UnsafeMutableRawPointer) -> UInt64, _ threadWords: Words, _ h: Words,
  _ m: UnsafeMutableRawPointer
) -> UInt64 {
  Universe.unmanaged(threadWords)._withUnsafeGuaranteedRef { primitive($0, h, m) }
}

/// When so many milliseconds from now are over; nil if the value is no such number.
func deadline(_ time: Value) -> ContinuousClock.Instant? {
  guard time.isInteger, (0...Int(Int32.max)).contains(time.integer) else { return nil }
  return .now + .milliseconds(time.integer)
}
func notMilliseconds(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.wrongArgument(h, m, needs: "a number of milliseconds", not: argument1(h))
}

/// Receiver of a primitive with no argument.
@inline(__always) func receiver0(_ frame: Words) -> Value { Value(bits: frame[-1]) }
/// Receiver and argument of a primitive with one.
@inline(__always) func receiver1(_ frame: Words) -> Value { Value(bits: frame[-2]) }
@inline(__always) func argument1(_ frame: Words) -> Value { Value(bits: frame[-1]) }
/// Receiver and arguments of a primitive with two.
@inline(__always) func receiver2(_ frame: Words) -> Value { Value(bits: frame[-3]) }
@inline(__always) func first2(_ frame: Words) -> Value { Value(bits: frame[-2]) }
@inline(__always) func second2(_ frame: Words) -> Value { Value(bits: frame[-1]) }

extension Universe {
  /// Raises "Integer>>+ needs a number, not an instance of String". Answers what the primitive must answer.
  @inline(never)
  func wrongArgument(_ frame: Words, _ method: UnsafeMutableRawPointer, needs expected: String, not value: Value)
    -> UInt64
  {
    let name = methods[Method(method)].name
    return raise(
      .wrongArgument("\(name) needs \(expected), not \(describe(value))"), frame,
      upstream: upstreamText(needs: expected, not: value))
  }

  /// The primitive was invoked on a receiver of another class.
  @inline(never)
  func wrongReceiver(_ frame: Words, _ method: UnsafeMutableRawPointer, _ value: Value) -> UInt64 {
    let name = methods[Method(method)].name
    return raise(.wrongArgument("\(name) cannot run with \(describe(value)) as its receiver"), frame)
  }

  /// A value in an error message.
  func describe(_ value: Value) -> String {
    if value == .nil || value == .true || value == .false || isInteger(value) || double(value) != nil {
      return text(value)
    }
    if let text = string(value) { return symbolID(value) == nil ? "'\(text.prefix(40))'" : "#\(text.prefix(40))" }
    if let index = classIndex(ofClassObject: value) { return "the class \(classes[index].name)" }
    return "an instance of \(classes[value.classIndex].name)"
  }

  /// nil, booleans and numbers as `asString` gives them.
  func text(_ value: Value) -> String {
    if value == .nil { return "nil" }
    if value == .true { return "true" }
    if value == .false { return "false" }
    if value.isInteger { return String(value.integer) }
    if let d = double(value) { return NumberText.print(d) }
    return bigInteger(value).map { String($0.description.prefix(60)) } ?? "an object"
  }
}
