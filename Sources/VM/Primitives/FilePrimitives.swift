// File: whole files of text, and folders, by path. Nothing here raises an error for what the system refuses: the
// answer is the negative errno then, of which File>>check: makes an exception.

import Foundation

let fileRows: [PrimitiveRow] = [
  PrimitiveRow("File class", "kindOf:") { native(fileKind, $0, $1, $2) },
  PrimitiveRow("File class", "sizeOf:") { native(fileSize, $0, $1, $2) },
  PrimitiveRow("File class", "read:") { native(fileRead, $0, $1, $2) },
  PrimitiveRow("File class", "write:to:") { native(fileWrite, $0, $1, $2) },
  PrimitiveRow("File class", "append:to:") { native(fileAppend, $0, $1, $2) },
  PrimitiveRow("File class", "delete:") { native(fileDelete, $0, $1, $2) },
  PrimitiveRow("File class", "rename:to:") { native(fileRename, $0, $1, $2) },
  PrimitiveRow("File class", "makeFolder:") { native(fileMakeFolder, $0, $1, $2) },
  PrimitiveRow("File class", "list:") { native(fileList, $0, $1, $2) },
  PrimitiveRow("File class", "errorText:") { native(fileErrorText, $0, $1, $2) },
]

/// An errno, or `notText`.
private struct FileFailure: Error {
  var code: Int32
  static let notText = FileFailure(code: 1000)
  /// The errno of the call that has just failed.
  static var current: FileFailure { FileFailure(code: errno) }
}

/// More bytes than this are "File too large".
private let longestFile = 1 << 30

extension Universe {
  /// A path as the system takes it: a text without NUL.
  fileprivate func path(_ value: Value) -> String? {
    string(value).flatMap { $0.utf8.contains(0) ? nil : $0 }
  }

  fileprivate func onFile(
    _ h: Words, _ m: UnsafeMutableRawPointer, _ path: Value, writing: Bool = false,
    _ body: (String) throws(FileFailure) -> Value?
  ) -> UInt64 {
    guard let text = self.path(path) else { return wrongArgument(h, m, needs: "a path", not: path) }
    guard let allowed = options.capabilities.path(text, writing: writing) else {
      return notPermitted(h, m, "\(writing ? "change" : "read") the file \(text)")
    }
    do throws(FileFailure) { return answer(try body(allowed)) } catch { return Value(integer: -Int(error.code)).bits }
  }
}

private func information(_ path: String) throws(FileFailure) -> stat {
  var info = stat()
  guard stat(path, &info) == 0 else { throw .current }
  return info
}

private func fileKind(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let path = universe.path(argument1(h)) else {
    return universe.wrongArgument(h, m, needs: "a path", not: argument1(h))
  }
  guard let path = universe.options.capabilities.path(path, writing: false) else {
    return universe.notPermitted(h, m, "look at the file \(path)")
  }
  guard let info = try? information(path) else { return Value.nil.bits }
  switch info.st_mode & S_IFMT {
  case S_IFREG: return universe.symbol("file").bits
  case S_IFDIR: return universe.symbol("folder").bits
  default: return universe.symbol("other").bits
  }
}

private func fileSize(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.onFile(h, m, argument1(h)) { path throws(FileFailure) in
    Value(integer: Int(try information(path).st_size))
  }
}

private func fileRead(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  return universe.onFile(h, m, argument1(h)) { path throws(FileFailure) in
    // A pipe waits for somebody who writes; here that is not left to the system.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw .current }
    defer { close(descriptor) }
    var data = Data()
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    // Of a pipe that nobody has opened to write, reading would find the end.
    if isPipe(descriptor), !universe.wait(for: descriptor, POLLIN, h) { return nil }
    while true {
      let n = read(descriptor, &buffer, buffer.count)
      if n == 0 { break }
      if n > 0 {
        data.append(contentsOf: buffer[..<n])
        if data.count > longestFile { throw FileFailure(code: EFBIG) }
      } else if errno == EAGAIN {
        if !universe.wait(for: descriptor, POLLIN, h) { return nil }
      } else if errno != EINTR {
        throw .current
      }
    }
    guard let text = String(validating: data, as: UTF8.self) else { throw .notText }
    return universe.makeString(text, h)
  }
}

private func isPipe(_ descriptor: Int32) -> Bool {
  var info = stat()
  return fstat(descriptor, &info) == 0 && info.st_mode & S_IFMT == S_IFIFO
}

private func fileWrite(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  write(universe, h, m, O_TRUNC)
}
private func fileAppend(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  write(universe, h, m, O_APPEND)
}

private func write(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer, _ mode: Int32) -> UInt64 {
  let text = first2(h)
  guard universe.isString(text) else { return universe.wrongArgument(h, m, needs: "a string", not: text) }
  return universe.onFile(h, m, second2(h), writing: true) { path throws(FileFailure) in
    guard let descriptor = try openToWrite(universe, h, path, mode) else { return nil }
    var isOpen = true
    defer { if isOpen { close(descriptor) } }
    var written = 0
    while true {
      // While others run, the text may move.
      let rest = UnsafeRawBufferPointer(universe.bytes(first2(h))).dropFirst(written)
      if rest.isEmpty { break }
      let n = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if n >= 0 {
        written += n
      } else if errno == EAGAIN {
        if !universe.wait(for: descriptor, POLLOUT, h) { return nil }
      } else if errno != EINTR {
        throw .current
      }
    }
    isOpen = false
    guard close(descriptor) == 0 else { throw .current }
    return first2(h)
  }
}

/// Waits for somebody who reads, if it is a pipe. Nil: unwind.
private func openToWrite(
  _ universe: Universe, _ h: Words, _ path: String, _ mode: Int32
) throws(FileFailure) -> Int32? {
  while true {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | mode, 0o666)
    if descriptor >= 0 { return descriptor }
    guard errno == ENXIO, let info = try? information(path), info.st_mode & S_IFMT == S_IFIFO else { throw .current }
    if universe.scheduler.isAlone { usleep(UInt32(Descriptor.patience) * 1000) }
    if !universe.letOthersRun(h) { return nil }
  }
}

/// Files, and folders that are empty.
private func fileDelete(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.onFile(h, m, argument1(h), writing: true) { path throws(FileFailure) in
    guard remove(path) == 0 else { throw .current }
    return .true
  }
}

private func fileRename(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let new = universe.path(second2(h)) else {
    return universe.wrongArgument(h, m, needs: "a path", not: second2(h))
  }
  guard let new = universe.options.capabilities.path(new, writing: true) else {
    return universe.notPermitted(h, m, "change the file \(new)")
  }
  return universe.onFile(h, m, first2(h), writing: true) { path throws(FileFailure) in
    guard rename(path, new) == 0 else { throw .current }
    return .true
  }
}

private func fileMakeFolder(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.onFile(h, m, argument1(h), writing: true) { path throws(FileFailure) in
    guard mkdir(path, 0o777) == 0 else { throw .current }
    return .true
  }
}

/// The names in a folder, without `.` and `..`. Names that are no text are left out.
private func fileList(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  return universe.onFile(h, m, argument1(h)) { path throws(FileFailure) in
    guard let folder = opendir(path) else { throw .current }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
      }
      if let name, name != ".", name != ".." { names.append(name) }
    }
    return universe.makeStrings(names, h)
  }
}

private func fileErrorText(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let code = argument1(h)
  guard code.isInteger, let number = Int32(exactly: code.integer) else {
    return universe.wrongArgument(h, m, needs: "the number of an error", not: code)
  }
  let text = number == FileFailure.notText.code ? "The file is not text in UTF-8" : String(cString: strerror(number))
  return universe.answer(universe.makeString(text, h))
}
