import Foundation
import TestThreads
import Testing

@testable import LiveServer

@Suite(.ownThread) struct RecordingTests {
  private func file(_ bytes: [UInt8], _ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("ovid-recording-\(UUID())").path
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }
  private func isRecording(_ text: String) throws -> Bool {
    var result = false
    try file(Array(text.utf8)) { result = Recording.isRecording($0) }
    return result
  }

  @Test func itsContentTellsWhatAFileIs() throws {
    #expect(try isRecording("{\"recording\":1,\"time\":1}\n"))
    // Made before there was a first line; or that line is damaged.
    #expect(try isRecording("{\"event\":1,\"kind\":\"output\",\"time\":1}\n"))
    #expect(try isRecording("{\"recor\u{0}\n{\"event\":2,\"kind\":\"output\",\"time\":1}\n"))
    #expect(try !isRecording(""))
    #expect(try !isRecording("{\"accept\":1,\"author\":\"x\",\"time\":0,\"changes\":[]}\n"))
    #expect(try !isRecording("Hello = ( run = ( 'Hello' println ) )\n"))
    #expect(!Recording.isRecording("/nowhere"))
    #expect(!Recording.isRecording("/tmp"))
  }

  @Test func itIsReadInParts() throws {
    let bytes = (0..<Recording.partSize + 10).map { UInt8(truncatingIfNeeded: $0 / 7) }
    try file(bytes) { path in
      let recording = try Recording(path)
      #expect(recording.endsTorn)
      #expect(recording.response("/recording")?.body.isEmpty == false)
      let parts = [0, 1].compactMap { recording.response("/recording/\($0)")?.body }
      #expect(parts.count == 2 && parts.joined().elementsEqual(bytes))
      for path in ["/recording/2", "/recording/-1", "/recording/x", "/recording/0/0", "/", "/modules/main.js"] {
        #expect(recording.response(path) == nil, "\(path)")
      }
    }
  }

  /// A file that was cut since is answered as far as it goes.
  @Test func aFileThatBecomesShorter() throws {
    try file(Array("{\"recording\":1,\"time\":1}\n".utf8)) { path in
      let recording = try Recording(path)
      #expect(!recording.endsTorn)
      #expect(truncate(path, 5) == 0)
      #expect(recording.response("/recording/0")?.body.count == 5)
    }
  }

  @Test func whatCannotBeReadSaysSo() {
    #expect(throws: Recording.Failure.self) { try Recording("/nowhere/x") }
  }
}
