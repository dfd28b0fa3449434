// Messages on a socket: their length in eight bytes, least significant first, and as many bytes.

import Foundation

struct MessageChannel: Sendable {
  let descriptor: Int32
  /// Bytes of a message at most; what is longer is none.
  static let limit = 256 << 20

  enum Failure: Error, Sendable {
    /// The other side is gone.
    case closed
    case late(seconds: Double)
    case garbage(String)
  }

  /// How long to wait for the other side; nil: for ever. Counted in slices, so that time in which this process is
  /// stopped or the computer sleeps is nearly none: the other side could not do anything then, either.
  private struct Patience {
    private let seconds: Double?
    private var slices: Int
    private static let slice: Int32 = 100

    init(_ seconds: Double?) {
      self.seconds = seconds
      slices = Int((seconds ?? 0) * 1000) / Int(Self.slice)
    }

    /// Waits until the socket can be read or written.
    mutating func wait(for event: Int32, on descriptor: Int32) throws(Failure) {
      while true {
        var request = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        let ready = poll(&request, 1, seconds == nil ? -1 : Self.slice)
        if ready > 0 { return }
        if ready < 0 {
          if errno == EINTR { continue }
          throw .closed
        }
        slices -= 1
        if slices < 0 { throw .late(seconds: seconds ?? 0) }
      }
    }
  }

  func send(bytes: [UInt8], within seconds: Double? = nil) throws(Failure) {
    var patience = Patience(seconds)
    var message = (0..<8).map { UInt8(truncatingIfNeeded: bytes.count >> (8 * $0)) }
    message += bytes
    var done = 0
    while done < message.count {
      try patience.wait(for: POLLOUT, on: descriptor)
      let count = message.withUnsafeBytes {
        Foundation.send(
          descriptor, $0.baseAddress! + done, $0.count - done, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
      }
      if count < 0 && Self.isPassing { continue }
      if count < 0 { throw .closed }
      done += count
    }
  }

  func receive(within seconds: Double? = nil) throws(Failure) -> [UInt8] {
    var patience = Patience(seconds)
    let header = try read(8, &patience)
    let count = header.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard count <= UInt64(Self.limit) else { throw .garbage("a message of \(count) bytes") }
    return try read(Int(count), &patience)
  }

  /// Whether a message comes within so many seconds (nil: for ever), or the other side goes. Nothing of it is read.
  func hasMessage(within seconds: Double?) throws(Failure) -> Bool {
    var patience = Patience(seconds)
    do throws(Failure) { try patience.wait(for: POLLIN, on: descriptor) } catch {
      if case .late = error { return false }
      throw error
    }
    return true
  }

  /// Whether the other side is gone, or goes within that time (-1: ever).
  func isClosed(within milliseconds: Int32) -> Bool {
    var request = pollfd(fd: descriptor, events: 0, revents: 0)
    while true {
      let ready = poll(&request, 1, milliseconds)
      if ready >= 0 || errno != EINTR { return ready > 0 }
    }
  }

  private func read(_ count: Int, _ patience: inout Patience) throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    // As it comes: a wrong length must not cost memory.
    var buffer = [UInt8](repeating: 0, count: min(count, 1 << 16))
    while bytes.count < count {
      try patience.wait(for: POLLIN, on: descriptor)
      let n = recv(descriptor, &buffer, min(buffer.count, count - bytes.count), Int32(MSG_DONTWAIT))
      if n < 0 && Self.isPassing { continue }
      if n <= 0 { throw .closed }
      bytes += buffer[..<n]
    }
    return bytes
  }

  private static var isPassing: Bool { errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK }
}
