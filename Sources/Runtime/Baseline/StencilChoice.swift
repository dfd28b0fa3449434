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
  /// The primitive that it stands for; and where in the code's table its function is.
  var primitive: UInt64 = 0
  var known = 0

  /// Leaves it to the interpreter.
  static let leave = StencilChoice(name: .leave)
  private init(name: StencilName) { self.name = name }

  init(_ m: BaselineMethod, _ pc: Int) {
    let i = Instruction(bits: m.code[pc])
    name = .leave
    guard let opcode = i.opcode else { return }
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
      send(m, i)
      name = .superSend
      value = Int(m.words[MethodSlot.holder.rawValue])
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
    default: operate(m, i, opcode, pc)
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

  private mutating func send(_ m: BaselineMethod, _ i: Instruction) {
    let site = m.sites + i.uc * SendSiteLayout.words
    entry = i.uc * SendSiteLayout.words * 8
    callee = (i.b + Int(site[SendSiteLayout.selector] & 0xFFFF) + 1) * 8
    // What has come there first; where nothing has, what is mostly sent to arrays.
    switch Int(site[SendSiteLayout.entries] & 0xFFFF_FFFF) {
    case WellKnownClass.array.rawValue: sendToArray(m, Method(raw(site[SendSiteLayout.entries + 1])))
    case 0:
      let selector = Int(site[SendSiteLayout.selector] >> 16)
      name = .sendToObject
      if m.machine.arraySelectors.contains(selector),
        let target = m.machine.universe.lookup.method(WellKnownClass.array.rawValue, selector)
      {
        sendToArray(m, target)
      }
    case WellKnownClass.integer.rawValue: name = .sendToInteger
    case WellKnownClass.double.rawValue, WellKnownClass.nil.rawValue, WellKnownClass.true.rawValue,
      WellKnownClass.false.rawValue:
      name = .send
    default: name = .sendToObject
    }
  }

  private mutating func sendToArray(_ m: BaselineMethod, _ target: Method) {
    name = .sendToObject
    primitive = target[.primitive]
    guard primitive != 0 else { return }
    switch m.machine.universe.methods[target].primitive {
    case "Array>>at:": name = .arrayAt
    case "Array>>at:put:": name = .arrayAtPut
    case "Array>>length": name = .arrayLength
    default: primitive = 0
    }
  }

  /// An operator.
  private mutating func operate(_ m: BaselineMethod, _ i: Instruction, _ opcode: Opcode, _ pc: Int) {
    guard let made = Self.operators[Int(opcode.rawValue)] else { return }
    name = made
    site = Int(m.siteAtPC[pc]) * SendSiteLayout.words * 8
    value = i.c << 1 | 1
    isFused = opcode.info.isFused
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

  /// By opcode. The stencils of operators are called as these.
  private static let operators: [StencilName?] = Opcode.allCases.map { opcode in
    guard opcode.info.operator != nil else { return nil }
    return StencilName(rawValue: opcode.info.name.replacing("Immediate", with: "Constant"))
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

/// Where methods and primitives are looked up.
struct BaselineMachine {
  unowned let universe: Universe
  /// Selectors (ids) of the primitives of arrays that have stencils.
  let arraySelectors: Set<Int>

  init(_ universe: Universe) {
    self.universe = universe
    arraySelectors = Set(["at:", "at:put:", "length"].map(universe.symbols.intern))
  }
}

/// What is read of a method in order to make baseline code of it.
struct BaselineMethod {
  let machine: BaselineMachine
  let words: Words
  let code: Words
  let sites: Words
  let siteAtPC: UnsafePointer<UInt16>
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
