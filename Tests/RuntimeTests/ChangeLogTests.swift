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
    let entries = try ChangeLog.read(path)
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
    try ChangeLog(path: path).append(ChangeLog.Entry(accept: 3, author: "", time: 0, changes: []))
    #expect(try ChangeLog.read(path).map(\.accept) == [1, 3])
  }

  @Test func aFolderIsNoLog() {
    #expect(throws: ChangeLogError.self) { try ChangeLog(path: "/") }
  }
}
