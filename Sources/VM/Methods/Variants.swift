// The two variants of a method's bytecode: compiling them, and moving a live activation from one to the other.

import Bytecode
import MachineLayout
import Syntax

extension Universe {
  /// Compiles and links a method that is still lazy.
  func compileAndLink(_ info: MethodInfo) throws(SyntaxErrors) {
    if info.chunk != nil { return }
    link(info, try compile(info, .inlined))
  }

  /// Links a method, in the variant of its bytecode that is right now.
  func link(_ info: MethodInfo, _ chunk: BytecodeChunk) {
    install(chunk, info)
    var superseded: [Int] = []
    if isBroken(chunk.assumptions) { supersede(info, &superseded) }
  }

  private func compile(_ info: MethodInfo, _ variant: BytecodeVariant) throws(SyntaxErrors) -> BytecodeChunk {
    guard let definition = info.definition, let source = info.source else { throw SyntaxErrors([]) }
    let scope = info.scope ?? classes[info.holderIndex].scope
    if variant == .inlined, let text = info.compiled {
      info.compiled = nil
      if text.names(theSameAs: scope) {
        info.scope = scope
        return text.chunk
      }
    }
    let chunk = try BytecodeCompiler.compile(definition, source: source, scope: scope, variant: variant)
    info.scope = scope
    return chunk
  }

  /// The generic variant of a method or block whose bytecode is inlined (of a generic one, itself).
  func twin(of method: Method) -> Method {
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
    install(chunk, twin)
    info.twin = twin.id
    return twin.method
  }

  /// The method that a block is in.
  private func root(of id: Int) -> Int {
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

  /// Makes every live activation of inlined bytecode switch when it next comes by a sync point. Only the opcodes
  /// are overwritten: a returning callee still finds the destination register of its send.
  func trap(_ info: MethodInfo) {
    guard let chunk = info.chunk, info.method.isLinked else { return }
    let code = words(info.method[.code])
    for point in chunk.syncPoints where point.pc < chunk.instructions.count {
      code[point.pc] = Instruction(bits: code[point.pc]).with(.switchVariant).bits
    }
  }

  /// The opposite of `trap`.
  func untrap(_ info: MethodInfo) {
    guard let chunk = info.chunk, info.method.isLinked else { return }
    let code = words(info.method[.code])
    for point in chunk.syncPoints
    where point.pc < chunk.instructions.count && !info.removedFieldPCs.contains(point.pc) {
      code[point.pc] = chunk.instructions[point.pc].bits
    }
  }

  /// Rebuilds the top frame in the generic variant, at the sync point where it is. False: unwind.
  func switchVariant(_ h: Words) -> Bool {
    let old = Method(words(h[1]))
    let pc = Int(h[2])
    if methods[old].removedFieldPCs.contains(pc) {
      if let isMade = accessFieldBelow(methods[old], pc, h) { return isMade }
      return failSwitch(.other("\(methods[root(of: old.id)].name) uses a field that was removed"), h)
    }
    let new = twin(of: old)
    guard new != old, let from = methods[old].chunk, let to = methods[new].chunk,
      let (before, after) = commonPoint(from, pc, to)
    else {
      let name = methods[root(of: old.id)].name
      return failSwitch(.other("A condition in \(name) is neither true nor false"), h)
    }
    if bits(h + to.frameSize) > thread[.stackLimit] + UInt64(VMStack.reserveBytes / 2) {
      return failSwitch(.stackOverflow, h)
    }
    let mark = handles.count
    defer { handles.pop(to: mark) }
    func isObject(_ handle: Int?) -> Bool {
      guard let value = handle.map({ handles[$0] }) else { return false }
      return value.isPointer && value != .none
    }

    // Read the old frame.
    let operands = before.operands.map { handles.push(Value(bits: h[Int($0)])) }
    var values: [UInt32: Int] = [:]
    for (id, location) in from.variables {
      switch location {
      case .register(let r): values[id] = handles.push(Value(bits: h[Int(r)]))
      case .environment(let r, let index):
        let environment = handles.push(Value(bits: h[Int(r)]))
        guard isObject(environment) else { continue }
        values[id] = handles.push(handles[environment].object[EnvironmentLayout.firstVariable + index])
      }
    }
    // Environments of the new frame: copied ones by register, missing ones made; the old frame is still the top.
    // One that the inlined variant no longer needs is missing, too, when compiled code left it out of the frame: then
    // no variable in it is read again, but the generic variant may close it when it returns.
    var registers: [Int16: Int] = [:]
    for (id, location) in to.variables {
      if case .register(let r) = location, let handle = values[id] { registers[r] = handle }
    }
    for layout in to.environments where !isObject(registers[layout.register]) {
      let word = ClassWord(index: WellKnownClass.environment.rawValue, format: .indexable)
      let count = layout.variableCount
      guard let p = heap.allocate(word, bodyWords: count + 3, fill: .nil, frame: h) else { return false }
      p[0] = Value(integer: count + 2)
      p[EnvironmentLayout.home] = .true
      if layout.outer != 0, let outer = registers[layout.outer] { p[EnvironmentLayout.outer] = handles[outer] }
      if layout.link != 0, let link = registers[layout.link] { p[EnvironmentLayout.firstVariable] = handles[link] }
      registers[layout.register] = handles.push(Value(p))
    }

    // Write the new frame. Nothing allocates from here on.
    let depth = Int(to.depth[after.pc])
    for r in Frame.headerWords..<max(depth, Frame.headerWords + to.localCount) { h[r] = Value.nil.bits }
    for (r, handle) in registers { h[Int(r)] = handles[handle].bits }
    for (id, location) in to.variables {
      guard case .environment(let r, let index) = location, let value = values[id], isObject(registers[r]),
        let environment = registers[r]
      else { continue }
      heap.store(handles[environment].object, EnvironmentLayout.firstVariable + index, handles[value])
    }
    for (register, handle) in zip(after.operands, operands) { h[Int(register)] = handles[handle].bits }
    h[1] = bits(new.words)
    h[2] = UInt64(after.pc)
    return true
  }

  /// The sync point at `pc` of one chunk that the other has, too.
  private func commonPoint(_ from: BytecodeChunk, _ pc: Int, _ to: BytecodeChunk) -> (SyncPoint, SyncPoint)? {
    for point in from.syncPoints where point.pc == pc {
      if let other = to.syncPoints.first(where: { $0.key == point.key && $0.operands.count == point.operands.count }) {
        return (point, other)
      }
    }
    return nil
  }

  private func failSwitch(_ error: VMError, _ h: Words) -> Bool {
    raiseUnresumable(error, h)
    return false
  }
}

/// For the interpreter: 1 when frame `h` was rebuilt (read its words 1 and 2 again), 0 to unwind.
@inline(never)
func switchVariantSlow(_ thread: Words, _ h: Words) -> UInt64 { Universe.of(thread).switchVariant(h) ? 1 : 0 }
