// The two variants of a method's bytecode: compiling them, and making live activations change over (`VariantSwitch.swift`).

import Bytecode
import MachineLayout
import Syntax

public final class Variants {
  private unowned(unsafe) let universe: Universe
  private let methods: MethodTable
  private let linker: Linker

  init(_ universe: Universe) {
    self.universe = universe
    methods = universe.methods
    linker = universe.linker
  }

  // MARK: Linking

  /// Compiles and links a method that is still lazy.
  public func link(_ info: MethodInfo) throws(SyntaxErrors) {
    if info.chunk != nil { return }
    link(info, try compile(info, .inlined))
  }

  /// Links a method, in the variant of its bytecode that is right now.
  func link(_ info: MethodInfo, _ chunk: BytecodeChunk) {
    linker.fill(info, chunk)
    var superseded: [Int] = []
    if universe.assumptions.isBroken(chunk.assumptions) { supersede(info, &superseded) }
    universe.hooks.linked?(info)
  }

  private func compile(_ info: MethodInfo, _ variant: BytecodeVariant) throws(SyntaxErrors) -> BytecodeChunk {
    guard let definition = info.definition, let source = info.source else { throw SyntaxErrors([]) }
    let scope = info.scope ?? universe.classes[info.holderIndex].scope
    if variant == .inlined, let text = info.prepared {
      info.prepared = nil
      if text.names(theSameAs: scope) {
        info.scope = scope
        return text.chunk
      }
    }
    let chunk = try BytecodeCompiler.compile(definition, source: source, scope: scope, variant: variant)
    info.scope = scope
    return chunk
  }

  // MARK: Twins

  /// The generic variant of a method or block whose bytecode is inlined (of a generic one, itself).
  public func twin(of method: Method) -> Method {
    let info = methods[method]
    if let twin = info.twin { return methods[twin].method }
    guard info.chunk?.variant == .inlined else { return method }
    if let outer = info.outer {
      let root = methods[twin(of: methods[outer].method)]
      guard let found = block(info.chunk!.nodeID, in: root) else { return method }
      info.twin = found.id
      return found.method
    }
    // It compiled once; the generic variant of the same text compiles, too.
    guard let chunk = try? compile(info, .generic) else { return method }
    let twin = methods.add(
      name: info.name, selector: info.selector, selectorID: info.method.selector,
      argumentCount: info.method.argumentCount, holderIndex: info.holderIndex)
    twin.source = info.source
    twin.definition = info.definition
    twin.version = info.version
    twin.scope = info.scope
    twin.isReplaced = info.isReplaced
    twin.original = info.id
    linker.fill(twin, chunk)
    info.twin = twin.id
    universe.hooks.linked?(twin)
    return twin.method
  }

  /// The method that a block is in.
  func root(of id: Int) -> Int {
    var i = id
    while let outer = methods[i].outer { i = outer }
    return i
  }

  /// True for the literal block of a conditional or a loop, which only the generic variant has.
  func isPart(_ block: MethodInfo) -> Bool {
    guard let chunk = block.chunk, chunk.variant == .generic, block.outer != nil,
      let original = methods[root(of: block.id)].original, let inlined = methods.find(original)
    else { return false }
    return self.block(chunk.nodeID, in: inlined) == nil
  }

  private func block(_ node: UInt32, in info: MethodInfo) -> MethodInfo? {
    for id in info.blocks {
      let block = methods[id]
      if block.chunk?.nodeID == node { return block }
      if let found = self.block(node, in: block) { return found }
    }
    return nil
  }

  // MARK: Which one runs

  /// Lets a method and its blocks run their generic variant.
  func supersede(_ info: MethodInfo, _ all: inout [Int]) {
    all.append(info.id)
    info.ownEntry = .interpreter(.superseded)
    info.compiledEntry = nil
    trap(info)
    for block in info.blocks { supersede(methods[block], &all) }
  }

  /// Lets a method and its blocks run their inlined bytecode again. (What runs in the generic variant stays there.)
  func restore(_ info: MethodInfo) {
    untrap(info)
    info.ownEntry = .interpreter(.interpreted)
    for block in info.blocks { restore(methods[block]) }
  }

  /// Makes every live activation of inlined bytecode switch when it next comes by a sync point. Only the opcodes
  /// are overwritten: a returning callee still finds the destination register of its send.
  private func trap(_ info: MethodInfo) {
    guard let chunk = info.chunk, info.method.isLinked else { return }
    for point in chunk.syncPoints where point.pc < chunk.instructions.count {
      info.setInstruction(info.instruction(at: point.pc).with(.switchVariant), at: point.pc)
    }
  }

  /// The opposite of `trap`.
  private func untrap(_ info: MethodInfo) {
    guard let chunk = info.chunk, info.method.isLinked else { return }
    for point in chunk.syncPoints
    where point.pc < chunk.instructions.count && !info.removedFieldPCs.contains(point.pc) {
      info.setInstruction(chunk.instructions[point.pc], at: point.pc)
    }
  }
}
