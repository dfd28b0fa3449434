// Where the sections of an object file go in memory — code and constants first, then on pages of their own what is
// written — and the relocations of AMD64 that position-independent code has.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

struct ObjectLayoutPlan {
  private let object: ElfObject
  private let symbols: [ElfObject.Symbol]
  private let names: ElfObject.Section?
  /// Of common symbols, by the number of the symbol.
  private var commons: [Int: Int] = [:]
  /// By section number; nil for sections that are not loaded.
  private var places: [Int?]
  /// Bytes to be made executable, a multiple of the page size; and of the whole.
  private(set) var codeSize = 0
  private(set) var size = 0
  /// Global symbols of the object, as offsets.
  private(set) var exported: [String: Int] = [:]
  /// Addresses that code reads through a table, and jumps to functions outside: made as relocations ask for them.
  private var slots: [Int: Int] = [:]
  private var stubs: [Int: Int] = [:]
  private var nextSlot = 0, nextStub = 0
  /// `jmp *slot(%rip)`.
  private static let stubSize = 8

  init(_ object: ElfObject) throws(ObjectImageError) {
    self.object = object
    (symbols, names) = try object.symbols()
    places = Array(repeating: nil, count: object.sections.count)
    place { !$0.isWritable }
    nextStub = size
    size += Self.stubSize * symbols.count
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    size = (size + page - 1) / page * page
    codeSize = size
    place { $0.isWritable }
    for (i, s) in symbols.enumerated() where s.section == ElfObject.commonSection { try placeCommon(s, i) }
    size = (size + 7) & ~7
    nextSlot = size
    size += 8 * max(1, symbols.count)
    if let names {
      for (i, s) in symbols.enumerated() where s.isGlobal && s.section != 0 {
        exported[try object.name(s, in: names)] = try offset(i)
      }
    }
  }

  private mutating func place(_ isWanted: (ElfObject.Section) -> Bool) {
    for (i, s) in object.sections.enumerated() where s.isAllocated && isWanted(s) {
      let alignment = max(1, s.alignment)
      size = (size + alignment - 1) & ~(alignment - 1)
      places[i] = size
      size += s.size
    }
  }

  /// Zeros that no section has: the data tables. The value of such a symbol is its alignment.
  private mutating func placeCommon(_ s: ElfObject.Symbol, _ index: Int) throws(ObjectImageError) {
    guard s.value > 0, s.value <= 4096, s.value & (s.value - 1) == 0, s.size >= 0, s.size < 1 << 31 else {
      throw ObjectImageError("a common symbol with a senseless size or alignment")
    }
    size = (size + s.value - 1) & ~(s.value - 1)
    commons[index] = size
    size += s.size
  }

  /// The offset of a symbol that this object defines.
  private func offset(_ index: Int) throws(ObjectImageError) -> Int {
    if let common = commons[index] { return common }
    let symbol = symbols[index]
    guard symbol.section < ElfObject.reservedSections, places.indices.contains(symbol.section),
      let place = places[symbol.section], symbol.value >= 0, symbol.value <= object.sections[symbol.section].size
    else { throw ObjectImageError("a symbol of a section that is not loaded") }
    return place + symbol.value
  }

  /// Fills `memory`, which has `size` bytes of zeros.
  mutating func write(to memory: UnsafeMutableRawPointer) throws(ObjectImageError) {
    for (i, s) in object.sections.enumerated() where s.hasBytes {
      guard let place = places[i] else { continue }
      object.bytes.withUnsafeBytes {
        memory.advanced(by: place).copyMemory(from: $0.baseAddress! + s.offset, byteCount: s.size)
      }
    }
    for s in object.sections where s.type == ElfObject.Kind.relocations {
      guard places.indices.contains(s.info), let place = places[s.info] else { continue }
      for r in try object.relocations(of: s) {
        try apply(r, at: place, sectionSize: object.sections[s.info].size, memory)
      }
    }
  }

  private mutating func apply(
    _ r: ElfObject.Relocation, at place: Int, sectionSize: Int, _ memory: UnsafeMutableRawPointer
  ) throws(ObjectImageError) {
    guard symbols.indices.contains(r.symbol), r.offset >= 0, r.offset <= sectionSize - 4 else {
      throw ObjectImageError("a relocation outside its section")
    }
    let here = place + r.offset
    let base = Int(bitPattern: memory)
    func store32(_ value: Int) throws(ObjectImageError) {
      guard let v = Int32(exactly: value) else { throw ObjectImageError("a relocation reaches too far") }
      memory.storeBytes(of: v, toByteOffset: here, as: Int32.self)
    }
    switch r.type {
    case 1:  // R_X86_64_64
      guard r.offset <= sectionSize - 8 else { throw ObjectImageError("a relocation outside its section") }
      memory.storeBytes(of: try address(r.symbol, base) &+ r.addend, toByteOffset: here, as: Int.self)
    case 2, 4:  // R_X86_64_PC32, R_X86_64_PLT32
      let target =
        symbols[r.symbol].section == 0 ? try stub(r.symbol, memory) : try offset(r.symbol)
      try store32(target + r.addend - here)
    case 9, 41, 42:  // R_X86_64_GOTPCREL, R_X86_64_GOTPCRELX, R_X86_64_REX_GOTPCRELX
      try store32(try slot(r.symbol, memory) + r.addend - here)
    default: throw ObjectImageError("relocation type \(r.type) is unknown")
    }
  }

  private func address(_ symbol: Int, _ base: Int) throws(ObjectImageError) -> Int {
    let s = symbols[symbol]
    if s.section != 0 { return base + (try offset(symbol)) }
    guard let names else { throw ObjectImageError("an undefined symbol without a name") }
    let name = try object.name(s, in: names)
    // What GCC calls on its own account: memcpy, fmod and the like.
    guard let found = dlsym(nil, name) else {
      if s.isWeak { return 0 }
      throw ObjectImageError("nothing in this process is called \(name)")
    }
    return Int(bitPattern: found)
  }

  private mutating func slot(_ symbol: Int, _ memory: UnsafeMutableRawPointer) throws(ObjectImageError) -> Int {
    if let slot = slots[symbol] { return slot }
    let slot = nextSlot
    nextSlot += 8
    memory.storeBytes(of: try address(symbol, Int(bitPattern: memory)), toByteOffset: slot, as: Int.self)
    slots[symbol] = slot
    return slot
  }

  private mutating func stub(_ symbol: Int, _ memory: UnsafeMutableRawPointer) throws(ObjectImageError) -> Int {
    if let stub = stubs[symbol] { return stub }
    let target = try slot(symbol, memory)
    let stub = nextStub
    nextStub += Self.stubSize
    memory.storeBytes(of: 0x25FF, toByteOffset: stub, as: UInt16.self)
    memory.storeBytes(of: Int32(target - (stub + 6)), toByteOffset: stub + 2, as: Int32.self)
    stubs[symbol] = stub
    return stub
  }
}
