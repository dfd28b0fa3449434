// The figures of a machine inside another program, beside Lua's C interface.

import Foundation
import Ovid

/// The object that the program calls.
private final class Adder: SwiftObject {}

extension Figures {
  func embedding() {
    let peer = try? luaPeer()
    func beside(_ name: String, _ unit: String) -> String {
      guard let time = peer?[name] else { return "no lua5.4 headers to compare with (apt-get install liblua5.4-dev)" }
      return "lua's C interface: \(Figure.text(time)) \(unit)"
    }
    do {
      let measured = try EmbeddingMeasurement(isQuick: isQuick)
      figure("call out, Swift from a compiled loop", atMost: 50, unit: " ns") {
        (try measured.callOut(), beside("out", "ns"))
      }
      figure("call in, from Swift that the program has called", atMost: 1000, unit: " ns") {
        (try measured.callInWithin(), beside("in", "ns"))
      }
      figure("call in, from another thread", atMost: 100, unit: " µs") {
        (try measured.callIn(), "two switches between threads")
      }
      for kind in ["integers", "strings"] {
        figure("10^6 \(kind) to the program", atMost: 500, unit: " ms") {
          (try measured.give(kind), beside("\(kind)-in", "µs"))
        }
        figure("10^6 \(kind) from the program", atMost: 500, unit: " ms") {
          (try measured.take(kind), beside("\(kind)-out", "µs"))
        }
      }
    } catch { figure("call out, Swift from a compiled loop", atMost: 50, unit: " ns") { throw error } }
    figure("making a machine", atMost: 100, unit: " ms") {
      (try EmbeddingMeasurement.machineTime(isQuick ? 3 : 20), beside("machine", "µs"))
    }
    figure("memory of a machine", atMost: 20, unit: " MB") {
      (try EmbeddingMeasurement.machineMemory(isQuick ? 4 : 16), "resident, after 6 * 7, on average")
    }
    figure("4 machines on 4 threads to one after the other", atMost: 1.1) {
      let (together, alone, cores) = try EmbeddingMeasurement.interference(isQuick ? 3_000_000 : 20_000_000)
      return (together / (alone * max(1, 4 / cores)), "\(Int(cores)) processors")
    }
  }

  /// Times by name.
  private func luaPeer() throws -> [String: Double] {
    guard let cc = ChildProcess.find("gcc") else { return [:] }
    let path = "\(NSTemporaryDirectory())ovid-embedding-\(getpid())"
    defer { unlink(path) }
    let built = try ChildProcess.run(cc, ["-O2", "\(runner.folder)/peers/embedding.c", "-o", path, "-llua5.4"])
    guard built.isSuccess else { return [:] }
    let lines = try ChildProcess.run(path, []).output.split(separator: "\n").map { $0.split(separator: " ") }
    return Dictionary(lines.compactMap { line in Double(line[1]).map { (String(line[0]), $0) } }) { $1 }
  }
}

/// Measures one machine. Times are the best of several.
private struct EmbeddingMeasurement {
  private let vm: VirtualMachine
  private let rounds: Int

  init(isQuick: Bool) throws {
    rounds = isQuick ? 2 : 5
    vm = try VirtualMachine(capabilities: .none, output: .captured(by: OutputCapture()))
    try vm.define("Adder", Adder.self) {
      $0.create("new") { Adder() }
      $0.method("add:to:") { (_: Adder, a: Int, b: Int) in a + b }
      $0.method("call:times:") { (_: Adder, block: Value, n: Int) in
        for i in 0..<n { try block.call(i) }
      }
    }
    vm.accept(
      ChangeSet([
        .classSource(
          """
          Calls = (
            out: n = ( | t s | t := Adder new. s := 0. 1 to: n do: [ :i | s := t add: s to: i ]. ^s )
            alone: n = ( | s | s := 0. 1 to: n do: [ :i | s := s + i ]. ^s )
            spin: n = ( | s | s := 0. 1 to: n do: [ :i | s := s + (i % 7) ]. ^s )
            in: n = ( Adder new call: [ :i | i ] times: n )
          )
          """, file: nil)
      ]))
  }

  /// Microseconds of the fastest of several.
  private func best(_ body: () throws -> Void) rethrows -> Double {
    var best = Double.infinity
    for _ in 0..<rounds {
      let start = ContinuousClock.now
      try body()
      best = min(best, (ContinuousClock.now - start) / .microseconds(1))
    }
    return best
  }

  func callOut() throws -> Double {
    let calls = try vm.value(of: "Calls new"), n = 1_000_000
    // Until it is compiled.
    for _ in 0..<5 {
      try calls.send("out:", n)
      try calls.send("alone:", n)
    }
    let out = try best { try calls.send("out:", n) }, alone = try best { try calls.send("alone:", n) }
    return (out - alone) / Double(n) * 1000
  }
  func callInWithin() throws -> Double {
    let calls = try vm.value(of: "Calls new"), n = 100_000
    try calls.send("in:", n)
    return try best { try calls.send("in:", n) } / Double(n) * 1000
  }
  func callIn() throws -> Double {
    let block = try vm.value(of: "[ :i | i ]")
    return try best { for i in 0..<1000 { try block.call(i) } } / 1000
  }
  func give(_ kind: String) throws -> Double {
    if kind == "integers" {
      let all = Array(0..<1_000_000)
      return try best { _ = try vm.make(all) } / 1000
    }
    let all = (0..<1_000_000).map { "element \($0)" }
    return try best { _ = try vm.make(all) } / 1000
  }
  func take(_ kind: String) throws -> Double {
    if kind == "integers" {
      let value = try vm.make(Array(0..<1_000_000))
      return try best { _ = try value.read([Int].self) } / 1000
    }
    let value = try vm.make((0..<1_000_000).map { "element \($0)" })
    return try best { _ = try value.read([String].self) } / 1000
  }

  private static func make() throws -> VirtualMachine {
    let vm = try VirtualMachine(capabilities: .none, output: .captured(by: OutputCapture()))
    _ = try vm.evaluate("6 * 7")
    return vm
  }
  static func machineTime(_ n: Int) throws -> Double {
    let start = ContinuousClock.now
    for _ in 0..<n { _ = try make() }
    return (ContinuousClock.now - start) / .milliseconds(1) / Double(n)
  }
  static func machineMemory(_ n: Int) throws -> Double {
    let before = residentBytes()
    let machines = try (0..<n).map { _ in try make() }
    return withExtendedLifetime(machines) { Double(residentBytes() - before) / Double(n) / 1_048_576 }
  }
  private static func residentBytes() -> Int {
    let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
    return (pages.flatMap { Int($0[1]) } ?? 0) * sysconf(Int32(_SC_PAGESIZE))
  }

  /// Microseconds of four machines at once and of one alone, and how many processors there are.
  static func interference(_ n: Int) throws -> (together: Double, alone: Double, cores: Double) {
    let machines = try (0..<4).map { _ in try EmbeddingMeasurement(isQuick: true) }
    for machine in machines { _ = try machine.vm.value(of: "Calls new spin: \(n)") }
    let alone = try machines[0].best { _ = try machines[0].vm.value(of: "Calls new spin: \(n)") }
    let start = ContinuousClock.now
    let ended = DispatchSemaphore(value: 0)
    for machine in machines {
      let vm = machine.vm
      Thread.detachNewThread {
        _ = try? vm.value(of: "Calls new spin: \(n)")
        ended.signal()
      }
    }
    for _ in machines { ended.wait() }
    let together = (ContinuousClock.now - start) / .microseconds(1)
    return (together, alone, Double(min(4, ProcessInfo.processInfo.activeProcessorCount)))
  }
}
