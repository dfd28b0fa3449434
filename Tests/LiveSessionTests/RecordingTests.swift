import Foundation
import Ovid
import Synchronization
import TestThreads
import Testing

@testable import LiveSession

@Suite(.ownThread) struct RecordingTests {
  private static func path() -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent("ovid-recording-\(UUID()).jsonl").path
  }
  /// The lines of a file.
  private static func lines(_ path: String) throws -> [Reply] {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { line in
      Reply(value: try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:])
    }
  }

  /// Beginning, texts, an accept with what belongs to it, a draft, a picture, the end.
  @Test func aSessionIsRecorded() async throws {
    let path = Self.path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let fixture = try LiveFixture(starts: false)
    try fixture.session.record(to: RecordingFile(path))
    let anna = try await fixture.client()
    _ = try await anna.ask("draft", #"{"place": "Flow>>methB", "text": "methB = ( ^2", "basedOn": 1}"#)
    _ = try await anna.ask("draft", #"{"place": "Flow>>methB"}"#)
    _ = try await anna.ask(
      "accept", #"{"changes": [{"kind": "method", "className": "Flow", "text": "methB = ( ^2 )"}]}"#)
    _ = try await anna.event("accepted")
    fixture.session.show(frame(canvas: 1, 40))
    for _ in 0..<2 { _ = try await anna.ask("senders", #"{"selector": "methB", "limit": 5}"#) }
    _ = try await anna.ask("lens", #"{"method": "Flow>>methB"}"#)
    _ = try await anna.ask("evaluate", #"{"text": "3 + 4"}"#)
    fixture.end()

    let lines = try Self.lines(path)
    #expect(lines.first?.number("recording") == 1)
    #expect(lines.last?["ended"] as? Bool == true)
    #expect(lines.allSatisfy { $0["time"] is Double })
    let first = try #require(lines.first { $0["snapshot"] != nil })
    #expect(first.text("snapshot.program.className") == "Flow")
    #expect(first.list("snapshot.sources").count == 1)
    #expect(first.text("snapshot.sources.0.text")?.contains("methA") == true)
    #expect(
      first.list("snapshot.sources.0.texts").contains { ($0 as? [String: Any])?["selector"] as? String == "methB" })
    // The library, once.
    let library = lines.filter { $0["snapshot"] == nil && $0["accept"] == nil && !$0.list("sources").isEmpty }
    #expect(library.count == 1)
    let names = library.first?.list("sources").compactMap {
      Reply(value: $0 as? [String: Any] ?? [:]).text("class.name")
    }
    #expect(names?.contains("Object") == true && names?.contains("Flow") == false)
    // What was asked, if its answer is another one than that of the last time.
    let answers = lines.filter { $0["answer"] != nil }
    #expect(answers.map { $0.text("answer.request") } == ["senders", "lens"])
    #expect(answers.first?.text("answer.parameters.selector") == "methB")
    #expect(answers.first?.text("answer.result.places.0.method.selector") == "methA")
    let events = lines.compactMap { $0.number("event") != nil && $0["snapshot"] == nil ? $0.number("event") : nil }
    #expect(events == Array(1...events.count))
    let change = try #require(lines.first { $0["accept"] != nil })
    #expect(change.number("accept") == 1)
    #expect(change.text("sources.0.text")?.contains("^2") == true)
    #expect(change.text("entry.methods.0.before.text")?.contains("^1") == true)
    let drafts = lines.filter { $0["draft"] != nil }
    #expect(drafts.map { $0.text("draft.text") } == ["methB = ( ^2", nil])
    #expect(drafts.first?.text("draft.name") == "Anna")
    let picture = try #require(lines.first { $0["frame"] != nil }?.text("frame"))
    #expect(Data(base64Encoded: picture).map(Array.init) == frame(canvas: 1, 40))
  }

  /// Bytes that begin as those of a frame do.
  private func frame(canvas: UInt8, _ count: Int) -> [UInt8] {
    [1, 0, 64, 0, 48, 0, 0, 0, canvas, 0, 0, 0, 1, 0, 0, 0] + Array(repeating: 2, count: count)
  }

  @Test func picturesAreRecordedTwentyTimesASecond() {
    var budget = PictureBudget()
    let taken = (0..<600).filter { budget.takes(100, 1, at: Double($0) / 60) }.count
    #expect((190...220).contains(taken))
    // Another canvas has a turn of its own.
    let isTaken = budget.takes(100, 2, at: 9.99)
    #expect(isTaken)
  }

  @Test func largePicturesAreRecordedLessOften() {
    var budget = PictureBudget()
    let size = 50_000
    let taken = (0..<6000).filter { budget.takes(size, 1, at: Double($0) / 60) }.count
    #expect(taken * size <= Int(PictureBudget.bytesPerSecond) * 100 + PictureBudget.byteLimit)
    #expect(taken > 150)
    var other = PictureBudget()
    let isTaken = other.takes(PictureBudget.byteLimit + 1, 1, at: 0)
    #expect(!isTaken)
  }

  @Test func ofEndlessOutputSomeIsRecordedAndTheRestCounted() throws {
    let log = EventLog()
    let recorded = Mutex<[String]>([])
    log.record { event in recorded.withLock { $0.append(event) } }
    let output = OutputFeed()
    let block = [UInt8](repeating: UInt8(ascii: "x"), count: 60_000)
    for _ in 0..<100 {
      block.withUnsafeBytes { output.sinks.out($0) }
      output.tell(log)
    }
    let events = try recorded.withLock { $0 }.compactMap {
      (try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]).map(Reply.init)
    }
    #expect(events.map { $0.number("event") } == Array(1...100))
    let printed = events.map { $0.text("text")?.utf8.count ?? 0 }.reduce(0, +)
    let leftOut = events.map { $0.number("leftOut") ?? 0 }.reduce(0, +)
    #expect(printed + leftOut == 6_000_000)
    #expect(printed > 900_000 && printed < 3_000_000)
    // Clients get all of it.
    guard case .event(let last) = log.next(after: 99) else { throw RecordingFile.Failure(description: "it is gone") }
    #expect(last.utf8.count > 60_000)
  }

  @Test func whatCannotBeWrittenSaysSo() throws {
    #expect(throws: RecordingFile.Failure.self) { try RecordingFile("/nowhere/x.jsonl") }
    // A disk that is full.
    guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
    let words = Mutex<[String]>([])
    let file = try RecordingFile("/dev/full") { sentence in words.withLock { $0.append(sentence) } }
    file.write("{}")
    file.write("{}")
    file.finish()
    #expect(words.withLock { $0 }.count == 1)
    #expect(words.withLock { $0 }.first?.hasPrefix("/dev/full cannot be written any more: ") == true)
  }
}
