// Where sessions on this computer are found by those who may: a file for each, with its address and token, in a folder that
// only its user can read.

import Foundation

/// A session that runs.
public struct RegisteredSession: Codable, Sendable, Equatable {
  /// Of the operating system.
  public var process: Int32
  /// The class that is run.
  public var program: String
  /// With its token: what somebody opens in a browser.
  public var address: String

  /// A session of this process, unless another one is named.
  public init(process: Int32 = getpid(), program: String, address: String) {
    self.process = process
    self.program = program
    self.address = address
  }
}

/// The sessions of this user on this computer: each is a file that nobody else can read.
public struct SessionRegistry: Sendable {
  /// Why sessions cannot be found, or told; with what to do.
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  /// Where sessions are told of.
  public let folder: String
  /// Where others may have done so: not every client hands its environment on.
  private let others: [String]

  /// - Parameter folder: nil: `ovid` in `XDG_RUNTIME_DIR`, or a folder of the user's in /tmp.
  public init(folder: String? = nil) {
    let runtime = ProcessInfo.processInfo.environment["XDG_RUNTIME_DIR"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    let usual = ["/run/user/\(geteuid())/ovid", "/tmp/ovid-\(geteuid())"]
    self.folder = folder ?? runtime.map { "\($0)/ovid" } ?? usual[1]
    others = folder == nil ? usual : []
  }

  /// The folder is there, and nobody else can read or change what is in it.
  private static func check(_ folder: String) throws(Failure) {
    var found = stat()
    // Not through a link: where that leads, others might decide.
    guard lstat(folder, &found) == 0 else {
      throw Failure(description: "\(folder) cannot be read: \(String(cString: strerror(errno)))")
    }
    guard found.st_mode & S_IFMT == S_IFDIR, found.st_uid == geteuid(), found.st_mode & 0o077 == 0 else {
      throw Failure(
        description: "\(folder) is no folder that only you can read; remove it, or set XDG_RUNTIME_DIR to another one")
    }
  }

  private func path(_ process: Int32) -> String { "\(folder)/\(process).session" }

  /// Tells of a session until `remove`.
  public func add(_ session: RegisteredSession) throws(Failure) {
    mkdir(folder, 0o700)
    try Self.check(folder)
    let temporary = path(session.process) + ".new"
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
    guard descriptor >= 0, let data = try? JSONEncoder().encode(session) else {
      throw Failure(description: "\(temporary) cannot be written: \(String(cString: strerror(errno)))")
    }
    let count = data.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    close(descriptor)
    guard count == data.count, rename(temporary, path(session.process)) == 0 else {
      unlink(temporary)
      throw Failure(description: "\(path(session.process)) cannot be written: \(String(cString: strerror(errno)))")
    }
  }

  /// Forgets the session of a process.
  public func remove(_ process: Int32 = getpid()) { unlink(path(process)) }

  /// Those that run; what others have left behind is removed.
  public func sessions() throws(Failure) -> [RegisteredSession] {
    var result: [RegisteredSession] = []
    for folder in Set([folder] + others) where access(folder, F_OK) == 0 {
      try Self.check(folder)
      Self.read(folder, &result)
    }
    return result.sorted { $0.process < $1.process }
  }

  private static func read(_ folder: String, _ result: inout [RegisteredSession]) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where name.hasSuffix(".session") {
      guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)"),
        let session = try? JSONDecoder().decode(RegisteredSession.self, from: data)
      else { continue }
      if kill(session.process, 0) == 0 || errno == EPERM {
        result.append(session)
      } else {
        unlink("\(folder)/\(name)")
      }
    }
  }

  /// The address of a session: of the only one, of that with a process number or a program's name, or what is an address
  /// already.
  public func address(of word: String?) throws(Failure) -> String {
    if let word, word.contains("://") { return word }
    let all = try sessions()
    let found = all.filter { word == nil || "\($0.process)" == word || $0.program == word }
    if found.count == 1 { return found[0].address }
    let list = (found.isEmpty ? all : found).map { "\($0.process) (\($0.program))" }.joined(separator: ", ")
    if all.isEmpty { throw Failure(description: "no program runs under ovid live; start one, or name its address") }
    throw Failure(
      description: found.isEmpty
        ? "no program \(word ?? "") runs under ovid live; these do: \(list)"
        : "several programs run under ovid live; name one: \(list)")
  }
}
