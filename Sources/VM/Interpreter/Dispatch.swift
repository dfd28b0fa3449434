// The interpreter: one loop, one switch over raw words. What an instruction does is in the files beside this one, by
// family: Moves, Arithmetic, Comparison, Control, Sends; how methods are activated and left is in ActivationByKind.swift.
// Frames of interpreted methods are pushed and popped in the same native activation; everything rare is a call to
// InterpreterSlow.swift.
//
// Rules that keep it fast: every handler is inlined into the loop, so that the state below lives in machine registers
// (the compiler takes none of more than a few blocks once the loop is large: docs/decisions.md); no class instance,
// escaping closure or existential is touched inside; what a slow path needs of the universe it finds through the thread
// words.

import Bytecode
import MachineLayout

/// What the loop does behind an instruction.
enum Step {
  /// The instruction at `pc`.
  case next
  /// Activates `target` in frame `callee`, as its kind demands (`Method.Kind`).
  case call
  /// The instruction at `pc`, by the method's baseline code.
  case baseline
  /// Something failed, or a block returns from its home: frames are left.
  case unwind
  /// The native activation of the interpreter ends, with a value, or 0 while unwinding past it.
  case leave(UInt64)
}

/// What an interpreter knows while it runs: trivial values, of which the loop has one.
struct Interpreter {
  let thread: Words
  /// Header of the running frame: its registers are above, receiver and arguments below.
  var frame: Words
  var method: Words
  var code: Words
  /// Index of the running instruction.
  var pc: Int
  /// Header of the frame that a `call` activates, whose receiver and arguments are set; and the method.
  var callee: Words
  var target: UInt64

  typealias MethodSlot = Method.Slot
  typealias ThreadSlot = Thread.Slot

  /// `frame[register]`, for operands.
  @inline(__always)
  subscript(_ register: Int) -> UInt64 {
    get { frame[register] }
    nonmutating set { frame[register] = newValue }
  }

  /// The register of the receiver, or of the running block.
  @inline(__always)
  var receiver: UInt64 { frame[-(Int(truncatingIfNeeded: method[MethodSlot.argumentCount.rawValue]) &+ 1)] }

  /// Writes the result of instruction `i`, and goes on behind it.
  @inline(__always)
  mutating func put(_ value: UInt64, _ i: Instruction) -> Step {
    frame[i.a] = value
    pc &+= 1
    return .next
  }

  /// As tracebacks, the collector and whoever walks frames expect it before anything is called.
  @inline(__always)
  func savePC() { frame[2] = UInt64(UInt(bitPattern: pc)) }

  /// Goes on in frame `h`, at its pc.
  @inline(__always)
  mutating func enter(_ h: Words) {
    frame = h
    method = words(h[1])
    code = words(method[MethodSlot.code.rawValue])
    pc = Int(truncatingIfNeeded: h[2])
  }
}

extension Interpreter {
  /// Behind a change of frame, and where a loop goes round.
  @inline(__always)
  var next: Step { method[MethodSlot.baseline.rawValue] == 0 ? .next : .baseline }

  /// Baseline code goes on with this frame, and perhaps others, until something is to be done that it does not do.
  @inline(__always)
  mutating func runBaseline() -> Step {
    let code = words(method[MethodSlot.baseline.rawValue])[pc &* 2]
    let value = unsafeBitCast(UInt(code), to: NativeEntry.self)(thread, frame, UnsafeMutableRawPointer(method))
    switch value {
    case Word.resumeInPlace:
      enter(words(thread[ThreadSlot.nextFrame.rawValue]))
      return .next
    case Word.callInPlace:
      callee = words(thread[ThreadSlot.nextFrame.rawValue])
      target = callee[1]
      enter(words(callee[0]))
      return .call
    case 0:
      frame = words(thread[ThreadSlot.nextFrame.rawValue])
      return .unwind
    default: return .leave(value)
    }
  }
}

/// Runs frame `frame` of linked method `method` from `pc` until it returns to its native caller. Answers its value, or 0
/// while unwinding past it.
@inline(never)
func interpret(_ thread: Words, _ frame: Words, _ method: Words, _ pc: Int) -> UInt64 {
  var m = Interpreter(
    thread: thread, frame: frame, method: method, code: words(method[Method.Slot.code.rawValue]), pc: pc,
    callee: frame, target: 0)

  var step = m.next
  while true {
    while true {
      if case .call = step {
        switch words(m.target)[Method.Slot.kind.rawValue] {
        case Method.Kind.interpreted.rawValue: step = m.push()
        case Method.Kind.native.rawValue: step = m.callNative()
        case Method.Kind.blockValue.rawValue: step = m.evaluateBlock()
        case Method.Kind.restart.rawValue: step = m.restart()
        default: step = m.resolve()
        }
      } else if case .baseline = step {
        step = m.runBaseline()
      } else {
        break
      }
    }
    if case .unwind = step { step = m.unwind() }
    if case .leave(let value) = step { return value }
    if case .baseline = step { continue }

    var i = Instruction(bits: m.code[m.pc])
    while true {
      switch unsafeBitCast(UInt8(truncatingIfNeeded: i.bits), to: Opcode.self) {
      case .move: step = m.put(m[i.b], i)
      case .loadLiteral: step = m.loadLiteral(i)
      case .loadInteger: step = m.put(UInt64(bitPattern: Int64(i.wide) &<< 1) | 1, i)
      case .loadNil: step = m.put(Word.nil, i)
      case .loadTrue: step = m.put(Word.true, i)
      case .loadFalse: step = m.put(Word.false, i)
      case .loadSelf: step = m.put(words(m.receiver)[1 &+ BlockLayout.receiver], i)

      case .loadField: step = m.put(words(m[i.b])[1 &+ i.c], i)
      case .storeField: step = m.store(m[i.c], in: m[i.a], at: i.b)
      case .loadDoubleField: step = m.loadDoubleField(i)
      case .storeDoubleField: step = m.storeDoubleField(i)
      case .loadGlobal: step = m.loadGlobal(i)
      case .newEnvironment: step = m.newEnvironment(i)
      case .loadBlockEnvironment: step = m.put(words(m.receiver)[1 &+ BlockLayout.environment], i)
      case .loadOuter: step = m.put(words(m[i.b])[1 &+ EnvironmentLayout.outer], i)
      case .loadVariable: step = m.put(words(m[i.b])[1 &+ EnvironmentLayout.firstVariable &+ i.c], i)
      case .storeVariable: step = m.store(m[i.c], in: m[i.a], at: EnvironmentLayout.firstVariable &+ i.b)
      case .closeHome: step = m.closeHome(i)
      case .newBlock: step = m.newBlock(i)

      case .send: step = m.send(i)
      case .superSend: step = m.superSend(i)

      case .add: step = m.add(i, m[i.b], m[i.c])
      case .subtract: step = m.subtract(i, m[i.b], m[i.c])
      case .addImmediate: step = m.add(i, m[i.b], m.immediate(i))
      case .subtractImmediate: step = m.subtract(i, m[i.b], m.immediate(i))
      case .multiply: step = m.multiply(i, m[i.b], m[i.c])
      case .divide: step = m.divide(i, m[i.b], m[i.c])
      case .modulo: step = m.modulo(i, m[i.b], m[i.c])
      case .bitAnd: step = m.bitAnd(i, m[i.b], m[i.c])

      case .less: step = m.compare(i, <, <)
      case .lessOrEqual: step = m.compare(i, <=, <=)
      case .greater: step = m.compare(i, >, >)
      case .greaterOrEqual: step = m.compare(i, >=, >=)
      case .equal: step = m.compare(i, ==, ==)
      case .notEqual: step = m.compare(i, !=, nil)
      case .identical: step = m.identical(i)
      case .lessBranch: step = m.branch(m[i.b], m[i.c], <, <)
      case .lessOrEqualBranch: step = m.branch(m[i.b], m[i.c], <=, <=)
      case .greaterBranch: step = m.branch(m[i.b], m[i.c], >, >)
      case .greaterOrEqualBranch: step = m.branch(m[i.b], m[i.c], >=, >=)
      case .equalBranch: step = m.branch(m[i.b], m[i.c], ==, ==)
      case .notEqualBranch: step = m.branch(m[i.b], m[i.c], !=, nil)
      case .identicalBranch: step = m.branchIfIdentical(i)
      case .lessImmediateBranch: step = m.branch(m[i.b], m.immediate(i), <, <)
      case .lessOrEqualImmediateBranch: step = m.branch(m[i.b], m.immediate(i), <=, <=)
      case .greaterImmediateBranch: step = m.branch(m[i.b], m.immediate(i), >, >)
      case .greaterOrEqualImmediateBranch: step = m.branch(m[i.b], m.immediate(i), >=, >=)
      case .equalImmediateBranch: step = m.branch(m[i.b], m.immediate(i), ==, ==)
      case .notEqualImmediateBranch: step = m.branch(m[i.b], m.immediate(i), !=, nil)

      case .jump: step = m.jump(to: i.wide)
      case .loopJump: step = m.loopJump(to: i.wide)
      case .jumpIfTrue: step = m.jump(i, if: Word.true, unless: Word.false)
      case .jumpIfFalse: step = m.jump(i, if: Word.false, unless: Word.true)
      case .jumpIfNil: step = m.jump(to: m[i.a] == Word.nil ? i.wide : m.pc &+ 1)
      case .jumpIfNotNil: step = m.jump(to: m[i.a] != Word.nil ? i.wide : m.pc &+ 1)
      case .guardInteger: step = m.check(isNumber(m[i.a]))
      case .guardSmallInteger: step = m.check(m[i.a] & 1 != 0)
      case .switchVariant: step = m.changeOver()
      case .breakpoint:
        // The instruction that it stands over.
        i = m.reachBreakpoint()
        if i.bits != 0 { continue }
        step = .unwind
      case .return: step = m.return(m[i.a])
      case .returnSelf: step = m.return(m.receiver)
      case .returnNonLocal: step = m.returnNonLocal(i)
      case .returnEscaped: step = m.returnEscaped(m[i.a])
      }

      if case .next = step {
        i = Instruction(bits: m.code[m.pc])
        continue
      }
      break
    }
  }
}
