// `ovid bench`: the benchmark programs on every tier, and the figures the project promises, beside their peers.

import ArgumentParser
import Foundation
import Laboratory

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measures the benchmark programs and the project's figures, beside their peers.",
    discussion: """
      Every program runs in processes of its own, with the compiler and with --jit=off beside it. Times are medians \
      of the second half of the iterations; ± is half the distance of the quartiles. Ratios come from programs run \
      by turns on this machine, now. Peers that are not installed are left out (scripts/setup --bench installs them).
      With --awfy it measures Are We Fast Yet instead, with --live what ovid live promises, with --lsp what ovid lsp
      does: docs/performance.md.
      """)

  @Option(help: "Folder of the programs.") var programs = "Benchmarks"
  @Option(help: "Processes for each measurement. (default: 3; with --awfy \(SuiteComparison.runs))") var runs: Int?
  @Option(help: "Iterations in each process. (default: 20; with --awfy \(SuiteComparison.iterations))")
  var iterations: Int?
  @Option(
    help: """
      Only programs or benchmarks whose name contains this, and groups of figures: startUp, interpreter, recursion, \
      loops, liveEditLoop, edits, processes, editability, embedding, pauses.
      """)
  var only: String?
  @Option(help: "Also write everything to this file, as JSON.") var json: String?
  @Flag(help: "Small measurements, to try the harness.") var quick = false
  @Flag(help: "Only the figures.") var figures = false
  @Flag(help: "Only the table of programs.") var table = false
  @Flag(help: "Only what ovid live promises: latency in a browser, and what clients cost the program.") var live = false
  @Flag(help: "Only what ovid lsp promises: answers and diagnostics with 1,000 classes.") var lsp = false
  @Flag(help: "Exit with status 1 if a figure is missed, or a result refused.") var strict = false
  @OptionGroup(title: "Are We Fast Yet") var suite: SuiteOptions

  func validate() throws {
    guard runs ?? 1 > 0, iterations ?? 2 > 1 else {
      throw ValidationError("--runs needs 1 or more, --iterations 2 or more.")
    }
    guard (0...1000).contains(suite.load ?? 0) else { throw ValidationError("--load needs a number from 0 to 1000.") }
    if figures && table { throw ValidationError("--figures and --table exclude each other.") }
    if live || lsp {
      let others = figures || table || only != nil || suite.awfy != nil || suite.needsCheckout
      if others || live && (strict || lsp) {
        throw ValidationError("--live goes with --quick and --json only, --lsp with --strict, too.")
      }
    }
    if suite.awfy == nil && suite.needsCheckout {
      throw ValidationError(
        "--compare, --flag, --core-library, --load, --against, --html and --page need --awfy CHECKOUT.")
    }
    if suite.awfy != nil && (figures || table) {
      throw ValidationError("--figures and --table are for the project's own programs, without --awfy.")
    }
  }

  func run() throws {
    try reporting {
      if live || lsp {
        let script = live ? ScriptedBench.live : .languageServer
        let status = try script.run(quick: quick, json: json, strict: strict)
        if status != ExitStatus.success { throw ExitCode(status) }
      } else if let awfy = suite.awfy {
        let isComplete = try compare(awfy)
        if strict && !isComplete { throw ExitCode(ExitStatus.failure) }
      } else {
        try measureProject()
      }
    }
  }

  /// Answers false if a result was refused.
  private func compare(_ awfy: String) throws -> Bool {
    var comparison = try SuiteComparison(
      checkout: SuiteCheckout(awfy), benchmarks: SuiteBenchmark.selected(only, quick: quick),
      iterations: iterations ?? (quick ? 10 : SuiteComparison.iterations),
      runs: runs ?? (quick ? 1 : SuiteComparison.runs))
    // Flags that `ovid run` would not take.
    _ = try RunArguments(suite.flags + ["Program"])
    comparison.peers = suite.compare
    comparison.flags = suite.flags
    comparison.coreLibrary = suite.coreLibrary
    comparison.load = suite.load ?? 0
    comparison.against = suite.against
    comparison.json = json
    comparison.html = suite.html
    comparison.page = suite.page
    return try comparison.run(say: show, warn: complain)
  }

  /// At once, also where standard output is a file: the next line may take minutes.
  private func show(_ line: String) {
    print(line)
    fflush(nil)
  }

  private func measureProject() throws {
    let runner = BenchmarkRunner(folder: programs, runs: quick ? 1 : runs ?? 3)
    let names = try runner.programs()
    var report = BenchReport()
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
