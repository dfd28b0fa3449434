// The memory of a process, as the kernel counts it.

import Foundation

public struct ProcessMemory: Sendable, Hashable {
  public var residentKilobytes = 0
  /// The most that was resident at once, since the process has run its program: what wait4 and getrusage tell counts
  /// the memory of the process that started it, too.
  public var peakKilobytes = 0

  /// Of a process that runs, by number or `self`; zeros if it does not.
  public init(of process: String = "self") {
    let file = open("/proc/\(process)/status", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = read(file, &buffer, buffer.count)
    for line in buffer[..<max(0, count)].split(separator: UInt8(ascii: "\n")) {
      let words = line.split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") })
      guard words.count > 1, let number = Int(String(decoding: words[1], as: UTF8.self)) else { continue }
      if words[0].elementsEqual("VmRSS:".utf8) { residentKilobytes = number }
      if words[0].elementsEqual("VmHWM:".utf8) { peakKilobytes = number }
    }
  }
}
