// The language server on standard streams: one thread reads, one answers.

import EditorProtocols
import Foundation
import Synchronization

public enum LanguageServerProcess {
  /// What has come in and is not answered yet.
  private final class Inbox: Sendable {
    enum Item: Sendable {
      case call(RPCCall)
      case work(@Sendable (LanguageServer) -> Void)
    }
    private let calls = Mutex<(waiting: [Item], isClosed: Bool)>(([], false))
    private let arrived = DispatchSemaphore(value: 0)

    func add(_ call: Item) {
      calls.withLock { $0.waiting.append(call) }
      arrived.signal()
    }

    func close() {
      calls.withLock { $0.isClosed = true }
      arrived.signal()
    }

    /// The next call; waits for it if that is wanted. nil: there is none, or none will come.
    func next(waiting: Bool) -> (call: Item?, isClosed: Bool) {
      if waiting { arrived.wait() } else if arrived.wait(timeout: .now()) == .timedOut { return (nil, false) }
      return calls.withLock { calls in
        if !calls.waiting.isEmpty { return (calls.waiting.removeFirst(), false) }
        return (nil, calls.isClosed)
      }
    }
  }

  /// Serves a stream until `exit`, or its end; answers the exit status.
  /// - Parameter attach: connects to a running program, whose events go where it is told.
  public static func serve(
    _ stream: MessageStream, _ configuration: LanguageServer.Configuration,
    attach: ((_ onEvent: @escaping @Sendable (JSON) -> Void) throws -> any RunningProgram)? = nil
  ) rethrows -> Int32 {
    let inbox = Inbox()
    var configuration = configuration
    configuration.program = try attach? { event in inbox.add(.work { $0.noteEvent(event) }) }
    let peer = RPCPeer { stream.write($0) }
    let reader = Thread {
      do throws(FramingError) {
        try stream.read { message in
          guard let call = peer.receive(message) else { return true }
          // What is not wanted any more is not begun.
          if call.method == "$/cancelRequest", let id = call.parameters["id"].flatMap(RPCID.init) { peer.cancel(id) }
          inbox.add(.call(call))
          return call.method != "exit"
        }
      } catch { peer.send(.invalid(nil, RPCError(.parseError, "\(error)"))) }
      inbox.close()
    }
    reader.start()
    let server = LanguageServer(peer, configuration) { work in inbox.add(.work(work)) }
    var hasMore = true
    while true {
      let (call, isClosed) = inbox.next(waiting: !hasMore)
      switch call {
      case .call(let call)?: server.handle(call)
      case .work(let work)?: work(server)
      case nil: break
      }
      if let status = server.exitStatus { return status }
      // Without a word, or without goodbye.
      if isClosed { return server.state == .initialized ? 1 : 0 }
      hasMore = call != nil || server.workWhileIdle()
    }
  }
}
