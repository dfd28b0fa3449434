// One libgccjit context, and words to write code in it. Values are of three C types: `long` (tagged words, shifted
// integers, addresses), `double`, `_Bool`. All memory is accessed as `long`, header halves excepted.

import CGccJit

/// libgccjit answers a wrong use with NULL, accepts that everywhere, and remembers the first error. So may we.
typealias RValue = OpaquePointer?
typealias LValue = OpaquePointer?
typealias JitType = OpaquePointer?
typealias JitBlock = OpaquePointer?
typealias JitFunction = OpaquePointer?

final class JitContext {
  let j: OvidGccJit
  let context: OpaquePointer
  let word, unsignedWord, half, byte, int, double, bool: JitType
  let wordPointer, halfPointer, bytePointer: JitType
  private var builtins: [String: JitFunction] = [:]
  private var functionTypes: [String: JitType] = [:]

  init(_ library: JitLibrary, _ options: BackendOptions) throws(BackendError) {
    j = library.functions
    guard let context = j.context_acquire() else { throw .compilation("no context") }
    self.context = context
    let j = library.functions
    func type(_ t: Int) -> JitType { j.context_get_type(context, Int32(t)) }
    word = type(OVID_JIT_TYPE_LONG)
    unsignedWord = type(OVID_JIT_TYPE_UNSIGNED_LONG)
    half = type(OVID_JIT_TYPE_UNSIGNED_INT)
    byte = type(OVID_JIT_TYPE_UNSIGNED_CHAR)
    int = type(OVID_JIT_TYPE_INT)
    double = type(OVID_JIT_TYPE_DOUBLE)
    bool = type(OVID_JIT_TYPE_BOOL)
    wordPointer = j.type_get_pointer(word)
    halfPointer = j.type_get_pointer(half)
    bytePointer = j.type_get_pointer(byte)

    j.context_set_bool_print_errors_to_stderr(context, 0)
    j.context_set_bool_allow_unreachable_blocks(context, 1)
    j.context_set_str_option(context, Int32(OVID_JIT_STR_PROGNAME), "ovid")
    j.context_set_int_option(
      context, Int32(OVID_JIT_INT_OPTIMIZATION_LEVEL), Int32(options.optimizationLevel))
    // Shifted integers wrap; frames and objects are words of one kind; nothing throws; sqrt is an instruction.
    let flags = [
      "-fPIE", "-fwrapv", "-fno-strict-aliasing",
      "-fno-delete-null-pointer-checks", "-fno-math-errno", "-fno-asynchronous-unwind-tables",
      "-fno-unwind-tables", "-fno-stack-protector", "-fcf-protection=none", "-g0", "-fno-ident",
      "-fomit-frame-pointer", "-fno-reorder-blocks-and-partition", "-falign-loops=64:64",
      "-falign-functions=64", "-falign-jumps=32",
      // Without these GCC's own collector waits until it has 128 MB, and gains nothing by that.
      "--param=ggc-min-heapsize=1024", "--param=ggc-min-expand=20",
      // What -O1 lacks of -O2 that pays: values stay in registers around the calls of slow paths; copies in loops.
      "-fcaller-saves", "-fcse-follow-jumps", "-frerun-cse-after-loop",
    ]
    for f in flags + options.compilerOptions { j.context_add_command_line_option(context, f) }
  }

  deinit { j.context_release(context) }

  var error: String? { j.context_get_first_error(context).map { String(cString: $0) } }

  func compile(toAssembly path: String) throws(BackendError) {
    if let error { throw .compilation(error) }
    j.context_compile_to_file(context, Int32(OVID_JIT_OUTPUT_ASSEMBLER), path)
    if let error { throw .compilation(error) }
  }

  // MARK: Constants and arithmetic

  func constant(_ i: Int) -> RValue { j.context_new_rvalue_from_long(context, word, i) }
  func constant(bits: UInt64) -> RValue { constant(Int(bitPattern: UInt(bits))) }
  func constant(_ b: Bool) -> RValue { j.context_new_rvalue_from_long(context, bool, b ? 1 : 0) }
  func constant(_ d: Double) -> RValue { bitcast(constant(bits: d.bitPattern), double) }

  func binary(_ op: Int, _ a: RValue, _ b: RValue, _ type: JitType? = nil) -> RValue {
    j.context_new_binary_op(context, nil, Int32(op), type ?? word, a, b)
  }
  func add(_ a: RValue, _ b: RValue) -> RValue { binary(OVID_JIT_BINARY_PLUS, a, b) }
  func subtract(_ a: RValue, _ b: RValue) -> RValue { binary(OVID_JIT_BINARY_MINUS, a, b) }
  func and(_ a: RValue, _ b: RValue) -> RValue { binary(OVID_JIT_BINARY_BITWISE_AND, a, b) }
  func or(_ a: RValue, _ b: RValue) -> RValue { binary(OVID_JIT_BINARY_BITWISE_OR, a, b) }
  func xor(_ a: RValue, _ b: RValue) -> RValue { binary(OVID_JIT_BINARY_BITWISE_XOR, a, b) }
  func shiftLeft(_ a: RValue, _ b: RValue) -> RValue { binary(OVID_JIT_BINARY_LSHIFT, a, b) }
  /// Arithmetic.
  func shiftRight(_ a: RValue, _ b: RValue) -> RValue { binary(OVID_JIT_BINARY_RSHIFT, a, b) }
  func logicalShiftRight(_ a: RValue, _ n: Int) -> RValue {
    let shifted = binary(
      OVID_JIT_BINARY_RSHIFT, cast(a, unsignedWord), cast(constant(n), unsignedWord), unsignedWord)
    return cast(shifted, word)
  }
  func negate(_ a: RValue) -> RValue {
    j.context_new_unary_op(context, nil, Int32(OVID_JIT_UNARY_MINUS), word, a)
  }
  func not(_ a: RValue) -> RValue {
    j.context_new_unary_op(context, nil, Int32(OVID_JIT_UNARY_LOGICAL_NEGATE), bool, a)
  }
  func both(_ a: RValue, _ b: RValue) -> RValue { binary(OVID_JIT_BINARY_LOGICAL_AND, a, b, bool) }
  func compare(_ op: Int, _ a: RValue, _ b: RValue) -> RValue {
    j.context_new_comparison(context, nil, Int32(op), a, b)
  }
  func equal(_ a: RValue, _ b: RValue) -> RValue { compare(OVID_JIT_COMPARISON_EQ, a, b) }
  func unequal(_ a: RValue, _ b: RValue) -> RValue { compare(OVID_JIT_COMPARISON_NE, a, b) }
  func unsignedGreater(_ a: RValue, _ b: RValue) -> RValue {
    compare(OVID_JIT_COMPARISON_GT, cast(a, unsignedWord), cast(b, unsignedWord))
  }
  func cast(_ a: RValue, _ type: JitType) -> RValue { j.context_new_cast(context, nil, a, type) }
  func bitcast(_ a: RValue, _ type: JitType) -> RValue { j.context_new_bitcast(context, nil, a, type) }

  // MARK: Memory

  func read(_ l: LValue) -> RValue { j.lvalue_as_rvalue(l) }
  func element(_ pointer: RValue, _ index: Int) -> LValue {
    j.context_new_array_access(context, nil, pointer, j.context_new_rvalue_from_long(context, int, index))
  }
  /// The word at `address + 8 * offset`.
  func memory(_ address: RValue, _ offset: Int) -> LValue { element(bitcast(address, wordPointer), offset) }
  func byteMemory(_ address: RValue) -> LValue { element(bitcast(address, bytePointer), 0) }
  /// The class word of the object at `address`: the upper half of its header.
  func classWord(_ address: RValue) -> RValue { read(element(bitcast(address, halfPointer), 1)) }
  func classWordIs(_ address: RValue, _ classWord: UInt32) -> RValue {
    equal(self.classWord(address), j.context_new_rvalue_from_long(context, half, Int(classWord)))
  }

  // MARK: Functions

  func builtin(_ name: String) -> JitFunction {
    if let f = builtins[name] { return f }
    let f = j.context_get_builtin_function(context, name)
    builtins[name] = f
    return f
  }
  func call(_ builtinName: String, _ arguments: [RValue]) -> RValue {
    var a = arguments
    return j.context_new_call(context, nil, builtin(builtinName), Int32(a.count), &a)
  }
  /// `condition`, expected to be as `expected` says.
  func expect(_ condition: RValue, _ expected: Bool) -> RValue {
    let hint = call("__builtin_expect", [cast(condition, word), constant(expected ? 1 : 0)])
    return unequal(hint, constant(0))
  }
  /// Calls the C function at `address`; parameters: `w` word, `p` word pointer, `d` double.
  func call(address: RValue, _ signature: String, _ arguments: [RValue]) -> RValue {
    var type = functionTypes[signature] ?? nil
    if type == nil {
      var parameters: [JitType] = signature.map { $0 == "p" ? wordPointer : $0 == "d" ? double : word }
      type = j.context_new_function_ptr_type(context, nil, word, Int32(parameters.count), &parameters, 0)
      functionTypes[signature] = type
    }
    var a = arguments
    return j.context_new_call_through_ptr(context, nil, bitcast(address, type), Int32(a.count), &a)
  }
}
