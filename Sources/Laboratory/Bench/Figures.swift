// The figures that the project promises, each measured as a ratio within one run on one machine.

import Foundation
import Ovid

public struct Figures {
  let runner: BenchmarkRunner
  /// Fewer and smaller measurements, for trying the harness.
  let isQuick: Bool
  /// Only the groups of figures (by the names of the functions below) that contain this.
  let only: String?
  /// Called with each figure as soon as it is there.
  let found: (Figure) -> Void

  public init(
    runner: BenchmarkRunner, isQuick: Bool, only: String?, found: @escaping (Figure) -> Void
  ) {
    self.runner = runner
    self.isQuick = isQuick
    self.only = only
    self.found = found
  }

  public func measure() {
    let groups: [(name: String, measure: () -> Void)] = [
      ("startUp", startUp), ("interpreter", interpreter), ("recursion", recursion), ("loops", loops),
      ("liveEditLoop", liveEditLoop), ("edits", edits), ("processes", processes), ("editability", editability),
      ("embedding", embedding), ("pauses", pauses),
    ]
    for group in groups where only.map({ group.name.localizedCaseInsensitiveContains($0) }) ?? true {
      group.measure()
    }
  }

  /// Measures one figure; what goes wrong is its detail.
  func figure(
    _ name: String, atMost limit: Double, unit: String = "×", _ body: () throws -> (Double, String)
  ) {
    figure(name, limit, isUpper: true, unit, body)
  }
  private func figure(
    _ name: String, _ limit: Double, isUpper: Bool, _ unit: String, _ body: () throws -> (Double, String)
  ) {
    do {
      let (value, detail) = try body()
      found(
        Figure(name: name, measured: value, limit: limit, isUpperLimit: isUpper, unit: unit, detail: detail))
    } catch {
      found(
        Figure(name: name, measured: nil, limit: limit, isUpperLimit: isUpper, unit: unit, detail: "\(error)")
      )
    }
  }

  private func need(_ tool: String, _ package: String) throws -> String {
    guard let path = ChildProcess.find(tool) else {
      throw BenchmarkRunner.Failure(description: "\(tool) is not installed (apt-get install \(package))")
    }
    return path
  }

  func compare(_ r: (ratio: Double, a: Double, b: Double)) -> (Double, String) {
    (r.ratio, String(format: "%.1f ms to %.1f ms", r.a / 1000, r.b / 1000))
  }

  private func interpreter() {
    figure("interpreter to lua5.4, recursion (fib 27)", atMost: 1) {
      let lua = try need("lua5.4", "lua5.4")
      return compare(
        try runner.ratio(
          { try runner.ovid("Fibonacci", iterations: 5, size: 27, flags: ["--jit=off"]) },
          { try runner.peer(lua, ["\(runner.folder)/peers/fib.lua", "27", "5"]) }))
    }
    figure("interpreter to lua5.4, loop with a call", atMost: 1) {
      let lua = try need("lua5.4", "lua5.4")
      return compare(
        try runner.ratio(
          { try runner.ovid("LiveEdit", iterations: 5, size: 2_000_000, flags: ["--jit=off"]) },
          { try runner.peer(lua, ["\(runner.folder)/peers/loop.lua", "2000000", "5"]) }))
    }
  }

  private func recursion() {
    figure("fib 35, compiled, to node", atMost: 1.2) {
      let node = try need("node", "nodejs")
      return compare(
        try runner.ratio(
          { try runner.ovid("Fibonacci", iterations: 10, size: 35) },
          { try runner.peer(node, ["\(runner.folder)/peers/fib.js", "35", "10"]) }))
    }
  }

  private func loops() {
    for name in ["IntegerLoop", "DoubleLoop"] {
      figure("\(name) to C -O2", atMost: 1.5) {
        let c = try compiledPeers()
        return compare(
          try runner.ratio(
            { try runner.ovid(name, iterations: 20) }, { try runner.peer(c, [], only: name) }))
      }
    }
  }

  /// The peers in C, built once.
  private func compiledPeers() throws -> String {
    let path = "\(NSTemporaryDirectory())ovid-peers-\(getpid())"
    if access(path, X_OK) == 0 { return path }
    let cc = try need("gcc", "gcc")
    let outcome = try ChildProcess.run(cc, ["-O2", "\(runner.folder)/peers/loops.c", "-o", path])
    guard outcome.isSuccess else {
      throw BenchmarkRunner.Failure(description: "gcc \(outcome.ending): \(outcome.errors)")
    }
    return path
  }

  /// A ratio close to 1 needs more processes than the others.
  var patient: BenchmarkRunner { BenchmarkRunner(folder: runner.folder, runs: isQuick ? 1 : 2 * runner.runs) }

  private func liveEditLoop() {
    figure("live-edit loop, compiled, to the interpreter", 20, isUpper: false, "×") {
      let (ratio, a, b) = try runner.ratio(
        { try runner.ovid("LiveEdit", iterations: 3, size: 2_000_000, flags: ["--jit=off"]).map { $0 * 10 } },
        { try runner.ovid("LiveEdit", iterations: 20, size: 20_000_000) })
      return compare((ratio, a, b))
    }
    figure("live-edit loop to the call written out", atMost: 1.05) {
      compare(
        try patient.ratio(
          { try runner.ovid("LiveEdit", iterations: 20) },
          { try runner.ovid("LiveEditByHand", iterations: 20) }))
    }
  }

  private func edits() {
    do {
      let latencies = try EditLatencies.measure(accepts: isQuick ? 30 : 1000)
      let n = latencies.effects.count
      let detail = "\(n) accepts into the running, compiled loop"
      figure("accept to effect, median", atMost: 300, unit: " µs") {
        (Measurement.quantile(latencies.effects, 0.5), detail)
      }
      figure("accept to effect, 99th percentile", atMost: 2000, unit: " µs") {
        (Measurement.quantile(latencies.effects, 0.99), detail)
      }
      figure("back to 90 % of the speed, median", atMost: 25, unit: " ms") {
        (
          Measurement.quantile(latencies.recoveries, 0.5),
          String(
            format: "90th percentile %.1f ms, every version compiled anew",
            Measurement.quantile(latencies.recoveries, 0.9))
        )
      }
      figure("back to a quarter of the speed, median", atMost: 1, unit: " ms") {
        (
          Measurement.quantile(latencies.quarters, 0.5),
          String(format: "90th percentile %.1f ms", Measurement.quantile(latencies.quarters, 0.9))
        )
      }
      figure("back to 90 % after an undo, median", atMost: 5, unit: " ms") {
        let undone = try EditLatencies.measure(accepts: isQuick ? 10 : 200, returning: true).recoveries.dropFirst(4)
        return (
          Measurement.quantile(Array(undone), 0.5),
          String(format: "90th percentile %.1f ms", Measurement.quantile(Array(undone), 0.9))
        )
      }
    } catch {
      figure("accept to effect, median", atMost: 300, unit: " µs") { throw error }
      figure("accept to effect, 99th percentile", atMost: 2000, unit: " µs") { throw error }
      figure("back to 90 % of the speed, median", atMost: 25, unit: " ms") { throw error }
    }
  }

  private func editability() {
    figure("cost of being editable", atMost: 2, unit: " %") {
      var ratios: [Double] = []
      var details: [String] = []
      for name in ["Fibonacci", "IntegerLoop", "LiveEdit", "PolymorphicSends", "Closures"] {
        let r = try patient.ratio(
          { try runner.ovid(name, iterations: 40) },
          { try runner.ovid(name, iterations: 40, flags: ["--uneditable"]) })
        ratios.append(r.ratio)
        details.append(String(format: "%@ %+.1f", name, (r.ratio - 1) * 100))
      }
      return ((Measurement.geometricMean(ratios) - 1) * 100, details.joined(separator: ", "))
    }
  }

  private func startUp() {
    var times: [Double] = []
    do {
      let folder = "\(NSTemporaryDirectory())ovid-hello-\(getpid())"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      try "Hello = ( run = ( 'Hello' println ) )\n".write(
        toFile: "\(folder)/Hello.som", atomically: true, encoding: .utf8)
      for _ in 0..<(isQuick ? 5 : 30) {
        let outcome = try ChildProcess.run(ChildProcess.own, ["--no-cache", "\(folder)/Hello.som"], timeout: 20)
        guard outcome.isSuccess, outcome.output == "Hello\n" else {
          throw BenchmarkRunner.Failure(description: "Hello \(outcome.ending): \(outcome.errors)")
        }
        times.append(outcome.wallMilliseconds)
      }
      let file = "\(folder)/report.json"
      _ = try ChildProcess.run(
        ChildProcess.own, ["--no-cache", "--stats-file", file, "\(folder)/Hello.som"], timeout: 20)
      let kilobytes = try RunReport.read(file).peakKilobytes
      figure("start-up to Hello", atMost: 15, unit: " ms") {
        (Measurement.quantile(times, 0.5), "the whole process, median of \(times.count)")
      }
      figure("memory for Hello", atMost: 48, unit: " MB") { (Double(kilobytes) / 1024, "peak, resident") }
    } catch {
      figure("start-up to Hello", atMost: 15, unit: " ms") { throw error }
      figure("memory for Hello", atMost: 48, unit: " MB") { throw error }
    }
  }
}
