import Foundation
import Ovid
import Testing

/// Whole programs as calls: with limits, and cancelled.
@Suite(.serialized) struct ProgramCallTests {
  private static let programs = [
    "Spinning = ( run = ( [ [ true ] whileTrue: [ ] ] ensure: [ 'left' println ] ) )",
    "Sleeping = ( run = ( system sleep: 100000 ) )",
    "Growing = ( run = ( | all | all := Vector new. [ true ] whileTrue: [ all append: (Array new: 1000) ] ) )",
    "Printing = ( run = ( [ true ] whileTrue: [ 'line' println ] ) )",
    "Forking = ( run = ( [ [ true ] whileTrue: [ ] ] fork. system sleep: 100000 ) )",
    "Ending = ( run: words = ( system exit: words length ) run = ( 'on' println. 3 / 0 ) )",
  ]

  private func limit(_ vm: VirtualMachine, _ name: String, _ limits: CallLimits) -> CallLimit? {
    do throws(VirtualMachineError) { _ = try vm.run(name, limits: limits) } catch {
      if case .limitExceeded(let limit) = error { return limit }
    }
    return nil
  }

  @Test func programsHaveLimits() throws {
    let (vm, output) = try machine(Self.programs)
    #expect(limit(vm, "Spinning", CallLimits(seconds: 0.1)) == .seconds(0.1))
    #expect(output.out == "")
    #expect(limit(vm, "Spinning", CallLimits(polls: 10_000)) == .polls(10_000))
    #expect(limit(vm, "Sleeping", CallLimits(seconds: 0.1)) == .seconds(0.1))
    #expect(limit(vm, "Forking", CallLimits(seconds: 0.1)) == .seconds(0.1))
    #expect(limit(vm, "Growing", CallLimits(memory: 20 << 20)) == .memory(20 << 20))
    #expect(limit(vm, "Printing", CallLimits(output: 10_000)) == .output(10_000))
    // What stays within them ends as without.
    output.clear()
    let limits = CallLimits(seconds: 60, polls: 1_000_000, memory: 1 << 26, output: 1 << 20)
    #expect(try vm.run("Ending", arguments: ["a", "b"], limits: limits) == 3)
    #expect(try vm.run("Ending", limits: limits) == 1)
    #expect(output.out == "on\n" && output.error.contains("Division by zero"))
    #expect(try vm.evaluate("6 * 7").value == .integer(42))
    #expect(throws: VirtualMachineError.self) { try vm.run("Unheard") }
  }

  @Test func aCancelledTaskEndsItsProgram() async throws {
    let (vm, output) = try machine(Self.programs)
    for name in ["Spinning", "Sleeping", "Forking"] {
      let task = Task { try await vm.run(name) }
      try await Task.sleep(for: .milliseconds(50))
      task.cancel()
      await #expect(throws: VirtualMachineError.cancelled) { try await task.value }
    }
    #expect(output.out == "")
    let early = Task {
      while !Task.isCancelled { await Task.yield() }
      return try await vm.run("Spinning")
    }
    early.cancel()
    await #expect(throws: VirtualMachineError.cancelled) { try await early.value }
    #expect(try await vm.run("Ending", arguments: ["a"]) == 2)
    #expect(try await vm.evaluate("6 * 7").value == .integer(42))
  }

  /// One that waits for its turn is given up at once, and the one that runs does not notice.
  @Test func whatHasNotBegunIsCancelled() async throws {
    let (vm, output) = try machine(Self.programs)
    let first = Task { try await vm.run("Printing") }
    while !output.out.contains("line") { try await Task.sleep(for: .milliseconds(1)) }
    let second = Task { try await vm.run("Spinning") }
    try await Task.sleep(for: .milliseconds(20))
    second.cancel()
    await #expect(throws: VirtualMachineError.cancelled) { try await second.value }
    output.clear()
    while !output.out.contains("line") { try await Task.sleep(for: .milliseconds(1)) }
    vm.quit(status: 4)
    #expect(try await first.value == 4)
    #expect(try await vm.run("Ending", arguments: []) == 1)
  }

  /// An evaluation is cancelled beside a program that goes on.
  @Test func evaluationsAreCancelled() async throws {
    let (vm, output) = try machine(Self.programs)
    let program = Task { try await vm.run("Printing") }
    while !output.out.contains("line") { try await Task.sleep(for: .milliseconds(1)) }
    let task = Task { try await vm.evaluate("[ true ] whileTrue: [ ]") }
    try await Task.sleep(for: .milliseconds(50))
    task.cancel()
    await #expect(throws: VirtualMachineError.cancelled) { try await task.value }
    output.clear()
    while !output.out.contains("line") { try await Task.sleep(for: .milliseconds(1)) }
    vm.quit(status: 0)
    #expect(try await program.value == 0)
  }

  /// A class that was removed comes again, as for `load`.
  @Test func aRemovedProgramIsLoadedAgain() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ovid-run-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try "Gone = ( run = ( 'here' println ) )\n".write(
      to: folder.appendingPathComponent("Gone.som"), atomically: true, encoding: .utf8)
    let output = OutputCapture()
    let vm = try VirtualMachine(classPath: [folder.path], output: .captured(by: output))
    #expect(try vm.run("Gone") == 0)
    #expect(vm.removeClass("Gone").succeeded)
    #expect(try vm.run("Gone") == 0)
    #expect(output.out == "here\nhere\n")
  }
}
