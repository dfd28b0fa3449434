import Foundation
import Testing

@testable import Runtime

@Suite struct ChangeLogTests {
  private func temporaryPath() -> String { NSTemporaryDirectory() + "ovid-log-\(UUID().uuidString)" }

  @Test func entriesComeBackInOrder() throws {
    let path = temporaryPath()
    defer { unlink(path) }
    let log = try ChangeLog(path: path)
    for i in 1...3 {
      try log.append(
        ChangeLog.Entry(accept: i, author: "me", time: 0, changes: [.method("Foo", "bar = ( ^\(i) )\n\"é\"")]))
    }
    try log.flush()
    let entries = try ChangeLog.read(path).entries
    #expect(entries.map(\.accept) == [1, 2, 3])
    #expect(entries[1].changes == [.method("Foo", "bar = ( ^2 )\n\"é\"")])
  }

  @Test func anUnfinishedLineCostsOnlyItself() throws {
    let path = temporaryPath()
    defer { unlink(path) }
    let entry = ChangeLog.Entry(accept: 1, author: "", time: 0, changes: [])
    try ChangeLog(path: path).append(entry)
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.seekToEnd()
    handle.write(Data("{\"accept\": 2, \"cha".utf8))
    try handle.close()
    #expect(try ChangeLog.read(path).endsTorn)
    // Opened again, it ends with the last whole entry.
    let log = try ChangeLog(path: path)
    #expect(try !ChangeLog.read(path).endsTorn)
    try log.append(ChangeLog.Entry(accept: 3, author: "", time: 0, changes: []))
    #expect(try ChangeLog.read(path).entries.map(\.accept) == [1, 3])
    // One that lacks nothing but the end of its line is whole.
    let size = try #require(FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
    #expect(truncate(path, off_t(size - 1)) == 0)
    try ChangeLog(path: path).append(ChangeLog.Entry(accept: 4, author: "", time: 0, changes: []))
    #expect(try ChangeLog.read(path).entries.map(\.accept) == [1, 3, 4])
  }

  @Test func aLongUnfinishedLineIsCutOffWhole() throws {
    let path = temporaryPath()
    defer { unlink(path) }
    let long = String(repeating: "x", count: 300_000)
    for i in 1...2 {
      try ChangeLog(path: path).append(ChangeLog.Entry(accept: i, author: long, time: 0, changes: []))
    }
    let size = try #require(FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
    #expect(truncate(path, off_t(size - 10)) == 0)
    _ = try ChangeLog(path: path)
    #expect(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int == size / 2)
    #expect(try ChangeLog.read(path).entries.map(\.accept) == [1])
  }

  @Test func whatIsNoLogIsRefusedAndLeftAlone() throws {
    let path = temporaryPath()
    defer { unlink(path) }
    for text in ["Foo = ( )\n", "Foo = ( )", "{\"accept\":1}\nFoo = ( )\n"] {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      #expect(throws: ChangeLogError.self) { try ChangeLog.read(path) }
      if !text.hasPrefix("{") { #expect(throws: ChangeLogError.self) { try ChangeLog(path: path) } }
      #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }
    let entry = #"{"accept":1,"author":"","changes":[],"time":0}"#
    try "\(entry)\nnonsense\n\(entry)\n".write(toFile: path, atomically: true, encoding: .utf8)
    #expect { try ChangeLog.read(path) } throws: { "\($0)".contains("line 2: not an entry") }
  }

  @Test func aFolderAPipeAndADeviceAreNoLogs() throws {
    let pipe = temporaryPath()
    #expect(mkfifo(pipe, 0o600) == 0)
    defer { unlink(pipe) }
    for path in ["/", pipe, "/dev/null"] {
      #expect(throws: ChangeLogError.self) { try ChangeLog(path: path) }
      #expect(throws: ChangeLogError.self) { try ChangeLog.read(path) }
    }
  }

  @Test func aLogThatWasDeletedIsNotWrittenToInSilence() throws {
    let path = temporaryPath()
    let log = try ChangeLog(path: path)
    let entry = ChangeLog.Entry(accept: 1, author: "", time: 0, changes: [])
    try log.append(entry)
    unlink(path)
    for _ in 1...2 {
      #expect { try log.append(entry) } throws: { "\($0)".contains("was deleted; accepts are not logged any more") }
      #expect(throws: ChangeLogError.self) { try log.flush() }
    }
  }
}
