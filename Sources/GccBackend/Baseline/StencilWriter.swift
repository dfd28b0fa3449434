// One stencil in the making: a C function of (thread, frame, method), each a word, that ends with a tail call.

import CGccJit
import IR

final class StencilWriter {
  let c: JitContext
  let layout: BaselineLayout
  private let function: JitFunction
  private let parameters: [RValue]
  private let imports: StencilImports
  private var block: JitBlock
  private var count = 0

  var thread: RValue { parameters[0] }
  var frame: RValue { parameters[1] }
  /// In shared code also what else is handed on.
  var method: RValue { parameters[2] }
  /// What is handed on: an answer, or a double.
  var fourth: RValue { parameters[3] }

  convenience init(_ imports: StencilImports, _ name: StencilName, _ signature: StencilSignature) {
    self.init(imports, symbol: name.symbol, signature)
  }

  init(_ imports: StencilImports, symbol: String, _ signature: StencilSignature) {
    self.imports = imports
    c = imports.c
    layout = imports.layout
    let (made, parameters) = imports.function(symbol, signature, OVID_JIT_FUNCTION_EXPORTED)
    function = made
    self.parameters = parameters
    block = c.j.function_new_block(function, "entry")
  }

  // MARK: Words

  func hole(_ hole: StencilHole) -> RValue { imports.hole(hole) }
  func constant(_ i: Int) -> RValue { c.constant(i) }
  func constant(bits: UInt64) -> RValue { c.constant(bits: bits) }
  /// The word `offset` words behind an address.
  func word(_ address: RValue, _ offset: Int = 0) -> RValue { c.read(c.memory(address, offset)) }
  func set(_ address: RValue, _ offset: Int = 0, to value: RValue) {
    c.j.block_add_assignment(block, nil, c.memory(address, offset), value)
  }
  /// A register of the frame.
  func register(_ place: StencilHole) -> RValue { keep(word(c.add(frame, hole(place)))) }
  func put(_ value: RValue, in place: StencilHole = .a) { set(c.add(frame, hole(place)), to: value) }
  /// A value that is evaluated here, once.
  func keep(_ value: RValue, _ type: JitType? = nil) -> RValue {
    let local = variable(type ?? c.word)
    assign(local, value)
    return c.read(local)
  }
  func variable(_ type: JitType) -> LValue {
    count += 1
    return c.j.function_new_local(function, nil, type, "t\(count)")
  }
  func assign(_ local: LValue, _ value: RValue) { c.j.block_add_assignment(block, nil, local, value) }

  // MARK: Control

  /// What is expected goes on in the same place; `otherwise` must end.
  func require(_ condition: RValue, else otherwise: () -> Void) {
    let (on, cold) = (newBlock(), newBlock())
    c.j.block_end_with_conditional(block, nil, c.expect(condition, true), on, cold)
    block = cold
    otherwise()
    block = on
  }
  /// `then` must end, and what follows goes on otherwise.
  func when(_ condition: RValue, _ then: () -> Void) {
    let (on, taken) = (newBlock(), newBlock())
    c.j.block_end_with_conditional(block, nil, condition, taken, on)
    block = taken
    then()
    block = on
  }
  /// The value of one of two, evaluated where it is wanted.
  func choose(_ condition: RValue, _ type: JitType, _ first: () -> RValue, _ second: () -> RValue) -> RValue {
    let result = variable(type)
    let (yes, no, on) = (newBlock(), newBlock(), newBlock())
    c.j.block_end_with_conditional(block, nil, condition, yes, no)
    block = yes
    assign(result, first())
    c.j.block_end_with_jump(block, nil, on)
    block = no
    assign(result, second())
    c.j.block_end_with_jump(block, nil, on)
    block = on
    return c.read(result)
  }
  /// Runs `body` with 0, 1, … below `limit`.
  func loop(below limit: RValue, _ body: (RValue) -> Void) {
    let index = variable(c.word)
    assign(index, constant(0))
    let (test, turn, on) = (newBlock(), newBlock(), newBlock())
    c.j.block_end_with_jump(block, nil, test)
    block = test
    c.j.block_end_with_conditional(
      block, nil, c.compare(OVID_JIT_COMPARISON_LT, c.read(index), limit), turn, on)
    block = turn
    body(c.read(index))
    assign(index, c.add(c.read(index), constant(1)))
    c.j.block_end_with_jump(block, nil, test)
    block = on
  }
  private func newBlock() -> JitBlock {
    count += 1
    return c.j.function_new_block(function, "b\(count)")
  }

  // MARK: Ends

  func go(to exit: StencilExit) { tail(call(imports.jump(exit.symbol, .words3), [thread, frame, method])) }
  /// To the next instruction, which may want this double.
  func goOn(with double: RValue) {
    tail(call(imports.jump(StencilExit.nextDouble.symbol, .double), [thread, frame, method, double]))
  }
  func go(to shared: StencilName, _ second: RValue, _ third: RValue) {
    tail(call(imports.jump(shared.symbol, .words3), [thread, second, third]))
  }
  /// Code at an address.
  func go(toAddress address: RValue, _ second: RValue, _ third: RValue, _ fourth: RValue? = nil) {
    tail(imports.call(address: address, [thread, second, third] + (fourth.map { [$0] } ?? [])))
  }
  func end(answering value: RValue) { c.j.block_end_with_return(block, nil, value) }
  /// Leaves the instruction to the interpreter.
  func leave() {
    savePC()
    go(to: .exit, frame, method)
  }
  func savePC() { set(frame, 2, to: hole(.pc)) }
  /// The send that an operator stands for.
  func sendOperator(_ x: RValue, _ y: RValue) {
    savePC()
    let callee = keep(c.add(frame, hole(.callee)))
    set(callee, -2, to: x)
    set(callee, -1, to: y)
    set(callee, to: frame)
    go(to: .operatorSend, callee, c.add(word(method, layout.sites), hole(.site)))
  }

  /// Calls a function at an address, and answers its result.
  func call(address: RValue, _ arguments: [RValue]) -> RValue { keep(imports.call(address: address, arguments)) }

  private func call(_ function: JitFunction, _ arguments: [RValue]) -> RValue {
    var arguments = arguments
    return c.j.context_new_call(c.context, nil, function, Int32(arguments.count), &arguments)
  }
  private func tail(_ call: RValue) {
    c.j.rvalue_set_bool_require_tail_call(call, 1)
    c.j.block_end_with_return(block, nil, call)
  }
}

/// The parameters of stencils: thread, frame and method, and what is handed on.
enum StencilSignature {
  case words3, words4, double
}

/// The symbols that stencils refer to: each is declared once.
final class StencilImports {
  let c: JitContext
  let layout: BaselineLayout
  private var holes: [StencilHole: RValue] = [:]
  private var functions: [String: JitFunction] = [:]
  private var types: [Int: JitType] = [:]

  init(_ c: JitContext, _ layout: BaselineLayout) {
    self.c = c
    self.layout = layout
  }

  func hole(_ hole: StencilHole) -> RValue {
    if let value = holes[hole] { return value }
    let global = c.j.context_new_global(c.context, nil, Int32(OVID_JIT_GLOBAL_IMPORTED), c.byte, hole.symbol)
    let value = c.bitcast(c.j.lvalue_get_address(global, nil), c.word)
    holes[hole] = value
    return value
  }

  func jump(_ symbol: String, _ signature: StencilSignature) -> JitFunction {
    // Not the function itself, should it be in the same object: GCC would look into it.
    let name = StencilImports.prefix + symbol
    if let function = functions[name] { return function }
    let (made, _) = function(name, signature, OVID_JIT_FUNCTION_IMPORTED)
    functions[name] = made
    return made
  }
  /// Of names of functions that are jumped to.
  static let prefix = "to_"

  func function(_ name: String, _ signature: StencilSignature, _ kind: Int) -> (JitFunction, [RValue]) {
    var types = [c.word, c.word, c.word]
    switch signature {
    case .words3: break
    case .words4: types.append(c.word)
    case .double: types.append(c.double)
    }
    var parameters: [OpaquePointer?] = types.enumerated().map {
      c.j.context_new_param(c.context, nil, $1, "p\($0)")
    }
    let function = c.j.context_new_function(
      c.context, nil, Int32(kind), c.word, name, Int32(parameters.count), &parameters, 0)
    return (function, parameters.map { c.j.param_as_rvalue($0) })
  }

  func call(address: RValue, _ arguments: [RValue]) -> RValue {
    c.call(address: address, String(repeating: "w", count: arguments.count), arguments)
  }
}
