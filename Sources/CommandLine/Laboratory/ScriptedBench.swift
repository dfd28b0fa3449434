// `ovid bench --live` and `--lsp`: a script measures from outside, since what counts is what somebody sees in a browser or an
// editor.

import Foundation

enum ScriptedBench: String {
  case live = "scripts/bench-live"
  case languageServer = "scripts/bench-lsp"

  /// Answers the script's exit status.
  func run(quick: Bool, json: String?, strict: Bool = false) throws -> Int32 {
    let script = rawValue
    guard access(script, X_OK) == 0 else {
      complain("there is no \(script) here; run it in the folder of Ovid's sources")
      return ExitStatus.usage
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: script)
    process.arguments =
      ["--ovid", Bundle.main.executablePath ?? ProcessInfo.processInfo.arguments[0]] + (quick ? ["--quick"] : [])
      + (json.map { ["--json", $0] } ?? []) + (strict ? ["--strict"] : [])
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}
