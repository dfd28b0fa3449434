// The memory of a process, as the kernel counts it.

import Foundation

/// How much memory this process has, as the operating system says.
public struct ProcessMemory: Sendable, Hashable {
  /// In memory now.
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

extension ProcessMemory {
  /// Kilobytes of files that are resident in both processes, code mostly: a sum of their memory counts them twice.
  static func shared(with process: pid_t) -> Int {
    let own = sharedFiles(of: "self"), other = sharedFiles(of: "\(process)")
    return own.reduce(0) { $0 + min($1.value, other[$1.key] ?? 0) }
  }

  /// By path: kilobytes that other processes have mapped as well.
  private static func sharedFiles(of process: String) -> [Substring: Int] {
    var result: [Substring: Int] = [:]
    var path: Substring?
    guard let text = try? String(contentsOfFile: "/proc/\(process)/smaps", encoding: .utf8) else { return result }
    for line in text.split(separator: "\n") {
      // Dirty are those of a file that was written just now.
      if line.hasPrefix("Shared_"), let path, path.count > 1 {
        result[path, default: 0] += line.split(separator: " ").lazy.compactMap { Int($0) }.first ?? 0
      } else if let first = line.first, first.isHexDigit && !first.isUppercase {
        path = line.firstIndex(of: "/").map { line[$0...] }
      }
    }
    return result
  }

  /// Gives back what this process does not need as long as little happens: free memory of malloc's, and code.
  static func giveBack() {
    // Glibc's; its module does not show it.
    typealias Trim = @convention(c) (_ kept: Int) -> Int32
    if let trim = dlsym(nil, "malloc_trim") { _ = unsafeBitCast(trim, to: Trim.self)(0) }
    forgetStart(libraries: false)
  }

  /// Gives back pages of files that nobody has written to and that mostly only starting needed: this executable's code,
  /// and, if no other thread unmaps files, what `libraries` begin with, their symbols and relocations. What is needed again
  /// comes again.
  static func forgetStart(libraries: Bool) {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    guard length > 0, let maps = try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8) else { return }
    let executable = String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    for line in maps.split(separator: "\n") where line.contains("/") {
      let isOwn = line.hasSuffix(executable)
      let isStart = line.contains(" r--p 00000000 ") && (libraries || isOwn)
      guard isStart || line.contains(" r-xp ") && isOwn else { continue }
      let range = line.prefix { $0 != " " }.split(separator: "-").compactMap { UInt($0, radix: 16) }
      guard range.count == 2, let start = UnsafeMutableRawPointer(bitPattern: range[0]) else { continue }
      madvise(start, Int(range[1] - range[0]), Int32(MADV_DONTNEED))
    }
  }
}
