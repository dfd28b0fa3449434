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
  /// Where the code that all methods share is, by its name.
  private var shared: [StencilName: Int] = [:]

  /// Copies the shared code to its place.
  init(_ library: StencilLibrary, _ universe: Universe) throws(ObjectImageError) {
    self.library = library
    machine = BaselineMachine(universe)
    area = try CodeArea()
    let names: [StencilName] = [
      .exit, .answer, .callInterpreted, .callNative, .evaluateBlock, .sendMissed, .operatorSend,
    ]
    let sizes = names.map { library[$0].code.count }
    let size = sizes.reduce(0, +)
    guard let piece = area.allocate(size) else { throw ObjectImageError("no room for baseline code") }
    var place = Int(bitPattern: piece)
    for (name, size) in zip(names, sizes) {
      shared[name] = place
      place += size
    }
    var isRight = true
    try area.write(piece, size) {
      for name in names {
        guard let place = shared[name] else { continue }
        isRight =
          copy(library[name], to: place, cutting: false) { filling in
            guard case .shared(let other) = filling else { return nil }
            return shared[other]
          } && isRight
      }
    }
    if !isRight { throw ObjectImageError("shared baseline code refers to what it cannot") }
  }

  func address(_ name: StencilName) -> UInt64 { UInt64(shared[name] ?? 0) }

  /// Nil if there is no room. Requires: `info` has linked bytecode.
  func assemble(_ info: MethodInfo) throws(ObjectImageError) -> AssembledMethod? {
    guard let count = info.chunk?.instructions.count else { return nil }
    let method = BaselineMethod(info.method, instructionCount: count, machine)
    var choices = (0..<count).map { choice(method, $0) }
    var primitives: [UInt64] = []
    for pc in 0..<count where choices[pc].primitive != 0 {
      choices[pc].known = (count + primitives.count) * 8
      primitives.append(choices[pc].primitive)
    }
    // What stands behind a fused comparison runs if that was sent: out of the way.
    var order: [Int] = []
    var deferred: [Int] = []
    for pc in 0..<count { if pc > 0 && choices[pc - 1].isFused { deferred.append(pc) } else { order.append(pc) } }
    order += deferred

    let entry = library[method.entry]
    // Where each instruction is, and whether its last jump can be left out.
    var offsets = [Int](repeating: 0, count: count + 1)
    var cuts = [Bool](repeating: false, count: count)
    var size = Self.size(entry, cutting: entry.last == .next)
    for (k, pc) in order.enumerated() {
      offsets[pc] = size
      let stencil = library[choices[pc].name]
      let follower = k + 1 < count ? order[k + 1] : count
      if let last = stencil.last { cuts[pc] = Self.target(last, choices[pc], pc) == follower }
      size += Self.size(stencil, cutting: cuts[pc])
    }
    guard let piece = area.allocate(size) else { return nil }
    let start = Int(bitPattern: piece)
    let table = Words.allocate(capacity: count + primitives.count)
    for pc in 0..<count { table[pc] = UInt64(start + offsets[pc]) }
    for (k, primitive) in primitives.enumerated() { table[count + k] = primitive }
    let made = AssembledMethod(area, piece, size, table)
    var isRight = true
    try area.write(piece, size) {
      let nothing = StencilChoice.leave
      isRight = copy(entry, to: start, cutting: entry.last == .next) { filling in
        switch filling {
        case .hole(let hole): nothing.number(hole, method, 0)
        case .exit: start + offsets[0]
        case .shared(let name): shared[name]
        }
      }
      for pc in 0..<count {
        let chosen = choices[pc]
        isRight =
          copy(library[chosen.name], to: start + offsets[pc], cutting: cuts[pc]) { filling in
            switch filling {
            case .hole(let hole): return chosen.number(hole, method, pc)
            case .exit(let exit):
              let target = Self.target(exit, chosen, pc)
              return target < count ? start + offsets[target] : nil
            case .shared(let name): return shared[name]
            }
          } && isRight
      }
    }
    if !isRight { throw ObjectImageError("\(info.name) does not fit into its baseline code") }
    return made
  }

  /// What cannot be filled in is left to the interpreter: large constants.
  private func choice(_ method: BaselineMethod, _ pc: Int) -> StencilChoice {
    let chosen = StencilChoice(method, pc)
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

  private static func target(_ exit: StencilExit, _ chosen: StencilChoice, _ pc: Int) -> Int {
    switch exit {
    case .next: pc + 1
    case .target: chosen.target
    case .holds: chosen.jumpsIfFalse ? pc + 2 : chosen.target
    case .fails: chosen.jumpsIfFalse ? chosen.target : pc + 2
    }
  }

  /// Copies a stencil and fills it in; false: something is missing or does not fit.
  private func copy(
    _ stencil: StencilLibrary.Stencil, to place: Int, cutting: Bool,
    _ number: (StencilLibrary.Filling) -> Int?
  ) -> Bool {
    let size = Self.size(stencil, cutting: cutting)
    let memory = UnsafeMutableRawPointer(bitPattern: place).unsafelyUnwrapped
    stencil.code.withUnsafeBytes { memory.copyMemory(from: $0.baseAddress.unsafelyUnwrapped, byteCount: size) }
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
