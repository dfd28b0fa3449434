// A folder that machine code is loaded from: nobody else may have written what is in it. It is held open, so that what
// was checked is what is used, whatever becomes of its path.

import Foundation

final class OwnFolder: Sendable {
  private let descriptor: Int32

  /// Why a folder is none.
  enum Refusal: Error {
    case cannotBeOpened
    /// It is somebody else's, or others can write it.
    case isOthers
  }

  /// Opens the folder, and makes it, for this user only, if it is not there.
  init(_ path: String) throws(Refusal) {
    func open() -> Int32 { Foundation.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    var descriptor = open()
    if descriptor < 0, errno == ENOENT {
      try? FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      descriptor = open()
    }
    guard descriptor >= 0 else { throw .cannotBeOpened }
    var status = stat()
    guard fstat(descriptor, &status) == 0, Self.isOwn(status) else {
      close(descriptor)
      throw .isOthers
    }
    self.descriptor = descriptor
  }
  deinit { close(descriptor) }

  private static func isOwn(_ status: stat) -> Bool { status.st_uid == geteuid() && status.st_mode & 0o022 == 0 }

  /// The folder above `path`, whether that is there or not, that somebody else could put another one into: it is neither
  /// this user's nor the system's, or everybody can write it and rename what is in it. (What a group can write is well,
  /// since the folder itself and its files have to be this user's.)
  static func placeOfOthers(above path: String) -> String? {
    var place = URL(fileURLWithPath: path).path
    let isThere = access(place, F_OK) == 0
    while place != "/", access(place, F_OK) != 0 { place = (place as NSString).deletingLastPathComponent }
    guard let real = realpath(place, nil) else { return place }
    place = String(cString: real)
    free(real)
    if isThere { place = (place as NSString).deletingLastPathComponent }
    while true {
      var status = stat()
      let isShared = { status.st_mode & 0o002 != 0 && status.st_mode & S_ISVTX == 0 }
      guard stat(place, &status) == 0, status.st_uid == geteuid() || status.st_uid == 0, !isShared() else {
        return place
      }
      if place == "/" { return nil }
      place = (place as NSString).deletingLastPathComponent
    }
  }

  // MARK: Files

  /// The bytes of a regular file that belongs to this user and that nobody else can write. Nil if it is none, or cannot
  /// be read. Its time of use is noted.
  func read(_ name: String) -> [UInt8]? {
    // A FIFO must not be waited for, nor a link followed to a file that is somebody's on purpose.
    let file = openat(descriptor, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, Self.isOwn(status) else { return nil }
    futimes(file, nil)
    let size = Int(status.st_size)
    var done = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while done < size {
        let n = Foundation.read(file, buffer.baseAddress! + done, size - done)
        if n < 0 && errno == EINTR { continue }
        if n <= 0 { break }
        done += n
      }
      count = done
    }
    return done == size ? bytes : nil
  }

  /// Answers whether it was written. Under a name of this process's own first, so that nobody ever sees half a file.
  func write(_ bytes: [UInt8], to name: String) -> Bool {
    let temporary = "\(name).\(getpid())-\(UInt32.random(in: .min ... .max))"
    let file = openat(descriptor, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { return false }
    let isWritten = Self.write(bytes, to: file)
    if close(file) == 0, isWritten, renameat(descriptor, temporary, descriptor, name) == 0 { return true }
    unlinkat(descriptor, temporary, 0)
    return false
  }

  private static func write(_ bytes: [UInt8], to file: Int32) -> Bool {
    var done = 0
    while done < bytes.count {
      let n = bytes.withUnsafeBytes { Foundation.write(file, $0.baseAddress! + done, bytes.count - done) }
      if n < 0 && errno == EINTR { continue }
      if n <= 0 { return false }
      done += n
    }
    return true
  }

  /// Makes a file longer by `count` bytes that say nothing, and answers how long it is then; nil if it cannot be.
  func lengthen(_ name: String, by count: Int) -> Int? {
    let file = openat(descriptor, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var status = stat()
    guard Self.write([UInt8](repeating: UInt8(ascii: "\n"), count: count), to: file), fstat(file, &status) == 0 else {
      return nil
    }
    return Int(status.st_size)
  }

  func remove(_ name: String) { unlinkat(descriptor, name, 0) }

  struct File {
    var name: String
    var bytes: Int
    /// Read or written.
    var used: Date
  }

  /// Its regular files.
  func files() -> [File] {
    let listed = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard listed >= 0 else { return [] }
    guard let folder = fdopendir(listed) else {
      close(listed)
      return []
    }
    defer { closedir(folder) }
    var result: [File] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 1) { String(cString: $0) }
      }
      var status = stat()
      guard fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_mode & S_IFMT == S_IFREG else {
        continue
      }
      let used = Date(timeIntervalSince1970: Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9)
      result.append(File(name: name, bytes: Int(status.st_size), used: used))
    }
    return result
  }
}
