// The log of accepted changes: one JSON object a line. An accept is written before its receipt is answered, so
// after a crash at any moment every acknowledged accept can be replayed (`ChangeLog.read`). What cannot be written
// whole is taken out again: there is never half an entry before another one.

import Foundation
import Synchronization

public struct ChangeLogError: Error, Sendable, CustomStringConvertible {
  public let description: String
}

public final class ChangeLog: Sendable {
  public struct Entry: Sendable, Codable {
    public var accept: Int
    public var author: String
    /// Seconds since 1970.
    public var time: Double
    public var changes: [Change]
    /// What the methods were that it changed. (nil in logs of earlier versions, as what follows is.)
    public var replaced: [Replaced]?
    /// The classes that it made, removed, or gave other fields or another superclass.
    public var classes: [ClassDifference]?
    /// Set if it was an undo or a redo.
    public var takingBack: TakingBack?
    /// As it was when the entry was written: before class files were.
    public var receipt: Receipt?

    enum CodingKeys: CodingKey {
      case accept, author, time, changes, replaced, classes, takingBack, receipt
    }
  }

  public struct Replaced: Sendable, Codable {
    public var method: MethodKey
    /// nil: there was none.
    public var text: String?
    /// Of a primitive: see `MethodInfo.primitive`.
    public var primitive: String?
  }

  /// What a log says.
  public struct Contents: Sendable {
    public var entries: [Entry] = []
    /// The last line has no end: a crash cut it short, so nobody was told of that accept.
    public var endsTorn = false
  }

  let descriptor: Int32
  let path: String
  let identity: FileIdentity
  /// Why nothing can be logged any more.
  private let stopped = Mutex<ChangeLogError?>(nil)

  /// Opens the file for appending, and makes it if there is none. What a crash has left unfinished at its end is cut
  /// off. Another file than a change log is left as it is.
  public init(path: String) throws(ChangeLogError) {
    // For reading, too: so a pipe without a reader does not block, and is found out below.
    let descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o644)
    guard descriptor >= 0 else { throw Self.failure("cannot open the change log \(path)") }
    do throws(ChangeLogError) {
      identity = FileIdentity(try Self.checked(descriptor, path))
      try Self.withLock(descriptor, path) { () throws(ChangeLogError) in try Self.mendEnd(descriptor, path) }
    } catch {
      Foundation.close(descriptor)
      throw error
    }
    self.descriptor = descriptor
    self.path = path
  }
  deinit { Foundation.close(descriptor) }

  /// Appends one entry, whole or not at all.
  public func append(_ entry: Entry) throws(ChangeLogError) {
    if let reason = stopped.withLock({ $0 }) { throw reason }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    guard var line = try? encoder.encode(entry) else {
      throw ChangeLogError(description: "the change has no JSON form")
    }
    line.append(Self.lineEnd)
    try Self.withLock(descriptor, path) { () throws(ChangeLogError) in try write(line) }
  }

  private func write(_ line: Data) throws(ChangeLogError) {
    var info = stat()
    // Nobody could read it.
    if fstat(descriptor, &info) == 0, info.st_nlink == 0 { throw stop(because: "\(path) was deleted") }
    var done = 0
    while done < line.count {
      let n = line.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress! + done, line.count - done) }
      if n < 0 && errno == EINTR { continue }
      if n > 0 {
        done += n
        continue
      }
      let error = Self.failure("cannot write \(path)")
      // The offset is where our part of the line ends.
      if done > 0, ftruncate(descriptor, lseek(descriptor, 0, SEEK_CUR) - off_t(done)) != 0 {
        throw stop(because: "\(error), nor take back what was written of the entry")
      }
      throw error
    }
  }

  /// Waits until what was appended is on the disk. Any thread.
  public func flush() throws(ChangeLogError) {
    if let reason = stopped.withLock({ $0 }) { throw reason }
    // What could not be brought to the disk once is lost, even if a second try claims success.
    if fdatasync(descriptor) != 0 { throw stop(because: "\(Self.failure("cannot flush \(path)"))") }
  }

  private func stop(because reason: String) -> ChangeLogError {
    let error = ChangeLogError(description: "\(reason); accepts are not logged any more")
    stopped.withLock { $0 = $0 ?? error }
    return error
  }

  // MARK: Reading

  /// The entries of a log, in order. A file with a line that is no entry is refused whole: who edits or damages a log
  /// should know before half of it is made again.
  public static func read(_ path: String) throws(ChangeLogError) -> Contents {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw failure("cannot read \(path)") }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    _ = try checked(descriptor, path)
    let data: Data
    do { data = try file.readToEnd() ?? Data() } catch {
      throw ChangeLogError(description: "cannot read \(path): \(error.localizedDescription)")
    }
    var contents = Contents()
    var numbers = EntryNumbers()
    var lines = data.split(separator: lineEnd, omittingEmptySubsequences: false)
    let last = lines.removeLast()
    for (i, line) in lines.enumerated() where !line.isEmpty {
      guard var entry = entry(line) else {
        if contents.entries.isEmpty, !isBeginning(line) { throw notALog(path) }
        throw ChangeLogError(
          description: "\(path), line \(i + 1): not an entry of a change log; nothing of it is replayed "
            + "(without that line, the others can be)")
      }
      entry.accept = numbers.next(entry.accept)
      contents.entries.append(entry)
    }
    if var entry = entry(last) {
      entry.accept = numbers.next(entry.accept)
      contents.entries.append(entry)
    } else if !last.isEmpty {
      guard isBeginning(last) else { throw notALog(path) }
      contents.endsTorn = true
    }
    return contents
  }

  static func entry(_ line: Data) -> Entry? { try? JSONDecoder().decode(Entry.self, from: Data(line)) }

  // MARK: Files

  static let lineEnd = UInt8(ascii: "\n")
  /// What every entry begins with.
  static let beginning = Data(#"{"accept":"#.utf8)

  private static func isBeginning(_ text: Data) -> Bool {
    text.prefix(beginning.count) == beginning.prefix(text.count)
  }

  private static func notALog(_ path: String) -> ChangeLogError {
    ChangeLogError(description: "\(path) is not a change log")
  }

  /// Answers what the file is, if it is a regular one.
  private static func checked(_ descriptor: Int32, _ path: String) throws(ChangeLogError) -> stat {
    var info = stat()
    guard fstat(descriptor, &info) == 0 else { throw failure("cannot read \(path)") }
    guard info.st_mode & S_IFMT == S_IFREG else {
      let what = info.st_mode & S_IFMT == S_IFDIR ? "a folder" : "no regular file"
      throw ChangeLogError(description: "\(path) is \(what), so it cannot be a change log")
    }
    return info
  }

  /// Other processes append to the same file only before or after.
  private static func withLock(
    _ descriptor: Int32, _ path: String, _ body: () throws(ChangeLogError) -> Void
  ) throws(ChangeLogError) {
    while flock(descriptor, LOCK_EX) != 0 {
      if errno != EINTR { throw failure("cannot lock \(path)") }
    }
    defer { flock(descriptor, LOCK_UN) }
    try body()
  }

  /// Looks at the beginning and the end of a log, and cuts off a line that is not whole.
  private static func mendEnd(_ descriptor: Int32, _ path: String) throws(ChangeLogError) {
    let size = Int(lseek(descriptor, 0, SEEK_END))
    if size == 0 { return }
    guard isBeginning(try bytes(descriptor, path, 0..<min(size, beginning.count))) else { throw notALog(path) }
    // Backwards to the last line end.
    var end = size
    var tail = Data()
    while end > 0 {
      let start = max(0, end - 64 << 10)
      tail = try bytes(descriptor, path, start..<end) + tail
      end = start
      if let lineEnd = tail.lastIndex(of: lineEnd) {
        end += lineEnd + 1 - tail.startIndex
        tail = tail[(lineEnd + 1)...]
        break
      }
    }
    if tail.isEmpty { return }
    if entry(tail) == nil {
      guard ftruncate(descriptor, off_t(end)) == 0 else { throw failure("cannot cut off the end of \(path)") }
    } else if Foundation.write(descriptor, "\n", 1) != 1 {
      throw failure("cannot write \(path)")
    }
  }

  private static func bytes(_ descriptor: Int32, _ path: String, _ range: Range<Int>) throws(ChangeLogError) -> Data {
    var data = Data(count: range.count)
    var done = 0
    while done < range.count {
      let n = data.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress! + done, range.count - done, off_t(range.lowerBound + done))
      }
      if n < 0 && errno == EINTR { continue }
      guard n > 0 else { throw failure("cannot read \(path)") }
      done += n
    }
    return data
  }

  private static func failure(_ what: String) -> ChangeLogError {
    ChangeLogError(description: "\(what): \(String(cString: strerror(errno)))")
  }
}
