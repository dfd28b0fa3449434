// `ovid soak`: edits one running program for a long time, and looks whether it stays as fast and as small.

import ArgumentParser
import Foundation
import Ovid

struct SoakCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "soak", abstract: "Edits a running program for hours and watches speed and memory.")

  @Option(
    help: """
      What is edited: `loop`, the demo's, each time when it is fast again, or without waiting for that `replaced` \
      or `alternating` texts of one method, `fields` added and removed, `superclasses` changed, `subclasses` made.
      """) var edits = SoakEdits.loop
  @Option(help: "Stop after so many accepts.") var accepts = 100_000
  @Option(help: "Print a line after so many accepts.") var every = 100
  @Option(help: ArgumentHelp("Where compiled code is kept between runs.", valueName: "folder")) var cacheDir: String?
  @Option(help: ArgumentHelp("Where accepted changes are logged.", valueName: "file")) var changeLog: String?

  func validate() throws {
    guard accepts > 0, every > 0 else { throw ValidationError("--accepts and --every need 1 or more.") }
  }

  func run() throws {
    try reporting {
      var options = Options()
      options.cacheDirectory = cacheDir
      options.changeLog = changeLog
      if edits != .loop { return try GrowthSoak(edits, options).run(accepts: accepts, every: every) }
      print(
        column("accepts", 10) + column("effect, median", 18, right: true)
          + column("recovery, median", 18, right: true)
          + column("memory", 12, right: true))
      _ = try EditLatencies.measure(accepts: accepts, options: options) { i, latencies in
        guard i % every == 0 else { return }
        print(
          column("\(i)", 10)
            + column(
              "\(Figure.text(Measurement.quantile(Array(latencies.effects.suffix(every)), 0.5))) µs", 18,
              right: true)
            + column(
              "\(Figure.text(Measurement.quantile(Array(latencies.recoveries.suffix(every)), 0.5))) ms", 18,
              right: true)
            + column("\(ProcessMemory().residentKilobytes >> 10) MB", 12, right: true))
      }
    }
  }
}
