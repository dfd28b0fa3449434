// `ovid soak`: edits one running program for a long time, and looks whether it stays as fast and as small.

import ArgumentParser
import Foundation
import Laboratory
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
      if edits != .loop {
        return try GrowthSoak(edits, options).run(accepts: accepts, every: every, say: show)
      }
      show(EditLatencies.header)
      _ = try EditLatencies.measure(accepts: accepts, options: options) { i, latencies in
        if i % every == 0 { show(latencies.line(total: i, latest: every)) }
      }
    }
  }

  private func show(_ line: String) {
    print(line)
    fflush(nil)
  }
}

extension SoakEdits: ExpressibleByArgument {}
