// A WebSocket of a client: what comes in goes to its `LiveClient`, what that has to say goes out, as fast as the other side
// reads.

import Foundation
import LiveSession
import Synchronization

final class LiveConnection: Sendable {
  /// Seconds without a word after which the client is asked whether it is there, and after which it is dropped.
  static let pingAfter = 10.0
  static let patience = 30.0
  /// Seconds for a message to be taken by the other side, and for its good-bye.
  static let writePatience = 30.0
  static let closePatience = 2.0

  private struct Control {
    var ping = false
    /// The latest ping of the other side.
    var pong: [UInt8]?
  }
  private let socket: ServedSocket
  private let client: LiveClient
  private let control = Mutex(Control())
  private let lastPing = Mutex(0.0)

  init(_ socket: ServedSocket, _ client: LiveClient) {
    self.socket = socket
    self.client = client
  }

  /// Returns when it is over.
  func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.read() }
      group.addTask { await self.write() }
      await group.waitForAll()
    }
    client.disconnect()
  }

  /// Instead of `run`.
  func abandon() { client.disconnect() }

  // MARK: In

  private func read() async {
    var reader = FrameReader()
    var isClosing = false
    while let bytes = await socket.read() {
      reader.add(bytes)
      // After a good-bye only the end is waited for.
      if isClosing { continue }
      do throws(WebSocketViolation) {
        while !isClosing, let message = try reader.next() { isClosing = take(message) }
      } catch {
        isClosing = true
        client.close(error.code, error.reason)
      }
    }
    // Whoever writes is not to wait for a session that has nothing to say.
    client.disconnect()
    client.poke()
  }

  /// True: the other side says good-bye.
  private func take(_ message: IncomingMessage) -> Bool {
    switch message {
    case .text(let bytes): client.receive(Data(bytes))
    case .binary: client.bad("Binary messages are not read here.")
    case .ping(let payload):
      control.withLock { $0.pong = payload }
      client.poke()
    case .pong: break
    case .close(let code):
      client.close(code ?? 1000, "")
      return true
    }
    return false
  }

  // MARK: Out

  private func write() async {
    while let message = await client.next() {
      if !(await writeControl()) { break }
      switch message {
      case .nothing: break
      case .text(let text): if !(await send(FrameWriter.text(text))) { return end() }
      case .binary(let bytes): if !(await send(FrameWriter.binary(bytes))) { return end() }
      case .close(let code, let reason):
        _ = await send(FrameWriter.close(code, reason))
        // The other side has a moment to say good-bye itself.
        socket.endSending()
        return socket.limit(Self.closePatience)
      }
    }
    end()
  }
  private func end() { socket.abort() }

  private func writeControl() async -> Bool {
    let due = control.withLock { control in
      defer { control = Control() }
      return control
    }
    if let pong = due.pong, !(await send(FrameWriter.pong(pong))) { return false }
    return due.ping ? await send(FrameWriter.ping()) : true
  }

  private func send(_ data: Data) async -> Bool {
    socket.limit(Self.writePatience)
    defer { socket.limit(nil) }
    do { try await socket.write(data) } catch { return false }
    return true
  }

  /// Once a second.
  func tick(_ now: Double) {
    let silence = now - socket.received
    if silence > Self.patience { return client.close(4002, "no answer to a ping") }
    guard silence > Self.pingAfter else { return }
    let isDue = lastPing.withLock { last -> Bool in
      if now - last < Self.pingAfter { return false }
      last = now
      return true
    }
    if isDue {
      control.withLock { $0.ping = true }
      client.poke()
    }
  }
}
