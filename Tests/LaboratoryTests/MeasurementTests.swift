import Foundation
import Ovid
import Testing

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
}
