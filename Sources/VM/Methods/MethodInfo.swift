// What slow paths know about a method version: where it comes from, its bytecode, its blocks. One per raw Method,
// by id; it owns the raw Method's memory.

import Bytecode
import MachineLayout
import Syntax

public final class MethodInfo: @unchecked Sendable {
  public let method: Method
  public var id: Int { method.id }
  /// "Class>>selector"; blocks are "Class>>selector[]".
  public internal(set) var name: String
  public let selector: String
  /// Class index of the class (or metaclass) that defines it.
  public internal(set) var holderIndex: Int
  /// Counts the versions of (class, selector), from 1.
  public internal(set) var version = 1
  /// For primitives: the key of its function, "Class>>selector"; another than its name after `methods at:put:`.
  public internal(set) var primitive: String?
  public internal(set) var chunk: BytecodeChunk?
  /// The text it comes from, and its place in it.
  public internal(set) var source: SourceText?
  public internal(set) var definition: MethodDefinition?
  /// What its names mean, from its first compilation on: as its class was then, at the places that fields have now. (For
  /// an input of a workspace, from the start.)
  var scope: ClassScope?
  /// Method ids of `chunk.blocks`; the method that a block belongs to.
  public internal(set) var blocks: [Int] = []
  public internal(set) var outer: Int?
  /// Selector ids of `chunk.sites`, cell ids of `chunk.globals`.
  public internal(set) var siteSelectors: [Int] = []
  public internal(set) var globalCells: [Int] = []
  /// The same method in the other bytecode variant, if it was ever needed.
  public internal(set) var twin: Int?
  /// For a twin: the method in the class's dictionary that it runs for.
  public internal(set) var original: Int?
  /// Where its bytecode reads or writes a field that its class no longer has: these pcs trap.
  public internal(set) var removedFieldPCs: Set<Int> = []
  /// Where such a field is in instances of classes below that define it themselves now: by pc, the body words by class
  /// index. (What runs for one of them goes on with it.)
  var fieldsBelow: [Int: [Int: Int]] = [:]
  /// Where breakpoints are in its code, and the opcodes that they stand over.
  public private(set) var breakpoints: [Int: Opcode] = [:]
  /// What the accept that has brought its class has compiled, until it first runs.
  var prepared: CompiledText?
  /// While it is prepared for an accept that changes its class: its bytecode knows the fields as they will be.
  var isAhead = false
  /// How it is activated by itself.
  var ownEntry = EntryPoint.interpreter(.lazy) { didSet { updateEntry() } }
  /// The kind of that, whatever is put over it.
  public var kind: Method.Kind { ownEntry.kind }
  /// The address of its machine code.
  public var compiledEntry: UInt? { didSet { updateEntry() } }
  /// Its baseline code, of its instructions as they are now.
  public var baseline: (any BaselineCode)? {
    didSet {
      method[.baseline] = baseline?.table ?? 0
      updateEntry()
    }
  }
  let stubs: BaselineStubs
  /// The number of calls and iterations at which its counter runs out, since it has the instructions that it has; 0: for the
  /// first time. Guarded by the universe's lock, for who is not on the VM thread.
  public var stage = 0
  /// Is called instead, once: it resets itself, and goes on with `Method.entry`.
  public var firstRunEntry: NativeEntry? { didSet { updateEntry() } }
  /// True once a newer version, or nothing, has taken its place in the class.
  public internal(set) var isReplaced = false
  /// Set while `MethodTrace` finds out which versions are in use.
  var isReached = false
  /// The raw Method as it was before it was poisoned.
  private var poisoned: Method?
  var isPoisoned: Bool { poisoned != nil }

  /// The method's own text.
  public var sourceText: String? {
    guard let source, let definition else { return nil }
    return definition.text(in: source)
  }

  init(method: Method, name: String, selector: String, holderIndex: Int, stubs: BaselineStubs) {
    self.stubs = stubs
    self.method = method
    self.name = name
    self.selector = selector
    self.holderIndex = holderIndex
    updateEntry()
  }

  deinit {
    let raw = poisoned ?? method
    for slot in Self.tables { UnsafeMutableRawPointer(bitPattern: UInt(raw[slot]))?.deallocate() }
    poisoned?.words.deallocate()
    method.words.deallocate()
  }
  /// What linking has allocated.
  private static let tables: [Method.Slot] = [.code, .literals, .sites, .depth, .siteAtPC, .globals, .blocks]

  // MARK: Patching. Requires: it is linked.

  /// The instruction at `pc` as it is now, whatever breakpoint stands over it.
  func instruction(at pc: Int) -> Instruction {
    let i = Instruction(bits: words(method[.code])[pc])
    return breakpoints[pc].map(i.with) ?? i
  }

  /// The registers of receiver and arguments, if the instruction at `pc` is a send.
  func operandsOfSend(at pc: Int) -> Range<Int> {
    let i = instruction(at: pc)
    guard let chunk, i.opcode == .send || i.opcode == .superSend else { return 0..<0 }
    return i.b..<i.b + chunk.sites[i.uc].argumentCount + 1
  }

  /// Puts another instruction at `pc`, under the breakpoint if there is one.
  func setInstruction(_ i: Instruction, at pc: Int) {
    dropBaseline()
    if breakpoints[pc] != nil { breakpoints[pc] = i.opcode }
    words(method[.code])[pc] = breakpoints[pc] == nil ? i.bits : i.with(.breakpoint).bits
    updateShortcut()
  }

  /// Its instructions change. As it was warm, it is soon again.
  private func dropBaseline() {
    if baseline == nil { return }
    baseline = nil
    stage = 0
    method[.counter] = min(method[.counter], UInt64(stubs.threshold))
  }

  /// Puts breakpoints at these places, and nowhere else. True: that changes something.
  public func setBreakpoints(_ pcs: Set<Int>) -> Bool {
    if Set(breakpoints.keys) == pcs { return false }
    dropBaseline()
    let code = words(method[.code])
    for pc in breakpoints.keys { code[pc] = instruction(at: pc).bits }
    breakpoints = [:]
    for pc in pcs {
      let i = Instruction(bits: code[pc])
      guard let opcode = i.opcode else { continue }
      breakpoints[pc] = opcode
      code[pc] = i.with(.breakpoint).bits
    }
    updateShortcut()
    return true
  }

  /// Makes every use of the raw Method, its code and its send sites go wrong at once.
  func poison() {
    dropBaseline()
    let copy = Words.allocate(capacity: Method.wordCount)
    copy.update(from: method.words, count: Method.wordCount)
    poisoned = Method(copy)
    func fill(_ slot: Method.Slot, _ count: Int) {
      guard let table = Words(bitPattern: UInt(method[slot])) else { return }
      table.update(repeating: Self.poison, count: count)
    }
    fill(.code, chunk?.instructions.count ?? 0)
    fill(.literals, Int(method[.literalCount]))
    fill(.sites, Int(method[.siteCount]) * SendSiteLayout.words)
    method.words.update(repeating: Self.poison, count: Method.wordCount)
  }
  /// No address: to call it, or to read through it, is a fault.
  private static let poison: UInt64 = 0xDBDB_DBDB_DBDB_DBDB
}
