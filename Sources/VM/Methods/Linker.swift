// Linking: a bytecode unit becomes raw memory that a Method refers to. Happens once for each version, at its first
// activation, on the VM thread.

import BigInt
import Bytecode
import MachineLayout
import Syntax

extension Universe {
  public func link(_ method: Method) throws(SyntaxErrors) { try compileAndLink(methods[method]) }

  /// Fills the raw method from its unit; makes and links the methods of its blocks.
  func install(_ unit: BytecodeUnit, _ info: MethodInfo) {
    let method = info.method
    let doubles = classes[info.holderIndex].doubleFields
    var unit = unit
    if doubles != 0 { unit.instructions = unit.instructions.map { withFieldOpcode($0, doubles) } }
    method[.counter] = UInt64(max(1, options.hotThreshold))
    method[.frameSize] = UInt64(unit.frameSize)
    method[.frameBytes] = UInt64(unit.frameSize * 8)
    method[.localCount] = UInt64(unit.localCount)
    method[.argumentCount] = UInt64(unit.argumentCount)
    method[.homeRegister] = UInt64(unit.homeRegister ?? 0)
    method[.isBlock] = unit.isBlock ? 1 : 0
    let isHandlerCode = info.holderIndex == loadedLibraryClass(Universe.handlerClass)?.index
    method[.protects] = (unit.protects ? Method.isProtecting : 0) | (isHandlerCode ? Method.isHandlerCode : 0)

    let literals = Words.allocate(capacity: max(1, unit.literals.count))
    for (i, literal) in unit.literals.enumerated() { literals[i] = tenured(literal).bits }
    method[.literals] = bits(literals)
    method[.literalCount] = UInt64(unit.literals.count)

    let selectors = unit.sites.map { symbols.intern($0.selector) }
    let sites = Words.allocate(capacity: max(1, unit.sites.count * SendSiteLayout.words))
    sites.initialize(repeating: 0, count: max(1, unit.sites.count * SendSiteLayout.words))
    for (i, site) in unit.sites.enumerated() {
      sites[i * SendSiteLayout.words] = UInt64(selectors[i]) << 16 | UInt64(site.argumentCount)
    }
    method[.sites] = bits(sites)
    method[.siteCount] = UInt64(unit.sites.count)

    let cells = unit.globals.map { cell($0, in: info.source) }
    method[.globals] = bits(table(cells.map { bits(globals.address($0)) }))
    method[.depth] = shorts(unit.depth)
    method[.siteAtPC] = shorts(unit.siteAtPC)

    var blocks: [Int] = []
    for block in unit.blocks {
      let made = methods.add(
        name: info.name + "[]", selector: block.selector, selectorID: method.selector,
        argumentCount: block.argumentCount, holderIndex: info.holderIndex)
      made.outer = info.id
      made.source = info.source
      made.definition = info.definition
      made.version = info.version
      made.scope = info.scope
      install(block, made)
      blocks.append(made.id)
    }
    method[.blocks] = bits(table(blocks.map { bits(methods[$0].method.words) }))

    lock.withLock {
      info.unit = unit
      info.siteSelectors = selectors
      info.globalCells = cells
      info.blocks = blocks
    }
    method[.entry] = functionAddress(interpretEntry)
    method[.kind] = Method.Kind.interpreted.rawValue
    method[.code] = bits(table(unit.instructions.map(\.bits)))
    for (pc, instruction) in unit.instructions.enumerated() where instruction.fieldPlace == ClassScope.removedField {
      trapRemovedField(info, pc)
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
  func tenured(_ literal: Literal) -> Value {
    switch literal {
    case .integer(let i): return Value(exactInteger: i) ?? tenuredInteger(BigInt(i))
    case .bigInteger(let text):
      let big = try? NumberText.parseInteger(text.utf8, .uninterrupted)
      return tenuredInteger(big ?? 0)
    case .double(let d): return tenuredDouble(d)
    case .string(let s):
      if s.utf8.count == 1, let code = s.utf8.first { return characters[Int(code)] }
      return tenuredString(s)
    case .symbol(let s): return symbol(s)
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
