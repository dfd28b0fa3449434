// Baseline code of a method: the stencils of its instructions, copied one behind another and filled in. Takes about as
// long as running them a few times.

import Bytecode
import Foundation
import GccBackend
import MachineLayout
import VM

/// VM thread.
final class BaselineAssembler {
  private let library: StencilLibrary
  private let machine: BaselineMachine
  let area: CodeArea
  /// Where the code that all methods share is, by the number of its name.
  @exclusivity(unchecked) private var shared: [Int?] = Array(repeating: nil, count: StencilName.allCases.count)
  // Of the method at hand.
  @exclusivity(unchecked) private var choices: [StencilChoice] = []
  @exclusivity(unchecked) private var pieces: [Piece] = []
  @exclusivity(unchecked) private var deferred: [Piece] = []
  @exclusivity(unchecked) private var places = Places()

  /// Copies the shared code to its place.
  init(_ library: StencilLibrary, _ universe: Universe) throws(ObjectImageError) {
    self.library = library
    machine = BaselineMachine(universe)
    area = try CodeArea()
    let names: [StencilName] = [
      .exit, .answer, .takeAnswer, .remember, .callInterpreted, .callNative, .evaluateBlock, .sendMissed, .operatorSend,
    ]
    let sizes = names.map { library[$0].code.count }
    let size = sizes.reduce(0, +)
    guard let piece = area.allocate(size) else { throw ObjectImageError("no room for baseline code") }
    var place = Int(bitPattern: piece)
    for (name, size) in zip(names, sizes) {
      shared[name.number] = place
      place += size
    }
    var isRight = true
    try area.write(piece, size) { memory in
      for name in names {
        guard let place = shared[name.number] else { continue }
        isRight =
          copy(library[name], into: memory + (place - Int(bitPattern: piece)), for: place, cutting: false) { filling in
            guard case .shared(let other) = filling else { return nil }
            return shared[other.number]
          } && isRight
      }
    }
    if !isRight { throw ObjectImageError("shared baseline code refers to what it cannot") }
  }

  func address(_ name: StencilName) -> UInt64 { UInt64(shared[name.number] ?? 0) }

  /// A stencil that is copied for an instruction.
  private struct Piece {
    enum Role {
      /// The instruction; the same with a double from the one before; what goes on behind its send with the answer.
      case plain, taking, answering
    }
    let pc: Int
    let role: Role
    let name: StencilName
    var offset = 0
    /// Its last jump is left out.
    var isCut = false
  }

  /// Where the pieces of each instruction are, from the beginning of the code; -1: nowhere.
  private struct Places {
    private(set) var plain: [Int] = []
    private(set) var taking: [Int] = []
    private(set) var answering: [Int] = []

    mutating func begin(_ count: Int) {
      func empty(_ list: inout [Int]) {
        list.removeAll(keepingCapacity: true)
        for _ in 0..<count { list.append(-1) }
      }
      empty(&plain)
      empty(&taking)
      empty(&answering)
    }
    mutating func note(_ piece: Piece, _ place: Int) {
      switch piece.role {
      case .plain: plain[piece.pc] = place
      case .taking: taking[piece.pc] = place
      case .answering: answering[piece.pc] = place
      }
    }
    /// Where it goes on from an instruction; nil: nowhere.
    func target(_ exit: StencilExit, _ chosen: StencilChoice, _ pc: Int) -> Int? {
      let target =
        switch exit {
        case .next, .nextDouble: pc + 1
        case .target: chosen.target
        case .holds: chosen.jumpsIfFalse ? pc + 2 : chosen.target
        case .fails: chosen.jumpsIfFalse ? chosen.target : pc + 2
        case .again: pc
        }
      guard target < plain.count else { return nil }
      return exit == .nextDouble && taking[target] >= 0 ? taking[target] : plain[target]
    }
  }

  /// Nil if there is no room. Requires: `info` has linked bytecode.
  func assemble(_ info: MethodInfo) throws(ObjectImageError) -> AssembledMethod? {
    guard let count = info.chunk?.instructions.count else { return nil }
    let method = BaselineMethod(info.method, instructionCount: count, machine)
    choices.removeAll(keepingCapacity: true)
    for pc in 0..<count { choices.append(choice(method, pc)) }
    var knownCount = 0
    for pc in 0..<count where choices[pc].standsFor != 0 {
      choices[pc].known = (2 * count + knownCount) * 8
      knownCount += 1
    }
    let entry = library[method.entry]
    let entrySize = Self.size(entry, cutting: entry.last == .next)
    order()
    places.begin(count)
    let size = place(from: entrySize)

    guard let piece = area.allocate(size) else { return nil }
    let start = Int(bitPattern: piece)
    let table = Words.allocate(capacity: 2 * count + knownCount)
    let anyAnswer = address(.takeAnswer)
    var known = table + 2 * count
    for pc in 0..<count {
      table[2 * pc] = UInt64(start + places.plain[pc])
      table[2 * pc + 1] = places.answering[pc] < 0 ? anyAnswer : UInt64(start + places.answering[pc])
      if choices[pc].standsFor != 0 {
        known[0] = choices[pc].standsFor
        known += 1
      }
    }
    let made = AssembledMethod(area, piece, size, table)
    var isRight = true
    try area.write(piece, size) { memory in
      let nothing = StencilChoice.leave
      isRight = copy(entry, into: memory, for: start, cutting: entry.last == .next) { filling in
        switch filling {
        case .hole(let hole): nothing.number(hole, method, 0)
        case .exit: start + places.plain[0]
        case .shared(let name): shared[name.number]
        }
      }
      for piece in pieces {
        let pc = piece.pc
        isRight =
          copy(library[piece.name], into: memory + piece.offset, for: start + piece.offset, cutting: piece.isCut) {
            filling in
            switch filling {
            case .hole(let hole): choices[pc].number(hole, method, pc)
            case .exit(let exit): places.target(exit, choices[pc], pc).map { start + $0 }
            case .shared(let name): shared[name.number]
            }
          } && isRight
      }
    }
    if !isRight { throw ObjectImageError("\(info.name) does not fit into its baseline code") }
    return made
  }

  /// The pieces one behind another: at first those that are expected to run in this order, then the others.
  private func order() {
    pieces.removeAll(keepingCapacity: true)
    deferred.removeAll(keepingCapacity: true)
    /// The register (in bytes) whose double the instruction before hands on.
    var handedOn: Int?
    for pc in choices.indices {
      let chosen = choices[pc]
      let stencil = library[chosen.name]
      let plain = Piece(pc: pc, role: .plain, name: chosen.name)
      let following = pc + 1 < choices.count ? choices[pc + 1] : nil
      if let register = handedOn, let name = chosen.taking(register, following: following) {
        pieces.append(Piece(pc: pc, role: .taking, name: name))
        deferred.append(plain)
        if chosen.name.takers == nil { continue }
      } else if pc > 0 && choices[pc - 1].isFused {
        // It runs if the comparison was sent.
        deferred.append(plain)
      } else {
        pieces.append(plain)
      }
      handedOn = stencil.makesDouble ? chosen.a : nil
      guard chosen.answers else { continue }
      let answering = Piece(pc: pc, role: .answering, name: .putAnswer)
      if stencil.goesOn { deferred.append(answering) } else { pieces.append(answering) }
    }
    pieces += deferred
  }

  /// Gives each piece its place, and leaves out jumps to what follows. Answers the size of all.
  private func place(from start: Int) -> Int {
    // Which piece begins where is known by its number first.
    for k in pieces.indices { places.note(pieces[k], k) }
    var size = start
    for k in pieces.indices {
      let stencil = library[pieces[k].name]
      if let last = stencil.last {
        pieces[k].isCut = places.target(last, choices[pieces[k].pc], pieces[k].pc) == k + 1
      }
      pieces[k].offset = size
      size += Self.size(stencil, cutting: pieces[k].isCut)
    }
    for piece in pieces { places.note(piece, piece.offset) }
    return size
  }

  /// What cannot be filled in is left to the interpreter: large constants, and negative ones in some stencils. All else is
  /// offsets of 16 bits.
  private func choice(_ method: BaselineMethod, _ pc: Int) -> StencilChoice {
    let chosen = StencilChoice(method, pc)
    if (0...Int(Int32.max)).contains(chosen.value) { return chosen }
    for fixup in library[chosen.name].fixups {
      guard case .hole(let hole) = fixup.filling else { continue }
      if !Self.fits(chosen.number(hole, method, pc) + fixup.addend, fixup) { return .leave }
    }
    return chosen
  }

  private static func fits(_ number: Int, _ fixup: StencilLibrary.Fixup) -> Bool {
    fixup.isUnsigned ? UInt32(exactly: number) != nil : Int32(exactly: number) != nil
  }

  private static func size(_ stencil: StencilLibrary.Stencil, cutting: Bool) -> Int {
    stencil.code.count - (cutting ? StencilLibrary.jumpSize : 0)
  }

  /// Copies a stencil into memory, for the place where it will run, and fills it in; false: something is missing or does not
  /// fit.
  @inline(__always)
  private func copy(
    _ stencil: StencilLibrary.Stencil, into memory: UnsafeMutableRawPointer, for place: Int, cutting: Bool,
    _ number: (StencilLibrary.Filling) -> Int?
  ) -> Bool {
    let size = Self.size(stencil, cutting: cutting)
    memory.copyMemory(from: stencil.code.baseAddress.unsafelyUnwrapped, byteCount: size)
    for fixup in stencil.fixups where fixup.offset + 4 <= size {
      guard var value = number(fixup.filling) else { return false }
      value += fixup.addend
      if fixup.isRelative { value -= place + fixup.offset }
      guard Self.fits(value, fixup) else { return false }
      memory.storeBytes(of: UInt32(truncatingIfNeeded: value), toByteOffset: fixup.offset, as: UInt32.self)
    }
    return true
  }
}

/// The baseline code of one method.
final class AssembledMethod: BaselineCode {
  private let area: CodeArea
  private let piece: UnsafeMutableRawPointer
  private let size: Int
  private let words: Words

  init(_ area: CodeArea, _ piece: UnsafeMutableRawPointer, _ size: Int, _ table: Words) {
    self.area = area
    self.piece = piece
    self.size = size
    words = table
  }
  deinit {
    words.deallocate()
    area.free(piece, size)
  }

  var entry: UInt64 { UInt64(UInt(bitPattern: piece)) }
  var table: UInt64 { UInt64(UInt(bitPattern: words)) }
}
