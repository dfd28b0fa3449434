// Time for latencies and statistics.

import Foundation

enum Clock {
  static func microseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000 + time.tv_nsec / 1000
  }

  /// For people: it may be set.
  static var secondsSince1970: Double { Date().timeIntervalSince1970 }
}
