// Fields that hold doubles, unboxed: a class that has been found to keep nothing but doubles (and nil) in a field keeps
// their 64 bits there, and everything that reads or writes the field knows: the bytecode of its methods (other opcodes),
// the collector (a mask by class index), compiled code. It is a change of shape like one that an edit makes
// (`Reshaper`): the first store of anything else makes the field an ordinary one again, for good.
// (Compare "mutable heap numbers" and field representations in V8's hidden classes; nil is a NaN as in NaN-boxing.)

import Bytecode
import MachineLayout

public enum DoubleField {
  /// Of this many body words, any can be unboxed.
  static let limit = 60
}

extension Universe {
  /// Body word `word` of an object with fields. Nil: no memory for the box of a double; the error is raised.
  func field(_ object: ObjectPointer, _ word: Int, _ frame: Words) -> Value? {
    guard isDoubleField(object, word) else { return object[word] }
    let bits = object.words[1 + word]
    return bits == Word.unboxedNil ? .nil : makeDouble(Double(bitPattern: bits), frame)
  }

  /// Stores into body word `word` of the object in handle `handle`. May collect: `value` is read from its handle after it.
  public func setField(_ handle: Int, _ word: Int, to value: Int, _ frame: Words) {
    if isDoubleField(handles[handle].object, word) {
      if let bits = unboxed(handles[value]) {
        handles[handle].object.words[1 + word] = bits
        return
      }
      unboxedFields.box(of: handles[handle].classIndex, word: word, frame: frame)
    }
    heap.store(handles[handle].object, word, handles[value])
  }

  func isDoubleField(_ object: ObjectPointer, _ word: Int) -> Bool {
    object.classWord.formatBits == ObjectFormat.mixed.rawValue
      && classes.doubleFields[object.classIndex] >> UInt64(word) & 1 != 0
  }

  /// As such a field keeps the value; nil if it cannot.
  func unboxed(_ value: Value) -> UInt64? {
    value == .nil ? Word.unboxedNil : double(value)?.bitPattern
  }

  /// Makes the fields of doubles nil, in a new instance whose other fields are.
  @inline(__always)
  public func clearDoubleFields(_ object: ObjectPointer) {
    if object.classWord.formatBits != ObjectFormat.mixed.rawValue { return }
    let doubles = classes.doubleFields[object.classIndex]
    for i in 0..<DoubleField.limit where doubles >> UInt64(i) & 1 != 0 { object.words[1 + i] = Word.unboxedNil }
  }

  /// A field access in the opcode that fits the field.
  func withFieldOpcode(_ i: Instruction, _ doubles: UInt64) -> Instruction {
    guard let place = i.fieldPlace else { return i }
    return i.accessing(double: doubles >> UInt64(place) & 1 != 0)
  }
}

// MARK: The interpreter's slow paths

/// The value of the bits of a field that are no immediate double. 0: unwind.
@inline(never)
func boxFieldSlow(_ thread: Words, _ h: Words, _ bits: UInt64) -> UInt64 {
  if bits == Word.unboxedNil { return Value.nil.bits }
  return Universe.unmanaged(thread)._withUnsafeGuaranteedRef { $0.makeDouble(Double(bitPattern: bits), h)?.bits ?? 0 }
}

/// Stores what is no immediate double into a field of doubles. 1: done; 2: the field is none any more, and the
/// instruction another one.
@inline(never)
func storeDoubleFieldSlow(_ thread: Words, _ h: Words, _ object: Int, _ word: Int, _ value: Value) -> UInt64 {
  let universe = Universe.of(thread)
  if let bits = universe.unboxed(value) {
    words(h[object])[1 + word] = bits
    return 1
  }
  universe.unboxedFields.box(of: Value(bits: h[object]).classIndex, word: word, frame: h)
  return 2
}
