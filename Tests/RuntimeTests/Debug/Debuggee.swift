// A program under the debugger, for tests: it runs until it stops, and is asked then.

import Foundation
import Testing
import VM

@testable import Runtime

final class Debuggee {
  let session: Session
  var debugger: DebugController { session.runtime.debugging }
  /// Stops that were seen.
  private var seen = 0

  init(_ tier: Tier, _ classes: String, _ more: String...) throws {
    var options = tier.options
    options.debuggable = true
    options.writeBack = false
    session = try Session(tier, [classes] + more, options: options)
    try debugger.attach()
  }

  /// The stop that comes next.
  func stop(sourceLocation: SourceLocation = #_sourceLocation) throws -> StopReport {
    var stops: [StopReport] = []
    _ = session.transcript.waitForEvents { events in
      stops = events.compactMap { if case .debug(.stopped(let stop)) = $0 { stop } else { nil } }
      return stops.count > self.seen
    }
    try #require(
      stops.count > seen, "the program does not stop: \(session.transcript.standardError)",
      sourceLocation: sourceLocation)
    seen += 1
    return stops[seen - 1]
  }

  /// `Main>>run 3`, of the activations that are shown, the innermost first.
  func stack(_ process: Int = 1) throws -> [String] {
    try debugger.stack(process).map(at)
  }

  /// The same of where a process has stopped.
  func at(_ stop: StopReport) -> String { stop.activation.map(at) ?? "" }

  func at(_ activation: ActivationReport) -> String { "\(activation.name) \(activation.place?.line ?? 0)" }

  /// The variables of an activation, by name.
  func variables(_ index: Int = 0, _ process: Int = 1) throws -> [String: String] {
    let id = try debugger.stack(process)[index].id
    return Dictionary(
      try debugger.variables(id).map { ($0.name, $0.value?.text ?? "?") }, uniquingKeysWith: { first, _ in first })
  }

  func evaluate(_ text: String, _ index: Int = 0, _ process: Int = 1) throws -> String {
    switch try debugger.evaluate(text, in: try debugger.stack(process)[index].id) {
    case .value(let value): value.text
    case .stopped(let stop): "stopped: \(stop.message ?? "")"
    }
  }

  /// Goes on to the next stop.
  func step(_ kind: DebugStep) throws -> StopReport {
    try debugger.step(1, kind)
    return try stop()
  }

  /// What it has printed, once it has ended.
  func output() -> String {
    let status = session.finish()
    return session.transcript.standardOutput
      + (status == 0 ? "" : "status \(status)\n\(session.transcript.standardError)")
  }

  deinit { session.runtime.stop() }
}
