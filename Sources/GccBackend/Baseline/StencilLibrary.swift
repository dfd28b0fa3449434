// The stencils as they are copied: machine code, and where something is filled in. Read from the object file that GCC has
// made of them.

import IR

/// All stencils. Immutable: what they are made of stays where it is as long as the library is there.
public final class StencilLibrary: @unchecked Sendable {
  /// What a place of four bytes is filled with, beside `addend`.
  public enum Filling: Sendable {
    case hole(StencilHole)
    case exit(StencilExit)
    case shared(StencilName)
  }
  public struct Fixup: Sendable {
    /// From the beginning of the stencil.
    public let offset: Int
    public let addend: Int
    /// Whether it is a distance from the place itself, and whether a number there cannot be negative.
    public let isRelative: Bool
    public let isUnsigned: Bool
    public let filling: Filling
  }
  /// Of the library's memory; a trivial value, which costs nothing to hand around.
  public struct Stencil: @unchecked Sendable {
    public let code: UnsafeRawBufferPointer
    public let fixups: UnsafeBufferPointer<Fixup>
    /// Where it goes on at last, by a jump of `jumpSize` bytes that can be left out if that follows.
    public let last: StencilExit?
    /// Whether it can go on with the next instruction by itself: a send goes on with an answer only.
    public let goesOn: Bool
    /// Whether it hands a double on.
    public let makesDouble: Bool

    fileprivate init(_ code: UnsafeRawBufferPointer, _ fixups: UnsafeBufferPointer<Fixup>) {
      self.code = code
      self.fixups = fixups
      last = StencilLibrary.last(code, fixups)
      func hasExit(_ wanted: [StencilExit]) -> Bool {
        fixups.contains { if case .exit(let exit) = $0.filling { wanted.contains(exit) } else { false } }
      }
      goesOn = hasExit([.next, .nextDouble, .holds])
      makesDouble = hasExit([.nextDouble])
    }
  }
  public static let jumpSize = 5

  /// By the number of the case of `StencilName`.
  private let stencils: UnsafeMutablePointer<Stencil>
  private let code: UnsafeMutableRawPointer
  private let fixups: UnsafeMutablePointer<Fixup>

  public subscript(_ name: StencilName) -> Stencil { stencils[name.number] }

  typealias Piece = (code: ArraySlice<UInt8>, fixups: [Fixup])

  /// One for each case of `StencilName`, in their order.
  init(_ pieces: [Piece]) {
    stencils = .allocate(capacity: pieces.count)
    code = .allocate(byteCount: pieces.reduce(0) { $0 + $1.code.count }, alignment: 16)
    fixups = .allocate(capacity: pieces.reduce(0) { $0 + $1.fixups.count })
    var bytes = code, places = fixups
    for (k, piece) in pieces.enumerated() {
      piece.code.withUnsafeBytes { code in
        if let start = code.baseAddress { bytes.copyMemory(from: start, byteCount: code.count) }
      }
      places.initialize(from: piece.fixups, count: piece.fixups.count)
      stencils[k] = Stencil(
        UnsafeRawBufferPointer(start: bytes, count: piece.code.count),
        UnsafeBufferPointer(start: places, count: piece.fixups.count))
      bytes += piece.code.count
      places += piece.fixups.count
    }
  }
  deinit {
    stencils.deallocate()
    code.deallocate()
    fixups.deallocate()
  }

  /// Reads an object file of stencils. Nothing of it is trusted; see `ObjectImage`.
  public convenience init(object bytes: [UInt8], layout: BaselineLayout = BaselineLayout()) throws(ObjectImageError) {
    let object = try ElfObject(bytes)
    let (symbols, names) = try object.symbols()
    guard let names else { throw ObjectImageError("stencils without names") }
    var symbolNames: [String] = []
    for symbol in symbols { symbolNames.append(try object.name(symbol, in: names)) }
    var relocations: [Int: [ElfObject.Relocation]] = [:]
    for section in object.sections where section.type == ElfObject.Kind.relocations {
      relocations[section.info, default: []] += try object.relocations(of: section)
    }
    let fillings = Self.fillings
    var pieces: [Piece] = []
    guard symbolNames.contains(Self.layoutSymbol(layout)) else { throw ObjectImageError("stencils of another layout") }
    let symbolIndices = Dictionary(symbolNames.enumerated().map { ($1, $0) }) { first, _ in first }
    for name in StencilName.allCases {
      guard let index = symbolIndices[name.symbol],
        object.sections.indices.contains(symbols[index].section)
      else { throw ObjectImageError("the object has no stencil \(name)") }
      let symbol = symbols[index], section = object.sections[symbol.section]
      guard section.isAllocated, section.hasBytes, symbol.value >= 0, symbol.size > 0, symbol.size < 1 << 16,
        symbol.value <= section.size - symbol.size
      else { throw ObjectImageError("stencil \(name) has no code") }
      let start = section.offset + symbol.value
      var fixups: [Fixup] = []
      for r in relocations[symbol.section] ?? []
      where r.offset >= symbol.value && r.offset < symbol.value + symbol.size {
        let offset = r.offset - symbol.value
        guard offset <= symbol.size - 4, symbolNames.indices.contains(r.symbol),
          let filling = fillings[symbolNames[r.symbol]]
        else { throw ObjectImageError("stencil \(name) refers to something unknown") }
        fixups.append(try Self.fixup(r, at: offset, filling))
      }
      pieces.append((object.bytes[start..<start + symbol.size], fixups))
    }
    self.init(pieces)
  }

  private static func fixup(
    _ r: ElfObject.Relocation, at offset: Int, _ filling: Filling
  ) throws(ObjectImageError) -> Fixup {
    guard Int32(exactly: r.addend) != nil else { throw ObjectImageError("a stencil with a relocation too far") }
    var isJump = true
    if case .hole = filling { isJump = false }
    switch (r.type, isJump) {
    // R_X86_64_PC32, R_X86_64_PLT32, R_X86_64_32, R_X86_64_32S
    case (2, true), (4, true):
      return Fixup(offset: offset, addend: r.addend, isRelative: true, isUnsigned: false, filling: filling)
    case (10, false), (11, false):
      return Fixup(offset: offset, addend: r.addend, isRelative: false, isUnsigned: r.type == 10, filling: filling)
    default: throw ObjectImageError("a stencil with a relocation of type \(r.type)")
    }
  }

  fileprivate static func last(_ code: UnsafeRawBufferPointer, _ fixups: UnsafeBufferPointer<Fixup>) -> StencilExit? {
    guard code.count >= jumpSize, code[code.count - jumpSize] == 0xE9,
      let fixup = fixups.first(where: { $0.offset == code.count - 4 }), case .exit(let exit) = fixup.filling
    else { return nil }
    return exit
  }

  private static var fillings: [String: Filling] {
    var result: [String: Filling] = [:]
    for hole in StencilHole.allCases { result[hole.symbol] = .hole(hole) }
    for exit in StencilExit.allCases { result[StencilImports.prefix + exit.symbol] = .exit(exit) }
    for name in StencilName.allCases { result[StencilImports.prefix + name.symbol] = .shared(name) }
    return result
  }
}
