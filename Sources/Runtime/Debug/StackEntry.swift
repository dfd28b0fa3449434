// The activations of a process that stands still, and what their registers hold: interpreted frames, and what compiled
// frames stand for.

import Bytecode
import IR
import MachineLayout
import VM

/// One activation of a stack that does not change meanwhile.
struct StackEntry {
  let activation: Activation
  let place: ActivationPlace
  let info: MethodInfo
  /// Of a compiled frame: where its values are.
  let code: CompiledCode?
  let overrides: FrameOverrides

  var pc: Int { activation.pc }

  /// The safepoint that a compiled frame is at.
  var safepoint: Safepoint? {
    guard let code else { return nil }
    let index = Int(truncatingIfNeeded: place.frame[2])
    return code.metadata.safepoints.indices.contains(index) ? code.metadata.safepoints[index] : nil
  }

  /// What a register holds; nil: nobody needs it any more, or only the processor knows.
  func word(_ register: Int) -> StateWord? {
    guard let code else {
      return register < 0 || Frame(place.frame).hasRegisters ? .value(Value(bits: place.frame[register])) : nil
    }
    if let value = overrides.value(.register(place.number, register), place.frame) { return .value(value) }
    if place.number == 0 && register < 0 { return .value(Value(bits: place.frame[register])) }
    guard let safepoint, safepoint.frames.indices.contains(place.number),
      let location = safepoint.frames[place.number].registers.first(where: { $0.register == register })?.location
    else { return nil }
    return read(location, code)
  }

  /// Body word `index` of an object: of one that was never allocated, too.
  func body(_ object: StateWord, _ index: Int) -> StateWord? {
    switch object {
    case .value(let value): return value.isPointer && value != .none ? .value(value.object[index]) : nil
    case .double: return nil
    case .virtual(let n):
      if let value = overrides.value(.field(n, index), place.frame) { return .value(value) }
      guard let code, let safepoint, safepoint.virtuals.indices.contains(n),
        safepoint.virtuals[n].fields.indices.contains(index)
      else { return nil }
      return read(safepoint.virtuals[n].fields[index], code)
    }
  }

  private func read(_ location: Location, _ code: CompiledCode) -> StateWord? {
    switch location {
    case .tagged(let i), .int(let i), .float(let i), .bool(let i):
      // Behind the frame's own words nothing is kept while a call is under way.
      if i >= code.metadata.frameSize { return nil }
    case .immediate, .doubleConstant, .table, .processMark, .virtual: break
    }
    return StateReader(frame: place.frame, code: code).read(location)
  }
}
