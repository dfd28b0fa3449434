// From one compiled frame to the interpreter frames it stands for, in place; then the interpreter goes on until
// the outermost of them returns, and its value is the value of the compiled function.

import Bytecode
import IR
import VM

struct Deoptimizer {
  let universe: Universe

  /// Writes the interpreter's frames from `frame` on. Answers the innermost, or nil if memory ran out (the
  /// error is raised: answer 0).
  ///
  /// Allocation may move everything, so: first every value is read into a handle; from then on the compiled
  /// frame keeps only its arguments alive; objects are made; and only then the frames are written.
  func rebuild(_ frame: Words, _ code: CompiledCode, _ safepoint: Safepoint) -> Words? {
    let handles = universe.handles
    let mark = handles.count
    defer { handles.pop(to: mark) }
    let reader = StateReader(frame: frame, code: code)
    var boxes: [(handle: Int, value: Double)] = []
    var references: [(handle: Int, virtual: Int)] = []
    func read(_ location: Location) {
      switch reader.read(location) {
      case .value(let v): handles.push(v)
      case .double(let d): boxes.append((handles.push(.nil), d))
      case .virtual(let i): references.append((handles.push(.nil), i))
      }
    }

    let firstRegister = handles.count
    for description in safepoint.frames { for register in description.registers { read(register.location) } }
    let firstField = handles.count
    for object in safepoint.virtuals { for field in object.fields { read(field) } }
    let firstObject = handles.count
    // No safepoint has this number: only the argument words are roots of this frame now.
    frame[2] = UInt64(code.metadata.safepoints.count)

    for box in boxes {
      guard let v = universe.makeDouble(box.value, frame) else { return nil }
      handles[box.handle] = v
    }
    var field = firstField
    for object in safepoint.virtuals {
      let word = ClassWord(bits: object.classWord)
      guard let made = universe.heap.allocate(word, bodyWords: object.fields.count, fill: .nil, frame: frame)
      else { return nil }
      // The collector needs the count of an indexable object from the start.
      if word.formatBits != ObjectFormat.fields.rawValue, !object.fields.isEmpty { made[0] = handles[field] }
      // (An object of a class that has another shape by now becomes one of the new shape below.)
      handles.push(Value(made))
      field += object.fields.count
    }
    for reference in references { handles[reference.handle] = handles[firstObject + reference.virtual] }
    field = firstField
    for (i, object) in safepoint.virtuals.enumerated() {
      for j in object.fields.indices {
        universe.heap.store(handles[firstObject + i].object, j, handles[field + j])
      }
      field += object.fields.count
    }
    guard migrate(firstObject, safepoint.virtuals.count, frame) else { return nil }
    return write(safepoint.frames, at: frame, values: firstRegister)
  }

  /// Objects that did not exist when their class changed its shape get it now.
  private func migrate(_ first: Int, _ count: Int, _ frame: Words) -> Bool {
    let handles = universe.handles
    for i in first..<first + count {
      let old = universe.classes[handles[i].object.classIndex]
      if old.isCurrent { continue }
      guard let new = universe.classes.named(old.name),
        let made = universe.heap.allocate(
          new.classWord, bodyWords: new.bodyWords, fill: .nil, frame: frame)
      else { return false }
      let object = handles[i].object
      for (place, name) in new.bodyNames.enumerated() {
        if let source = old.bodyNames.firstIndex(of: name) { made[place] = object[source] }
      }
      let before = handles[i]
      // Whatever was rebuilt with a reference to the old one refers to the new one.
      for j in 0..<handles.count where handles[j] == before { handles[j] = Value(made) }
      for j in first..<first + count where handles[j].object != made {
        let other = handles[j].object
        for k in 0..<universe.classes[other.classIndex].bodyWords where other[k] == before {
          universe.heap.store(other, k, Value(made))
        }
      }
    }
    return true
  }

  /// Nothing is allocated from here on.
  private func write(_ frames: [FrameDescription], at outermost: Words, values first: Int) -> Words {
    var frame = outermost
    var value = first
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
      frame[2] = UInt64(description.pc)
      let depth = info.unit.map { Int($0.depth[description.pc]) } ?? Frame.headerWords
      for register in Frame.headerWords..<max(depth, Frame.headerWords) { frame[register] = Value.nil.bits }
      for register in description.registers {
        frame[register.register] = universe.handles[value].bits
        value += 1
      }
    }
    return frame
  }

  /// The register where the send at `pc` puts its receiver.
  static func outgoingBase(_ info: MethodInfo, pc: Int) -> Int {
    guard let unit = info.unit else { return Frame.headerWords }
    let instruction = unit.instructions[pc]
    switch instruction.opcode {
    case .send, .superSend: return instruction.b
    // Operators copy their operands above everything that lives.
    default: return Int(unit.depth[pc])
    }
  }
}
