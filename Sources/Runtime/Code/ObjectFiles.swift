// Where object files come from and go to: the scratch folder that GCC and the assembler write to, what was compiled
// lately, and the cache folder, if there is one.

import Foundation
import GccBackend
import IR
import Synchronization

public struct ObjectFileError: Error, Sendable, CustomStringConvertible {
  public let description: String
}

public final class ObjectFiles: Sendable {
  /// Opened when there is something to compile.
  private let folder: Mutex<Folder>
  private enum Folder {
    case usual(String)
    case known(CacheFolder?)
  }
  private let scratchFolder: ScratchFolder
  var scratch: String { scratchFolder.path }
  private let counter = Atomic<Int>(0)
  private let recent = Mutex(RecentCode())
  private typealias Kept = (object: [UInt8], texts: [String], metadata: [CodeMetadata])
  /// What the cache folder is still to be given.
  private let unwritten = Mutex<[Kept]>([])

  /// Where the scratch folder may be: in memory at best.
  public static let defaultPlaces = ["/dev/shm", TemporaryFiles.folder]

  /// Uses the cache folder if it is usable, or tells `warn` why not: at once, unless it is one that nobody has named
  /// (`isUsual`). Throws only if there is no place at all.
  public init(
    folder: String?, isUsual: Bool = false, places: [String] = ObjectFiles.defaultPlaces, warn: (String) -> Void
  ) throws(ObjectFileError) {
    var cache: CacheFolder?
    if let folder, !isUsual {
      do { cache = try CacheFolder(path: folder) } catch {
        warn("\(error); compiled code is not kept. Set --cache-dir to another.")
      }
    }
    if let folder, isUsual { self.folder = Mutex(.usual(folder)) } else { self.folder = Mutex(.known(cache)) }
    var candidate: ScratchFolder?
    // A folder can be made on a full disk, too. If all are full, there may be room in the first one later.
    let parents = places + (cache.map { [$0.path] } ?? [])
    let hasRoom = parents.map { TemporaryFiles.hasRoom(in: $0) }
    for (parent, _) in zip(parents, hasRoom).filter(\.1) + zip(parents, hasRoom).filter({ !$0.1 }) {
      candidate = ScratchFolder(in: parent)
      if candidate != nil { break }
    }
    guard let candidate else {
      throw ObjectFileError(description: "no folder for object files (tried \(parents.joined(separator: ", ")))")
    }
    scratchFolder = candidate
  }
  deinit { removeScratch() }

  /// Where objects are kept between runs; nil if they are not.
  public var cache: CacheFolder? {
    folder.withLock { folder in
      switch folder {
      case .known(let cache): return cache
      case .usual(let path):
        let cache = try? CacheFolder(path: path, isUsual: true)
        folder = .known(cache)
        return cache
      }
    }
  }

  /// What is compiled afterwards fails for want of a place; what is loaded stays.
  func removeScratch() { try? FileManager.default.removeItem(atPath: scratch) }

  /// A name in the scratch folder that nobody has used.
  public func scratchPath() -> String {
    "\(scratch)/\(counter.add(1, ordering: .relaxed).newValue).o"
  }

  /// The code that was made of the same text before.
  func find(text: String) -> StoredCode? {
    if let code = recent.withLock({ $0.find(text: text) }) { return code }
    guard let code = cache?.find(text: text) else { return nil }
    recent.withLock { $0.keep(code.object, texts: [text], metadata: [code.metadata]) }
    return code
  }

  /// Takes an object that was just made out of the scratch folder, and keeps it for the next time: for the next run, once
  /// somebody calls `writeCache`.
  func take(scratch path: String, texts: [String], metadata: [CodeMetadata]) throws(ObjectFileError) -> [UInt8] {
    defer { unlink(path) }
    guard let content = FileManager.default.contents(atPath: path) else {
      throw ObjectFileError(description: "cannot read \(path): \(String(cString: strerror(errno)))")
    }
    let object = [UInt8](content)
    recent.withLock { $0.keep(object, texts: texts, metadata: metadata) }
    if cache != nil { unwritten.withLock { $0.append((object, texts, metadata)) } }
    return object
  }

  /// Writes what was taken into the cache folder, when nobody waits for it.
  func writeCache() {
    let taken = unwritten.withLock { taken in
      defer { taken = [] }
      return taken
    }
    for (object, texts, metadata) in taken { cache?.keep(object, texts: texts, metadata: metadata) }
  }
}
