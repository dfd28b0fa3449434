// System: the computer's clock and time zone. The time since the start is in SystemPrimitives.

import Foundation

let clockRows: [PrimitiveRow] = [
  PrimitiveRow("System", "microsecondClock") { native(systemMicrosecondClock, $0, $1, $2) },
  PrimitiveRow("System", "timeZoneOffsetAt:") { native(systemTimeZoneOffset, $0, $1, $2) },
]

/// Since 1970-01-01T00:00:00Z.
private func systemMicrosecondClock(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard universe.options.capabilities.time else { return universe.notPermitted(h, m, "look at the clock") }
  var now = timespec()
  clock_gettime(CLOCK_REALTIME, &now)
  return Value(integer: Int(now.tv_sec) * 1_000_000 + Int(now.tv_nsec) / 1000).bits
}

/// Seconds that local time is ahead of UTC at that second.
private func systemTimeZoneOffset(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let seconds = argument1(h)
  guard universe.options.capabilities.time else { return universe.notPermitted(h, m, "look at the clock") }
  guard seconds.isInteger else { return universe.wrongArgument(h, m, needs: "an integer", not: seconds) }
  var moment = time_t(seconds.integer), local = tm()
  guard localtime_r(&moment, &local) != nil else { return Value(integer: 0).bits }
  return Value(integer: local.tm_gmtoff).bits
}
