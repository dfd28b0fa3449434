// The `ovid` that tests start as a process.

import Foundation

enum BuiltExecutable {
  /// What OVID_EXECUTABLE names, or else the one that was built with the tests.
  static var path: String? {
    if let named = ProcessInfo.processInfo.environment["OVID_EXECUTABLE"] { return named }
    let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
    return [(tests as NSString).deletingLastPathComponent + "/ovid", root + "/.build/debug/ovid"]
      .first { access($0, X_OK) == 0 }
  }
}
