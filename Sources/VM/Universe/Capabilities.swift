// What a program may do beyond computing and printing. Primitives ask here before they do it.

import Foundation

/// What a program may do to the world around its machine. Computing, printing, loading classes from the class path and
/// changing itself in memory are always allowed; what is not allowed is the exception `NotPermitted`.
public struct Capabilities: Sendable, Hashable {
  /// Which files it may touch.
  public enum Files: Sendable, Hashable {
    /// Nothing is read or written.
    case none
    /// All that lies in these folders, at any depth: to be read, or to be read, written, made and deleted. Links that lead
    /// out of them are not followed. A path that is not absolute counts from the process's working folder.
    case folders(reading: [String] = [], writing: [String] = [])
    /// Whatever the user of the process may.
    case all
  }
  /// `File`, `system loadFile:`.
  public var files: Files
  /// `system readLine`, `Stdin`: lines of the process's standard input.
  public var standardInput: Bool
  /// The computer's clock and time zone, and waiting for a time (`DateAndTime now`, `Delay`, `system sleep:`). How long it has
  /// run itself (`system ticks`) a program may always ask.
  public var time: Bool
  /// Starting processes of the language: `fork`.
  public var processes: Bool
  /// `system exit:`.
  public var exit: Bool
  /// Accepted changes are written into the files of their classes, the program's own (`Foo compile:`) included.
  public var writesClasses: Bool

  /// - Parameters: what is not mentioned is not allowed.
  public init(
    files: Files = .none, standardInput: Bool = false, time: Bool = false, processes: Bool = false, exit: Bool = false,
    writesClasses: Bool = false
  ) {
    self.files = files
    self.standardInput = standardInput
    self.time = time
    self.processes = processes
    self.exit = exit
    self.writesClasses = writesClasses
  }

  /// Everything.
  package static let unrestricted = Capabilities(
    files: .all, standardInput: true, time: true, processes: true, exit: true, writesClasses: true)
}

extension Capabilities {
  /// The path to use for a file, if it may be touched: with folders, one without links and dots. Nil: it may not.
  func path(_ path: String, writing: Bool) -> String? {
    switch files {
    case .all: return path
    case .none: return nil
    case .folders(let reading, let writable):
      guard let resolved = Self.resolve(path) else { return nil }
      let folders = (writing ? writable : reading + writable).compactMap(Self.realPath)
      return folders.contains { resolved == $0 || resolved.hasPrefix($0 == "/" ? $0 : $0 + "/") } ? resolved : nil
    }
  }

  private static func realPath(_ path: String) -> String? {
    guard let found = realpath(path.isEmpty ? "." : path, nil) else { return nil }
    defer { free(found) }
    return String(cString: found)
  }

  /// Of something that is not there yet, its folder has to be; a link that leads nowhere is refused.
  private static func resolve(_ path: String) -> String? {
    if let found = realPath(path) { return found }
    var info = stat()
    if lstat(path, &info) == 0 { return nil }
    var parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    while parts.count > 1, parts.last == "" { parts.removeLast() }
    guard let name = parts.popLast(), name != "", name != ".", name != ".." else { return nil }
    let folder = parts.isEmpty ? "." : parts == [""] ? "/" : parts.joined(separator: "/")
    return realPath(folder).map { ($0 == "/" ? "" : $0) + "/" + name }
  }
}

extension Universe {
  /// Raises NotPermitted: `what` is what the program may not do. Answers what the primitive must answer.
  @inline(never)
  func notPermitted(_ h: Words, _ m: UnsafeMutableRawPointer, _ what: String) -> UInt64 {
    raise(
      .notPermitted("\(methods[Method(m)].name): this machine was not made to let its program \(what)"), h)
  }
}
