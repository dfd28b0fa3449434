// `ovid bench --awfy`: what is read from the suite's harness, what is refused, what is compared, and how it is shown.
// Processes are fakes; nothing here depends on time.

import Foundation
import Ovid
import Testing

@testable import SourceTools
@testable import Laboratory

/// What a process of the suite's harness prints.
private func harness(
  _ name: String, _ times: [Int], status: Int32 = 0, errors: String = ""
) -> ChildProcess.Outcome {
  let lines = times.map { "\(name): iterations=1 runtime: \($0)us\n" }.joined()
  let sum = times.reduce(0, +)
  return ChildProcess.Outcome(
    output: "Starting \(name) benchmark ...\n\(lines)"
      + "\(name): iterations=\(times.count) average: 1us total: \(sum)us\n\n\nTotal Runtime: \(sum)us\n",
    errors: errors, status: status, signal: nil, wallMilliseconds: 1, peakKilobytes: 50_000)
}

private func implementation(_ name: String) -> Implementation {
  Implementation(name: name, version: "1", executable: "/nowhere/\(name)", words: [])
}

/// A report of one benchmark, from fakes: the times of each process of each implementation.
private func report(
  _ processes: [(String, [[Int]])], benchmark: String = "Sieve", inner: Int = 3000
) -> SuiteReport {
  var report = SuiteReport(
    machine: "a <machine>", iterations: 4, runs: 2,
    implementations: processes.map { .init(name: $0.0, version: "1") })
  report.rows = [
    SuiteReport.Row(
      benchmark: benchmark, innerIterations: inner,
      results: processes.map { name, runs in
        SuiteReport.Result(
          implementation: name,
          processes: runs.map { ProcessSample(times: $0.map(Double.init), peakKilobytes: 2048) })
      })
  ]
  return report.summarized()
}

private func temporaryFile(_ text: String) throws -> String {
  let path = "\(NSTemporaryDirectory())ovid-suite-\(UUID().uuidString)"
  try text.write(toFile: path, atomically: true, encoding: .utf8)
  return path
}

@Suite struct CollectorTableTests {
  @Test func pausesAreMediansOfTheProcesses() {
    var report = report([("ovid", [[1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4]])])
    #expect(!report.tables.contains { $0.title == "Ovid's collector" })
    for (i, longest) in [9000, 1000, 4000].enumerated() {
      var statistics = Statistics()
      statistics.collections = 20
      statistics.fullCollections = 2
      statistics.collectingMicroseconds = 30_000
      statistics.longestPauseMicroseconds = longest
      report.rows[0].results[0].processes[i].collector = CollectorFigures(statistics)
    }
    let table = report.tables.first { $0.title == "Ovid's collector" }
    #expect(table?.rows == [["Sieve", "20.0", "2.00", "30.0", "1.50", "4.00"]])
  }
}

@Suite struct HarnessOutputTests {
  @Test func readsTheIterationsOnly() throws {
    #expect(try HarnessOutput.times(harness("Sieve", [30, 10, 20]), of: "Sieve", iterations: 3) == [30, 10, 20])
    // One iteration alone: the line of the sum is still another one.
    #expect(try HarnessOutput.times(harness("Sieve", [30]), of: "Sieve", iterations: 1) == [30])
    #expect(
      HarnessOutput.times(in: "CD: iterations=1 runtime: 12.5us\r\nCD: iterations=1 runtime: x us", of: "CD") == [12.5])
  }

  @Test(arguments: [
    "Benchmark failed with incorrect result", "ERROR: Benchmark failed with incorrect result",
    "No verification result for 7 found",
  ])
  func refusesWrongResults(_ line: String) {
    // Whatever the status, and on whichever stream.
    for status in [Int32(0), 1] {
      #expect(throws: Refusal.wrongResult(line)) {
        try HarnessOutput.times(harness("CD", [1], status: status, errors: line + "\n"), of: "CD", iterations: 1)
      }
    }
  }

  @Test func refusesFailures() {
    #expect(throws: Refusal.failed(ending: "ended with status 3", said: "out of paper")) {
      try HarnessOutput.times(harness("CD", [1], status: 3, errors: "out of paper\n"), of: "CD", iterations: 1)
    }
    #expect(throws: Refusal.incomplete(found: 1, expected: 2)) {
      try HarnessOutput.times(harness("CD", [1]), of: "CD", iterations: 2)
    }
    var killed = harness("CD", [1])
    (killed.status, killed.signal) = (nil, 11)
    #expect(throws: Refusal.self) { try HarnessOutput.times(killed, of: "CD", iterations: 1) }
    var slow = harness("CD", [1])
    slow.hasTimedOut = true
    #expect(throws: Refusal.self) { try HarnessOutput.times(slow, of: "CD", iterations: 1) }
  }
}

@Suite struct SuiteRunnerTests {
  @Test func takesTurns() {
    var order = ""
    let runner = SuiteRunner(
      implementations: [implementation("a"), implementation("b")], iterations: 2, runs: 3,
      start: { implementation, words in
        order += implementation.name
        #expect(words == ["Sieve", "2", "3000"])
        return harness("Sieve", [2, 1])
      })
    let row = runner.measure(SuiteBenchmark(name: "Sieve", innerIterations: 3000))
    #expect(order == "abbaab")
    #expect(row.results.map(\.processes.count) == [3, 3])
    #expect(row["a"]?.processes.first?.peakKilobytes == 50_000)
  }

  @Test func aRefusedImplementationIsNotComparedAndNotStartedAgain() {
    var starts = 0
    let runner = SuiteRunner(
      implementations: [implementation("ovid"), implementation("node")], iterations: 2, runs: 3,
      start: { implementation, _ in
        if implementation.name == "node" { return harness("Sieve", [2, 1]) }
        starts += 1
        return starts == 1
          ? harness("Sieve", [1, 1]) : harness("Sieve", [1], status: 1, errors: "incorrect result")
      })
    var result = report([("ovid", []), ("node", [])])
    result.rows = [runner.measure(SuiteBenchmark(name: "Sieve", innerIterations: 3000))]
    result = result.summarized()
    #expect(starts == 2)
    #expect(result.hasRefusals && result.means.isEmpty)
    #expect(result.refusals == ["Sieve on ovid: wrong result: incorrect result"])
    #expect(result.table(.peak).rows.first == ["Sieve (3000)", "refused", "0.00 ±0.00 %", "–"])
    #expect(result.markdown.contains("- Sieve on ovid: wrong result"))
  }

  @Test func aProcessThatCannotStartIsARefusal() {
    let runner = SuiteRunner(implementations: [implementation("ovid")], iterations: 1, runs: 1)
    let row = runner.measure(SuiteBenchmark(name: "Sieve", innerIterations: 1))
    #expect(row.results.first?.refusal?.contains("cannot start") == true)
  }
}

@Suite struct BootstrapTests {
  @Test func quantitiesOfAProcess() {
    let process = ProcessSample(times: (1...12).map { Double($0) }, peakKilobytes: nil)
    #expect(Quantity.peak.values(process) == [7, 8, 9, 10, 11, 12])
    #expect(Quantity.firstIteration.values(process) == [1])
    #expect(Quantity.firstTen.values(process) == [55])
    #expect(Quantity.memory.values(process) == [])
    #expect(Quantity.firstTen.values(ProcessSample(times: [1, 2])) == [])
  }

  @Test func intervalsContainTheRatioAndRepeat() throws {
    let a = Sample(processes: [[10, 11, 12], [12, 13, 14], [9, 10, 11]])
    let b = Sample(processes: [[5, 5, 5], [6, 6, 6], [5, 6, 5]])
    let ratio = try #require(RatioSample(a, b))
    let mean = try #require(ConfidentMean([ratio]))
    let bounds = try #require(mean.bounds)
    #expect(abs(mean.ratio - 11.0 / 5) < 1e-12)
    #expect(bounds.low < mean.ratio && mean.ratio < bounds.high)
    #expect(bounds.low > 1 && bounds.high < 3)
    #expect(ConfidentMean([ratio]) == mean)
    #expect(ConfidentMean([ratio], seed: 2)?.ratio == mean.ratio)
  }

  @Test func certainValuesHaveNoWidth() throws {
    let two = try #require(RatioSample(Sample(processes: [[2], [2]]), Sample(processes: [[1], [1]])))
    let eight = try #require(RatioSample(Sample(processes: [[8], [8]]), Sample(processes: [[1], [1]])))
    let mean = try #require(ConfidentMean([two, eight]))
    #expect(abs(mean.ratio - 4) < 1e-12 && mean.count == 2)
    #expect(mean.interval == "4.00–4.00")
  }

  @Test func nothingIsSaidWithoutMeasurements() throws {
    let one = Sample(processes: [[1]])
    #expect(RatioSample(one, Sample(processes: [])) == nil)
    #expect(RatioSample(one, Sample(processes: [[0]])) == nil)
    #expect(ConfidentMean([]) == nil)
    // One process: a ratio, but no bounds.
    #expect(ConfidentMean([try #require(RatioSample(one, one))])?.bounds == nil)
  }
}

@Suite struct SuiteReportTests {
  private let new = report([("ovid", [[9, 9, 4, 4], [9, 9, 4, 4]]), ("node", [[9, 9, 2, 2], [9, 9, 2, 2]])])

  @Test func tablesHaveRatiosAndMeans() {
    #expect(new.table(.peak).columns == ["benchmark (inner iterations)", "ovid", "node", "ovid/node"])
    #expect(new.table(.peak).rows.map(\.last) == ["2.00", "2.00", "2.00–2.00"])
    #expect(new.table(.memory).rows.first == ["Sieve (3000)", "2.00", "2.00", "1.00"])
    // Fewer than ten iterations: there are no first ten.
    #expect(new.table(.firstTen).rows == [["Sieve (3000)", "–", "–", "–"]])
    #expect(new.text.contains("Peak, ovid to node: 2.00 (95 %: 2.00–2.00; 1 benchmark)"))
  }

  @Test func writesAndReadsItself() throws {
    let path = try temporaryFile("")
    defer { unlink(path) }
    try new.write(path)
    #expect(try SuiteReport.read(path) == new)
  }

  @Test func badFilesAreSentences() throws {
    let cases = [
      ("{ \"form", "is not JSON"), ("[]", "is not JSON"), ("{}", "holds no comparison"),
      ("{\"format\": \"ovid-awfy-0\"}", "holds no comparison"), ("{\"format\": \"ovid-awfy-1\"}", "is damaged"),
    ]
    for (text, reason) in cases {
      let path = try temporaryFile(text)
      defer { unlink(path) }
      let problem = #expect(throws: SuiteReport.ReadProblem.self) { try SuiteReport.read(path) }
      #expect(problem?.description.contains(reason) == true && problem?.description.contains("--json FILE") == true)
    }
    let problem = #expect(throws: SuiteReport.ReadProblem.self) { try SuiteReport.read("/nowhere/at.all") }
    #expect(problem?.description.hasPrefix("cannot read /nowhere/at.all: name a file") == true)
  }

  @Test func differences() {
    let old = report([("ovid", [[9, 9, 8, 8], [9, 9, 8, 8]]), ("node", [[9, 9, 2, 2], [9, 9, 2, 2]])])
    let found = SuiteDifference(from: old, to: new)
    #expect(found.rows.first?.verdict == "faster" && found.peer == "node")
    #expect(found.table.rows.first?[3] == "0.50" && found.table.rows.first?.suffix(2) == ["1.00", "faster"])
    #expect(SuiteDifference(from: new, to: old).rows.first?.verdict == "slower")
    #expect(SuiteDifference(from: new, to: new).rows.first?.verdict == nil)
    // Without a common peer, there is no column for one.
    let alone = SuiteDifference(from: report([("ovid", [[1], [1]])]), to: new)
    #expect(alone.peer == nil && alone.table.rows.allSatisfy { $0.count == alone.table.columns.count })
  }

  @Test func incomparableRowsSayWhy() {
    let sizes = SuiteDifference(from: report([("ovid", [[1]])], inner: 50), to: new)
    #expect(sizes.rows.first?.obstacle == "50 inner iterations then, 3000 now")
    let other = SuiteDifference(from: report([("ovid", [[1]])], benchmark: "CD"), to: new)
    #expect(other.rows.first?.obstacle == "not in the earlier file")
    var refused = new
    refused.rows[0].results[0].refusal = "wrong"
    #expect(SuiteDifference(from: refused, to: new).rows.first?.obstacle == "refused then: wrong")
    let table = SuiteDifference(from: new, to: refused).table
    #expect(table.rows.first?.contains("refused now: wrong") == true)
    #expect(table.rows.last?[3] == "–")
  }

  @Test func thePageEscapesWhatItShows() {
    var odd = new
    odd.rows[0].results[1].refusal = "<script>alert('x')</script> & \"more\"\u{1}"
    let html = SuitePage(report: odd, difference: SuiteDifference(from: new, to: odd)).html
    #expect(html.contains("a &lt;machine&gt;") && !html.contains("<script") && !html.contains("\u{1}"))
    #expect(html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;more&quot;"))
    #expect(!html.contains("http") && html.contains("<svg"))
    #expect(!SuitePage(report: report([("ovid", [])])).html.contains("nan"))
  }

  @Test func logarithmicAxes() {
    let scale = LogScale([3, 0.4, .nan, -1, 0], base: 2, length: 100)
    #expect(scale.low == 0.25 && scale.high == 4 && scale.ticks == [0.25, 0.5, 1, 2, 4])
    #expect(scale.position(1) == 50 && scale.position(100) == 100 && scale.position(0) == 0)
    #expect(LogScale([], base: 10, length: 1).ticks == [1, 10])
  }

  @Test func aSectionReplacesWhatIsAfterItsMark() throws {
    let path = try temporaryFile("before\n")
    defer { unlink(path) }
    let section = GeneratedSection(command: "x")
    try section.write("one", page: path)
    try section.write("two", page: path)
    #expect(try SomFiles.text(path) == "before\n<!-- The rest is written by `x`. -->\ntwo\n")
  }
}

@Suite struct SuiteArgumentTests {
  @Test func peersByName() throws {
    #expect(try Peer.list(nil) { $0 == "java" ? "/bin/java" : nil } == [.java])
    #expect(try Peer.list("pypy3, node,node") { $0 } == [.pypy3, .node])
    // Ovid itself is always there.
    #expect(try Peer.list("uneditable") { _ in nil } == [.uneditable])
    #expect(try Peer.list("none") { $0 } == [])
    let unknown = #expect(throws: Peer.Problem.self) { try Peer.list("ruby") { $0 } }
    #expect(unknown?.description.contains("node,java,luajit,pypy3") == true)
    let missing = #expect(throws: Peer.Problem.self) { try Peer.list("luajit") { _ in nil } }
    #expect(missing?.description == "luajit is not installed: apt-get install luajit, or leave it out of --compare")
  }

  @Test func benchmarksByName() throws {
    #expect(try SuiteBenchmark.selected(nil, quick: false).count == 14)
    #expect(try SuiteBenchmark.selected("js", quick: false).map(\.innerIterations) == [100])
    #expect(throws: SuiteBenchmark.NoSuchBenchmark.self) { try SuiteBenchmark.selected("zork", quick: true) }
  }

  @Test func checkoutsAndOutputFiles() {
    #expect(throws: SuiteCheckout.Problem.self) { try SuiteCheckout("/nowhere") }
    #expect(throws: OutputFile.Problem.self) { try OutputFile.check("/nowhere/file.json") }
    #expect(throws: OutputFile.Problem.self) { try OutputFile.check("/tmp") }
    #expect(throws: Never.self) { try OutputFile.check("\(NSTemporaryDirectory())/ovid-not-there.json") }
  }
}
