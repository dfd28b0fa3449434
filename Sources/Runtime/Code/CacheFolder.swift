// The code cache on disk: what one run has compiled, the next one loads. An object file `<address>.o` has the code of
// the units that were compiled together; for each unit an index `<address>.json` has the text that it was made from,
// which must be equal, what is to be known of the code, and one checksum of all that is loaded. Names are content
// addresses and files appear by rename, so runs may share a folder; whatever is not as it was written, or may have been
// written by somebody else (`OwnFile`), is ignored. Failures are silent: it is only a cache.

import Foundation
import IR
import Synchronization

/// The folder in which compiled code is kept from one run to the next. Any thread, any number of processes.
public final class CacheFolder: Sendable {
  /// Of the folder.
  public let path: String
  /// Bytes of files that are kept at most. The ones that were not used for longest go first.
  public let limit: Int
  /// Bytes that are kept if nobody says otherwise: 256 MB.
  public static let defaultLimit = 256 << 20
  /// Bytes that this process may still write before it looks at how full the folder is.
  private let untilTrim = Atomic<Int>(0)

  /// Why a folder is no place for code.
  public struct Unusable: Error, Sendable, CustomStringConvertible { public let description: String }

  /// What is in it.
  public struct Contents: Sendable, Hashable {
    /// Compiled units, files of any kind, and their bytes.
    public var units = 0
    /// How many units of code.
    public var files = 0
    /// How much room they take on the disk.
    public var bytes = 0
  }

  /// What an index says.
  private struct Entry: Codable {
    var text: String
    var object: String
    /// JSON in a string, so that its bytes have a checksum.
    var metadata: String
    /// Of text, metadata and the object's bytes.
    var checksum: UInt64

    func sum(_ object: [UInt8]) -> UInt64 {
      var sum = ContentHash.Checksum()
      // Their lengths, so that nothing moves from one to the other.
      for part in [text, metadata] {
        sum.add(part.utf8)
        sum.add(UInt64(part.utf8.count))
      }
      sum.add(object)
      return sum.value
    }
  }

  /// Uses the folder, and makes it if it is not there. Machine code is loaded from it, so it must be its user's own.
  public init(path: String, limit: Int = CacheFolder.defaultLimit) throws(Unusable) {
    self.path = path
    self.limit = limit
    try? FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    var status = stat()
    guard stat(path, &status) == 0, access(path, W_OK | X_OK) == 0, probe() else {
      throw Unusable(description: "cannot write the cache folder \(path)")
    }
    guard status.st_uid == geteuid(), status.st_mode & 0o022 == 0 else {
      throw Unusable(
        description: "others can write the cache folder \(path), and code is loaded from it (chmod go-w)")
    }
  }

  /// Whether a file can really be written: a full disk is found out here.
  private func probe() -> Bool {
    let name = "\(path)/.probe-\(getpid())"
    let descriptor = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return false }
    defer {
      close(descriptor)
      unlink(name)
    }
    return write(descriptor, "x", 1) == 1
  }

  func find(text: String) -> StoredCode? {
    let index = "\(path)/\(ContentHash.name(text)).json"
    guard let bytes = OwnFile.read(index),
      let entry = try? JSONDecoder().decode(Entry.self, from: Data(bytes)), entry.text == text,
      !entry.object.contains("/"), let object = OwnFile.read("\(path)/\(entry.object)"),
      entry.sum(object) == entry.checksum,
      let metadata = try? JSONDecoder().decode(CodeMetadata.self, from: Data(entry.metadata.utf8))
    else { return nil }
    return StoredCode(object: object, metadata: metadata)
  }

  func keep(_ object: [UInt8], texts: [String], metadata: [CodeMetadata]) {
    let name = "\(ContentHash.name(texts.joined(separator: "\n"))).o"
    guard store(Data(object), name) else { return }
    var bytes = object.count
    for (text, metadata) in zip(texts, metadata) {
      guard let encoded = try? JSONEncoder().encode(metadata) else { continue }
      var entry = Entry(text: text, object: name, metadata: String(decoding: encoded, as: UTF8.self), checksum: 0)
      entry.checksum = entry.sum(object)
      guard let data = try? JSONEncoder().encode(entry), store(data, "\(ContentHash.name(text)).json") else { continue }
      bytes += data.count
    }
    // Looking at thousands of files takes longer than compiling a method.
    if untilTrim.subtract(bytes, ordering: .relaxed).newValue < 0 {
      untilTrim.store(limit / 16, ordering: .relaxed)
      trim()
    }
  }

  /// Under a name of this process's own first, so that nobody ever sees half a file.
  private func store(_ data: Data, _ name: String) -> Bool {
    let temporary = "\(path)/\(name).\(getpid())-\(UInt32.random(in: .min ... .max))"
    guard FileManager.default.createFile(atPath: temporary, contents: data, attributes: [.posixPermissions: 0o600])
    else {
      unlink(temporary)
      return false
    }
    if rename(temporary, "\(path)/\(name)") == 0 { return true }
    unlink(temporary)
    return false
  }

  // MARK: The files

  private struct File {
    var path: String
    var bytes: Int
    var used: Date
  }

  /// Only files of the cache: nothing else that somebody keeps in the folder is counted, or ever removed.
  private func files() -> [File] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.filter(Self.isOurs).compactMap { name in
      var status = stat()
      guard lstat("\(path)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
      let used = Date(timeIntervalSince1970: Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9)
      return File(path: "\(path)/\(name)", bytes: Int(status.st_size), used: used)
    }
  }

  /// `<hex>-<hex>.o` or `.json`, perhaps with what `store` adds while it writes.
  private static func isOurs(_ name: String) -> Bool {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3, parts[1] == "o" || parts[1] == "json" else { return false }
    return parts[0].count > 2 && parts[0].contains("-") && parts[0].allSatisfy { $0 == "-" || $0.isHexDigit }
  }

  /// Removes what was not used for longest until a fifth of the limit is free, if the limit is exceeded.
  private func trim() {
    let all = files()
    var bytes = all.reduce(0) { $0 + $1.bytes }
    guard bytes > limit else { return }
    for file in all.sorted(by: { $0.used < $1.used }) where bytes > limit / 5 * 4 {
      unlink(file.path)
      bytes -= file.bytes
    }
  }

  /// Counts what is there now.
  public func contents() -> Contents {
    files().reduce(into: Contents()) { result, file in
      result.units += file.path.hasSuffix(".json") ? 1 : 0
      result.files += 1
      result.bytes += file.bytes
    }
  }

  /// Removes everything of the cache; answers what was there.
  @discardableResult public func clear() -> Contents {
    let before = contents()
    for file in files() { unlink(file.path) }
    return before
  }
}

/// An object file's bytes, and what is to be known of one unit in it.
struct StoredCode: Sendable {
  var object: [UInt8]
  var metadata: CodeMetadata
}

enum ContentHash {
  /// A file name for a text: two independent 64-bit FNV-1a hashes. Enough, since the text itself is compared.
  static func name(_ text: String) -> String {
    var a = offset
    var b: UInt64 = 0x9ae1_6a3b_2f90_404f
    for byte in text.utf8 {
      a = (a ^ UInt64(byte)) &* prime
      b = (b ^ UInt64(byte ^ 0x5a)) &* prime
    }
    return String(a, radix: 16) + "-" + String(b, radix: 16)
  }

  /// FNV-1a. It differs whenever a single byte does.
  struct Checksum {
    private(set) var value = offset

    mutating func add(_ bytes: some Sequence<UInt8>) { for byte in bytes { value = (value ^ UInt64(byte)) &* prime } }
    mutating func add(_ number: UInt64) { add((0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }) }
  }

  private static let offset: UInt64 = 0xcbf2_9ce4_8422_2325
  private static let prime: UInt64 = 0x100_0000_01b3
}
