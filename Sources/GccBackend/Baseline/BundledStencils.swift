// The stencils that come with the program, so that nobody waits for GCC, or needs it, to have baseline code. They are a file
// in `Sources/GccBackend/Stencils`, which `StencilTests.bundled` compares with what GCC makes, and writes. Where there is
// none, of this processor and this layout of memory, the program has its own made.

import IR

extension StencilLibrary {
  public static let bundled: StencilLibrary? = {
    #if arch(x86_64) && os(Linux)
      return try? StencilLibrary(encoded: PackageResources.Stencils_x86_64)
    #else
      return nil
    #endif
  }()

  /// A symbol of every object of stencils: they know the numbers of this layout.
  static func layoutSymbol(_ layout: BaselineLayout) -> String { "ovid_layout_" + String(layout.key, radix: 16) }
}

// MARK: The file

// Bytes in the processor's order: the layout's key (8), how many stencils, holes and exits there are (2 each); for each
// stencil, in the order of `StencilName`, the sizes of its code and of its list of fixups (2 each), the fixups (offset 2,
// kind 1, what it is filled with 1, addend 4), and the code. Reading it takes a hundredth of reading an object file, and the
// program that needs stencils waits for that.

extension StencilLibrary {
  private static let counts = [StencilName.allCases.count, StencilHole.allCases.count, StencilExit.allCases.count]

  /// Reads what `encoded` has made.
  public convenience init(encoded bytes: [UInt8], layout: BaselineLayout = BaselineLayout()) throws(ObjectImageError) {
    var reader = StencilReader(bytes)
    guard try reader.take(UInt64.self) == layout.key else { throw ObjectImageError("stencils of another layout") }
    for count in Self.counts where try Int(reader.take(UInt16.self)) != count {
      throw ObjectImageError("other stencils")
    }
    var pieces: [Piece] = []
    for _ in StencilName.allCases {
      let size = try Int(reader.take(UInt16.self)), count = try Int(reader.take(UInt16.self))
      var fixups: [Fixup] = []
      fixups.reserveCapacity(count)
      for _ in 0..<count {
        let offset = try Int(reader.take(UInt16.self)), kind = try reader.take(UInt8.self)
        let filling = try Self.filling(kind & 3, reader.take(UInt8.self))
        let addend = try Int(reader.take(Int32.self))
        guard offset + 4 <= size else { throw ObjectImageError("a fixup outside of its stencil") }
        fixups.append(
          Fixup(
            offset: offset, addend: addend, isRelative: kind & 4 != 0, isUnsigned: kind & 8 != 0, filling: filling))
      }
      pieces.append((try reader.take(size), fixups))
    }
    self.init(pieces)
  }

  private static func filling(_ kind: UInt8, _ number: UInt8) throws(ObjectImageError) -> Filling {
    switch kind {
    case 0: if let hole = StencilHole(rawValue: number) { return .hole(hole) }
    case 1: if let exit = StencilExit(rawValue: number) { return .exit(exit) }
    default: if let name = StencilName(number: number) { return .shared(name) }
    }
    throw ObjectImageError("a stencil refers to something unknown")
  }

  /// All of it as bytes.
  public func encoded(layout: BaselineLayout = BaselineLayout()) -> [UInt8] {
    var bytes: [UInt8] = []
    func put<T: FixedWidthInteger>(_ number: T) { withUnsafeBytes(of: number) { bytes += $0 } }
    put(layout.key)
    for count in Self.counts { put(UInt16(count)) }
    for name in StencilName.allCases {
      let stencil = self[name]
      put(UInt16(stencil.code.count))
      put(UInt16(stencil.fixups.count))
      for fixup in stencil.fixups {
        put(UInt16(fixup.offset))
        let (kind, number): (UInt8, Int) =
          switch fixup.filling {
          case .hole(let hole): (0, Int(hole.rawValue))
          case .exit(let exit): (1, Int(exit.rawValue))
          case .shared(let name): (2, name.number)
          }
        put(kind | (fixup.isRelative ? 4 : 0) | (fixup.isUnsigned ? 8 : 0))
        put(UInt8(number))
        put(Int32(fixup.addend))
      }
      bytes += stencil.code
    }
    return bytes
  }
}

/// Takes numbers from bytes, one behind another.
private struct StencilReader {
  let bytes: [UInt8]
  private var at = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func take<T: FixedWidthInteger>(_ type: T.Type) throws(ObjectImageError) -> T {
    let end = at + MemoryLayout<T>.size
    guard end <= bytes.count else { throw ObjectImageError("stencils that end too soon") }
    defer { at = end }
    return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: at, as: type) }
  }

  mutating func take(_ count: Int) throws(ObjectImageError) -> ArraySlice<UInt8> {
    guard count <= bytes.count - at else { throw ObjectImageError("stencils that end too soon") }
    defer { at += count }
    return bytes[at..<at + count]
  }
}
