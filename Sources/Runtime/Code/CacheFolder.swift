// The code cache on disk: what one run has compiled, the next one loads. An object file `<address>.o` has the code of
// the units that were compiled together; for each unit an index `<address>.json` has the text that it was made from,
// which must be equal, what is to be known of the code, and one checksum of all that is loaded. Names are content
// addresses and files appear by rename, so runs may share a folder; whatever is not as it was written, or may have been
// written by somebody else (`OwnFolder`), is ignored. Failures are silent: it is only a cache.

import Foundation
import IR

/// The folder in which compiled code is kept from one run to the next. Any thread, any number of processes.
public final class CacheFolder: Sendable {
  /// Of the folder.
  public let path: String
  /// Bytes of files that are kept at most. The ones that were not used for longest go first.
  public let limit: Int
  /// Bytes that are kept if nobody says otherwise: 256 MB.
  public static let defaultLimit = 256 << 20
  private let folder: OwnFolder

  /// Why a folder is no place for code.
  public struct Unusable: Error, Sendable, CustomStringConvertible { public let description: String }

  /// What is in it.
  public struct Contents: Sendable, Hashable {
    /// Compiled units.
    public var units = 0
    /// Objects, and an index for each unit.
    public var files = 0
    /// Of the files.
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

  /// Uses the folder, and makes it if it is not there. Machine code is loaded from it, so it must be its user's own. One
  /// that nobody has named (`isUsual`) is made only where nobody else could put another one in its place, and need not be
  /// writable: what is there can be used.
  public init(path: String, limit: Int = CacheFolder.defaultLimit, isUsual: Bool = false) throws(Unusable) {
    self.path = path
    self.limit = limit
    if isUsual, let refusal = Self.refusal(ofUsual: path) { throw refusal }
    do throws(OwnFolder.Refusal) { folder = try OwnFolder(path) } catch {
      switch error {
      case .cannotBeOpened: throw Self.unwritable(path)
      case .isOthers:
        throw Unusable(
          description: "others can write the cache folder \(path), and code is loaded from it (chmod go-w)")
      }
    }
    // A full disk is found out here.
    let probe = ".probe-\(getpid())"
    guard isUsual || folder.write([0], to: probe) else { throw Self.unwritable(path) }
    if !isUsual { folder.remove(probe) }
  }

  private static func unwritable(_ path: String) -> Unusable {
    Unusable(description: "cannot write the cache folder \(path)")
  }

  /// Where commands keep code if nobody says where, or nil if there is no such place: `ovid` in $XDG_CACHE_HOME or
  /// ~/.cache. No home is made for it.
  public static func usualPath(environment: [String: String]) -> String? {
    func folder(_ name: String) -> String? { environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
    if let caches = folder("XDG_CACHE_HOME") { return caches + "/ovid" }
    return folder("HOME").flatMap { access($0, F_OK) == 0 ? $0 + "/.cache/ovid" : nil }
  }

  /// Why that one is not used, whether it is there or not: as where somebody runs with the home of another user.
  public static func refusal(ofUsual path: String) -> Unusable? {
    OwnFolder.placeOfOthers(above: path).map {
      Unusable(
        description:
          "the cache folder \(path) is not used, since \($0) belongs to somebody else, or others can write it")
    }
  }

  func find(text: String) -> StoredCode? {
    guard let bytes = folder.read("\(ContentHash.name(text)).json"),
      let entry = try? JSONDecoder().decode(Entry.self, from: Data(bytes)), entry.text == text,
      !entry.object.contains("/"), let object = folder.read(entry.object), entry.sum(object) == entry.checksum,
      let metadata = try? JSONDecoder().decode(CodeMetadata.self, from: Data(entry.metadata.utf8))
    else { return nil }
    return StoredCode(object: object, metadata: metadata)
  }

  func keep(_ object: [UInt8], texts: [String], metadata: [CodeMetadata]) {
    let name = "\(ContentHash.name(texts.joined(separator: "\n"))).o"
    guard folder.write(object, to: name) else { return }
    var bytes = object.count
    for (text, metadata) in zip(texts, metadata) {
      guard let encoded = try? JSONEncoder().encode(metadata) else { continue }
      var entry = Entry(text: text, object: name, metadata: String(decoding: encoded, as: UTF8.self), checksum: 0)
      entry.checksum = entry.sum(object)
      guard let data = try? JSONEncoder().encode(entry),
        folder.write([UInt8](data), to: "\(ContentHash.name(text)).json")
      else { continue }
      bytes += data.count
    }
    noteWritten(bytes)
  }

  // MARK: The files

  /// Only files of the cache: nothing else that somebody keeps in the folder is counted, or ever removed.
  private func files() -> [OwnFolder.File] { folder.files().filter { Self.isOurs($0.name) } }

  /// `<hex>-<hex>.o` or `.json`, perhaps with what is added while it is written.
  private static func isOurs(_ name: String) -> Bool {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3, parts[1] == "o" || parts[1] == "json" else { return false }
    return parts[0].count > 2 && parts[0].contains("-") && parts[0].allSatisfy { $0 == "-" || $0.isHexDigit }
  }

  private static func isWhole(_ name: String) -> Bool { name.hasSuffix(".o") || name.hasSuffix(".json") }

  /// A file whose length is what all processes together have written since somebody looked at how full the folder is, a
  /// byte for each `writtenUnit`: looking at thousands of files takes longer than compiling a method.
  private static let writtenName = "written"
  private static let writtenUnit = 4096

  private func noteWritten(_ bytes: Int) {
    let units = max(1, bytes / Self.writtenUnit)
    guard let written = folder.lengthen(Self.writtenName, by: units), written * Self.writtenUnit > limit / 16 else {
      return
    }
    folder.remove(Self.writtenName)
    trim()
  }

  /// Removes what processes have left that were killed while they wrote; and what was not used for longest until a fifth
  /// of the limit is free, if the limit is exceeded.
  private func trim() {
    let old = Date(timeIntervalSinceNow: -3600)
    var kept: [OwnFolder.File] = []
    for file in files() {
      if file.used < old && !Self.isWhole(file.name) { folder.remove(file.name) } else { kept.append(file) }
    }
    var bytes = kept.reduce(0) { $0 + $1.bytes }
    guard bytes > limit else { return }
    for file in kept.sorted(by: { $0.used < $1.used }) where bytes > limit / 5 * 4 {
      folder.remove(file.name)
      bytes -= file.bytes
    }
  }

  /// Counts what is there now.
  public func contents() -> Contents {
    files().reduce(into: Contents()) { result, file in
      result.units += file.name.hasSuffix(".json") ? 1 : 0
      result.files += 1
      result.bytes += file.bytes
    }
  }

  /// Removes everything of the cache; answers what was there.
  @discardableResult public func clear() -> Contents {
    let before = contents()
    for file in files() { folder.remove(file.name) }
    folder.remove(Self.writtenName)
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
