// Moving a live activation from the inlined variant of its bytecode to the generic one, at a sync point that both have.

import Bytecode
import MachineLayout

extension Universe {
  /// Rebuilds the top frame in the generic variant, at the sync point where it is. False: unwind.
  func switchVariant(_ h: Words) -> Bool {
    let frame = Frame(h), old = frame.method, pc = frame.pc
    if methods[old].removedFieldPCs.contains(pc) {
      if let isMade = fieldPlaces.accessBelow(methods[old], pc, h) { return isMade }
      return failSwitch(.other("\(methods[variants.root(of: old.id)].name) uses a field that was removed"), h)
    }
    let new = variants.twin(of: old)
    guard new != old, let from = methods[old].chunk, let to = methods[new].chunk,
      var change = VariantSwitch(self, h, from: from, to: to)
    else {
      let name = methods[variants.root(of: old.id)].name
      return failSwitch(.other("A condition in \(name) is neither true nor false"), h)
    }
    if bits(h + to.frameSize) > thread[.stackLimit] + UInt64(VMStack.reserveBytes / 2) {
      return failSwitch(.stackOverflow, h)
    }
    let mark = handles.count
    defer { handles.pop(to: mark) }
    change.readFrame()
    guard change.makeEnvironments() else { return false }
    change.writeFrame(new)
    return true
  }

  private func failSwitch(_ error: VMError, _ h: Words) -> Bool {
    raiseUnresumable(error, h)
    return false
  }
}

/// A frame on its way. What it holds is in handles meanwhile.
private struct VariantSwitch {
  private let universe: Universe
  private let h: Words
  private let from, to: BytecodeChunk
  /// The sync point that both have.
  private let before, after: SyncPoint
  /// The handles of pending operands, in order; of variables, by declaration; of what the registers of variables and
  /// environments will hold.
  private var operands: [Int] = []
  private var values: [UInt32: Int] = [:]
  private var registers: [Int16: Int] = [:]

  /// Nil: there is no such point.
  init?(_ universe: Universe, _ h: Words, from: BytecodeChunk, to: BytecodeChunk) {
    guard let (before, after) = Self.commonPoint(from, Frame(h).pc, to) else { return nil }
    self.universe = universe
    self.h = h
    self.from = from
    self.to = to
    self.before = before
    self.after = after
  }

  private static func commonPoint(
    _ from: BytecodeChunk, _ pc: Int, _ to: BytecodeChunk
  ) -> (SyncPoint, SyncPoint)? {
    for point in from.syncPoints where point.pc == pc {
      if let other = to.syncPoints.first(where: { $0.key == point.key && $0.operands.count == point.operands.count }) {
        return (point, other)
      }
    }
    return nil
  }

  mutating func readFrame() {
    let handles = universe.handles
    operands = before.operands.map { handles.push(Value(bits: h[Int($0)])) }
    for (id, location) in from.variables {
      switch location {
      case .register(let r): values[id] = handles.push(Value(bits: h[Int(r)]))
      case .environment(let r, let index):
        let environment = handles.push(Value(bits: h[Int(r)]))
        guard isObject(environment) else { continue }
        values[id] = handles.push(handles[environment].object[EnvironmentLayout.firstVariable + index])
      }
    }
    for (id, location) in to.variables {
      if case .register(let r) = location, let handle = values[id] { registers[r] = handle }
    }
  }

  /// Makes the environments that the frame has not brought with it; it is still the top one. One that the inlined variant no
  /// longer needs is missing, too, when compiled code left it out of the frame: then no variable in it is read again, but
  /// the generic variant may close it when it returns. False: out of memory was raised.
  mutating func makeEnvironments() -> Bool {
    let handles = universe.handles
    for layout in to.environments where !isObject(registers[layout.register]) {
      let word = ClassWord(index: WellKnownClass.environment.rawValue, format: .indexable)
      let count = layout.variableCount
      guard let p = universe.heap.allocate(word, bodyWords: count + 3, fill: .nil, frame: h) else { return false }
      p[0] = Value(integer: count + 2)
      p[EnvironmentLayout.home] = Value(bits: universe.thread[.processMark])
      if layout.outer != 0, let outer = registers[layout.outer] { p[EnvironmentLayout.outer] = handles[outer] }
      if layout.link != 0, let link = registers[layout.link] { p[EnvironmentLayout.firstVariable] = handles[link] }
      registers[layout.register] = handles.push(Value(p))
    }
    return true
  }

  /// Nothing allocates from here on.
  func writeFrame(_ new: Method) {
    let handles = universe.handles
    let depth = Int(to.depth[after.pc])
    for r in Frame.headerWords..<max(depth, Frame.headerWords + to.localCount) { h[r] = Value.nil.bits }
    for (r, handle) in registers { h[Int(r)] = handles[handle].bits }
    for (id, location) in to.variables {
      guard case .environment(let r, let index) = location, let value = values[id], isObject(registers[r]),
        let environment = registers[r]
      else { continue }
      universe.heap.store(handles[environment].object, EnvironmentLayout.firstVariable + index, handles[value])
    }
    for (register, handle) in zip(after.operands, operands) { h[Int(register)] = handles[handle].bits }
    h[1] = bits(new.words)
    h[2] = UInt64(after.pc)
  }

  private func isObject(_ handle: Int?) -> Bool {
    guard let value = handle.map({ universe.handles[$0] }) else { return false }
    return value.isPointer && value != .none
  }
}

/// For the interpreter: 1 when frame `h` was rebuilt (read its words 1 and 2 again), 0 to unwind.
@inline(never)
func switchVariantSlow(_ thread: Words, _ h: Words) -> UInt64 { Universe.of(thread).switchVariant(h) ? 1 : 0 }
