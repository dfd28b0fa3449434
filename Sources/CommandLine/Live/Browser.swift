// `--open`: the address in the browser that the system prefers.

import Foundation

enum Browser {
  static func open(_ address: String) {
    #if canImport(Darwin)
      let command = "open"
    #else
      let command = "xdg-open"
    #endif
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [command, address]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    process.terminationHandler = { ended in
      if ended.terminationStatus != 0 { complain("--open: no browser could be opened; open the address yourself") }
    }
    do { try process.run() } catch { complain("--open: no browser could be opened; open the address yourself") }
  }
}
