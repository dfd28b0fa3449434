// The `.som` files that a command's paths name: files as they are, folders searched.

import Foundation
import Syntax

public enum SomFiles {
  /// Larger files are refused: no source is, and reading one would only take memory.
  public static let byteLimit = 64 << 20

  public struct Problem: Error, CustomStringConvertible, Equatable {
    public let description: String
    public init(description: String) { self.description = description }
  }

  /// Files in the order of the paths, those of a folder by name; hidden folders are left out.
  public static func find(_ paths: [String]) throws(Problem) -> [String] {
    var result: [String] = []
    for path in paths {
      var info = stat()
      guard stat(path, &info) == 0 else {
        throw Problem(description: "cannot read \(path): \(String(cString: strerror(errno)))")
      }
      if info.st_mode & S_IFMT == S_IFDIR { result += inFolder(path) } else { result.append(path) }
    }
    return result
  }

  private static func inFolder(_ folder: String) -> [String] {
    var result: [String] = []
    let enumerator = FileManager.default.enumerator(
      at: URL(fileURLWithPath: folder), includingPropertiesForKeys: nil, options: [.skipsHiddenFiles])
    // Names as the user would write them, not as absolute paths.
    let root = URL(fileURLWithPath: folder).standardizedFileURL.path
    while let url = enumerator?.nextObject() as? URL {
      guard url.pathExtension == "som", !url.hasDirectoryPath else { continue }
      let path = url.standardizedFileURL.path
      let rest = path.hasPrefix(root) ? String(path.dropFirst(root.count).drop { $0 == "/" }) : path
      result.append(folder == "." ? rest : folder.hasSuffix("/") ? folder + rest : "\(folder)/\(rest)")
    }
    return result.sorted()
  }

  public static func read(_ path: String) throws(Problem) -> SourceText {
    // The bytes of the text are those of the file, since it is valid UTF-8.
    SourceText(name: path, try text(path))
  }

  /// The text of a source file.
  public static func text(_ path: String, shown: String? = nil) throws(Problem) -> String {
    let shown = shown ?? path
    // Without waiting for somebody who writes into a pipe.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw Problem(description: "cannot read \(shown): \(String(cString: strerror(errno)))")
    }
    var info = stat()
    guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw Problem(description: "cannot read \(shown): it is no regular file")
    }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    let data: Data
    do { data = try file.read(upToCount: byteLimit + 1) ?? Data() } catch {
      throw Problem(description: "cannot read \(shown)")
    }
    guard data.count <= byteLimit else {
      throw Problem(
        description: "\(shown) does not end within \(byteLimit) bytes, the limit for a source file")
    }
    guard !data.contains(0), let text = String(validating: data, as: UTF8.self) else {
      throw Problem(description: "\(shown) is not text (UTF-8), so it is no SOM source")
    }
    guard text.contains(where: { !$0.isWhitespace }) else {
      throw Problem(
        description: "\(shown) is empty; a program looks like: Hello = ( run = ( 'Hello' println ) )")
    }
    return text
  }

  /// Replaces a file's content by writing another and renaming it; permissions stay, a link stays a link.
  public static func replace(_ path: String, with text: String) throws(Problem) {
    func failure(_ what: String) -> Problem {
      Problem(description: "cannot \(what) \(path): \(String(cString: strerror(errno))); it is left as it was")
    }
    guard let resolved = realpath(path, nil) else { throw failure("find") }
    defer { free(resolved) }
    let target = String(cString: resolved)
    var info = stat()
    guard stat(target, &info) == 0 else { throw failure("read") }
    guard access(target, W_OK) == 0 else { throw failure("write") }
    var template = Array("\(target).XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    let temporary = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard descriptor >= 0 else { throw failure("write beside") }
    // As root, the owner stays, too; elsewhere this does nothing.
    _ = fchown(descriptor, info.st_uid, info.st_gid)
    var isWritten = fchmod(descriptor, info.st_mode & 0o7777) == 0
    var bytes = Array(text.utf8)[...]
    while isWritten, !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 { bytes = bytes.dropFirst(count) } else { isWritten = count < 0 && errno == EINTR }
    }
    isWritten = isWritten && fsync(descriptor) == 0
    guard close(descriptor) == 0, isWritten, rename(temporary, target) == 0 else {
      let problem = failure("write")
      unlink(temporary)
      throw problem
    }
  }
}
