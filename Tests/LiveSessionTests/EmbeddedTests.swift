import Foundation
import LiveSession
import Ovid
import TestThreads
import Testing

/// The machine belongs to a program in Swift, which calls it.
@Suite(.serialized, .ownThread) struct EmbeddedTests {
  private let vm: VirtualMachine
  private let session: LiveSession
  private let capture = OutputCapture()

  init() throws {
    vm = try VirtualMachine(output: .captured(by: capture))
    let receipt = vm.accept(
      ChangeSet([
        .classSource("Rules = ( price = ( 'asked' println. ^10 ) boom = ( ^self zork ) )", file: nil)
      ]))
    #expect(receipt.succeeded)
    session = try LiveSession(vm, showing: "Rules")
  }

  @Test func clientsEditWhatSwiftCalls() async throws {
    defer { session.end() }
    let rules = try await vm.class("Rules").send("new")
    let listener = LiveListener(session.connect())
    let hello = try await listener.ask("hello", #"{"protocol": 1, "client": "test", "name": "Anna"}"#)
    #expect(hello.text("result.snapshot.program.state") == "embedded")
    #expect(hello.text("result.snapshot.program.className") == "Rules")
    #expect(try await rules.send("price").read(Int.self) == 10)
    // What is printed goes where it went, and to the clients.
    _ = try await listener.event("output") { $0.text("text") == "asked\n" }
    #expect(capture.out == "asked\n")
    let answer = try await listener.ask(
      "accept", #"{"changes": [{"kind": "method", "className": "Rules", "text": "price = ( ^20 )"}]}"#)
    #expect(answer.number("result.receipt.methods.0.after") == 2, "\(answer.value)")
    #expect(try await rules.send("price").read(Int.self) == 20)
    for request in ["restartProgram", "quitProgram"] {
      #expect(try await listener.ask(request).text("error.code") == "embedded")
    }
  }

  /// An error stops the call as long as somebody is there, and the call goes on when the last one has gone.
  @Test func errorsStopWhileSomebodyWatches() async throws {
    defer { session.end() }
    let rules = try await vm.class("Rules").send("new")
    await #expect(throws: VirtualMachineError.self) { try await rules.send("boom") }
    let listener = LiveListener(session.connect())
    _ = try await listener.ask("hello", #"{"protocol": 1, "client": "test", "name": "Anna"}"#)
    // The debugger comes a little after the client.
    _ = try await listener.ask("evaluate", #"{"text": "3 + 4"}"#)
    try await Task.sleep(for: .milliseconds(100))
    let call = Task { try await rules.send("boom") }
    _ = try await listener.event("stopped")
    await #expect(throws: VirtualMachineError.limitExceeded(.seconds(0.1))) {
      try await rules.send("boom", limits: CallLimits(seconds: 0.1))
    }
    listener.client.disconnect()
    await #expect(throws: VirtualMachineError.self) { try await call.value }
    #expect(try await rules.send("price").read(Int.self) == 10)
  }
}
