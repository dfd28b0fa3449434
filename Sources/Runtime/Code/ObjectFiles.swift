// The folder of object files. Names are content addresses, files appear by rename, and a folder that cannot be
// written costs only the cache.

import Foundation
import GccBackend
import IR
import Synchronization

public struct ObjectFileError: Error, Sendable, CustomStringConvertible {
  public let description: String
}

public final class ObjectFiles: @unchecked Sendable {
  /// What the index says of one compiled graph: the text that must be equal, and where its code is.
  struct IndexEntry: Codable {
    var text: String
    var object: String
    var metadata: CodeMetadata
  }

  /// Where objects are kept; nil if there is no cache.
  public let folder: String?
  private let scratch: String
  private let counter = Atomic<Int>(0)

  /// Uses `folder` if it can be written, or tells `warn` why not. Throws only if there is no place at all.
  public init(folder: String?, warn: (String) -> Void) throws(ObjectFileError) {
    var usable: String?
    if let folder {
      if Self.prepare(folder) {
        usable = folder
      } else {
        warn("cannot write the cache folder \(folder); compiled code is not kept. Set --cache-dir to another.")
      }
    }
    self.folder = usable
    var candidate: String?
    for parent in ["/dev/shm", NSTemporaryDirectory(), usable].compactMap({ $0 }) {
      var template = Array("\(parent)/ovid-XXXXXX".utf8CString)
      if let made = template.withUnsafeMutableBufferPointer({ mkdtemp($0.baseAddress!) }) {
        candidate = String(cString: made)
        break
      }
    }
    guard let candidate else {
      throw ObjectFileError(description: "no folder for object files (tried /dev/shm and the temporary folder)")
    }
    scratch = candidate
  }
  deinit { removeScratch() }

  /// What is compiled afterwards fails for want of a place; what is loaded stays.
  func removeScratch() { try? FileManager.default.removeItem(atPath: scratch) }

  private static func prepare(_ folder: String) -> Bool {
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let probe = "\(folder)/.probe-\(getpid())"
    let descriptor = open(probe, O_WRONLY | O_CREAT, 0o600)
    guard descriptor >= 0 else { return false }
    defer {
      close(descriptor)
      unlink(probe)
    }
    return write(descriptor, "x", 1) == 1
  }

  /// A name in the scratch folder that nobody has used.
  public func scratchPath() -> String {
    "\(scratch)/\(counter.add(1, ordering: .relaxed).newValue).o"
  }

  /// The code that an earlier run made of the same text.
  func find(text: String) -> (path: String, metadata: CodeMetadata)? {
    guard let folder, let data = FileManager.default.contents(atPath: "\(folder)/\(address(text)).json"),
      let entry = try? JSONDecoder().decode(IndexEntry.self, from: data), entry.text == text
    else { return nil }
    let path = "\(folder)/\(entry.object)"
    return access(path, R_OK) == 0 ? (path, entry.metadata) : nil
  }

  /// Keeps an object and the index of what is in it. Failure is silent: the cache is only a cache.
  func keep(path: String, texts: [String], metadata: [CodeMetadata]) {
    guard let folder, let content = FileManager.default.contents(atPath: path) else { return }
    let object = "\(address(texts.joined(separator: "\n"))).o"
    guard store(content, "\(folder)/\(object)") else { return }
    for (text, metadata) in zip(texts, metadata) {
      let entry = IndexEntry(text: text, object: object, metadata: metadata)
      if let data = try? JSONEncoder().encode(entry) { _ = store(data, "\(folder)/\(address(text)).json") }
    }
  }

  private func store(_ data: Data, _ path: String) -> Bool {
    let temporary = "\(path).\(getpid()).\(counter.add(1, ordering: .relaxed).newValue)"
    guard FileManager.default.createFile(atPath: temporary, contents: data) else { return false }
    if rename(temporary, path) == 0 { return true }
    unlink(temporary)
    return false
  }

  /// Loads an object that was just made in the scratch folder, and removes its file.
  func load(scratch path: String) throws(ObjectImageError) -> ObjectImage {
    defer { unlink(path) }
    return try ObjectImage(path: path)
  }

  /// Two independent 64-bit FNV-1a hashes: enough for a name, since the index compares the text itself.
  private func address(_ text: String) -> String {
    var a: UInt64 = 0xcbf2_9ce4_8422_2325
    var b: UInt64 = 0x9ae1_6a3b_2f90_404f
    for byte in text.utf8 {
      a = (a ^ UInt64(byte)) &* 0x100_0000_01b3
      b = (b ^ UInt64(byte ^ 0x5a)) &* 0x100_0000_01b3
    }
    return String(a, radix: 16) + "-" + String(b, radix: 16)
  }
}
