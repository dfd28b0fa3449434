// A file whose whole text is replaced: the new one or the old one is there, whatever happens meanwhile. Its owner and mode
// stay. The new text is written to a temporary file beside it, which nobody else can have prepared.

import Foundation

struct ReplaceableFile {
  let bytes: [UInt8]
  /// A link stays one.
  private let path: String
  private let givenPath: String
  private let info: stat

  enum Failure: Error, CustomStringConvertible {
    /// Somebody has saved it since it was read.
    case changed
    case other(String)
    var description: String {
      switch self {
      case .changed: "the file has changed"
      case .other(let text): text
      }
    }
  }

  init(path: String) throws(Failure) {
    givenPath = path
    self.path = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    // Without waiting for somebody who writes into a pipe.
    let descriptor = open(self.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Self.failure("read", self.path) }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var info = stat()
    guard fstat(descriptor, &info) == 0 else { throw Self.failure("read", self.path) }
    guard info.st_mode & S_IFMT == S_IFREG else { throw .other("\(self.path) is no regular file") }
    self.info = info
    do { bytes = [UInt8](try file.readToEnd() ?? Data()) } catch { throw Self.failure("read", self.path) }
  }

  func replace(with bytes: [UInt8]) throws(Failure) {
    try place(bytes) { temporary in rename(temporary, path) == 0 ? nil : Self.failure("write", path) }
  }

  /// The text goes to another file, which must not be there yet, and this one goes away. Until then both are there.
  func move(to target: String, with bytes: [UInt8]) throws(Failure) {
    try place(bytes) { temporary in
      // Unlike a renaming, this replaces nothing.
      guard link(temporary, target) == 0 else {
        return errno == EEXIST ? .other("\(target) is there already") : Self.failure("write", target)
      }
      unlink(temporary)
      return nil
    }
    try delete()
  }

  /// Of a link, the link goes.
  func delete() throws(Failure) {
    guard isUnchanged else { throw .changed }
    guard unlink(givenPath) == 0 else { throw Self.failure("delete", givenPath) }
  }

  /// Makes a file that must not be there yet.
  static func make(_ path: String, _ bytes: [UInt8]) throws(Failure) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure("write", path) }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do { try file.write(contentsOf: Data(bytes)) } catch {
      unlink(path)
      throw .other("cannot write \(path): \(error.localizedDescription)")
    }
  }

  private func place(_ bytes: [UInt8], _ body: (_ temporary: String) -> Failure?) throws(Failure) {
    guard access(path, W_OK) == 0 else { throw Self.failure("write", path) }
    let (temporary, descriptor) = try makeTemporary()
    // With it goes the lock that tells others the file is in use.
    defer { close(descriptor) }
    do throws(Failure) {
      try fill(descriptor, bytes)
      guard isUnchanged else { throw .changed }
      if let failure = body(temporary) { throw failure }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  private var isUnchanged: Bool {
    var now = stat()
    return stat(path, &now) == 0 && FileIdentity(now) == FileIdentity(info) && now.st_size == info.st_size
      && now.st_mtim.tv_sec == info.st_mtim.tv_sec && now.st_mtim.tv_nsec == info.st_mtim.tv_nsec
  }

  private func fill(_ descriptor: Int32, _ bytes: [UInt8]) throws(Failure) {
    var made = stat()
    guard fstat(descriptor, &made) == 0 else { throw Self.failure("write", path) }
    if made.st_uid != info.st_uid || made.st_gid != info.st_gid {
      guard fchown(descriptor, info.st_uid, info.st_gid) == 0 else {
        throw .other("cannot write \(path): it belongs to somebody else, and would not any more")
      }
    }
    guard fchmod(descriptor, info.st_mode & 0o7777) == 0 else { throw Self.failure("write", path) }
    var done = 0
    while done < bytes.count {
      let n = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + done, bytes.count - done) }
      if n < 0 && errno == EINTR { continue }
      guard n > 0 else { throw Self.failure("write", path) }
      done += n
    }
    guard fsync(descriptor) == 0 else { throw Self.failure("write", path) }
  }

  private static func failure(_ what: String, _ path: String) -> Failure {
    .other("cannot \(what) \(path): \(String(cString: strerror(errno)))")
  }

  // MARK: Temporary files

  private static let mark = ".som.ovid-"

  private func makeTemporary() throws(Failure) -> (path: String, descriptor: Int32) {
    let url = URL(fileURLWithPath: path)
    for _ in 1...100 {
      let number = String(UInt64.random(in: 0...UInt64.max), radix: 36)
      let stem = url.deletingPathExtension().lastPathComponent
      let temporary = url.deletingLastPathComponent().path + "/.\(stem)\(Self.mark)\(number)"
      let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
      if descriptor < 0 && errno == EEXIST { continue }
      guard descriptor >= 0 else { throw Self.failure("write", path) }
      var made = stat()
      // Who tidies up may have seen it before it was locked.
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &made) == 0, made.st_nlink > 0 {
        return (temporary, descriptor)
      }
      unlink(temporary)
      close(descriptor)
    }
    throw .other("cannot write \(path): no temporary file can be made beside it")
  }

  /// Removes the temporary files that machines have left in a folder when they were killed: those that nobody has locked.
  static func removeLeftovers(in folder: String) {
    guard let directory = opendir(folder) else { return }
    defer { closedir(directory) }
    while let entry = readdir(directory) {
      // Quick for the many that are none.
      guard entry.pointee.d_name.0 == CChar(bitPattern: UInt8(ascii: ".")) else { continue }
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.contains(mark) { removeIfUnused("\(folder)/\(name)") }
    }
  }

  private static func removeIfUnused(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    if descriptor < 0 { return }
    defer { close(descriptor) }
    var info = stat()
    guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG, info.st_uid == geteuid(),
      flock(descriptor, LOCK_EX | LOCK_NB) == 0
    else { return }
    unlink(path)
  }
}
