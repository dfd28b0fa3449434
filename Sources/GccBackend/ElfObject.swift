// The parts of a relocatable ELF file that loading it needs. (System V ABI, chapter 4, and its AMD64 supplement.)

/// A parsed object file. Every access is checked against the file's size.
struct ElfObject {
  struct Section {
    let name: UInt32
    let type: UInt32
    let flags: UInt64
    let offset, size, alignment: Int
    /// Sections that this one refers to: the symbol table of relocations, what they are applied to.
    let link, info: Int
    var isAllocated: Bool { flags & 2 != 0 && size > 0 }
    var isWritable: Bool { flags & 1 != 0 }
    var hasBytes: Bool { type != Kind.noBits }
  }
  struct Symbol {
    let name: Int
    let isGlobal, isWeak: Bool
    /// 0: undefined elsewhere than in this object.
    let section: Int
    let value, size: Int
  }
  struct Relocation {
    let offset: Int
    let type: UInt32
    let symbol: Int
    let addend: Int
  }
  enum Kind {
    static let symbols: UInt32 = 2
    static let relocations: UInt32 = 4
    static let noBits: UInt32 = 8
  }
  /// Section numbers of symbols above this one have a meaning of their own.
  static let reservedSections = 0xFF00
  static let commonSection = 0xFFF2

  let bytes: [UInt8]
  private(set) var sections: [Section] = []

  init(_ bytes: [UInt8]) throws(ObjectImageError) {
    self.bytes = bytes
    guard bytes.count >= 64, bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]), try word16(16) == 1 else {
      throw ObjectImageError("not a relocatable 64-bit object file")
    }
    guard try word16(18) == 62 else { throw ObjectImageError("not an object file for x86-64") }
    let table = try word64(40)
    let entrySize = Int(try word16(58)), count = Int(try word16(60))
    guard entrySize >= 64 else { throw ObjectImageError("a section table of entries too small") }
    for i in 0..<count {
      let at = table + i * entrySize
      let section = Section(
        name: try word32(at), type: try word32(at + 4), flags: UInt64(bitPattern: Int64(try word64(at + 8))),
        offset: try word64(at + 24), size: try word64(at + 32), alignment: try word64(at + 48),
        link: Int(try word32(at + 40)), info: Int(try word32(at + 44)))
      if section.hasBytes { try check(section.offset, section.size) }
      guard section.size >= 0, section.size < 1 << 31, section.alignment >= 0, section.alignment <= 4096,
        section.alignment & (section.alignment - 1) == 0
      else { throw ObjectImageError("section \(i) has a senseless size or alignment") }
      sections.append(section)
    }
  }

  func symbols() throws(ObjectImageError) -> (all: [Symbol], names: Section?) {
    guard let table = sections.first(where: { $0.type == Kind.symbols }) else { return ([], nil) }
    guard sections.indices.contains(table.link) else { throw ObjectImageError("symbols without names") }
    var result: [Symbol] = []
    for i in 0..<(table.size / 24) {
      let at = table.offset + i * 24
      let binding = try byte(at + 4) >> 4
      result.append(
        Symbol(
          name: Int(try word32(at)), isGlobal: binding != 0, isWeak: binding == 2,
          section: Int(try word16(at + 6)), value: try word64(at + 8), size: try word64(at + 16)))
    }
    return (result, sections[table.link])
  }

  func relocations(of section: Section) throws(ObjectImageError) -> [Relocation] {
    var result: [Relocation] = []
    for i in 0..<(section.size / 24) {
      let at = section.offset + i * 24
      let info = UInt64(bitPattern: Int64(try word64(at + 8)))
      result.append(
        Relocation(
          offset: try word64(at), type: UInt32(truncatingIfNeeded: info), symbol: Int(info >> 32),
          addend: try word64(at + 16)))
    }
    return result
  }

  func name(_ symbol: Symbol, in names: Section) throws(ObjectImageError) -> String {
    guard symbol.name < names.size else { throw ObjectImageError("a symbol's name is outside the table of names") }
    let start = names.offset + symbol.name
    return String(decoding: bytes[start..<(names.offset + names.size)].prefix { $0 != 0 }, as: UTF8.self)
  }

  // MARK: Checked reading

  private func check(_ offset: Int, _ count: Int) throws(ObjectImageError) {
    guard offset >= 0, count >= 0, count <= bytes.count, offset <= bytes.count - count else {
      throw ObjectImageError("the object file is truncated")
    }
  }
  private func load<T: FixedWidthInteger>(_ offset: Int, as: T.Type) throws(ObjectImageError) -> T {
    try check(offset, MemoryLayout<T>.size)
    return bytes.withUnsafeBytes { T(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: T.self)) }
  }
  private func byte(_ offset: Int) throws(ObjectImageError) -> UInt8 { try load(offset, as: UInt8.self) }
  private func word16(_ offset: Int) throws(ObjectImageError) -> UInt16 { try load(offset, as: UInt16.self) }
  private func word32(_ offset: Int) throws(ObjectImageError) -> UInt32 { try load(offset, as: UInt32.self) }
  private func word64(_ offset: Int) throws(ObjectImageError) -> Int { Int(try load(offset, as: Int64.self)) }
}
