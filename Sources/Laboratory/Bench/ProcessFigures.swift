// The figures of processes, beside Lua's coroutines and Python's tasks. Those give up their turn only where they say so,
// and a coroutine is resumed by name: there is no timer to be late.

import Foundation

extension Figures {
  func processes() {
    switches()
    timers()
    crowd()
    figure("loop beside 1,000 waiting processes to it alone", atMost: 1.05) {
      compare(
        try patient.ratio(
          { try runner.ovid("ProcessLoop", iterations: 20) }, { try runner.ovid("LiveEdit", iterations: 20) }))
    }
    // All that processes cost there is a comparison at each.
    figure("polls asked for in a program without processes", atMost: 200, unit: " /s") {
      let (times, report) = try runner.measured("LiveEdit", iterations: 20)
      let polls = report.statistics.polls
      return (Double(polls) / (times.reduce(0, +) / 1e6), "\(polls), most when code was ready to be installed")
    }
  }

  private func switches() {
    figure("switch between two processes", atMost: 5, unit: " µs") {
      let n = isQuick ? 20_000 : 100_000
      let times = try (0..<runner.runs).map { _ in try runner.ovid("ProcessSwitches", iterations: 10, size: n) }
      let each = Measurement(runs: times).bestMedian / Double(2 * n)
      return (each, peers { try perSwitch($0, n) })
    }
  }

  private func perSwitch(_ peer: Peer, _ n: Int) throws -> String {
    let times = try (0..<runner.runs).map { _ in try peer.run(["switch", "\(n)"], only: "switch")[0] }
    return Figure.text(times.min()! / Double(2 * n)) + " µs"
  }

  private func timers() {
    let n = isQuick ? 50 : 600
    do {
      let late = try runner.lines("ProcessTimers", ["\(n)"], only: "late").times
      let worst = "worst \(Figure.text(late.max()! / 1000)) ms"
      let beside = peers { peer in
        guard peer.hasTimers else { return nil }
        let late = try peer.run(["timer", "\(n)"], only: "late")
        return "\(text(late, 0.99)) (mean \(Figure.text(late.reduce(0, +) / Double(late.count) / 1000)) ms)"
      }
      figure("timer beside two that compute, late, mean", atMost: 2, unit: " ms") {
        (late.reduce(0, +) / Double(n) / 1000, "\(n) times, \(worst)")
      }
      figure("timer beside two that compute, late, 99 %", atMost: 2, unit: " ms") {
        (Measurement.quantile(late, 0.99) / 1000, beside)
      }
    } catch {
      figure("timer beside two that compute, late, mean", atMost: 2, unit: " ms") { throw error }
      figure("timer beside two that compute, late, 99 %", atMost: 2, unit: " ms") { throw error }
    }
  }

  private func text(_ late: [Double], _ q: Double) -> String {
    Figure.text(Measurement.quantile(late, q) / 1000) + " ms"
  }

  private func crowd() {
    figure("10,000 waiting processes", atMost: 500, unit: " MB") {
      let made = try runner.lines("ProcessCrowd", ["10000"], only: "made")
      let beside = peers { peer in
        let time = try peer.run(["crowd", "10000"], only: "crowd")[0]
        let kilobytes = try peer.run(["crowd", "10000"], only: "memory")[0]
        return "\(Figure.text(kilobytes / 1024)) MB, \(perSecond(time))"
      }
      return (Double(made.report.peakKilobytes) / 1024, "peak, resident; \(perSecond(made.times[0])) made; \(beside)")
    }
  }

  private func perSecond(_ microseconds: Double) -> String { String(format: "%.0f /s", 10_000 / microseconds * 1e6) }

  /// A program that does the same in another language.
  private struct Peer {
    let name: String
    let hasTimers: Bool
    let path: String
    let file: String
    let runner: BenchmarkRunner
    func run(_ arguments: [String], only: String) throws -> [Double] {
      try runner.peer(path, ["\(runner.folder)/peers/\(file)"] + arguments, only: only)
    }
  }

  /// What each peer that is installed has to say.
  private func peers(_ measure: (Peer) throws -> String?) -> String {
    [("lua5.4", false, "coroutines.lua"), ("python3", true, "tasks.py")].compactMap { name, hasTimers, file in
      guard let path = ChildProcess.find(name) else { return "\(name) is not installed" }
      let peer = Peer(name: name, hasTimers: hasTimers, path: path, file: file, runner: runner)
      do { return try measure(peer).map { "\(name) \($0)" } } catch { return "\(name): \(error)" }
    }.joined(separator: "; ")
  }
}
