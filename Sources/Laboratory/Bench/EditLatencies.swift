// How long an edit takes until running code shows it, and until that code is fast again: the demo's program, edited
// again and again, each time when its loop is compiled with methB inlined.

import Foundation
import Ovid

public struct EditLatencies {
  /// Microseconds from each request to the first send that ran the new code.
  var effects: [Double] = []
  /// Milliseconds from each request until the program reported 90 % of its speed, and a quarter of it.
  var recoveries: [Double] = []
  var quarters: [Double] = []

  public static let header =
    column("accepts", 10) + column("effect, median", 18, right: true) + column("recovery, median", 18, right: true)
    + column("memory", 12, right: true)

  /// What is printed of the latest `count` accepts, when `total` were made.
  public func line(total: Int, latest count: Int) -> String {
    func median(_ values: [Double], _ unit: String) -> String {
      column("\(Figure.text(Measurement.quantile(Array(values.suffix(count)), 0.5))) \(unit)", 18, right: true)
    }
    return column("\(total)", 10) + median(effects, "µs") + median(recoveries, "ms")
      + column("\(ProcessMemory().residentKilobytes >> 10) MB", 12, right: true)
  }

  /// With `returning`, each accept but the first two goes back to the version before the one at hand; else each makes
  /// one that was never there, so that no cache can help.
  public static func measure(
    accepts: Int, returning: Bool = false, options: Options = Options(),
    each: (Int, EditLatencies) -> Void = { _, _ in }
  ) throws -> EditLatencies {
    var result = EditLatencies()
    let session = try LiveEditSession(options: options)
    session.start()
    defer { session.vm.quit(status: 0) }
    _ = try session.waitUntilInlined(seconds: 30)
    let speed = try session.speed(over: 0.5, by: \.processorRate)
    for i in 1...accepts {
      let value = 100 + (returning ? i % 2 : i)
      let start = ContinuousClock.now
      let receipt = try session.accept("methB = ( ^\(value) )")
      guard receipt.invalidated.isEmpty == false else {
        throw StepFailure(description: "accept \(i) met no compiled code that had inlined methB")
      }
      let effect = session.monitor.wait(seconds: 10) { state in
        state.events.reversed().compactMap { event in
          if case .effect(receipt.id, _, let microseconds, _) = event { return microseconds }
          return nil
        }.first
      }
      guard let effect else { throw StepFailure(description: "accept \(i) had no effect") }
      let back: ContinuousClock.Instant, quarter: ContinuousClock.Instant
      do {
        quarter = try session.waitUntilBack(to: speed, part: 0.25, adding: value, since: start)
        back = try session.waitUntilBack(to: speed, adding: value, since: start)
      } catch {
        throw StepFailure(description: "after accept \(i): \(error)")
      }
      result.effects.append(Double(effect))
      result.recoveries.append((back - start).milliseconds)
      result.quarters.append((quarter - start).milliseconds)
      session.monitor.forgetOld()
      each(i, result)
    }
    return result
  }
}
