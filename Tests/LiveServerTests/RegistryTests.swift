import Foundation
import Testing

@testable import LiveServer

@Suite struct RegistryTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ovid-sessions-\(UUID())").path

  private func mode(_ path: String) -> UInt32 {
    var found = stat()
    return lstat(path, &found) == 0 ? found.st_mode & 0o777 : 0
  }

  @Test func sessionsAreFoundByWhoMay() throws {
    let registry = SessionRegistry(folder: folder)
    #expect(throws: SessionRegistry.Failure.self) { try registry.address(of: nil) }
    let own = RegisteredSession(program: "Flow", address: "http://127.0.0.1:1/?token=a")
    try registry.add(own)
    #expect(mode(folder) == 0o700 && mode("\(folder)/\(getpid()).session") == 0o600)
    #expect(try registry.sessions() == [own])
    for word in [nil, "Flow", "\(getpid())"] { #expect(try registry.address(of: word) == own.address) }
    #expect(try registry.address(of: "http://127.0.0.1:2/?token=b") == "http://127.0.0.1:2/?token=b")
    #expect(throws: SessionRegistry.Failure.self) { try registry.address(of: "Other") }
    // Another one that runs: which?
    let other = RegisteredSession(process: getppid(), program: "Flow", address: "http://127.0.0.1:3/?token=c")
    try registry.add(other)
    #expect(throws: SessionRegistry.Failure.self) { try registry.address(of: "Flow") }
    #expect(try registry.address(of: "\(getppid())") == other.address)
    registry.remove()
    registry.remove(getppid())
    #expect(try registry.sessions() == [])
    try FileManager.default.removeItem(atPath: folder)
  }

  /// Nobody else decides which program is attached to.
  @Test func aFolderOfOthersIsNotTrusted() throws {
    mkdir(folder, 0o755)
    chmod(folder, 0o755)
    let registry = SessionRegistry(folder: folder)
    let session = RegisteredSession(program: "Flow", address: "x")
    #expect(throws: SessionRegistry.Failure.self) { try registry.add(session) }
    #expect(throws: SessionRegistry.Failure.self) { try registry.sessions() }
    chmod(folder, 0o700)
    try registry.add(session)
    // Nor through a link.
    symlink(folder, folder + "-link")
    #expect(throws: SessionRegistry.Failure.self) { try SessionRegistry(folder: folder + "-link").sessions() }
    // What somebody has left behind goes.
    try registry.add(RegisteredSession(process: .max, program: "Gone", address: "x"))
    #expect(try registry.sessions() == [session])
    #expect(access("\(folder)/\(Int32.max).session", F_OK) != 0)
    try FileManager.default.removeItem(atPath: folder + "-link")
    try FileManager.default.removeItem(atPath: folder)
  }
}
