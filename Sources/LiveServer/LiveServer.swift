// The server of a live session: HTTP for the page, a WebSocket for what it says and hears; or of a recorded one, which is
// only read. Start reading here.
//
//   accept ─► ServedSocket ─► RequestHead ─► Admission ─► PageFiles, or LiveConnection ◄─► LiveClient
//
// The sockets, and the pool of threads that waits for them, are FlyingFox's (its half `FlyingSocks`). Requests and frames
// are read here, and not by FlyingFox's server, which has no limits for what somebody without the token may send: the bytes
// of a head or of a frame, the time for it, the number of connections.

import FlyingSocks
import Foundation
import LiveSession
import Ovid
import Synchronization

/// Serves a live session, or a recorded one, on 127.0.0.1. Any thread.
public final class LiveServer: Sendable {
  /// Where it listens, and whom it answers.
  public struct Configuration: Sendable {
    /// 0: one that is free.
    public var port: UInt16
    /// Where the pages are read from; nil: they are in the executable.
    public var pagesFolder: String?
    /// Whoever does not know it is refused.
    public var token: String

    /// Without a token a random one is made.
    public init(port: UInt16 = 0, pagesFolder: String? = nil, token: String? = nil) {
      self.port = port
      self.pagesFolder = pagesFolder
      self.token = token ?? Admission.randomToken()
    }
  }

  /// Why it cannot listen.
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  /// Clients at once, and connections of all kinds, waiting ones included.
  static let clientLimit = 64
  static let connectionLimit = 256
  /// Seconds for the head of a request, for an answer to be taken, and between two requests.
  static let headPatience = 10.0
  static let answerPatience = 30.0

  private enum Content: Sendable { case session(LiveSession), recording(Recording) }
  private struct State {
    var sockets: [Int: ServedSocket] = [:]
    var live: [Int: LiveConnection] = [:]
    var last = 0
    var task: Task<Void, Never>?
  }
  private let content: Content
  /// It ends with the server.
  private let ownsSession: Bool
  private let token: String
  private let files: PageFiles
  private let admission: Admission
  private let listener: Socket
  private let state = Mutex(State())

  /// Listens on 127.0.0.1, but answers nobody before `start`.
  public convenience init(_ session: LiveSession, _ configuration: Configuration = Configuration()) throws(Failure) {
    try self.init(.session(session), configuration)
  }
  /// Serves the machine of a program in Swift, which goes on calling it: whoever opens `address` in a browser looks at its
  /// code, and changes it at the next safepoint. Listens on 127.0.0.1, but answers nobody before `start`.
  ///
  /// While a browser is connected, an error of the program that nothing handles stops the call that it is in, for the
  /// debugger in the browser; limits of the call go on. What somebody evaluates there may do what the machine's capabilities
  /// allow. `Options.debuggable` shows more of code that is compiled.
  /// - Parameter className: the class that the page shows first.
  public convenience init(
    _ vm: VirtualMachine, showing className: String? = nil, _ configuration: Configuration = Configuration()
  ) throws {
    try self.init(.session(LiveSession(vm, showing: className)), configuration, ownsSession: true)
  }
  /// The same pages, which read a recording.
  public convenience init(_ recording: Recording, _ configuration: Configuration = Configuration()) throws(Failure) {
    try self.init(.recording(recording), configuration)
  }

  private init(
    _ content: Content, _ configuration: Configuration, ownsSession: Bool = false
  ) throws(Failure) {
    self.content = content
    self.ownsSession = ownsSession
    token = configuration.token
    files = PageFiles(folder: configuration.pagesFolder)
    do {
      listener = try Socket(domain: Int32(AF_INET), type: .stream)
      try listener.setValue(true, for: .localAddressReuse)
      try listener.bind(to: .inet(ip4: "127.0.0.1", port: configuration.port))
      try listener.listen()
      guard case .ip4(_, let port) = try listener.sockname() else { throw SocketError.unsupportedAddress }
      admission = Admission(token: configuration.token, port: port)
    } catch {
      throw Failure(
        description: "cannot listen on 127.0.0.1, port \(configuration.port): "
          + String(cString: strerror(errno)) + (configuration.port == 0 ? "" : "; without --port a free one is chosen"))
    }
  }

  /// Where it listens.
  public var port: UInt16 { admission.port }
  /// What somebody opens in a browser.
  public var address: String { "http://127.0.0.1:\(port)/?token=\(token)" }

  /// Begins to answer.
  public func start() {
    let task = Task { await self.run() }
    state.withLock { $0.task = task }
  }

  /// Everybody is let go.
  public func stop() {
    let (task, sockets) = state.withLock { ($0.task, Array($0.sockets.values)) }
    for socket in sockets { socket.abort() }
    task?.cancel()
    if ownsSession, case .session(let session) = content { session.end() }
  }

  // MARK: Connections

  private func run() async {
    let pool = SocketPool.make()
    do { try await pool.prepare() } catch { return }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await pool.run() }
      group.addTask { await self.watch() }
      group.addTask { await self.accept(pool) }
      await group.waitForAll()
    }
    try? listener.close()
  }

  private func accept(_ pool: some AsyncSocketPool) async {
    guard let listening = try? AsyncSocket(socket: listener, pool: pool) else { return }
    await withDiscardingTaskGroup { group in
      while !Task.isCancelled {
        do {
          let socket = ServedSocket(try await listening.accept())
          guard let number = admit(socket) else {
            // Not even read: there are more than enough.
            socket.close()
            continue
          }
          group.addTask {
            await self.serve(socket, number)
            socket.close()
            self.forget(number)
          }
        } catch {
          // No file descriptors, say: those that are open will end.
          try? await Task.sleep(for: .milliseconds(100))
        }
      }
    }
  }

  private func admit(_ socket: ServedSocket) -> Int? {
    state.withLock { state in
      if state.sockets.count >= Self.connectionLimit { return nil }
      state.last += 1
      state.sockets[state.last] = socket
      return state.last
    }
  }
  private func forget(_ number: Int) {
    state.withLock { (state: inout State) in
      state.sockets[number] = nil
      state.live[number] = nil
    }
  }

  /// Ends what takes too long.
  private func watch() async {
    while !Task.isCancelled {
      try? await Task.sleep(for: .seconds(1))
      let now = ServedSocket.now
      let (sockets, live) = state.withLock { (Array($0.sockets.values), Array($0.live.values)) }
      for socket in sockets { socket.endIfOverdue(now) }
      for connection in live { connection.tick(now) }
    }
  }

  // MARK: Requests

  private func serve(_ socket: ServedSocket, _ number: Int) async {
    while !Task.isCancelled {
      socket.limit(Self.headPatience)
      let head: RequestHead
      do throws(RequestHead.Malformed) {
        guard let bytes = try await socket.readHead() else { return }
        head = try RequestHead(bytes)
      } catch {
        let response = Response(error.status, "This is no request that is understood here.")
        try? await socket.write(response.bytes(keepsAlive: false))
        return await linger(socket)
      }
      socket.limit(Self.answerPatience)
      if head.path == "/session", case .session(let session) = content, admission.check(head) == .welcome {
        return await serve(session, socket, number, head)
      }
      let response = answer(head)
      do { try await socket.write(response.bytes(keepsAlive: head.keepsAlive, isHead: head.method == "HEAD")) } catch {
        return
      }
      if !head.keepsAlive { return }
    }
  }

  /// What the other side still sends must not take the answer away from it.
  private func linger(_ socket: ServedSocket) async {
    socket.endSending()
    socket.limit(1)
    while await socket.read() != nil {}
  }

  private func answer(_ head: RequestHead) -> Response {
    switch admission.check(head) {
    case .refused(let sentence): return Response(.forbidden, sentence)
    case .setCookie:
      return Response(
        .seeOther, headers: [("Location", "/"), ("Set-Cookie", admission.cookie(token))])
    case .welcome: break
    }
    guard ["GET", "HEAD"].contains(head.method) else {
      return Response(.methodNotAllowed, "Files are only read here.")
    }
    if case .recording(let recording) = content {
      // The one word by which a page knows what it shows.
      if head.path == "/modules/mode.js" { return files.script("export const isRecording = true;\n") }
      if let part = recording.response(head.path) { return part }
    }
    return files.response(head.path) ?? Response(.notFound, "There is no file \(head.path.prefix(200)).")
  }

  private func serve(_ session: LiveSession, _ socket: ServedSocket, _ number: Int, _ head: RequestHead) async {
    let response = Handshake.response(head)
    let isSwitching = response.status == .switching
    let connection = isSwitching ? connect(session, socket, number) : nil
    let answer =
      isSwitching && connection == nil
      ? Response(.unavailable, "\(Self.clientLimit) clients are connected already; close some of their pages.")
      : response
    do { try await socket.write(answer.bytes(keepsAlive: false)) } catch {
      connection?.abandon()
      return
    }
    guard let connection else { return }
    socket.limit(nil)
    await connection.run()
  }

  /// Nil: there are too many.
  private func connect(_ session: LiveSession, _ socket: ServedSocket, _ number: Int) -> LiveConnection? {
    state.withLock { state in
      if state.live.count >= Self.clientLimit { return nil }
      let connection = LiveConnection(socket, session.connect())
      state.live[number] = connection
      return connection
    }
  }
}
