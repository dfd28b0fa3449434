import Foundation
import Ovid
import Testing

@testable import CommandLine
@testable import Laboratory

@Suite struct MeasurementTests {
  @Test func timesOfOursAndOfPeers() {
    let output = "Sort: 1234us\nnoise\nfib: 99 us (832040)\nSort: x\nSort: 7us\nLoop: 5 ms\n"
    #expect(Measurement.iterations(in: output) == [1234, 99, 7])
    #expect(Measurement.iterations(in: output, only: "Sort") == [1234, 7])
  }

  @Test func statisticsOfRuns() {
    let m = Measurement(runs: [[100, 50, 10, 20], [200, 60, 30, 40]])
    #expect(m.steady == [10, 20, 30, 40])
    #expect(m.median == 25)
    #expect(m.warmUp == [150, 55, 20, 30])
    #expect(Measurement.quantile([1, 2, 3], 1) == 3)
    #expect(abs(Measurement.geometricMean([1, 4]) - 2) < 1e-12)
  }

  @Test func figuresKnowTheirDirection() {
    let most = Figure(name: "a", measured: 2, limit: 1, isUpperLimit: true, unit: "", detail: "")
    let least = Figure(name: "a", measured: 2, limit: 1, isUpperLimit: false, unit: "", detail: "")
    let none = Figure(name: "a", measured: nil, limit: 1, isUpperLimit: true, unit: "", detail: "")
    #expect(most.isMet == false && least.isMet == true && none.isMet == nil)
    #expect(most.line.contains("MISSED") && none.line.contains("not measured"))
  }

  /// What others do with the processor meanwhile is not the program's.
  @Test func speedIsAlsoMeasuredInTheThreadsOwnTime() throws {
    func receive(_ line: String) { Array((line + "\n").utf8).withUnsafeBytes { monitor.receive($0) } }
    let monitor = LiveEditMonitor()
    let start = ContinuousClock.now
    receive("@ 1000 1000 1")
    let busy = clock() + CLOCKS_PER_SEC / 100
    while clock() < busy {}
    usleep(300_000)
    receive("@ 2000 401000 1")
    let sample = try #require(monitor.look { $0.samples.last })
    #expect(sample.rate == 2500)
    #expect(try #require(sample.processorRate) > 8000)
    #expect(try #require(monitor.look { $0.processorShare(since: start) }) < 0.5)
  }

  @Test func childrenAreMeasured() throws {
    let echo = try ChildProcess.run("/bin/sh", ["-c", "echo out; echo err >&2; exit 3"])
    #expect(echo.output == "out\n" && echo.errors == "err\n" && echo.status == 3)
    #expect(echo.wallMilliseconds > 0)
    let killed = try ChildProcess.run("/bin/sh", ["-c", "kill -SEGV $$"])
    #expect(killed.status == nil && killed.signal == 11 && !killed.isSuccess)
    let slow = try ChildProcess.run("/bin/sleep", ["20"], timeout: 0.2)
    #expect(slow.hasTimedOut && slow.wallMilliseconds < 10_000)
    #expect(throws: (any Error).self) { try ChildProcess.run("/no/such/program", []) }
  }

  @Test func speedLinesOfTheDemo() {
    #expect(SpeedSample.parse("@ 10 20 3")! == (10, 20, 3))
    #expect(SpeedSample.parse("@ 10 20") == nil)
    #expect(SpeedSample.parse("methA starts 1") == nil)
  }

  @Test func panesFillTheScreenExactly() {
    for (rows, columns) in [(24, 80), (12, 40), (16, 50), (50, 200), (1, 1)] {
      let layout = PaneLayout(rows: rows, columns: columns, usesColours: false)
      let sample = SpeedSample(sends: 1, microseconds: 1, value: 1, rate: 5e8, arrival: .now)
      let picture = layout.draw(
        methA: "methA = (\n  [ self x ] whileTrue: [ self methB ]\n)",
        methB: String(repeating: "long ", count: 100),
        samples: [sample, sample], lines: ["one"],
        story: [.init(text: "title", isTitle: true), .init(text: "detail", isTitle: false)])
      #expect(picture.count == rows)
      #expect(picture.allSatisfy { $0.count == columns })
    }
  }

  /// Whatever the size, the step that is told now is there, in full if it fits.
  @Test func panesCutNothingOffTheStory() {
    let detail = (1...40).map { "word\($0)" }.joined(separator: " ")
    for (rows, columns) in [(24, 80), (20, 60), (50, 200)] {
      let layout = PaneLayout(rows: rows, columns: columns, usesColours: false)
      let story = (0..<30).map { PaneLayout.StoryLine(text: "earlier \($0)", isTitle: $0 % 3 == 0) }
      let now = [PaneLayout.StoryLine(text: "now", isTitle: true), .init(text: detail, isTitle: false)]
      let text = layout.draw(methA: "a", methB: "b", samples: [], lines: [], story: story + now)
        .joined(separator: " ").split { " │".contains($0) }
      #expect((1...40).allSatisfy { text.contains("word\($0)") } && text.contains("now"))
    }
    #expect(PaneLayout.wrap("one two three four", 9) == ["one two", "three", "four"])
    #expect(PaneLayout.wrap("abcdefghijklmnopqr", 8) == ["abcdefgh", "ijklmnop", "qr"])
  }

  @Test func theLineOfTheDemo() {
    var field = LineField()
    #expect(field.take("^3x\u{7F}\r".utf8) == [.entered("^3")])
    #expect(field.take("ab\u{1B}[D\u{1B}[Dé\r".utf8) == [.entered("éab")])
    #expect(field.take("\u{1B}[A\u{1B}[A\r".utf8) == [.entered("^3")])
    #expect(field.take("one two\u{17}2\u{01}>\r".utf8) == [.entered(">one 2")])
    #expect(field.take("x\u{04}".utf8).isEmpty && field.take("\u{15}\u{04}".utf8) == [.end])
    #expect(field.take("abc\u{03}".utf8) == [.end])
    var long = LineField()
    _ = long.take(String(repeating: "x", count: 30).utf8)
    #expect(long.window(10).text.count == 9 && long.window(10).cursor == 9)
  }

  @Test func methodNames() {
    #expect(MethodKey("Foo>>bar:")?.description == "Foo>>bar:")
    #expect(MethodKey("Foo class>>new")?.isClassSide == true)
    #expect(MethodKey("Foo") == nil && MethodKey(">>x") == nil && MethodKey("Foo>>") == nil)
  }
}
