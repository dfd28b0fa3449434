// Running a whole program, for threads that wait and for tasks: with limits, and cancelled like every other call.

import Foundation
import VM

/// What is run.
private struct ProgramStart: Sendable {
  let className: String
  let arguments: [String]
  let limits: CallLimits
}

extension Calls {
  /// Loads a program, runs it, and answers its exit status when it has ended. `arguments`: the first is its name.
  public func run(
    _ className: String, _ arguments: [String], _ limits: CallLimits
  ) throws(VirtualMachineError) -> Int {
    try waiting { start(ProgramStart(className: className, arguments: arguments, limits: limits), $0) }
  }
  /// The same for a task, whose cancellation ends the program.
  public func runAsync(
    _ className: String, _ arguments: [String], _ limits: CallLimits
  ) async throws(VirtualMachineError) -> Int {
    try await inTask { start(ProgramStart(className: className, arguments: arguments, limits: limits), $0) }
  }

  private func start(
    _ program: ProgramStart, _ completion: @escaping (Result<Int, VirtualMachineError>) -> Void
  ) -> CallHandle {
    let status = Guarded<Int?>(nil)
    let call = OngoingCall(number: nextNumber(), limits: program.limits, isProgram: true) { error in
      if let error { return completion(.failure(error)) }
      completion(status.get().map { .success($0) } ?? .failure(.machineIsGone))
    }
    if add(call) {
      interruptions.begin()
      submit(program, call, status)
      watch(call)
    }
    return CallHandle(call, self)
  }

  private func submit(_ program: ProgramStart, _ call: OngoingCall, _ status: Guarded<Int?>) {
    let isWithdrawn = Guarded(false)
    do {
      try thread.submit({ [self] in
        if call.isToEnd { return }
        do {
          let file = try universe.classNames.file(ofWithdrawn: program.className)
          isWithdrawn.set(file != nil)
          if file == nil { _ = try universe.loadClass(program.className) }
        } catch { call.setReason(.load("\(error)")) }
        if isWithdrawn.get() || !call.begin(1) { return }
        limiting(call) { status.set(universe.run(program.className, arguments: program.arguments)) }
        call.hasAnswer = true
        programEnded()
      }) { [self] in
        if isWithdrawn.get() { return bringBack(program, call, status) }
        interruptions.end()
        finish(call)
      }
    } catch {
      interruptions.end()
      fail(call, error)
    }
  }

  /// A class that was removed, or has another name by now, comes again by an accept, which this thread cannot wait for.
  private func bringBack(_ program: ProgramStart, _ call: OngoingCall, _ status: Guarded<Int?>) {
    DispatchQueue.global().async { [self] in
      do { try loadClass(program.className) } catch { call.setReason(.load("\(error)")) }
      submit(program, call, status)
    }
  }
}
