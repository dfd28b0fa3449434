// A recorded session as a file (docs/recordings.md): whether it is one, and its bytes, part by part. Pages make of them what there
// is to see.

import Foundation

/// A recorded session, read from a file.
public final class Recording: Sendable {
  /// Why it cannot be read.
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  /// Bytes of a part.
  static let partSize = 2 << 20
  /// Bytes in which a line must be that says what the file is.
  private static let headSize = 256 << 10
  private static let beginnings = ["recording", "event", "snapshot", "sources", "frame"].map {
    Array("{\"\($0)\":".utf8)
  }

  /// Of the file.
  public let path: String
  /// When it was opened; a recording that still grows is shown up to there.
  let size: Int
  private let descriptor: Int32

  /// Opens a file that is a recording.
  public init(_ path: String) throws(Failure) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    var info = stat()
    guard descriptor >= 0, fstat(descriptor, &info) == 0 else {
      throw Failure(description: "cannot read \(path): \(String(cString: strerror(errno)))")
    }
    size = Int(info.st_size)
  }
  deinit { close(descriptor) }

  /// Whether a file has a recording in it, as far as its beginning tells; damaged lines before that do not count.
  public static func isRecording(_ path: String) -> Bool {
    var info = stat()
    guard stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG, let file = FileHandle(forReadingAtPath: path),
      let head = try? file.read(upToCount: headSize)
    else { return false }
    return head.split(separator: UInt8(ascii: "\n")).contains { line in beginnings.contains { line.starts(with: $0) } }
  }

  /// Whether its last line is cut short, as by a crash.
  public var endsTorn: Bool { size > 0 && bytes(from: size - 1, count: 1) != [UInt8(ascii: "\n")] }

  /// Of a request's path below `/recording`; nil: there is no such thing.
  func response(_ path: String) -> Response? {
    let parts = path.split(separator: "/")
    guard parts.first == "recording", parts.count <= 2 else { return nil }
    if parts.count == 1 {
      struct Head: Encodable { let name: String, size: Int, partSize: Int }
      let head = Head(name: (self.path as NSString).lastPathComponent, size: size, partSize: Self.partSize)
      return Response(.ok, type: "application/json", Array((try? JSONEncoder().encode(head)) ?? Data()))
    }
    guard let part = Int(parts[1]), part >= 0, part <= size / Self.partSize else { return nil }
    return Response(.ok, type: "application/octet-stream", bytes(from: part * Self.partSize, count: Self.partSize))
  }

  private func bytes(from start: Int, count: Int) -> [UInt8] {
    let wanted = max(0, min(count, size - start))
    return [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
      while filled < wanted {
        let read = pread(descriptor, buffer.baseAddress! + filled, wanted - filled, off_t(start + filled))
        if read < 0 && errno == EINTR { continue }
        // Somebody has cut the file.
        if read <= 0 { return }
        filled += read
      }
    }
  }
}
