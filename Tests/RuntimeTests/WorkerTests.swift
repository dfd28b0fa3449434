// Machine and worker, each with another side that does what it should not.

import Foundation
import GccBackend
import IR
import Testing

@testable import Runtime

@Suite struct WorkerTests {
  private func folder() throws -> String {
    let path = NSTemporaryDirectory() + "ovid-worker-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }

  /// A generator whose worker is a shell script; the machine is at the script's standard input.
  private func generator(
    _ script: String, deaths: Int = 3, seconds: Double = 20, pause: Double = 1000,
    report: @escaping @Sendable (String) -> Void = { _ in }
  ) throws -> WorkerGenerator {
    WorkerGenerator(
      command: ["/bin/sh", "-c", script], folder: try folder(),
      limits: WorkerGenerator.Limits(seconds: seconds, deaths: deaths, pause: pause), report: report)
  }

  private func failure(_ generator: WorkerGenerator) -> CompileFailure? {
    do {
      var times = PhaseTimes()
      _ = try generator.compile([constantGraph(1)], BackendOptions(outputPath: "/nowhere/1.o"), times: &times)
      return nil
    } catch { return error }
  }

  /// A script that says hello as a worker does; `{"version":12}` has 14 bytes.
  private static let hello = #"printf '\016\000\000\000\000\000\000\000{"version":12}' >&0; "#

  @Test func aWorkerThatCannotBeStartedIsToldOnce() throws {
    let generator = WorkerGenerator(command: ["/nonexistent/ovid"], folder: try folder())
    generator.prepare()
    let found = try #require(failure(generator))
    #expect(found.description.hasPrefix("the compile worker /nonexistent/ovid cannot be started: No such file"))
    #expect(found.extent == .process && generator.figures.started == 0)
  }

  @Test(arguments: [
    ("exit 3", "and at last ended with status 3"),
    ("kill -9 $$", "and at last was ended by signal 9"),
    ("printf 'Segmentation fault (core dumped)' >&0; sleep 60", "and at last answered nonsense"),
    (#"printf '\002\000\000\000\000\000\000\000[]' >&0; sleep 60"#, "and at last answered nonsense"),
  ]) func whatDoesNotSayHelloIsStartedAFewTimes(_ script: String, _ ending: String) throws {
    let generator = try generator(script)
    let found = try #require(failure(generator))
    #expect(found.extent == .moment && found.description.contains(ending), "\(found)")
    #expect(found.description.contains("failed 3 times in a row"))
    #expect(generator.figures.started == 3 && generator.figures.died == 3)
    // For a while nothing is started.
    #expect(failure(generator)?.extent == .moment && generator.figures.started == 3)
  }

  /// Workers may have died because there was no memory for a moment.
  @Test func afterAWhileAnotherOneIsTried() throws {
    let place = try folder() + "/works"
    let reports = Guarded<[String]>([])
    let generator = try generator(
      "test -e \(place) || exit 3; " + Self.hello + "exec sleep 60", deaths: 2, pause: 0.1
    ) { text in reports.update { $0.append(text) } }
    #expect(failure(generator)?.description.contains("tried again in 0 s") == true)
    #expect(generator.figures.started == 2)
    // Each death is told, but the one that is told otherwise.
    #expect(reports.get() == ["the compile worker ended with status 3; another one takes its place"])
    try Data().write(to: URL(fileURLWithPath: place))
    var version = try? generator.compilerVersion()
    let deadline = Date(timeIntervalSinceNow: 60)
    while version == nil && Date() < deadline {
      usleep(10_000)
      version = try? generator.compilerVersion()
    }
    #expect(version == 12 && generator.figures.started == 3)
  }

  @Test func silenceHasALimit() throws {
    let generator = try generator("exec sleep 60", deaths: 2, seconds: 0.3)
    let start = Clock.microseconds()
    #expect(failure(generator)?.extent == .moment)
    #expect(Clock.microseconds() - start < 20_000_000)
  }

  /// Each request costs its units only, until too many have failed in a row.
  @Test func aWorkerThatDiesInACompileCostsItsUnits() throws {
    let generator = try generator(Self.hello + "head -c 8 >/dev/null; exit 7")
    #expect(try generator.compilerVersion() == 12)
    for _ in 1...2 {
      let found = try #require(failure(generator))
      #expect(found.extent == .worker && found.description == "the compile worker ended with status 7")
    }
    #expect(failure(generator)?.extent == .moment)
    #expect(generator.figures.started == 3 && generator.figures.died == 3)
  }

  /// A worker that had nothing to do for some time has ended by itself: that is no death, and another one takes the request.
  @Test func theEndOfAnIdleWorkerIsNoDeath() throws {
    let answer = #"printf '\034\000\000\000\000\000\000\000{"misunderstood":{"_0":"x"}}' >&0"#
    let place = try folder() + "/second"
    let generator = try generator(
      "test -e \(place) && { \(Self.hello) head -c 8 >/dev/null; \(answer); exec sleep 60; }; touch \(place); "
        + Self.hello + "exit 75")
    #expect(try generator.compilerVersion() == 12)
    #expect(failure(generator)?.description == "the compile worker did not understand: x")
    #expect(generator.figures.started == 2 && generator.figures.died == 0)
  }

  /// One that says so each time as soon as it is asked for something is not believed.
  @Test func aWorkerThatAlwaysEndsByItselfHasDied() throws {
    let generator = try generator(Self.hello + "head -c 8 >/dev/null; exit 75", deaths: 2)
    #expect(failure(generator)?.extent == .worker)
    #expect(generator.figures.started == 2 && generator.figures.died == 1)
    #expect(failure(generator)?.extent == .moment)
  }

  @Test func endingInterruptsACompile() throws {
    let place = try folder() + "/compiles"
    let generator = try generator(Self.hello + "head -c 8 >/dev/null; touch \(place); exec sleep 60")
    _ = try generator.compilerVersion()
    let start = Clock.microseconds()
    Foundation.Thread.detachNewThread {
      while access(place, F_OK) != 0 && Clock.microseconds() - start < 20_000_000 { usleep(1000) }
      generator.end()
    }
    #expect(failure(generator)?.description == "the machine has ended")
    #expect(failure(generator)?.description == "the machine has ended")
    #expect(Clock.microseconds() - start < 20_000_000 && generator.figures.started == 1)
    #expect(generator.figures.died == 0)
  }

  // MARK: The worker's side

  /// A worker on a thread of this process, and our end of its socket.
  private func serve(_ body: (MessageChannel) throws -> Void) throws -> Int32 {
    var ends: [Int32] = [-1, -1]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    let (ours, theirs) = (ends[0], ends[1])
    let status = Guarded<Int32>(-1)
    let done = DispatchSemaphore(value: 0)
    Foundation.Thread.detachNewThread {
      status.set(CompileWorker.serve(MessageChannel(descriptor: theirs), fault: nil))
      done.signal()
    }
    let result = Result { try body(MessageChannel(descriptor: ours)) }
    close(ours)
    done.wait()
    close(theirs)
    try result.get()
    return status.get()
  }

  @Test func theWorkerSurvivesWhatItDoesNotUnderstand() throws {
    let status = try serve { channel in
      #expect(try channel.receive(WorkerHello.self).problem == GccBackend.unavailability)
      for bytes in [Array("nonsense".utf8), Array("{}".utf8), []] {
        try channel.send(bytes: bytes)
        guard case .misunderstood = try channel.receive(WorkerAnswer.self) else {
          Issue.record("\(bytes) was taken for a request")
          return
        }
      }
      let options = BackendOptions(outputPath: try folder() + "/1.o")
      try channel.send(WorkerRequest(options: options, graphs: ["graph \"x\" zork"]))
      guard case .failed(.invalidGraph) = try channel.receive(WorkerAnswer.self) else {
        Issue.record("what is no graph was compiled")
        return
      }
    }
    #expect(status == 0)
  }

  @Test func aLengthThatCannotBeEndsTheWorker() throws {
    let status = try serve { channel in
      _ = try channel.receive(WorkerHello.self)
      let length = [UInt8](repeating: 0xFF, count: 8)
      #expect(Foundation.send(channel.descriptor, length, 8, Int32(MSG_NOSIGNAL)) == 8)
    }
    #expect(status == 1)
  }

  @Test(.enabled(if: GccBackend.unavailability == nil)) func theWorkerMakesTheSameCode() throws {
    let graphs = [constantGraph(1), constantGraph(2)]
    let here = BackendOptions(outputPath: try folder() + "/1.o")
    let there = BackendOptions(outputPath: try folder() + "/1.o")
    let expected = try GccBackend.compile(graphs, options: here)
    let status = try serve { channel in
      _ = try channel.receive(WorkerHello.self)
      try channel.send(WorkerRequest(options: there, graphs: graphs.map(\.text)))
      guard case .compiled(let metadata, let times) = try channel.receive(WorkerAnswer.self) else {
        Issue.record("not compiled")
        return
      }
      #expect(metadata == expected)
      #expect(times.phases.map(\.name) == ["lowering", "GCC", "assembler"])
    }
    #expect(status == 0)
    #expect(FileManager.default.contentsEqual(atPath: here.outputPath, andPath: there.outputPath))
  }

  @Test func metadataAreTheSameAfterTheJourney() throws {
    let locations: [Location] = [
      .tagged(-1), .int(3), .float(4), .bool(5), .immediate(.max), .doubleConstant(1 << 63), .table(2), .processMark,
      .virtual(0),
    ]
    let frame = FrameDescription(
      method: 7, pc: 12, originPC: 11,
      registers: locations.enumerated().map { FrameDescription.Register(register: $0.offset, location: $0.element) })
    let empty = FrameDescription(method: 1, pc: 0, originPC: 0, registers: [])
    let metadata = CodeMetadata(
      symbol: "f", tableSymbol: "t", tableCount: 2, frameSize: 9,
      safepoints: [
        Safepoint(
          frames: [frame, empty], virtuals: [VirtualDescription(classWord: .max, fields: locations)],
          liveSlots: [3, 4], reason: 1)
      ])
    let data = try JSONEncoder().encode([metadata])
    #expect(try JSONDecoder().decode([CodeMetadata].self, from: data) == [metadata])
    let broken = String(decoding: data, as: UTF8.self).replacingOccurrences(of: "[7,12,11,", with: "[7,12,11,99,")
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([CodeMetadata].self, from: Data(broken.utf8))
    }
  }
}
