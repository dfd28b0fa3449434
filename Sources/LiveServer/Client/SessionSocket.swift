// The other end of a server's WebSocket: how an adapter in a process of its own reaches a session that `ovid live` serves.

import Foundation
import LiveSession
import Synchronization

/// A connection to a live session of another process. Any thread.
public final class SessionSocket: SessionLink {
  /// Why there is no connection, and what to do.
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  /// Bytes of a message of the server's.
  static let messageLimit = 64 << 20

  private let descriptor: Int32
  private let writing = Mutex(false)
  private let messages: AsyncStream<String>

  /// - Parameter address: what `ovid live` prints: `http://127.0.0.1:PORT/?token=TOKEN`.
  public init(address: String) throws {
    guard let parts = URLComponents(string: address), parts.scheme == "http", let port = parts.port,
      ["127.0.0.1", "localhost"].contains(parts.host),
      let token = parts.queryItems?.first(where: { $0.name == "token" })?.value
    else {
      throw Failure(description: "\(address) is no address as ovid live prints it: http://127.0.0.1:PORT/?token=TOKEN")
    }
    descriptor = try Self.connect(port, address)
    let rest: [UInt8]
    do { rest = try Self.shakeHands(descriptor, port, token) } catch {
      Foundation.close(descriptor)
      throw error
    }
    let (stream, continuation) = AsyncStream<String>.makeStream()
    messages = stream
    Thread.detachNewThread { [self] in
      read(rest, continuation)
      continuation.finish()
    }
  }

  deinit { Foundation.close(descriptor) }

  // MARK: Connecting

  private static func connect(_ port: Int, _ address: String) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
    place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let status = withUnsafePointer(to: &place) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    if status == 0 { return descriptor }
    let reason = String(cString: strerror(errno))
    Foundation.close(descriptor)
    throw Failure(description: "nobody answers at \(address): \(reason); does ovid live still run?")
  }

  /// Answers what has come behind the handshake.
  private static func shakeHands(_ descriptor: Int32, _ port: Int, _ token: String) throws -> [UInt8] {
    let key = Data((0..<16).map { _ in UInt8.random(in: 0...255) }).base64EncodedString()
    let head = [
      "GET /session HTTP/1.1", "Host: 127.0.0.1:\(port)", "Authorization: Bearer \(token)", "Upgrade: websocket",
      "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: \(key)", "", "",
    ].joined(separator: "\r\n")
    write(Data(head.utf8), to: descriptor)
    var bytes: [UInt8] = []
    let end = Array("\r\n\r\n".utf8)
    while true {
      if let found = bytes.firstRange(of: end) {
        let answer = String(decoding: bytes[..<found.lowerBound], as: UTF8.self)
        guard answer.hasPrefix("HTTP/1.1 101") else {
          throw Failure(description: "the session is not open to us: \(answer.prefix { !$0.isNewline })")
        }
        return Array(bytes[found.upperBound...])
      }
      guard bytes.count < 64 << 10, let more = read(descriptor) else {
        throw Failure(description: "what answers there is no session of ovid live")
      }
      bytes += more
    }
  }

  // MARK: Reading

  /// Nil: the connection has ended.
  private static func read(_ descriptor: Int32) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = buffer.withUnsafeMutableBytes { Foundation.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      return count > 0 ? Array(buffer[..<count]) : nil
    }
  }

  private func read(_ rest: [UInt8], _ messages: AsyncStream<String>.Continuation) {
    var bytes = rest
    var message: [UInt8] = []
    while true {
      while let frame = Self.takeFrame(&bytes) {
        switch frame.opcode {
        case 0, 1:
          message += frame.payload
          if message.count > Self.messageLimit { return }
          guard frame.isFinal else { continue }
          messages.yield(String(decoding: message, as: UTF8.self))
          message = []
        case 8: return
        case 9: send(0xA, frame.payload)
        default: continue
        }
      }
      guard let more = Self.read(descriptor) else { return }
      bytes += more
    }
  }

  /// A frame of a server, which has no mask. Nil: it is not whole yet.
  private static func takeFrame(_ bytes: inout [UInt8]) -> (opcode: UInt8, isFinal: Bool, payload: [UInt8])? {
    guard bytes.count >= 2 else { return nil }
    var length = Int(bytes[1] & 0x7F), start = 2
    if length >= 126 {
      let size = length == 126 ? 2 : 8
      guard bytes.count >= 2 + size else { return nil }
      length = bytes[2..<2 + size].reduce(0) { $0 << 8 | Int($1) }
      start += size
    }
    guard length >= 0, bytes.count - start >= length else { return nil }
    defer { bytes.removeFirst(start + length) }
    return (bytes[0] & 0x0F, bytes[0] & 0x80 != 0, Array(bytes[start..<start + length]))
  }

  // MARK: Writing

  /// Sends one message.
  public func send(_ text: String) { send(1, Array(text.utf8)) }

  private func send(_ opcode: UInt8, _ payload: [UInt8]) {
    let frame = FrameWriter.frame(opcode, payload, mask: (0..<4).map { _ in UInt8.random(in: 0...255) })
    writing.withLock { isBroken in
      if !isBroken { isBroken = !Self.write(frame, to: descriptor) }
    }
  }

  @discardableResult
  private static func write(_ data: Data, to descriptor: Int32) -> Bool {
    data.withUnsafeBytes { bytes -> Bool in
      var done = 0
      while done < bytes.count {
        let count = Foundation.send(
          descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, Int32(MSG_NOSIGNAL))
        if count < 0, errno == EINTR { continue }
        if count <= 0 { return false }
        done += count
      }
      return true
    }
  }

  public func next() async -> String? {
    var iterator = messages.makeAsyncIterator()
    return await iterator.next()
  }

  /// Ends the connection.
  public func close() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}
