import Foundation
import Ovid
import Synchronization
import TestThreads
import Testing

@testable import LiveSession

@Suite(.serialized, .ownThread) struct ProgramTests {
  @Test func aProgramEndsAndBeginsAgain() async throws {
    let fixture = try LiveFixture(["Once": "Once = ( run = ( 'hello' println. system exit: 3 ) )"], program: "Once")
    defer { fixture.end() }
    let listener = try await fixture.client()
    _ = try await listener.wait("its end") {
      ($0.text("kind") == "program" && $0.number("program.status") == 3)
        || $0.number("result.snapshot.program.status") == 3
    }
    // The session goes on without it.
    #expect(try await listener.ask("evaluate", #"{"text": "3 + 4"}"#).text("result.text") == "7")
    _ = try await listener.ask("restartProgram")
    _ = try await listener.event("program") { $0.number("program.run") == 2 && $0.number("program.status") == 3 }
    let snapshot = try await listener.ask("snapshot")
    #expect(snapshot.text("result.output.text") == "hello\nhello\n")
  }

  @Test func aProgramThatRunsForEverIsBegunAgain() async throws {
    let fixture = try LiveFixture()
    defer { fixture.end() }
    let listener = try await fixture.client()
    _ = try await listener.ask("restartProgram")
    _ = try await listener.event("program") { $0.number("program.run") == 2 && $0.text("program.state") == "running" }
    _ = try await listener.ask("quitProgram")
    _ = try await listener.event("program") { $0.number("program.run") == 2 && $0.text("program.state") == "ended" }
  }

  @Test func anErrorOfTheProgramStopsIt() async throws {
    let fixture = try LiveFixture(
      ["Failing": "Failing = ( run = ( self zork. 'on' println ) )"], program: "Failing", starts: false)
    defer { fixture.end() }
    let listener = try await fixture.client()
    fixture.session.start()
    let stopped = try await listener.event("stopped")
    #expect(stopped.text("stop.reason") == "unhandledError" && stopped.number("stop.process") == 1)
    #expect(try await listener.ask("evaluate", #"{"text": "3 + 4"}"#).text("result.text") == "7")
    _ = try await listener.ask("resume", #"{"process": 1, "text": "nil"}"#)
    _ = try await listener.event("output") { $0.text("text")?.contains("on") == true }
    _ = try await listener.event("program") { $0.number("program.status") == 0 }
  }

  @Test func breakpointsAndSteps() async throws {
    let text = """
      Steps = (
          run = (
              | a |
              a := 1.
              a := a + 1.
              a println
          )
      )
      """
    let fixture = try LiveFixture(["Steps": text], program: "Steps", starts: false)
    defer { fixture.end() }
    let listener = try await fixture.client()
    let made = try await listener.ask("addBreakpoint", #"{"method": "Steps>>run", "line": 3}"#)
    #expect(made["result.breakpoint.isVerified"] as? Bool == true)
    _ = try await listener.event("breakpoints") { $0.list("breakpoints").count == 1 }
    fixture.session.start()
    let stopped = try await listener.event("stopped")
    #expect(stopped.number("stop.activation.place.line") == 4)
    _ = try await listener.ask("step", #"{"process": 1, "kind": "over"}"#)
    let next = try await listener.event("stopped") { $0.number("stop.activation.place.line") == 5 }
    let id = next.json("stop.activation.id")
    let activation = try await listener.ask("activation", #"{"activation": \#(id)}"#)
    #expect(
      activation.text("result.variables.0.name") == "a" && activation.text("result.variables.0.value.text") == "1")
    #expect(activation.text("result.text.text")?.hasPrefix("run = (") == true)
    let set = try await listener.ask("setVariable", #"{"activation": \#(id), "name": "a", "text": "41"}"#)
    #expect(set.text("result.value.text") == "41")
    let evaluated = try await listener.ask("evaluateIn", #"{"activation": \#(id), "text": "a + 1", "mode": "print"}"#)
    #expect(evaluated.text("result.text") == "42")
    let endless = try await listener.ask(
      "evaluateIn", #"{"activation": \#(id), "text": "[ true ] whileTrue: [ ]", "seconds": 0.3}"#)
    #expect(endless.text("error.code") == "tooSlow" || endless.text("result.kind") == "stopped")
    let number = made.number("result.breakpoint.id")!
    let changed = try await listener.ask("changeBreakpoint", #"{"id": \#(number), "condition": "a = 7"}"#)
    #expect(changed.text("result.breakpoint.breakpoint.condition") == "a = 7")
    #expect(try await listener.ask("removeBreakpoint", #"{"id": \#(number)}"#)["error"] == nil)
    #expect(try await listener.ask("addBreakpoint", "{}").text("error.code") == "badParameters")
    #expect(try await listener.ask("stack", #"{"process": 99}"#).text("error.code") == "noProcess")
  }

  @Test func statisticsAndTheSpeedThatTheProgramCounts() async throws {
    let fixture = try LiveFixture(speed: "Flow current total")
    defer { fixture.end() }
    let listener = try await fixture.client()
    let told = try await listener.event("statistics") { ($0["rates.sends"] as? Double ?? 0) > 0 }
    #expect((told["rates.cpu"] as? Double ?? 0) > 0 && (told["rates.heap"] as? Double ?? 0) > 0)
    #expect(try await listener.ask("statistics")["result.statistics"] != nil)
    #expect(throws: (any Error).self) { try LiveFixture(starts: false, speed: "3 +") }
  }

  @Test func outputIsCutAndCounted() throws {
    var tail = OutputFeed.Tail()
    func add(_ text: String, _ limit: Int) {
      var bytes = Array(text.utf8)
      bytes.withUnsafeMutableBytes { tail.append(UnsafeRawBufferPointer($0), limit: limit) }
    }
    add("0123456789", 8)
    #expect(tail.take(8)! == ("23456789", 2))
    #expect(tail.take(8) == nil)
    for i in 0..<10 { add("\(i)", 4) }
    #expect(tail.take(4)! == ("6789", 6))
    // A character is shown when all of it is there.
    var bytes = Array("aé".utf8)
    let last = bytes.removeLast()
    bytes.withUnsafeBytes { tail.append($0, limit: 8) }
    #expect(tail.take(8)! == ("a", 0))
    [last].withUnsafeBytes { tail.append($0, limit: 8) }
    #expect(tail.take(8)! == ("é", 0))
    // Of one that is cut in the middle nothing is left.
    add("ééé", 3)
    let (text, leftOut) = tail.take(3)!
    #expect(text == "é" && leftOut == 4)
  }

  @Test func aProgramThatPrintsWithoutEndHoldsNobodyUp() async throws {
    let fixture = try LiveFixture(
      ["Loud": "Loud = ( run = ( [ true ] whileTrue: [ 'a line that is printed again and again' println ] ) )"],
      program: "Loud")
    defer { fixture.end() }
    let listener = try await fixture.client()
    let output = try await listener.event("output") { ($0.number("leftOut") ?? 0) > 0 }
    #expect((output.text("text")?.utf8.count ?? .max) <= OutputFeed.limit)
    #expect(try await listener.ask("evaluate", #"{"text": "3 + 4"}"#).text("result.text") == "7")
  }

  @Test func aFrameOfAMillionShapesIsAnErrorInWords() async throws {
    let text = """
      Million = ( run = ( | canvas | canvas := Canvas width: 100 height: 100.
          1 to: 1000000 do: [ :i | canvas circleX: i y: i radius: 1 ]. canvas present ) )
      """
    let fixture = try LiveFixture(["Million": text], program: "Million")
    defer { fixture.end() }
    let listener = try await fixture.client()
    let stop = try await listener.event("stopped")
    #expect(stop.text("stop.message")?.contains("A frame has more than 4 MB of drawing: send present") == true)
    #expect(try await listener.ask("evaluate", #"{"text": "3 + 4"}"#).text("result.text") == "7")
  }

  @Test func draftsAndPresence() async throws {
    let fixture = try LiveFixture(starts: false)
    defer { fixture.end() }
    let anna = try await fixture.client(), ben = try await fixture.client("Ben")
    _ = try await anna.ask(
      "draft", #"{"place": "Flow>>methB", "text": "methB = ( ^9", "basedOn": 1, "note": {"cursor": [1, null, true]}}"#)
    #expect(try await ben.ask("drafts").list("result.drafts").isEmpty)
    anna.client.disconnect()
    let again = LiveListener(fixture.session.connect())
    let hello = try await again.ask("hello", #"{"client": "Anna", "name": "Anna"}"#)
    #expect(hello.text("result.snapshot.drafts.0.text") == "methB = ( ^9")
    #expect(hello.number("result.snapshot.drafts.0.note.cursor.0") == 1)
    _ = try await again.ask("draft", #"{"place": "Flow>>methB", "text": null}"#)
    #expect(try await again.ask("drafts").list("result.drafts").isEmpty)
    for i in 0..<Drafts.countLimit { _ = try await again.ask("draft", #"{"place": "\#(i)", "text": ""}"#) }
    #expect(try await again.ask("draft", #"{"place": "more", "text": ""}"#).text("error.code") == "tooMany")

    _ = try await ben.ask("presence", #"{"looksAt": ["Flow>>methA"], "name": "Benjamin"}"#)
    let told = try await again.event("presence") { event in
      event.list("clients").contains { (($0 as? [String: Any])?["looksAt"] as? [String]) == ["Flow>>methA"] }
    }
    #expect(told.list("clients").contains { ($0 as? [String: Any])?["name"] as? String == "Benjamin" })
    ben.client.disconnect()
    _ = try await again.event("presence") { $0.list("clients").count == 1 && $0.text("clients.0.client") == "Anna" }
  }

  @Test func framesOfTheCanvasTheLatestWins() async throws {
    var queue = FrameQueue()
    queue.add(1, canvas: 1, [1])
    #expect(!queue.isWaiting)
    queue.isWatching = true
    for i in 1...3 { queue.add(UInt32(i), canvas: 1, [UInt8(i)]) }
    #expect(queue.take(at: 0) == [3])
    queue.add(4, canvas: 1, [4])
    #expect(queue.take(at: 0.1) == [4])
    queue.add(5, canvas: 1, [5])
    queue.add(6, canvas: 1, [6])
    #expect(queue.take(at: 0.2) == nil && queue.isWaiting)
    queue.drawn(3)
    #expect(queue.take(at: 0.3) == [6])
    queue.add(7, canvas: 1, [7])
    #expect(queue.take(at: 0.4) == nil)
    // Who never says what it has drawn gets one a second.
    #expect(queue.take(at: 1.4) == [7])
    // Each canvas has its turn.
    queue.drawn(7)
    for (i, canvas) in [1, 2, 1, 2].enumerated() { queue.add(UInt32(8 + i), canvas: UInt32(canvas), [UInt8(8 + i)]) }
    #expect(queue.take(at: 2) == [10] && queue.take(at: 2) == [11] && !queue.isWaiting)
    #expect(FrameQueue.canvas(of: [UInt8](repeating: 0, count: 8) + [5, 1, 0, 0, 9]) == 0x0105)
    #expect(FrameQueue.message(0x0102_0304, [9]) == [1, 1, 0, 0, 4, 3, 2, 1, 9])

    let fixture = try LiveFixture(starts: false)
    defer { fixture.end() }
    let listener = try await fixture.client()
    fixture.session.show([UInt8(1)])
    _ = try await listener.ask("canvas", #"{"isWatched": true}"#)
    fixture.session.show([UInt8(2)])
    for _ in 0..<2000 where listener.frames.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
    #expect(listener.frames == [[1, 1, 0, 0, 1, 0, 0, 0, 2]])
  }

  @Test func everyEventIsRecorded() async throws {
    let fixture = try LiveFixture(starts: false)
    defer { fixture.end() }
    let lines = Mutex<[String]>([])
    fixture.session.log.record { line in lines.withLock { $0.append(line) } }
    fixture.session.log.append("one")
    fixture.session.log.append("two", Fields("a", 1.0 / 0.0))
    let recorded = lines.withLock { $0 }
    #expect(recorded.count == 2 && recorded[1].contains(#""kind":"two""#) && recorded[1].contains(#""a":"infinity""#))
  }
}
