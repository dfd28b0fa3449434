// From one compiled frame to the interpreter frames it stands for, in place.

import Bytecode
import IR
import MachineLayout
import VM

struct FrameRebuilder {
  let universe: Universe
  let overrides: FrameOverrides

  /// Writes the interpreter's frames from `frame` on. Answers the innermost, or nil if memory ran out (the
  /// error is raised: answer 0).
  ///
  /// Allocation may move everything, so: first every value is read into a handle; from then on the compiled
  /// frame keeps only its arguments alive; objects are made; and only then the frames are written.
  ///
  /// `unwinding`: the call at the safepoint has answered 0, and the innermost frame stays at it.
  func rebuild(_ frame: Words, _ code: CompiledCode, _ index: Int, unwinding: Bool) -> Words? {
    let safepoint = code.metadata.safepoints[index]
    let handles = universe.handles
    let mark = handles.count
    defer { handles.pop(to: mark) }
    let reader = StateReader(frame: frame, code: code, mark: Value(bits: universe.thread[.processMark]))
    var boxes: [(handle: Int, value: Double)] = []
    var references: [(handle: Int, virtual: Int)] = []
    let set = overrides.take(frame, code, index)
    func read(_ location: Location, _ place: FrameOverrides.Place) {
      if !set.isEmpty, let value = set.first(where: { $0.place == place })?.value {
        handles.push(value)
        return
      }
      switch reader.read(location) {
      case .value(let v): handles.push(v == .none ? .nil : v)
      case .double(let d): boxes.append((handles.push(.nil), d))
      case .virtual(let i): references.append((handles.push(.nil), i))
      }
    }

    let firstRegister = handles.count
    for (i, description) in safepoint.frames.enumerated() {
      for register in description.registers { read(register.location, .register(i, register.register)) }
    }
    let firstField = handles.count
    for (i, object) in safepoint.virtuals.enumerated() {
      for (j, field) in object.fields.enumerated() { read(field, .field(i, j)) }
    }
    let firstObject = handles.count
    // No safepoint has this number: only the argument words are roots of this frame now.
    frame[2] = UInt64(code.metadata.safepoints.count)

    for box in boxes {
      guard let v = universe.makeDouble(box.value, frame) else { return nil }
      handles[box.handle] = v
    }
    var field = firstField
    for object in safepoint.virtuals {
      let (word, sources) = currentShape(object)
      guard let made = universe.heap.allocate(word, bodyWords: sources.count, fill: .nil, frame: frame)
      else { return nil }
      universe.clearDoubleFields(made)
      // The collector needs the count of an indexable object from the start.
      if word.formatBits == ObjectFormat.indexable.rawValue, !object.fields.isEmpty { made[0] = handles[field] }
      handles.push(Value(made))
      field += object.fields.count
    }
    for reference in references { handles[reference.handle] = handles[firstObject + reference.virtual] }
    field = firstField
    for (i, object) in safepoint.virtuals.enumerated() {
      for (j, source) in currentShape(object).sources.enumerated() {
        guard let source else { continue }
        universe.setField(firstObject + i, j, to: field + source, frame)
      }
      field += object.fields.count
    }
    return write(safepoint.frames, at: frame, values: firstRegister, unwinding)
  }

  /// The class of an object that was never allocated may have changed its fields since the code was compiled. For
  /// each body word of today: the field of the description that it keeps, or nil.
  private func currentShape(_ object: VirtualDescription) -> (word: ClassWord, sources: [Int?]) {
    guard let migration = universe.classes.migration(of: Int(object.classWord & 0xFF_FFFF)) else {
      return (ClassWord(bits: object.classWord), Array(object.fields.indices))
    }
    return (universe.classes[migration.newIndex].classWord, migration.sources.map { $0 < 0 ? nil : $0 })
  }

  /// Nothing is allocated from here on.
  private func write(
    _ frames: [FrameDescription], at outermost: Words, values first: Int, _ unwinding: Bool
  ) -> Words {
    var frame = outermost
    var written: [Words] = []
    var value = first
    let token = universe.thread[.unwindTarget]
    let target = unwinding ? ActivationToken.number(token, in: outermost) : nil
    for (i, description) in frames.enumerated() {
      let info = universe.methods[description.method]
      if i > 0 {
        let sender = frames[i - 1]
        let base = Self.outgoingBase(universe.methods[sender.method], pc: sender.pc)
        let callee = frame + base + info.method.argumentCount + 1
        callee[0] = UInt64(UInt(bitPattern: frame))
        frame = callee
      }
      frame[1] = UInt64(UInt(bitPattern: info.method.words))
      let pc = unwinding ? description.originPC : description.pc
      frame[2] = UInt64(pc)
      let depth = info.chunk.map { Int($0.depth[pc]) } ?? Frame.headerWords
      for register in Frame.headerWords..<max(depth, Frame.headerWords) { frame[register] = Value.nil.bits }
      for register in description.registers {
        frame[register.register] = universe.handles[value].bits
        value += 1
      }
      if i == target { universe.thread[.unwindTarget] = ActivationToken.moved(token, to: frame) }
      written.append(frame)
    }
    universe.handlers.moved(from: outermost, to: written)
    return frame
  }

  /// The register where the send at `pc` puts its receiver.
  static func outgoingBase(_ info: MethodInfo, pc: Int) -> Int {
    guard let chunk = info.chunk else { return Frame.headerWords }
    let instruction = chunk.instructions[pc]
    // Operators copy their operands above everything that lives.
    return instruction.opcode?.info.b == .sendBase ? instruction.b : Int(chunk.depth[pc])
  }
}
