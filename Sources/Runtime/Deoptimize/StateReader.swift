// Reading a compiled frame at a safepoint: where each value of each virtual frame is, as tagged values. Used by
// the deoptimizer, and without changing anything by whoever walks the stack.

import IR
import MachineLayout
import VM

/// What a location holds, before anything is allocated for it.
enum StateWord {
  case value(Value)
  /// A double outside the immediate range: needs a box.
  case double(Double)
  /// An object that was never allocated.
  case virtual(Int)
}

struct StateReader {
  let frame: Words
  let table: Words
  private let mark: Value

  /// Only who makes the objects of the frame needs to know the `mark` of its process.
  init(frame: Words, code: CompiledCode, mark: Value = .nil) {
    self.frame = frame
    self.mark = mark
    table = code.table
  }

  func read(_ location: Location) -> StateWord {
    switch location {
    case .tagged(let i): return .value(Value(bits: frame[i]))
    // Shifted left by one: only the tag is missing.
    case .int(let i): return .value(Value(bits: frame[i] | 1))
    case .float(let i): return number(Double(bitPattern: frame[i]))
    case .bool(let i): return .value(Value(frame[i] & 1 != 0))
    case .immediate(let bits): return .value(Value(bits: bits))
    case .doubleConstant(let bits): return number(Double(bitPattern: bits))
    case .table(let i): return .value(Value(bits: table[i]))
    case .processMark: return .value(mark)
    case .virtual(let i): return .virtual(i)
    }
  }

  private func number(_ d: Double) -> StateWord {
    Value(immediateDouble: d).map { .value($0) } ?? .double(d)
  }

  /// For those who walk the stack: nil where an object would have to be made.
  func peek(_ location: Location) -> Value {
    if case .value(let v) = read(location) { return v }
    return .nil
  }
}

extension CompiledCode {
  /// The activations that a frame of this code stands for, innermost first.
  func activations(_ frame: Words, methods: MethodTable) -> [Activation] {
    let index = Int(truncatingIfNeeded: frame[2])
    guard metadata.safepoints.indices.contains(index) else { return [] }
    let reader = StateReader(frame: frame, code: self)
    let safepoint = metadata.safepoints[index]
    var result: [Activation] = []
    for (i, description) in safepoint.frames.enumerated() {
      let method = methods[description.method].method
      let receiver = -(method.argumentCount + 1)
      let location = description.registers.first { $0.register == receiver }?.location
      // Values that are live only after the safepoint may not have been stored yet; a receiver always is.
      var value = i == 0 ? Value(bits: frame[receiver]) : location.map(reader.peek) ?? .nil
      if method[.isBlock] != 0 {
        // What counts is the `self` that the block closed over.
        if i > 0, case .virtual(let n)? = location {
          value = reader.peek(safepoint.virtuals[n].fields[BlockLayout.receiver])
        } else if value.isPointer, value != .none {
          value = value.object[BlockLayout.receiver]
        }
      }
      result.append(Activation(method: method, pc: description.originPC, receiver: value))
    }
    return result.reversed()
  }

  /// The blocks that exist only in this frame's state.
  func unallocatedBlocks(_ frame: Words) -> [Activation] {
    let index = Int(truncatingIfNeeded: frame[2])
    guard metadata.safepoints.indices.contains(index) else { return [] }
    let reader = StateReader(frame: frame, code: self)
    return metadata.safepoints[index].virtuals.compactMap { object in
      guard BlockLayout.isClass(Int(object.classWord & 0xFF_FFFF)) else { return nil }
      let method = Method(reader.peek(object.fields[BlockLayout.method]).rawAddress)
      return Activation(method: method, pc: 0, receiver: reader.peek(object.fields[BlockLayout.receiver]))
    }
  }

  /// A register of one of the activations that a frame of this code stands for; 0 is the outermost.
  func argument(_ register: Int, of number: Int, _ frame: Words) -> GivenArgument {
    let index = Int(truncatingIfNeeded: frame[2])
    guard number > 0 else { return .value(Value(bits: frame[register])) }
    guard metadata.safepoints.indices.contains(index), metadata.safepoints[index].frames.indices.contains(number)
    else { return .value(.nil) }
    let safepoint = metadata.safepoints[index]
    let reader = StateReader(frame: frame, code: self)
    switch safepoint.frames[number].registers.first(where: { $0.register == register })?.location {
    case .virtual(let n)?:
      let object = safepoint.virtuals[n]
      return .unallocated(ClassWord(bits: object.classWord), fields: object.fields.map(reader.peek))
    case let location?: return .value(reader.peek(location))
    case nil: return .value(.nil)
    }
  }
}
