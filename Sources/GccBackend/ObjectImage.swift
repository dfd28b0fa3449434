// Loads a relocatable object file (ELF, x86-64) into memory of this process. GCC's output needs so little linking —
// offsets between code and its own data — that a linker process and the dynamic loader would cost more than the
// assembler; and since every load is a private copy, two virtual machines (or two lives of one unit) never share a
// data table.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Why an object file cannot be loaded.
public struct ObjectImageError: Error, Sendable, CustomStringConvertible {
  public let description: String
  /// Whether the same object may be loaded later: there was no memory.
  public let isPassing: Bool
  public init(_ description: String, isPassing: Bool = false) {
    self.description = description
    self.isPassing = isPassing
  }
}

/// Code and data of one object file, mapped until the last reference goes.
public final class ObjectImage: @unchecked Sendable {
  private let base: UnsafeMutableRawPointer
  /// Bytes mapped: machine code and data, in whole pages.
  public let size: Int
  private let symbols: [String: Int]

  /// Reads, lays out and relocates the file at `path`. Nothing of the file is trusted: offsets outside it, unknown
  /// relocations and missing symbols are errors.
  public convenience init(path: String) throws(ObjectImageError) {
    try self.init(bytes: Self.read(path))
  }

  public init(bytes: [UInt8]) throws(ObjectImageError) {
    var layout = try ObjectLayoutPlan(ElfObject(bytes))
    let size = layout.size
    let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory, memory != MAP_FAILED else {
      throw ObjectImageError("no memory for an object of \(size) bytes", isPassing: true)
    }
    do throws(ObjectImageError) {
      try layout.write(to: memory)
      guard mprotect(memory, layout.codeSize, PROT_READ | PROT_EXEC) == 0 else {
        throw ObjectImageError("this system forbids executable memory: \(String(cString: strerror(errno)))")
      }
    } catch {
      munmap(memory, size)
      throw error
    }
    base = memory
    self.size = size
    symbols = layout.exported
  }

  deinit { munmap(base, size) }

  /// The address of a global symbol of the object.
  public func address(_ symbol: String) throws(ObjectImageError) -> UnsafeMutableRawPointer {
    guard let offset = symbols[symbol] else { throw ObjectImageError("the object has no symbol \(symbol)") }
    return base + offset
  }

  private static func read(_ path: String) throws(ObjectImageError) -> [UInt8] {
    func failure() -> ObjectImageError { ObjectImageError("cannot read \(path): \(String(cString: strerror(errno)))") }
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw failure() }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw failure() }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeMutableBytes {
        Int(pread(file, $0.baseAddress! + done, $0.count - done, off_t(done)))
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw failure() }
      done += count
    }
    return bytes
  }
}
