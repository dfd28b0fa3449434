// The socket of one connection, with what it takes so that nobody on the other side can hold it open without end: whoever
// reads or writes says how long that may take.

import FlyingSocks
import Foundation
import Synchronization

final class ServedSocket: Sendable {
  private struct State {
    var deadline: Double?
    var isClosed = false
    var buffer: [UInt8] = []
    var received = 0.0
  }
  let socket: AsyncSocket
  private let state = Mutex(State())

  init(_ socket: AsyncSocket) {
    self.socket = socket
    var on: Int32 = 1
    // Small messages are not to wait for others.
    setsockopt(socket.socket.file.rawValue, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
  }

  static var now: Double { ProcessInfo.processInfo.systemUptime }

  /// When something last came.
  var received: Double { state.withLock { $0.received } }

  // MARK: Time

  /// What is done from now on has so many seconds together; nil: as long as it wants.
  func limit(_ seconds: Double?) { state.withLock { $0.deadline = seconds.map { Self.now + $0 } } }

  /// Ends the connection if its time is over; whoever reads or writes then finds it closed.
  func endIfOverdue(_ now: Double) {
    if state.withLock({ $0.deadline.map { $0 < now } ?? false }) { abort() }
  }

  func abort() {
    state.withLock { if !$0.isClosed { _ = shutdown(socket.socket.file.rawValue, Int32(SHUT_RDWR)) } }
  }
  /// Nothing more is sent; what comes can still be read.
  func endSending() {
    state.withLock { if !$0.isClosed { _ = shutdown(socket.socket.file.rawValue, Int32(SHUT_WR)) } }
  }

  /// By whoever has opened it, when nobody reads or writes any more.
  func close() {
    let closes = state.withLock { state -> Bool in
      defer { state.isClosed = true }
      return !state.isClosed
    }
    if closes { try? socket.close() }
  }

  // MARK: Bytes

  /// Some bytes, those first that were read too early. Nil: the other side has closed.
  func read() async -> [UInt8]? {
    let early = state.withLock { state -> [UInt8] in
      defer { state.buffer = [] }
      return state.buffer
    }
    if !early.isEmpty { return early }
    guard let bytes = try? await socket.read(atMost: 4096), !bytes.isEmpty else { return nil }
    state.withLock { $0.received = Self.now }
    return bytes
  }
  /// They come again.
  func giveBack(_ bytes: [UInt8]) { state.withLock { $0.buffer = bytes + $0.buffer } }

  func write(_ data: Data) async throws { try await socket.write(data) }

  /// The bytes of the head of a request, with the empty line. Nil: there is none, the other side has closed.
  func readHead() async throws(RequestHead.Malformed) -> [UInt8]? {
    var head: [UInt8] = []
    while true {
      guard let bytes = await read() else { return nil }
      let from = max(0, head.count - 3)
      head += bytes
      if let end = Self.end(of: head, from: from) {
        giveBack(Array(head[end...]))
        return Array(head[..<end])
      }
      if head.count > RequestHead.limit { throw RequestHead.Malformed(status: .headTooLarge) }
    }
  }

  /// Behind the first empty line.
  private static func end(of head: [UInt8], from start: Int) -> Int? {
    var i = start
    while let lineEnd = head[i...].firstIndex(of: 0x0A) {
      if lineEnd + 1 < head.count, head[lineEnd + 1] == 0x0A { return lineEnd + 2 }
      if lineEnd + 2 < head.count, head[lineEnd + 1] == 0x0D, head[lineEnd + 2] == 0x0A { return lineEnd + 3 }
      i = lineEnd + 1
    }
    return nil
  }
}
