import EditorProtocols
import Synchronization
import Testing

@Suite struct RPCTests {
  final class Sent: Sendable {
    private let messages = Mutex<[JSON]>([])
    func add(_ bytes: [UInt8]) {
      guard let json = try? JSON(parsing: bytes) else { return }
      messages.withLock { $0.append(json) }
    }
    /// What has been sent since the last time.
    func take() -> [JSON] {
      messages.withLock { messages in
        defer { messages = [] }
        return messages
      }
    }
  }

  private let sent = Sent()
  private let peer: RPCPeer

  init() {
    let sent = sent
    peer = RPCPeer { sent.add($0) }
  }

  private func receive(_ text: String) -> RPCCall? { peer.receive(Array(text.utf8)) }

  @Test func requestsAreAnsweredOnce() throws {
    let call = try #require(receive(#"{"jsonrpc":"2.0","id":"a","method":"m","params":{"x":1}}"#))
    #expect(call.method == "m" && call.parameters == ["x": 1])
    call.answer(["ok": true])
    call.fail(.internalError, "late")
    #expect(sent.take() == [["jsonrpc": "2.0", "id": "a", "result": ["ok": true]]])
  }

  @Test func whatNobodyAnswersIsAnError() {
    _ = receive(#"{"id":1,"method":"m"}"#)
    #expect(sent.take().first?["error"]?["code"]?.integer == -32603)
    _ = receive(#"{"method":"m"}"#)
    #expect(sent.take().isEmpty)
  }

  @Test func aRepeatedIDIsRefusedWhileItIsUnderWay() throws {
    let call = try #require(receive(#"{"id":1,"method":"m"}"#))
    #expect(receive(#"{"id":1,"method":"m"}"#) == nil)
    #expect(sent.take().first?["error"]?["code"]?.integer == -32600)
    call.answer(.null)
    #expect(receive(#"{"id":1,"method":"m"}"#) != nil)
  }

  @Test func cancellation() throws {
    let call = try #require(receive(#"{"id":1,"method":"m"}"#))
    #expect(!call.isCancelled)
    peer.cancel(.integer(2))
    peer.cancel(.integer(1))
    #expect(call.isCancelled)
  }

  @Test(arguments: [
    ("{", -32700), ("[]", -32600), ("1", -32600), ("{}", -32600), (#"{"id":1}"#, -32600),
    (#"{"id":1.5,"method":"m"}"#, -32600), (#"{"id":{},"method":"m"}"#, -32600), (#"{"id":null,"method":"m"}"#, -32600),
    (#"{"id":1,"method":2}"#, -32600), (#"{"id":1,"method":"m","params":3}"#, -32602),
  ])
  func whatIsNoMessageIsAnswered(text: String, code: Int) {
    #expect(receive(text) == nil)
    #expect(sent.take().map { $0["error"]?["code"]?.integer } == [code])
  }

  @Test func answersReachWhoAsked() {
    let answers = Sent()
    peer.ask("question", ["a": 1]) { result in
      answers.add(((try? result.get()) ?? "error").bytes)
    }
    let id = sent.take().first?["id"] ?? .null
    let answer: JSON = ["id": id, "result": 7]
    #expect(peer.receive(answer.bytes) == nil)
    #expect(peer.receive(answer.bytes) == nil)
    #expect(answers.take() == [7])
    #expect(sent.take().isEmpty)
  }
}
