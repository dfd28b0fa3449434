// A program for the optimizer without a virtual machine: classes and methods from source, feedback by hand.

import Bytecode
import IR
import MachineLayout
import Optimizer
import Syntax

final class TestProgram: Program, @unchecked Sendable {
  private var methods: [MethodFacts] = []
  private var selectors: [String: Int] = [:]
  private var table: [Int: [Int: MethodID]] = [:]
  private var superclasses: [Int: Int] = [:]
  private var classes: [Int: ClassFacts] = [:]
  private var cells: [String: (id: Int, classIndex: Int)] = [:]
  var feedbackBySelector: [String: [Int]] = [:]
  /// How often each method has run; each site has ten times.
  var invocations = 100
  var megamorphic: Set<String> = []
  /// What `mayUnbox` answers.
  var hotCalls: Set<CodePlace> = []
  var unboxable = false
  var failuresByMethod: [MethodID: [Int: Set<Int64>]] = [:]

  init() {
    for (i, name) in [(1, "Integer"), (2, "Double"), (3, "Nil"), (4, "True"), (5, "False"), (8, "Array")] {
      classes[i] = ClassFacts(
        index: i, classWord: ClassWord(index: i, format: i == 8 ? .indexable : .fields).bits, name: name, fieldCount: 0,
        format: i == 8 ? 1 : 0)
    }
    classes[9] = ClassFacts(
      index: 9, classWord: ClassWord(index: 9, format: .fields).bits, name: "Block", fieldCount: 3, format: 0)
    primitive("Block", "restart")
    for (i, selector) in [(0, "value"), (1, "value:"), (2, "value:with:")] {
      classes[10 + i] = ClassFacts(
        index: 10 + i, classWord: ClassWord.block(argumentCount: i).bits, name: "Block\(i + 1)", fieldCount: 3,
        format: 0)
      superclasses[10 + i] = 9
      primitive("Block\(i + 1)", selector)
    }
    for selector in ["+", "-", "*", "/", "//", "%", "<", ">", "="] {
      primitive("Integer", selector)
      primitive("Double", selector)
    }
    for selector in ["at:", "at:put:", "length"] { primitive("Array", selector) }
    classes[6] = ClassFacts(
      index: 6, classWord: ClassWord(index: 6, format: .bytes).bits, name: "String", fieldCount: 0, format: 2)
    classes[7] = ClassFacts(
      index: 7, classWord: ClassWord(index: 7, format: .bytes).bits, name: "Symbol", fieldCount: 0, format: 2)
    superclasses[7] = 6
    for selector in ["=", "length", "charAt:", "primSubstringFrom:to:"] { primitive("String", selector) }
    classes[21] = ClassFacts(
      index: 21, classWord: ClassWord(index: 21, format: .fields).bits, name: "Array class", fieldCount: 1, format: 0,
      instanceClassIndex: 8)
    cells["Array"] = (0, 21)
    primitive("Array class", "new:")
  }

  /// `doubles`: bit i if field i is unboxed.
  func addClass(_ name: String, fields: [String] = [], superclass: Int? = nil, doubles: UInt64 = 0) -> Int {
    let index = 100 + 2 * classes.count
    let format: ObjectFormat = doubles == 0 ? .fields : .mixed
    classes[index] = ClassFacts(
      index: index, classWord: ClassWord(index: index, format: format).bits, name: name, fieldCount: fields.count,
      format: Int(format.rawValue), doubleFields: doubles)
    classes[index + 1] = ClassFacts(
      index: index + 1, classWord: ClassWord(index: index + 1, format: .fields).bits, name: "\(name) class",
      fieldCount: 1, format: 0, instanceClassIndex: index)
    superclasses[index] = superclass
    cells[name] = (cells.count, index + 1)
    return index
  }

  func primitive(_ className: String, _ selector: String) {
    let holder = classes.values.first { $0.name == className }!.index
    add(
      holder, selector,
      MethodFacts(
        id: MethodID(methods.count), name: "\(className)>>\(selector)", holderIndex: holder, chunk: nil,
        primitive: "\(className)>>\(selector)", blocks: [], siteSelectors: [], globalCells: [], invocations: 1))
  }
  func primitiveNew(_ classIndex: Int) {
    add(
      classIndex + 1, "new",
      MethodFacts(
        id: MethodID(methods.count), name: "Class>>new", holderIndex: classIndex + 1, chunk: nil,
        primitive: "Class>>new", blocks: [], siteSelectors: [], globalCells: [], invocations: 1))
  }
  private func add(_ holder: Int, _ selector: String, _ facts: MethodFacts) {
    methods.append(facts)
    table[holder, default: [:]][selectorID(selector)] = facts.id
  }

  @discardableResult
  func method(_ holder: Int, _ text: String, fields: [String] = []) throws -> MethodID {
    let source = SourceText(name: "test", text)
    let definition = try Parser.parseMethod(source)
    let chunk = try BytecodeCompiler.compile(
      definition, source: source, scope: ClassScope(className: classes[holder]!.name, instanceFields: fields),
      variant: .inlined)
    let id = link(chunk, holder, "\(classes[holder]!.name)>>\(chunk.selector)")
    table[holder, default: [:]][selectorID(chunk.selector)] = id
    return id
  }

  private func link(_ chunk: BytecodeChunk, _ holder: Int, _ name: String) -> MethodID {
    var chunk = chunk
    chunk.instructions = chunk.instructions.map { unboxing($0, classes[holder]!.doubleFields) }
    let blocks = chunk.blocks.map { link($0, holder, "block in \(name)") }
    let id = MethodID(methods.count)
    methods.append(
      MethodFacts(
        id: id, name: name, holderIndex: holder, chunk: chunk, primitive: nil, blocks: blocks,
        siteSelectors: chunk.sites.map { selectorID($0.selector) },
        globalCells: chunk.globals.map { name in
          if cells[name] == nil { cells[name] = (cells.count, 0) }
          return cells[name]!.id
        }, invocations: 100))
    return id
  }

  /// As the VM patches accesses to unboxed fields.
  private func unboxing(_ i: Instruction, _ doubles: UInt64) -> Instruction {
    func with(_ op: Opcode) -> Instruction { Instruction(bits: i.bits & ~0xFFFF | UInt64(op.rawValue)) }
    switch i.opcode {
    case .loadField where doubles >> UInt64(i.uc) & 1 != 0: return with(.loadDoubleField)
    case .storeField where doubles >> UInt64(i.ub) & 1 != 0: return with(.storeDoubleField)
    default: return i
    }
  }

  // MARK: Program

  func facts(_ method: MethodID) -> MethodFacts {
    var facts = methods[method.raw]
    facts.invocations = invocations
    return facts
  }
  func lookup(classIndex: Int, selector: Int) -> MethodID? {
    var c: Int? = classIndex
    while let i = c {
      if let m = table[i]?[selector] { return m }
      c = superclasses[i]
    }
    return nil
  }
  func lookupSuper(holderIndex: Int, selector: Int) -> MethodID? {
    superclasses[holderIndex].flatMap { lookup(classIndex: $0, selector: selector) }
  }
  func selectorID(_ name: String) -> Int {
    if let id = selectors[name] { return id }
    selectors[name] = selectors.count
    return selectors.count - 1
  }
  func mayUnbox(_ field: FieldPlace) -> Bool { unboxable }
  func classFacts(_ index: Int) -> ClassFacts { classes[index]! }
  func feedback(_ method: MethodID, site: Int) -> SiteFeedback {
    let selector = methods[method.raw].chunk!.sites[site].selector
    return SiteFeedback(
      entries: (feedbackBySelector[selector] ?? []).map { .init(classIndex: $0, count: 10) },
      megamorphic: megamorphic.contains(selector))
  }
  func isHot(_ call: CodePlace) -> Bool { hotCalls.contains(call) }
  func failures(_ method: MethodID, pc: Int) -> Set<Int64> { failuresByMethod[method]?[pc] ?? [] }
  func globalClass(cell: Int) -> (classIndex: Int, version: Int)? {
    cells.values.first { $0.id == cell && $0.classIndex != 0 }.map { ($0.classIndex, 1) }
  }
}
