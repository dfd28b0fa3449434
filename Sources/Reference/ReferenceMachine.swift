// The reference machine: the one rule of live editing, as simply as it can be written. It shares the parser and the
// texts of the core library with the virtual machine, and nothing else.

import BigInt
import Foundation
import Syntax

/// What a program did.
public struct ReferenceOutcome: Sendable, Equatable {
  /// Standard output and standard error; tracebacks are left out of the latter.
  public var output = ""
  public var errors = ""
  public var status = 0
  /// Sends.
  public var steps = 0
  /// Why the program was stopped, if it was: then the rest says nothing.
  public var limit: String?

  public init() {}
}

/// One machine runs one program. Its thread, and that of each process, needs about 4 KB of stack for each activation.
public final class ReferenceMachine {
  /// Class files of the program: their texts by class name.
  let files: [String: [UInt8]]
  /// What is accepted, from outside, when the program prints "accept 1", "accept 2", ….
  let accepts: [[ReferenceChange]]
  let library: ReferenceLibrary
  let stepLimit: Int
  let depthLimit: Int
  /// The method whose endless recursion changes nothing on its way, if only that may fill the stack.
  let recursion: String?
  /// More activations than that for what handles a full stack.
  static let depthReserve = 2000

  private(set) var outcome = ReferenceOutcome()
  /// Sends until now.
  @exclusivity(unchecked) private(set) var steps = 0
  /// The line of output that has not ended yet.
  private var line = ""
  @exclusivity(unchecked) var globals = NameTable<Value>()
  /// All that were made: they live as long as the machine.
  var classes: [Class] = []
  private var symbols: [String: Value] = [:]
  private var characters: [Unicode.Scalar: Value] = [:]
  /// In the order of `WellKnown`.
  @exclusivity(unchecked) private(set) var wellKnown: [Class] = []
  @exclusivity(unchecked) private(set) var nilValue = Value(0), trueValue = Value(0), falseValue = Value(0)
  /// Classes whose files are being loaded.
  var loading: Set<String> = []
  /// Names that were taken from classes: nothing is loaded for them.
  var withdrawn: Set<String> = []
  var isBooting = true
  /// Whether a method of the core library has been redefined.
  var isLibraryEdited = false
  let schedule = Schedule()
  /// Why edits were refused, in words of this machine's own.
  var refusals: Set<String> = []
  /// Identity hashes, by object, in the order in which they were asked for.
  var hashes: [ObjectIdentifier: (object: Object, hash: Int)] = [:]

  /// - Parameters:
  ///   - files: the program's class files, by class name.
  ///   - accepts: changes from outside: the first ones are made when the program prints the line "accept 1".
  ///   - steps: sends after which the program is stopped.
  ///   - depth: activations at a time; one more is a stack overflow.
  ///   - recursion: the selector of a method that changes nothing before it sends itself. If anything else fills the
  ///     stack the program has no one answer, since how often that ran depends on where the stack ends.
  public init(
    files: [String: [UInt8]], accepts: [[ReferenceChange]] = [], library: ReferenceLibrary, steps: Int = 5_000_000,
    depth: Int = 10_000, recursion: String? = nil
  ) {
    self.files = files
    self.accepts = accepts
    self.library = library
    stepLimit = steps
    depthLimit = depth
    self.recursion = recursion
  }

  /// Sends `run` to a new instance of the class.
  public func run(_ className: String) -> ReferenceOutcome {
    do {
      try boot()
      let program = try load(className)
      let bottom = outermost()
      let instance = try send(Name("new"), to: .object(program), from: bottom)
      _ = try send(Name("run"), to: instance, from: bottom)
    } catch let error as ReferenceError {
      outcome.errors += error.message + "\n"
      outcome.status = 1
    } catch Unwinding.ending(let status, _) {
      outcome.status = status
    } catch Unwinding.limit(let reason) {
      outcome.limit = reason
    } catch {
      outcome.limit = "unwound through everything: \(error)"
    }
    endProcesses()
    outcome.steps = steps
    return outcome
  }

  /// What stands below the program: an activation of nothing, whose `self` is nil.
  func outermost() -> Activation {
    let nothing = Method(
      "", self[.object], .primitive(Primitive { _ throws(Unwinding) in Value(0) }), argumentCount: 0, Bindings())
    return Activation(nothing, .nothing, nil, nilValue, [], from: nil, Bindings(), serial: 0)
  }

  func countStep() throws(Unwinding) {
    steps += 1
    if steps > stepLimit { throw .limit("\(stepLimit) sends") }
  }

  func print(_ text: String) throws(Unwinding) {
    outcome.output += text
    if outcome.output.utf8.count > 1 << 20 { throw .limit("a megabyte of output") }
    if !accepts.isEmpty { acceptIfAsked(text) }
  }

  /// Makes the changes of a line "accept N", and answers the program: it sends `accepted` and `outcome` to `listener`.
  private func acceptIfAsked(_ text: String) {
    for c in text {
      if c != "\n" {
        line.append(c)
        continue
      }
      if let number = Self.acceptNumber(line), number <= accepts.count {
        let isMade = accept(accepts[number - 1])
        _ = accept(
          Self.answer(number, isMade).map { .method(className: Self.listener, isClassSide: true, source: $0) })
      }
      line = ""
    }
  }

  /// N of "accept N".
  public static func acceptNumber(_ line: some StringProtocol) -> Int? {
    line.hasPrefix("accept ") ? Int(line.dropFirst(7)) : nil
  }

  /// Methods of the class side of `listener` that tell a program that its request was met.
  public static func answer(_ number: Int, _ isMade: Bool) -> [String] {
    ["outcome = ( ^\(isMade ? "'made'" : "'refused'") )", "accepted = ( ^\(number) )"]
  }
  public static let listener = "FzLog"

  func printError(_ text: String) { outcome.errors += text }

  // MARK: Well-known objects

  /// Classes whose instances the machine makes itself.
  enum WellKnown: Int, CaseIterable {
    case object, class_, metaclass, method, primitive, nil_, boolean, true_, false_
    case integer, double, string, symbol, array, block, block1, block2, block3, system

    var className: String { "\(self)".replacing("_", with: "").capitalized }
  }

  subscript(_ known: WellKnown) -> Class { wellKnown[known.rawValue] }

  private func boot() throws(ReferenceError) {
    for known in WellKnown.allCases { wellKnown.append(try load(known.className)) }
    for value in globals.values { value.asClass.map(setClasses) }
    isBooting = false
    nilValue = .object(Object(self[.nil_]))
    trueValue = .object(Object(self[.true_]))
    falseValue = .object(Object(self[.false_]))
    globals[Name("nil")] = nilValue
    globals[Name("true")] = trueValue
    globals[Name("false")] = falseValue
    globals[Name("system")] = .object(Object(self[.system]))
    let additions = try library.source(of: "ObjectAdditions")
    for method in additions.instanceMethods { try define(method, in: self[.object], listed: false) }
  }

  /// The class of a class is its metaclass; the class of that is Metaclass.
  func setClasses(of class_: Class) {
    class_.class_?.class_ = self[.metaclass]
  }

  func classOf(_ value: Value) -> Class {
    switch value {
    case .small, .large: self[.integer]
    case .double: self[.double]
    case .object(let object): object.class_
    }
  }

  func blockClass(arguments: Int) -> Class {
    switch arguments {
    case 0: self[.block1]
    case 1: self[.block2]
    default: self[.block3]
    }
  }

  func isNil(_ value: Value) -> Bool { value.isIdentical(to: nilValue) }
  func boolean(_ value: Bool) -> Value { value ? trueValue : falseValue }
  func string(_ text: String) -> Value { .object(StringObject(self[.string], text)) }
  func array(_ elements: [Value]) -> Value { .object(ArrayObject(self[.array], elements)) }

  func symbol(_ text: String) -> Value {
    if let known = symbols[text] { return known }
    let made = Value.object(StringObject(self[.symbol], text))
    symbols[text] = made
    return made
  }

  /// Strings of one ASCII character are always the same object.
  func character(_ scalar: Unicode.Scalar) -> Value {
    if let known = characters[scalar] { return known }
    let made = string(String(Character(scalar)))
    if scalar.isASCII { characters[scalar] = made }
    return made
  }

  func methodObject(_ method: Method) -> Value {
    if let object = method.object { return .object(object) }
    let known: WellKnown
    if case .primitive = method.code { known = .primitive } else { known = .method }
    let object = MethodObject(self[known], method)
    method.object = object
    return .object(object)
  }
}
