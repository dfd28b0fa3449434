// What `--stats-file` writes when a program has ended.

import Foundation
import Ovid

public struct RunReport: Codable {
  var statistics: Statistics
  /// The most memory that was resident at once in this process, and the most that was in its compile worker, what both
  /// share counted once: never less than what they had at any time.
  var peakKilobytes: Int

  public init(statistics: Statistics) {
    self.statistics = statistics
    peakKilobytes =
      ProcessMemory().peakKilobytes + statistics.workerPeakKilobytes - statistics.workerSharedKilobytes
  }

  public struct WriteError: Error, CustomStringConvertible {
    public let description: String
  }

  public func write(_ path: String) throws {
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
}
