// `ovid bench --live`: a script measures, in a browser, since what counts is what somebody sees there.

import Foundation

enum LiveBench {
  private static let script = "scripts/bench-live"

  /// Answers the script's exit status.
  static func run(quick: Bool, json: String?) throws -> Int32 {
    guard access(script, X_OK) == 0 else {
      complain("there is no \(script) here; run it in the folder of Ovid's sources")
      return ExitStatus.usage
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: script)
    process.arguments =
      ["--ovid", Bundle.main.executablePath ?? ProcessInfo.processInfo.arguments[0]] + (quick ? ["--quick"] : [])
      + (json.map { ["--json", $0] } ?? [])
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}
