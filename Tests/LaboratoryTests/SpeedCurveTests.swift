// Speed over time, from the start of a process to its peak.

import Testing

@testable import Laboratory

@Suite struct SpeedCurveTests {
  /// Its peak is 100 µs, and 1000 µs passed before the first iteration.
  private func process(_ times: [Double], outside: Double? = 1000) -> ProcessSample {
    ProcessSample(times: times + Array(repeating: 100, count: times.count + 1), outsideMicroseconds: outside)
  }

  @Test func momentsAreCountedFromTheStartOfTheProcess() {
    let curve = SpeedCurve(process([400, 200, 125, 110]))
    #expect(
      curve.points.prefix(2) == [.init(start: 1000, end: 1400, speed: 0.25), .init(start: 1400, end: 1600, speed: 0.5)])
    #expect(curve.time(until: 0.5) == 1400)
    #expect(curve.time(until: 0.8) == 1600)
    #expect(curve.time(until: 0.95) == 1835)
    #expect(curve.time(until: 1.5) == nil)
  }

  @Test func whatIsFastFromTheStartHasStartedOnly() {
    #expect(SpeedCurve(process([100])).time(until: 0.95) == 1000)
  }

  @Test func oneFastIterationAloneDoesNotCount() {
    // The second one is fast, those after it are not.
    #expect(SpeedCurve(process([400, 100, 400, 400, 100])).time(until: 0.95) == 2300)
    // One slow iteration among fast ones: that is noise.
    #expect(SpeedCurve(process([400, 100, 400, 100, 100])).time(until: 0.95) == 1400)
  }

  @Test func withoutTheTimeOutsideThereIsNoCurve() {
    let unknown = process([400], outside: nil)
    #expect(SpeedCurve(unknown).points.isEmpty && SpeedCurve(unknown).time(until: 0.5) == nil)
    #expect(Quantity.until50.values(unknown) == [])
    #expect(Quantity.until80.values(process([400])) == [1400])
  }

  @Test func theMedianOfProcesses() {
    let curves = [process([400]), process([200]), process([400])].map(SpeedCurve.init)
    #expect(SpeedCurve.speed(of: curves, at: 999) == nil)
    #expect(SpeedCurve.speed(of: curves, at: 1000) == 0.25)
    // Only one of them is at its peak yet.
    #expect(SpeedCurve.speed(of: curves, at: 1300) == 0.25)
    #expect(SpeedCurve.speed(of: curves, at: 5000) == 1)
    #expect(SpeedCurve.speed(of: [], at: 0) == nil)
  }

  @Test func ovidOnAnotherLibraryIsComparedWithEverybody() {
    var report = SuiteReport(
      machine: "m", iterations: 4, runs: 2,
      implementations: [
        .init(name: "ovid", version: "1"), .init(name: "node", version: "1"),
        .init(name: "ovid-library", version: "1", isOvid: true),
      ])
    let times = ["ovid": 100.0, "node": 200, "ovid-library": 150]
    report.rows = [
      SuiteReport.Row(
        benchmark: "Sieve", innerIterations: 3000,
        results: report.implementations.map { described in
          let process = ProcessSample(times: Array(repeating: times[described.name] ?? 0, count: 4))
          return SuiteReport.Result(implementation: described.name, processes: [process, process])
        })
    ]
    report = report.summarized()
    let table = report.table(.peak)
    #expect(table.columns.suffix(3) == ["ovid/node", "ovid/ovid-library", "ovid-library/node"])
    #expect(table.rows.first?.suffix(3) == ["0.50", "0.67", "0.75"])
    #expect(report.mean(.peak, of: "ovid-library", to: "node")?.ratio == 0.75)
    #expect(report.text.contains("Peak, ovid-library to node: 0.75"))
  }

  @Test func busyProcessesEnd() throws {
    let busy = try BusyProcesses(2)
    #expect(busy.count == 2)
    busy.end()
    #expect(busy.count == 0)
  }
}
