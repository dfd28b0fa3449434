// What `--stats-file` writes when a program has ended.

import Foundation
import Ovid

struct RunReport: Codable {
  var statistics: Statistics
  /// The most memory that was resident at once. Of this program alone: what wait4 tells a parent counts the
  /// parent's own memory before exec, too.
  var peakKilobytes = RunReport.ownPeakKilobytes()

  struct WriteError: Error, CustomStringConvertible {
    let description: String
  }

  func write(_ path: String) throws {
    let data = try JSONEncoder().encode(self)
    guard let file = fopen(path, "w") else {
      throw WriteError(description: "cannot write \(path): \(String(cString: strerror(errno)))")
    }
    let count = data.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
    guard fclose(file) == 0, count == data.count else {
      throw WriteError(description: "cannot write \(path): \(String(cString: strerror(errno)))")
    }
  }

  static func read(_ path: String) throws -> RunReport {
    try JSONDecoder().decode(RunReport.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
  }

  /// Of this process until now.
  static func ownPeakKilobytes() -> Int {
    let line = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8))?
      .split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line.flatMap { Int($0.split(whereSeparator: { !$0.isNumber }).first ?? "") } ?? 0
  }
}
