import Foundation
import Ovid
import Synchronization
import Testing

@Suite(.serialized) struct CallTests {
  @Test func errorsAreValues() throws {
    let (vm, output) = try machine([account])
    let one = try vm.class("Account").send("new")
    let refused = programError { try one.send("deposit:", -1) }
    #expect(refused?.className == "Error" && refused?.message == "no negative amounts")
    #expect(refused?.traceback.first?.name == "Account>>deposit:")
    #expect(refused?.traceback.first?.place?.line == 5)
    func failure(_ text: String) -> ProgramError? { programError { _ = try vm.evaluate(text) } }
    #expect(failure("nil foo")?.className == "MessageNotUnderstood")
    #expect(failure("3 / 0")?.className == "ZeroDivide")
    #expect(failure("#(1) at: 2")?.className == "IndexOutOfRange")
    #expect(failure("3 + 'x'")?.className == "WrongArgument")
    #expect(failure("KeyNotFound new signal: 'lost'")?.className == "KeyNotFound")
    #expect(failure("KeyNotFound new signal: 'lost'")?.message == "lost")
    #expect(try failure("KeyNotFound new signal: 'lost'")?.exception?.send("messageText").read(String.self) == "lost")
    #expect(failure("Unheard")?.className == "UnknownGlobal")
    #expect(failure("[ 3 / 0 ] on: ZeroDivide do: [ :e | 5 ]") == nil)
    // What failed has printed nothing: what a program prints is its own.
    #expect(output.out == "" && output.error == "")
    #expect(throws: VirtualMachineError.exit(status: 7)) { try vm.value(of: "system exit: 7") }
    #expect(throws: VirtualMachineError.self) { try vm.value(of: "3 + ") }
    #expect(try vm.value(of: "1 + 1").read(Int.self) == 2)
  }

  private func limited(_ vm: VirtualMachine, _ selector: String, _ limits: CallLimits) throws -> VirtualMachineError? {
    do { _ = try vm.class("Account").send("new").send(selector, limits: limits) } catch { return error }
    return nil
  }

  @Test func limitsEndTheCallOnly() throws {
    let (vm, output) = try machine([account])
    #expect(try limited(vm, "spin", CallLimits(seconds: 0.1)) == .limitExceeded(.seconds(0.1)))
    #expect(try limited(vm, "spin", CallLimits(polls: 10_000)) == .limitExceeded(.polls(10_000)))
    #expect(try limited(vm, "grow", CallLimits(memory: 20 << 20)) == .limitExceeded(.memory(20 << 20)))
    #expect(try limited(vm, "print", CallLimits(output: 10_000)) == .limitExceeded(.output(10_000)))
    #expect(output.out.utf8.count > 10_000)
    #expect(throws: VirtualMachineError.limitExceeded(.seconds(0.1))) {
      try vm.value(of: "system sleep: 100000", limits: CallLimits(seconds: 0.1))
    }
    // What `ensure:` protects does not hold it up for ever.
    #expect(throws: VirtualMachineError.limitExceeded(.seconds(0.1))) {
      try vm.value(of: "[ system sleep: 100000 ] ensure: [ [ true ] whileTrue: [ ] ]", limits: CallLimits(seconds: 0.1))
    }
    #expect(
      try vm.evaluate("6 * 7", limits: CallLimits(seconds: 5, polls: 1000, memory: 1 << 20, output: 1)).value
        == .integer(42))
  }

  @Test func tasksAreCancelled() async throws {
    let (vm, _) = try machine([account])
    let one = try await vm.value(of: "Account new")
    #expect(try await one.send("deposit:", 3).read(Int.self) == 3)
    let task = Task { try await one.send("spin") }
    try await Task.sleep(for: .milliseconds(50))
    task.cancel()
    await #expect(throws: VirtualMachineError.cancelled) { try await task.value }
    #expect(try await one.send("balance").read(Int.self) == 3)
  }

  /// While a program runs, calls are processes of their own.
  @Test func callsGoOnBesideAProgram() throws {
    let (vm, _) = try machine([account, "Busy = ( | n | run = ( n := 0. [ n < 0 ] whileFalse: [ n := n + 1 ] ) )"])
    let ended = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      _ = try? vm.run("Busy")
      ended.signal()
    }
    #expect(try wait { try vm.evaluate("Processor processes size").value == .integer(2) })
    let one = try vm.class("Account").send("new")
    for i in 1...20 { #expect(try one.send("deposit:", 1).read(Int.self) == i) }
    #expect(throws: VirtualMachineError.self) { try one.send("deposit:", -1) }
    #expect(try limited(vm, "spin", CallLimits(seconds: 0.1)) == .limitExceeded(.seconds(0.1)))
    vm.quit()
    ended.wait()
    #expect(try one.send("balance").read(Int.self) == 20)
  }

  @Test func interruptAndQuitReachCalls() throws {
    let (vm, output) = try machine([account])
    func ending(_ body: @escaping @Sendable () -> Void) throws -> VirtualMachineError? {
      let one = try vm.class("Account").send("new")
      let answer = Mutex<VirtualMachineError?>(nil)
      let ended = DispatchSemaphore(value: 0)
      output.clear()
      Thread.detachNewThread {
        do { try vm.send(to: "on", "println"); try one.send("spin") } catch {
          answer.withLock { $0 = error as? VirtualMachineError }
        }
        ended.signal()
      }
      #expect(wait { output.out.contains("on") })
      usleep(50_000)
      body()
      ended.wait()
      return answer.withLock { $0 }
    }
    #expect(try ending { vm.interrupt() } == .interrupted)
    #expect(try ending { vm.quit(status: 3) } == .exit(status: 3))
    #expect(try vm.evaluate("6 * 7").value == .integer(42))
  }

  /// Several machines on several threads do not meet.
  @Test func machinesDoNotMeet() throws {
    let failures = Mutex(0)
    let threads = (0..<4).map { number in
      let ended = DispatchSemaphore(value: 0)
      Thread.detachNewThread {
        do {
          let (vm, _) = try machine([account])
          let one = try vm.class("Account").send("new")
          for i in 1...50 {
            if try one.send("deposit:", number).read(Int.self) != i * number { failures.withLock { $0 += 1 } }
          }
        } catch { failures.withLock { $0 += 1 } }
        ended.signal()
      }
      return ended
    }
    for thread in threads { thread.wait() }
    #expect(failures.withLock { $0 } == 0)
  }
}
