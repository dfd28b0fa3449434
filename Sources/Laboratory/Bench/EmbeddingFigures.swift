// The figures of a machine inside another program, beside Lua's C interface.

import Foundation
import Ovid

/// The object that the program calls.
private final class Adder: SwiftObject {
  var total = 0.0
}

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
        let doubles = try measured.callOut("outDouble:", beside: "aloneDouble:")
        let block = try measured.callOut("outBlock:", beside: "aloneBlock:")
        return (
          try measured.callOut("out:", beside: "alone:"),
          String(format: "doubles %.0f ns, a SwiftBlock %.0f ns; ", doubles, block) + beside("out", "ns")
        )
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
      try EmbeddingMeasurement.interference(isQuick ? 5_000_000 : 20_000_000, rounds: isQuick ? 3 : 7)
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
      $0.method("plus:") { (adder: Adder, x: Double) in adder.total += x }
      $0.method("call:times:") { (_: Adder, block: Value, n: Int) in
        for i in 0..<n { try block.call(i) }
      }
    }
    vm.accept(
      ChangeSet([
        .classSource(
          """
          Calls = (
            | kept |
            out: n = ( | t s | t := Adder new. s := 0. 1 to: n do: [ :i | s := t add: s to: i ]. ^s )
            alone: n = ( | s | s := 0. 1 to: n do: [ :i | s := s + i ]. ^s )
            outDouble: n = ( | t | t := Adder new. 1 to: n do: [ :i | t plus: 0.5 ] )
            aloneDouble: n = ( 1 to: n do: [ :i | kept := i ] )
            outBlock: aBlock = ( 1 to: 1000000 do: [ :i | kept := aBlock value: i ] )
            aloneBlock: n = ( 1 to: 1000000 do: [ :i | kept := i ] )
            spin: n = (
              | s |
              s := 0.
              1 to: n do: [ :i |
                kept := Array new: 2.
                kept at: 1 put: i.
                s := s + (self weigh: kept) ].
              ^s
            )
            weigh: anArray = ( ^(anArray at: 1) % 7 )
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
  /// The same of processor time of the machine's thread, which others on this computer do not lengthen.
  private func leastWork(_ body: () throws -> Void) rethrows -> Double {
    var least = Double.infinity
    for _ in 0..<rounds {
      let start = vm.liveFigures().processorSeconds
      try body()
      least = min(least, vm.liveFigures().processorSeconds - start)
    }
    return least * 1e6
  }

  /// Nanoseconds by which a million calls take longer than what is done around them.
  func callOut(_ selector: String, beside alone: String) throws -> Double {
    let calls = try vm.value(of: "Calls new"), n = 1_000_000
    func run(_ selector: String) throws {
      if selector == "outBlock:" {
        try calls.send(selector, SwiftBlock { (n: Int) in n })
      } else {
        try calls.send(selector, n)
      }
    }
    for selector in [selector, alone] { try untilCompiled(selector) { try run(selector) } }
    let out = try leastWork { try run(selector) }, around = try leastWork { try run(alone) }
    return (out - around) / Double(n) * 1000
  }

  /// Repeats `body` until the method is compiled as a whole.
  private func untilCompiled(_ selector: String, _ body: () throws -> Void) throws {
    for _ in 0..<100 {
      try body()
      if vm.tier(of: MethodKey(className: "Calls", selector: selector))?.tier == .compiled { return try body() }
    }
    throw BenchmarkRunner.Failure(description: "Calls>>\(selector) was not compiled: ovid doctor")
  }
  func callInWithin() throws -> Double {
    let calls = try vm.value(of: "Calls new"), n = 100_000
    try calls.send("in:", n)
    return try leastWork { try calls.send("in:", n) } / Double(n) * 1000
  }
  func callIn() throws -> Double {
    let block = try vm.value(of: "[ :i | i ]")
    return try best { for i in 0..<1000 { try block.call(i) } } / 1000
  }
  func give(_ kind: String) throws -> Double {
    if kind == "integers" {
      let all = Array(0..<1_000_000)
      return try leastWork { _ = try vm.make(all) } / 1000
    }
    let all = (0..<1_000_000).map { "element \($0)" }
    return try leastWork { _ = try vm.make(all) } / 1000
  }
  func take(_ kind: String) throws -> Double {
    if kind == "integers" {
      let value = try vm.make(Array(0..<1_000_000))
      return try leastWork { _ = try value.read([Int].self) } / 1000
    }
    let value = try vm.make((0..<1_000_000).map { "element \($0)" })
    return try leastWork { _ = try value.read([String].self) } / 1000
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

  /// What four machines at once take, to one after the other on the processors that there are, and to what these processors
  /// make of work that has nothing in common: two that share a core or a cache are slower by themselves. The median of several,
  /// of code that is compiled, which sends, computes and allocates.
  static func interference(_ n: Int, rounds: Int) throws -> (Double, String) {
    let machines = try (0..<4).map { _ in try EmbeddingMeasurement(isQuick: true) }
    let calls = try machines.map { try $0.vm.value(of: "Calls new") }
    for (machine, calls) in zip(machines, calls) {
      try machine.untilCompiled("spin:") { try calls.send("spin:", n / 10) }
    }
    let cores = Double(min(4, ProcessInfo.processInfo.activeProcessorCount))
    /// How much longer than without each other four of them take together.
    func slowdown(_ work: @escaping @Sendable (Int) -> Void) -> Double {
      func seconds(_ body: () -> Void) -> Double {
        let start = ContinuousClock.now
        body()
        return (ContinuousClock.now - start) / .seconds(1)
      }
      func run(_ numbers: [Int]) {
        let ended = DispatchSemaphore(value: 0)
        for i in numbers {
          Thread.detachNewThread {
            work(i)
            ended.signal()
          }
        }
        for _ in numbers { ended.wait() }
      }
      let alone = seconds { for i in 0..<4 { run([i]) } }
      return seconds { run([0, 1, 2, 3]) } / (alone / cores)
    }
    let pairs = (0..<rounds).map { _ in
      (machines: slowdown { _ = try? calls[$0].send("spin:", n) }, others: slowdown { _ in turnOver(n) })
    }
    func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
    return (
      median(pairs.map { $0.machines / $0.others }),
      String(
        format: "by the clock %.2f×, work that shares nothing %.2f×, on %.0f processors", median(pairs.map(\.machines)),
        median(pairs.map(\.others)), cores)
    )
  }

  /// As much computing as the method `spin:` has, and writing of as much memory as new objects take in turn, without a machine.
  private static func turnOver(_ n: Int) {
    let words = Options().nurserySize / MemoryLayout<Int>.stride
    let memory = UnsafeMutablePointer<Int>.allocate(capacity: words)
    defer { memory.deallocate() }
    var sum = 0
    for i in 0..<n {
      let place = memory + (i &* 4) % words
      place[0] = sum
      place[1] = 2
      place[2] = i
      place[3] = 0
      sum &+= place[2] % 7
    }
    withExtendedLifetime(sum) {}
  }
}
