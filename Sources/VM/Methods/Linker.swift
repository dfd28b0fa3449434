// Linking: a bytecode chunk becomes raw memory that a Method refers to. Happens once for each version, on the VM thread:
// when an accept prepares it, otherwise at its first activation.

import BigInt
import Bytecode
import MachineLayout
import Syntax

final class Linker {
  private unowned(unsafe) let universe: Universe
  private let methods: MethodTable
  private let symbols: SymbolTable
  private let heap: Heap

  init(_ universe: Universe) {
    self.universe = universe
    methods = universe.methods
    symbols = universe.symbols
    heap = universe.heap
  }

  /// Fills the raw method from its chunk; makes and links the methods of its blocks.
  func fill(_ info: MethodInfo, _ chunk: BytecodeChunk) {
    let method = info.method
    let doubles = universe.classes[info.holderIndex].doubleFields
    var chunk = chunk
    if doubles != 0 { chunk.instructions = chunk.instructions.map { universe.withFieldOpcode($0, doubles) } }
    method[.counter] = UInt64(max(1, universe.options.firstThreshold))
    method[.frameSize] = UInt64(chunk.frameSize)
    method[.frameBytes] = UInt64(chunk.frameSize * 8)
    method[.localCount] = UInt64(chunk.localCount)
    method[.argumentCount] = UInt64(chunk.argumentCount)
    method[.homeRegister] = UInt64(chunk.homeRegister ?? 0)
    method[.isBlock] = chunk.isBlock ? 1 : 0
    let isHandlerCode = info.holderIndex == universe.library.loaded(Handlers.className)?.index
    method[.protects] = (chunk.protects ? Method.isProtecting : 0) | (isHandlerCode ? Method.isHandlerCode : 0)

    let literals = Words.allocate(capacity: max(1, chunk.literals.count))
    for (i, literal) in chunk.literals.enumerated() { literals[i] = tenured(literal).bits }
    method[.literals] = bits(literals)
    method[.literalCount] = UInt64(chunk.literals.count)

    let selectors = chunk.sites.map { symbols.intern($0.selector) }
    let sites = Words.allocate(capacity: max(1, chunk.sites.count * SendSiteLayout.words))
    sites.initialize(repeating: 0, count: max(1, chunk.sites.count * SendSiteLayout.words))
    for (i, site) in chunk.sites.enumerated() {
      sites[i * SendSiteLayout.words] = UInt64(selectors[i]) << 16 | UInt64(site.argumentCount)
    }
    method[.sites] = bits(sites)
    method[.siteCount] = UInt64(chunk.sites.count)

    let cells = chunk.globals.map { universe.library.cell($0, in: info.source) }
    method[.globals] = bits(table(cells.map { bits(universe.globals.address($0)) }))
    method[.depth] = shorts(chunk.depth)
    method[.siteAtPC] = shorts(chunk.siteAtPC)

    var blocks: [Int] = []
    for block in chunk.blocks {
      let made = methods.add(
        name: info.name + "[]", selector: block.selector, selectorID: method.selector,
        argumentCount: block.argumentCount, holderIndex: info.holderIndex)
      made.outer = info.id
      made.source = info.source
      made.definition = info.definition
      made.version = info.version
      made.scope = info.scope
      fill(made, block)
      blocks.append(made.id)
    }
    method[.blocks] = bits(table(blocks.map { bits(methods[$0].method.words) }))

    universe.lock.withLock {
      info.chunk = chunk
      info.siteSelectors = selectors
      info.globalCells = cells
      info.blocks = blocks
    }
    method[.code] = bits(table(chunk.instructions.map(\.bits)))
    info.ownEntry = .interpreter(.interpreted)
    for (pc, instruction) in chunk.instructions.enumerated() where instruction.fieldPlace == ClassScope.removedField {
      universe.fieldPlaces.trapRemoved(info, pc)
    }
  }

  private func table(_ values: [UInt64]) -> Words {
    let p = Words.allocate(capacity: max(1, values.count))
    for (i, value) in values.enumerated() { p[i] = value }
    return p
  }
  private func shorts(_ values: [UInt16]) -> UInt64 {
    let p = UnsafeMutablePointer<UInt16>.allocate(capacity: max(1, values.count))
    for (i, value) in values.enumerated() { p[i] = value }
    return UInt64(UInt(bitPattern: p))
  }

  /// The value of a literal, in old space.
  private func tenured(_ literal: Literal) -> Value {
    switch literal {
    case .integer(let i): return Value(exactInteger: i) ?? universe.tenuredInteger(BigInt(i))
    case .bigInteger(let text):
      let big = try? NumberText.parseInteger(text.utf8, .uninterrupted)
      return universe.tenuredInteger(big ?? 0)
    case .double(let d): return universe.tenuredDouble(d)
    case .string(let s):
      if s.utf8.count == 1, let code = s.utf8.first { return universe.characters[Int(code)] }
      return universe.tenuredString(s)
    case .symbol(let s): return universe.symbol(s)
    case .array(let elements):
      let values = elements.map(tenured)
      let object = heap.allocateTenured(
        ClassWord(index: WellKnownClass.array.rawValue, format: .indexable), bodyWords: 1 + values.count)
      object[0] = Value(integer: values.count)
      for (i, value) in values.enumerated() { object[1 + i] = value }
      return Value(object)
    }
  }
}
