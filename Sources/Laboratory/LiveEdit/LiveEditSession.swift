// The demo's program on its machine, running in the background while others look and edit.

import Foundation
import Ovid
import VM

/// A step of the demo that did not happen as it must.
public struct StepFailure: Error, CustomStringConvertible, Equatable {
  public let description: String
  public init(description: String) { self.description = description }
}

public final class LiveEditSession: Sendable {
  public static let methA = MethodKey(className: "LiveEdit", selector: "methA")
  public static let methB = MethodKey(className: "LiveEdit", selector: "methB")
  public static let isRunning = MethodKey(className: "LiveEdit", selector: "isRunning")

  public let vm: VirtualMachine
  public let monitor = LiveEditMonitor()

  public init(options: Options) throws {
    let monitor = monitor
    vm = try VirtualMachine(
      options: options, capabilities: .all, output: .redirected(out: monitor.receive, error: monitor.receiveError),
      compileWorker: CompileWorker.ownCommand)
    vm.onEvent(monitor.receive)
    let source = String(decoding: PackageResources.LiveEdit_som, as: UTF8.self)
    let receipt = vm.accept(ChangeSet([.classSource(source, file: nil)], author: "demo"))
    guard receipt.succeeded else { throw StepFailure(description: "the demo's program: \(receipt)") }
  }

  /// Starts the program, on the machine's thread.
  public func start() {
    do throws(NativeThread.Failure) {
      try NativeThread.start("ovid demo") { [self] in monitor.ended(Result { try vm.run("LiveEdit") }) }
    } catch { monitor.ended(.failure(error)) }
  }

  /// Requires: it has ended.
  public func startAgain() {
    monitor.forgetAll()
    start()
  }

  public func accept(_ source: String) throws -> Receipt {
    let receipt = vm.accept(ChangeSet([.method("LiveEdit", source)], author: "demo"))
    guard receipt.succeeded else { throw StepFailure(description: receipt.description) }
    return receipt
  }

  public func source(_ method: MethodKey) -> String { vm.source(of: method) ?? "" }

  /// Waits until a compiled methA with methB inlined is installed.
  public func waitUntilInlined(seconds: Double) throws -> (code: CodeReport, site: CodeReport.InlinedSend) {
    let end = ContinuousClock.now + .seconds(seconds)
    repeat {
      for code in vm.compiledCode() where code.name.hasPrefix("LiveEdit>>methA") {
        if let site = code.inlined.first(where: { $0.callee == "LiveEdit>>methB" }) { return (code, site) }
      }
      if let status = monitor.look({ $0.exitStatus }) {
        throw StepFailure(description: "the program ended (\(status)) \(monitor.look { $0.errorText })")
      }
      Foundation.Thread.sleep(forTimeInterval: 0.002)
    } while ContinuousClock.now < end
    throw StepFailure(
      description: "methA was not compiled with methB inlined within \(seconds) s; `ovid doctor` may know why"
        + monitor.look { $0.errorText.isEmpty ? "" : ": \($0.errorText)" })
  }

  /// The speed over the next moment: the median of what the program reports; with `processorRate`, of its thread.
  public func speed(over seconds: Double, by rate: KeyPath<SpeedSample, Double?> & Sendable = \.rate) throws -> Double {
    let start = ContinuousClock.now
    Foundation.Thread.sleep(forTimeInterval: seconds)
    guard let rate = monitor.wait(seconds: 5, for: { $0.rate(since: start, by: rate) }) else {
      throw StepFailure(description: "the program stopped reporting its speed")
    }
    return rate
  }

  /// When the program was back at 90 %, or another part, of a speed (of its thread's processor time), after an edit at
  /// `start` by which each send adds `value`.
  public func waitUntilBack(
    to speed: Double, part: Double = 0.9, adding value: Int, since start: ContinuousClock.Instant
  ) throws -> ContinuousClock.Instant {
    let back = monitor.wait(seconds: 20) { state in
      state.samples.reversed().prefix { $0.arrival > start }.last {
        $0.value == value && ($0.processorRate ?? 0) >= part * speed
      }?.arrival
    }
    if let back { return back }
    let share = monitor.look { $0.processorShare(since: start) } ?? 0
    throw StepFailure(
      description: "the loop did not come back to \(Int(100 * part)) % of its speed"
        + (share < Self.quietShare
          ? String(format: "; the machine is too busy to tell (the program had %.0f %% of a processor)", 100 * share)
          : ""))
  }
  /// With less of a processor, caches and clock rates are others' as well.
  private static let quietShare = 0.8
}

/// 1234567 as `1.2 M`.
public func short(_ x: Double) -> String {
  for (limit, unit) in [(1e9, " G"), (1e6, " M"), (1e3, " k")] where x >= limit {
    return String(format: "%.*f%@", x / limit < 10 ? 2 : 0, x / limit, unit)
  }
  return String(format: "%.0f", x)
}

extension Duration {
  public var milliseconds: Double { Double(components.seconds) * 1e3 + Double(components.attoseconds) / 1e15 }
  public var seconds: Double { milliseconds / 1000 }
}
