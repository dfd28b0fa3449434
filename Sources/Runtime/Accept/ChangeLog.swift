// The log of accepted changes: one JSON object a line. An accept is written before its receipt is answered, so
// after a crash at any moment every acknowledged accept can be replayed (`ChangeLog.read`).

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
  }

  private let descriptor: Int32
  private let path: String

  /// Opens the file for appending, and makes it if there is none.
  public init(path: String) throws(ChangeLogError) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.failure("cannot open \(path)") }
    // A crash in the middle of a line leaves it unfinished: the next entry must not be glued to it.
    if let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int, size > 0,
      let file = FileHandle(forReadingAtPath: path)
    {
      try? file.seek(toOffset: UInt64(size - 1))
      if (try? file.readToEnd())?.first != UInt8(ascii: "\n") { _ = write(descriptor, "\n", 1) }
    }
  }
  deinit { close(descriptor) }

  /// Appends one entry with a single write.
  public func append(_ entry: Entry) throws(ChangeLogError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    guard var line = try? encoder.encode(entry) else {
      throw ChangeLogError(description: "the change has no JSON form")
    }
    line.append(UInt8(ascii: "\n"))
    var done = 0
    while done < line.count {
      let n = line.withUnsafeBytes { write(descriptor, $0.baseAddress! + done, line.count - done) }
      if n < 0 && errno == EINTR { continue }
      guard n > 0 else { throw Self.failure("cannot write \(path)") }
      done += n
    }
  }

  /// Waits until what was appended is on the disk. Any thread.
  public func flush() throws(ChangeLogError) {
    guard fdatasync(descriptor) == 0 || errno == EINVAL else { throw Self.failure("cannot flush \(path)") }
  }

  /// The entries of a log, in order. A line that a crash cut short is skipped.
  public static func read(_ path: String) throws(ChangeLogError) -> [Entry] {
    guard let data = FileManager.default.contents(atPath: path) else { throw failure("cannot read \(path)") }
    return data.split(separator: UInt8(ascii: "\n")).compactMap {
      try? JSONDecoder().decode(Entry.self, from: Data($0))
    }
  }

  private static func failure(_ what: String) -> ChangeLogError {
    ChangeLogError(description: "\(what): \(String(cString: strerror(errno)))")
  }
}
