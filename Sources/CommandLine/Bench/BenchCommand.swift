// `ovid bench`: the benchmark programs on every tier, and the figures the project promises, beside their peers.

import ArgumentParser
import Foundation
import Ovid

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measures the benchmark programs and the project's figures, beside their peers.",
    discussion: """
      Every program runs in processes of its own, with the compiler and with --jit=off beside it. Times are medians \
      of the second half of the iterations; ± is half the distance of the quartiles. Ratios come from programs run \
      by turns on this machine, now. Peers that are not installed are left out (scripts/setup --bench installs them).
      With --awfy it measures Are We Fast Yet instead: docs/performance.md.
      """)

  @Option(help: "Folder of the programs.") var programs = "Benchmarks"
  @Option(help: "Processes for each measurement. (default: 3; with --awfy \(SuiteOptions.runs))") var runs: Int?
  @Option(help: "Iterations in each process. (default: 20; with --awfy \(SuiteOptions.iterations))")
  var iterations: Int?
  @Option(
    help: """
      Only programs or benchmarks whose name contains this, and groups of figures: startUp, interpreter, recursion, \
      loops, liveEditLoop, edits, editability.
      """)
  var only: String?
  @Option(help: "Also write everything to this file, as JSON.") var json: String?
  @Flag(help: "Small measurements, to try the harness.") var quick = false
  @Flag(help: "Only the figures.") var figures = false
  @Flag(help: "Only the table of programs.") var table = false
  @Flag(help: "Exit with status 1 if a figure is missed, or a result refused.") var strict = false
  @OptionGroup(title: "Are We Fast Yet") var suite: SuiteOptions

  func validate() throws {
    guard runs ?? 1 > 0, iterations ?? 2 > 1 else {
      throw ValidationError("--runs needs 1 or more, --iterations 2 or more.")
    }
    if figures && table { throw ValidationError("--figures and --table exclude each other.") }
    if suite.awfy == nil && suite.needsCheckout {
      throw ValidationError("--compare, --flag, --against, --html and --page need --awfy CHECKOUT.")
    }
    if suite.awfy != nil && (figures || table) {
      throw ValidationError("--figures and --table are for the project's own programs, without --awfy.")
    }
  }

  func run() throws {
    try reporting {
      if let awfy = suite.awfy {
        let comparison = try SuiteComparison(
          options: suite, checkout: SuiteCheckout(awfy),
          benchmarks: SuiteBenchmark.selected(only, quick: quick),
          iterations: iterations ?? (quick ? 10 : SuiteOptions.iterations),
          runs: runs ?? (quick ? 1 : SuiteOptions.runs), json: json)
        let isComplete = try comparison.run()
        if strict && !isComplete { throw ExitCode(ExitStatus.failure) }
      } else {
        try measureProject()
      }
    }
  }

  private func measureProject() throws {
    let runner = BenchmarkRunner(folder: programs, runs: quick ? 1 : runs ?? 3)
    let names = try runner.programs()
    var report = BenchReport(machine: BenchReport.machineText())
    print(report.machine)
    if !figures { measurePrograms(names, runner, &report) }
    if !table {
      print("")
      Figures(runner: runner, isQuick: quick, only: only) { figure in
        report.figures.append(figure)
        print(figure.line)
      }.measure()
    }
    if let json { try report.write(json) }
    if strict && report.figures.contains(where: { $0.isMet == false }) {
      throw ExitCode(ExitStatus.failure)
    }
  }

  private func measurePrograms(_ names: [String], _ runner: BenchmarkRunner, _ report: inout BenchReport) {
    print(BenchReport.Row.header)
    for name in names where only == nil || name.localizedCaseInsensitiveContains(only!) {
      do {
        let (compiled, statistics) = try runner.measure(name, iterations: quick ? 4 : iterations ?? 20)
        let (interpreted, _) = try runner.measure(name, iterations: 2, flags: ["--jit=off"], runs: 1)
        let row = BenchReport.Row(
          name: name, compiled: compiled, interpreted: interpreted, statistics: statistics)
        report.rows.append(row)
        print(row.line)
      } catch { complain("\(error)") }
    }
  }
}

/// Everything that one `ovid bench` measured.
struct BenchReport: Codable {
  struct Row: Codable {
    var name: String
    var compiled: Measurement
    var interpreted: Measurement
    var statistics: Statistics?

    static let header =
      column("program", 20) + column("compiled", 14, right: true) + column("±", 8, right: true)
      + column("interpreted", 14, right: true) + column("speed-up", 10, right: true)
      + column("first", 12, right: true) + column("compiles", 10, right: true)
      + column("deopts", 8, right: true)
      + column("pause", 10, right: true) + column("memory", 10, right: true)

    var line: String {
      let compiles = statistics.map { "\($0.compiles)+\($0.osrCompiles)" } ?? "–"
      let deopts = statistics.map { "\($0.totalDeoptimizations)" } ?? "–"
      return column(name, 20) + column(ms(compiled.median), 14, right: true)
        + column(String(format: "%.1f %%", compiled.spread), 8, right: true)
        + column(ms(interpreted.median), 14, right: true)
        + column(String(format: "%.1f", interpreted.median / compiled.median), 10, right: true)
        + column(ms(compiled.warmUp.first ?? .nan), 12, right: true) + column(compiles, 10, right: true)
        + column(deopts, 8, right: true)
        + column(statistics.map { ms(Double($0.longestPauseMicroseconds)) } ?? "–", 10, right: true)
        + column(String(format: "%d MB", compiled.peakMemory / 1024), 10, right: true) + "  " + curve
    }
    private func ms(_ us: Double) -> String { String(format: "%.2f ms", us / 1000) }

    /// The warm-up: the time of each iteration, from the fastest (low) to the slowest.
    private var curve: String {
      let times = compiled.warmUp
      guard let low = times.min(), let high = times.max(), high > low else { return "" }
      let marks = Array("▁▂▃▄▅▆▇█")
      return String(times.map { marks[min(7, Int(($0 - low) / (high - low) * 8))] })
    }
  }

  var machine: String
  var date = ISO8601DateFormatter().string(from: Date())
  var rows: [Row] = []
  var figures: [Figure] = []

  func write(_ path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    try encoder.encode(self).write(to: URL(fileURLWithPath: path))
  }

  static func machineText() -> String {
    let model = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?
      .split(separator: "\n").first { $0.hasPrefix("model name") }?
      .split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
    return
      "\(model ?? "unknown processor"), \(ProcessInfo.processInfo.activeProcessorCount) cores, \(Version.text)"
  }
}
