// Which stencil runs an instruction, and what is filled into it.

import Bytecode
import GccBackend
import MachineLayout
import VM

/// One instruction of a method, as its baseline code runs it.
struct StencilChoice {
  var name: StencilName
  // What is filled in. Registers, offsets and sizes are in bytes.
  var a = 0, b = 0, c = 0, callee = 0, value = 0, entry = 0, site = 0, place = 0, count = 0, bytes = 0
  /// Where the jump goes to; of a fused comparison that of the jump behind it.
  var target = 0
  /// Whether the comparison's jump is taken if it does not hold.
  var jumpsIfFalse = false
  var isFused = false
  /// What it stands for, a primitive's function or shared code; and where in the code's table that is.
  var standsFor: UInt64 = 0
  var known = 0
  /// Whether a send that it stands for answers into its register.
  var answers = false

  /// Leaves it to the interpreter.
  static let leave = StencilChoice(name: .leave)
  private init(name: StencilName) { self.name = name }

  init(_ m: BaselineMethod, _ pc: Int) {
    let i = Instruction(bits: m.code[pc])
    name = .leave
    guard let opcode = i.opcode else { return }
    let row = Self.rows[Int(opcode.rawValue)]
    answers = row.answers
    a = i.a * 8
    b = i.b * 8
    c = i.c * 8
    switch opcode {
    case .move: name = .move
    case .loadNil: load(Int(Word.nil))
    case .loadTrue: load(Int(Word.true))
    case .loadFalse: load(Int(Word.false))
    case .loadInteger: load(i.wide << 1 | 1)
    case .loadLiteral:
      name = .loadLiteral
      entry = i.ub * 8
    case .loadGlobal:
      name = .loadGlobal
      entry = i.ub * 8
    case .loadField: load(from: b, 1 + i.c)
    case .loadVariable: load(from: b, 1 + EnvironmentLayout.firstVariable + i.c)
    case .loadOuter: load(from: b, 1 + EnvironmentLayout.outer)
    case .loadSelf: load(from: m.receiver, 1 + BlockLayout.receiver)
    case .loadBlockEnvironment: load(from: m.receiver, 1 + BlockLayout.environment)
    case .storeField: store(1 + i.b)
    case .storeVariable: store(1 + EnvironmentLayout.firstVariable + i.b)
    case .loadDoubleField:
      name = .loadDouble
      place = (1 + i.c) * 8
    case .storeDoubleField:
      name = .storeDouble
      place = (1 + i.b) * 8
    case .closeHome: name = .closeHome
    case .newEnvironment:
      name = i.b == 0 ? .newEnvironment : .newInnerEnvironment
      count = i.uc
      bytes = (i.uc + 1 + EnvironmentLayout.firstVariable) * 8
      value = Int(Word.integer(i.uc + EnvironmentLayout.firstVariable - 1))
    case .newBlock: makeBlock(m, i)
    case .send: send(m, i)
    case .superSend:
      sendToSuper(m, i)
    case .jump: jump(.jump, to: i.wide)
    case .loopJump: jump(.loopJump, to: i.wide)
    case .jumpIfTrue: jump(.jumpIfTrue, to: i.wide)
    case .jumpIfFalse: jump(.jumpIfFalse, to: i.wide)
    case .jumpIfNil: jump(.jumpIfNil, to: i.wide)
    case .jumpIfNotNil: jump(.jumpIfNotNil, to: i.wide)
    case .guardInteger: name = .guardInteger
    case .guardSmallInteger: name = .guardSmallInteger
    case .return: name = .answerRegister
    case .returnSelf:
      name = .answerRegister
      a = m.receiver
    case .returnNonLocal, .returnEscaped, .switchVariant, .breakpoint: break
    default: operate(m, i, row, pc)
    }
  }

  private mutating func jump(_ stencil: StencilName, to pc: Int) {
    name = stencil
    target = pc
  }

  private mutating func load(_ constant: Int) {
    name = .loadConstant
    value = constant
  }

  private mutating func load(from register: Int, _ word: Int) {
    name = .loadWord
    b = register
    place = word * 8
  }

  private mutating func store(_ word: Int) {
    name = .storeWord
    place = word * 8
  }

  private mutating func makeBlock(_ m: BaselineMethod, _ i: Instruction) {
    let closes = i.c != 0
    if m.isBlock {
      name = closes ? .newBlockClosure : .newBlockBlock
    } else {
      name = closes ? .newMethodClosure : .newMethodBlock
    }
    entry = i.ub * 8
    value = WellKnownClass.block1.rawValue + Method(raw(raw(m.words[MethodSlot.blocks.rawValue])[i.ub])).argumentCount
  }

  private mutating func sendToSuper(_ m: BaselineMethod, _ i: Instruction) {
    let site = beginSend(m, i)
    name = .superSend
    value = Int(m.words[MethodSlot.holder.rawValue])
    guard site[SendSiteLayout.entries] & 0xFFFF_FFFF == value else { return }
    sendToPrimitive(m, Method(raw(site[SendSiteLayout.entries + 1])), value)
    if name == .newObject {
      name = .superNew
    } else {
      (name, standsFor) = (.superSend, 0)
    }
  }

  private mutating func beginSend(_ m: BaselineMethod, _ i: Instruction) -> Words {
    let site = m.sites + i.uc * SendSiteLayout.words
    entry = i.uc * SendSiteLayout.words * 8
    count = Int(site[SendSiteLayout.selector] & 0xFFFF)
    callee = (i.b + count + 1) * 8
    return site
  }

  private mutating func send(_ m: BaselineMethod, _ i: Instruction) {
    let site = beginSend(m, i)
    // What has come there first; where nothing has, what is mostly sent to arrays.
    let index = Int(site[SendSiteLayout.entries] & 0xFFFF_FFFF)
    switch index {
    case 0:
      name = .sendToObject
      let selector = Int(site[SendSiteLayout.selector] >> 16)
      if m.machine.arraySelectors.contains(selector),
        let target = m.machine.universe.lookup.method(WellKnownClass.array.rawValue, selector)
      {
        sendToPrimitive(m, target, WellKnownClass.array.rawValue)
      }
    case WellKnownClass.integer.rawValue:
      name = .sendToInteger
      sendToPrimitive(m, Method(raw(site[SendSiteLayout.entries + 1])), index)
    case WellKnownClass.double.rawValue, WellKnownClass.nil.rawValue, WellKnownClass.true.rawValue,
      WellKnownClass.false.rawValue:
      name = .send
      sendToPrimitive(m, Method(raw(site[SendSiteLayout.entries + 1])), index)
    default:
      name = .sendToObject
      let target = Method(raw(site[SendSiteLayout.entries + 1]))
      if target.kind == .blockValue, BlockLayout.isClass(index) {
        name = .sendToBlock
        standsFor = target[.baselineEntry]
      } else if let shortcut = Self.shortcuts[Int(target[.shortcut] & 7)] {
        name = shortcut
      } else {
        sendToPrimitive(m, target, index)
      }
    }
  }

  /// By the number of the case of `MethodShortcut`.
  private static let shortcuts: [StencilName?] = [
    nil, .sendGetter, .sendDoubleGetter, .sendSetter, .sendDoubleSetter, .sendConstant, nil, nil,
  ]

  private mutating func sendToPrimitive(_ m: BaselineMethod, _ target: Method, _ index: Int) {
    guard target[.primitive] != 0, let row = m.machine.primitive(target),
      row.receiver.map({ $0.rawValue == index }) ?? true
    else { return }
    name = row.name
    standsFor = target[.primitive]
  }

  fileprivate typealias Primitive = (name: StencilName, receiver: WellKnownClass?)
  /// The stencils of primitives, and the class of the receivers that they are for.
  fileprivate static let primitives: [String: Primitive] = [
    "Array>>at:": (.arrayAt, .array), "Array>>at:put:": (.arrayAtPut, .array), "Array>>length": (.arrayLength, .array),
    "Array class>>new:": (.newArray, nil), "Class>>new": (.newObject, nil),
    "String>>length": (.stringLength, .string), "String>>charAt:": (.stringAt, .string),
    "Double>>//": (.divideDouble, .double), "Double>>/": (.divideDouble, .double),
    "Integer>>//": (.divideIntegers, .integer), "Integer>>|": (.bitOr, .integer),
    "Integer>>bitXor:": (.bitXor, .integer),
    "Integer>><<": (.shiftLeft, .integer), "Integer>>>>>": (.shiftRight, .integer),
    "Integer>>rem:": (.remainder, .integer), "Integer>><>": (.differ, .integer), "Integer>>~=": (.differ, .integer),
  ]

  /// An operator.
  private mutating func operate(_ m: BaselineMethod, _ i: Instruction, _ row: Row, _ pc: Int) {
    guard let made = row.stencil else { return }
    name = made
    let number = Int(m.siteAtPC[pc]) * SendSiteLayout.words
    site = number * 8
    callee = (Int(m.depth[pc]) + 2) * 8
    value = i.c << 1 | 1
    isFused = row.isFused
    if m.sites[number + SendSiteLayout.flags] & SiteFlags.sawDouble != 0, let doubles = row.ofDoubles { name = doubles }
    guard isFused else { return }
    // The jump may have been replaced meanwhile.
    let jump = Instruction(bits: m.code[pc + 1])
    switch jump.opcode {
    case .jumpIfTrue: break
    case .jumpIfFalse: jumpsIfFalse = true
    default: name = .leave
    }
    target = jump.wide
  }

  /// What is asked of an opcode for each instruction.
  private struct Row {
    /// Whether a send that it stands for answers into its register.
    let answers: Bool
    let isFused: Bool
    /// Of an operator, which is called as it; and where doubles have been seen.
    let stencil, ofDoubles: StencilName?
  }
  /// By opcode.
  private static let rows = Opcode.table.map { info in
    let name = info.name
    let ofDoubles = name.hasSuffix("Branch") ? name.dropLast("Branch".count) + "DoublesBranch" : name + "Doubles"
    let isOperator = info.operator != nil
    return Row(
      answers: info.invokes && info.a == .destination, isFused: info.isFused,
      stencil: isOperator ? StencilName.named[name] : nil, ofDoubles: isOperator ? StencilName.named[ofDoubles] : nil)
  }

  // MARK: Doubles that are handed on

  /// The same with the double of register `handedOn` (in bytes) from the instruction before, if it takes that, or hands it
  /// on to `following`.
  func taking(_ handedOn: Int, following: StencilChoice?) -> StencilName? {
    if let takers = name.takers {
      if b == handedOn { return takers.left }
      if c == handedOn { return takers.right }
      return nil
    }
    guard a != handedOn, let following, following.name.takers != nil, following.b == handedOn || following.c == handedOn
    else { return nil }
    switch name {
    case .move: return .moveKeeping
    case .loadConstant: return .loadConstantKeeping
    case .loadLiteral: return .loadLiteralKeeping
    default: return nil
    }
  }

  func number(_ hole: StencilHole, _ m: BaselineMethod, _ pc: Int) -> Int {
    switch hole {
    case .a: a
    case .b: b
    case .c: c
    case .receiver: m.receiver
    case .callee: callee
    case .pc: pc
    case .value: value
    case .entry: entry
    case .site: site
    case .place: place
    case .frameBytes: m.frameBytes
    case .localCount: m.localCount
    case .count: count
    case .bytes: bytes
    case .known: known
    }
  }
}

private func raw(_ address: UInt64) -> Words { Words(bitPattern: UInt(address)).unsafelyUnwrapped }

/// Where methods and primitives are looked up. VM thread.
final class BaselineMachine {
  unowned let universe: Universe
  /// Selectors (ids) of the primitives of arrays that have stencils.
  let arraySelectors: Set<Int>
  /// What has been asked for, by the function.
  private var primitives: [UInt64: StencilChoice.Primitive?] = [:]

  init(_ universe: Universe) {
    self.universe = universe
    arraySelectors = Set(["at:", "at:put:", "length"].map(universe.symbols.intern))
  }

  /// The stencil of a method that is a primitive.
  fileprivate func primitive(_ method: Method) -> StencilChoice.Primitive? {
    let function = method[.primitive]
    if let known = primitives[function] { return known }
    let found = universe.methods[method].primitive.flatMap { StencilChoice.primitives[$0] }
    primitives[function] = .some(found)
    return found
  }
}

/// What is read of a method in order to make baseline code of it.
struct BaselineMethod {
  unowned let machine: BaselineMachine
  let words: Words
  let code: Words
  let sites: Words
  let siteAtPC: UnsafePointer<UInt16>
  let depth: UnsafePointer<UInt16>
  let count: Int
  let frameBytes, localCount: Int
  let isBlock: Bool
  /// The register of the receiver, or of the running block, in bytes.
  let receiver: Int

  /// Requires: it is linked.
  init(_ method: Method, instructionCount: Int, _ machine: BaselineMachine) {
    self.machine = machine
    words = method.words
    code = raw(method[.code])
    sites = raw(method[.sites])
    siteAtPC = UnsafePointer<UInt16>(bitPattern: UInt(method[.siteAtPC])).unsafelyUnwrapped
    depth = UnsafePointer<UInt16>(bitPattern: UInt(method[.depth])).unsafelyUnwrapped
    count = instructionCount
    frameBytes = Int(method[.frameBytes])
    localCount = Int(method[.localCount])
    isBlock = method[.isBlock] != 0
    receiver = -(method.argumentCount + 1) * 8
  }

  var entry: StencilName {
    switch localCount {
    case 0: .enter0
    case 1: .enter1
    case 2: .enter2
    case 3: .enter3
    case 4: .enter4
    default: .enterMany
    }
  }
}
