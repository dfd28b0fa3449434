// Methods that do so little that baseline code does not activate them. What they do is read off their bytecode as it is, each
// time that changes: with a breakpoint, or if somebody waits for their first run, there is nothing to be read.

import Bytecode
import MachineLayout

extension MethodInfo {
  func updateShortcut() {
    let (shortcut, place, value) = shortcut ?? (.none, 0, 0)
    method[.shortcut] = shortcut.rawValue | UInt64(place * 8)
    method[.shortcutValue] = value
  }

  /// With the word of the field, the object's header included, or the constant.
  private var shortcut: (MethodShortcut, place: Int, value: UInt64)? {
    guard !isPoisoned, firstRunEntry == nil, ownEntry.kind == .interpreted, method.isLinked, method[.isBlock] == 0,
      let chunk,
      chunk.instructions.count > 1
    else { return nil }
    let code = words(method[.code])
    let first = Instruction(bits: code[0]), second = Instruction(bits: code[1])
    // Registers of the receiver, and of one argument.
    let receiver = -(chunk.argumentCount + 1), argument = -1
    switch (first.opcode, second.opcode) {
    case (let load?, .return?) where second.a == first.a && chunk.argumentCount == 0:
      switch load {
      case .loadField: return first.b == receiver ? (.getter, 1 + first.c, 0) : nil
      case .loadDoubleField: return first.b == receiver ? (.doubleGetter, 1 + first.c, 0) : nil
      case .loadNil: return (.constant, 0, Word.nil)
      case .loadTrue: return (.constant, 0, Word.true)
      case .loadFalse: return (.constant, 0, Word.false)
      case .loadInteger: return (.constant, 0, Word.integer(first.wide))
      case .loadLiteral:
        let literal = words(method[.literals])[first.ub]
        // What is an object has an address that changes.
        return literal & 7 == 0 ? nil : (.constant, 0, literal)
      default: return nil
      }
    case (let store?, .returnSelf?) where chunk.argumentCount == 1 && first.a == receiver && first.c == argument:
      switch store {
      case .storeField: return (.setter, 1 + first.b, 0)
      case .storeDoubleField: return (.doubleSetter, 1 + first.b, 0)
      default: return nil
      }
    default: return nil
    }
  }
}
