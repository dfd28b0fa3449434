// The other end of a JSON-RPC connection: what it asks is answered exactly once, and what it is asked it answers.

import Synchronization

public final class RPCPeer: Sendable {
  /// Requests under way at once; more are refused.
  public static let callLimit = 1000

  private struct State {
    var open: [RPCID: Cancellation] = [:]
    var asked: [RPCID: @Sendable (Result<JSON, RPCError>) -> Void] = [:]
    var lastID = 0
  }
  fileprivate final class Cancellation: Sendable {
    let isCancelled = Atomic(false)
  }

  private let write: @Sendable ([UInt8]) -> Void
  private let state = Mutex(State())

  /// - Parameter write: sends a message, framed as its stream wants it; called from any thread.
  public init(write: @escaping @Sendable ([UInt8]) -> Void) { self.write = write }

  public func send(_ message: RPCMessage) { write(message.json.bytes) }

  public func notify(_ method: String, _ parameters: JSON) {
    send(.notification(method: method, parameters: parameters))
  }

  /// Asks the other end; `answered` is called where the answer is received, or never.
  public func ask(
    _ method: String, _ parameters: JSON, _ answered: @escaping @Sendable (Result<JSON, RPCError>) -> Void
  ) {
    let id = state.withLock { state in
      state.lastID += 1
      let id = RPCID.string("ovid-\(state.lastID)")
      state.asked[id] = answered
      return id
    }
    send(.request(id, method: method, parameters: parameters))
  }

  /// Takes a message that came in: calls for requests and notifications, one at a time and in order, go to the caller;
  /// everything else is done here.
  public func receive(_ bytes: [UInt8]) -> RPCCall? {
    switch RPCMessage(bytes) {
    case .notification(let method, let parameters): return RPCCall(nil, method, parameters, nil)
    case .request(let id, let method, let parameters):
      let cancellation = Cancellation()
      let problem = state.withLock { state -> String? in
        if state.open[id] != nil { return "a request with the id \(id.json) is under way" }
        if state.open.count >= Self.callLimit { return "\(Self.callLimit) requests are under way" }
        state.open[id] = cancellation
        return nil
      }
      if let problem {
        send(.answer(id, .failure(RPCError(.invalidRequest, problem))))
        return nil
      }
      return RPCCall(id, method, parameters, (self, cancellation))
    case .answer(let id, let result):
      state.withLock { $0.asked.removeValue(forKey: id) }?(result)
    case .invalid(let id, let error): send(.invalid(id, error))
    }
    return nil
  }

  /// The request is not wanted any more: what carries it out may look at `RPCCall.isCancelled`.
  public func cancel(_ id: RPCID) {
    state.withLock { $0.open[id] }?.isCancelled.store(true, ordering: .relaxed)
  }

  fileprivate func answer(_ id: RPCID, _ result: Result<JSON, RPCError>) {
    let isOpen = state.withLock { $0.open.removeValue(forKey: id) != nil }
    if isOpen { send(.answer(id, result)) }
  }

  fileprivate func forget(_ id: RPCID) { state.withLock { _ = $0.open.removeValue(forKey: id) } }

  /// A request or a notification of the other end. One that nobody answers is answered with an error in the end.
  public final class RPCCall: Sendable {
    /// nil: nobody wants an answer.
    public let id: RPCID?
    public let method: String
    public let parameters: JSON
    private let origin: (peer: RPCPeer, cancellation: Cancellation)?

    fileprivate init(_ id: RPCID?, _ method: String, _ parameters: JSON, _ origin: (RPCPeer, Cancellation)?) {
      self.id = id
      self.method = method
      self.parameters = parameters
      self.origin = origin
    }

    public var isCancelled: Bool { origin?.cancellation.isCancelled.load(ordering: .relaxed) ?? false }

    /// Only the first answer counts.
    public func answer(_ result: Result<JSON, RPCError>) {
      if let id { origin?.peer.answer(id, result) }
    }
    public func answer(_ result: JSON) { answer(.success(result)) }
    public func fail(_ code: RPCError.Code, _ message: String, data: JSON? = nil) {
      answer(.failure(RPCError(code, message, data: data)))
    }

    /// The other end has said that it wants no answer, and its protocol that it gets none.
    public func drop() {
      if let id { origin?.peer.forget(id) }
    }

    deinit { fail(.internalError, "nobody has answered \(method): a fault of Ovid") }
  }
}

public typealias RPCCall = RPCPeer.RPCCall
