// With --watch an error that nobody handles ends no process: it stands still where it failed, and the next accept lets it
// try again from there.

import Foundation
import Ovid

final class SuspendedErrors: @unchecked Sendable {
  private let vm: VirtualMachine
  /// What happens is told on the machine's thread, which must not be asked anything there.
  private let queue = DispatchQueue(label: "ovid suspended errors")
  /// Activations that a report lists at most.
  private static let shown = 12

  init(_ vm: VirtualMachine) {
    self.vm = vm
    do throws(DebugError) { try vm.debugger.attach() } catch { return }
    vm.onEvent { [weak self] event in
      guard let self, case .debug(.stopped(let stop)) = event else { return }
      queue.async { self.tell(stop) }
    }
  }

  private func tell(_ stop: StopReport) {
    guard stop.reason == .unhandledError else {
      // Without a debugger `halt` stops nobody.
      try? vm.debugger.resume(stop.process)
      return
    }
    let stack = (try? vm.debugger.stack(stop.process, count: Self.shown + 1)) ?? []
    var lines = ["ERROR: \(stop.message ?? "an error")"]
    lines += stack.prefix(Self.shown).map { activation in
      "  \(activation.name)" + (activation.place.map { ", \($0.file), line \($0.line)" } ?? "")
    }
    if stack.count > Self.shown { lines.append("  …") }
    lines.append(
      "\(name(stop.process)) stands still there. Save the class with the error mended, and it tries again; Ctrl-C ends it."
    )
    complain(lines.joined(separator: "\n"))
  }

  private func name(_ process: Int) -> String { process == 1 ? "The program" : "Process \(process)" }

  /// What stands still goes on from the innermost activation of a method that has changed; if none has, from the one that
  /// failed, since what it sends may be there now. After an accept, on any thread but the machine's.
  func retry() {
    queue.async { [self] in
      for process in (try? vm.debugger.processes()) ?? [] where process.stop?.reason == .unhandledError {
        do throws(DebugError) { try retry(process.id) } catch {
          complain("\(name(process.id)) cannot try again: \(error). It still stands there.")
        }
      }
    }
  }

  private func retry(_ process: Int) throws(DebugError) {
    let stack = try vm.debugger.stack(process)
    guard let failed = stack.first else { return try vm.debugger.resume(process) }
    let changed = stack.first { $0.installedVersion != nil && $0.installedVersion != $0.version && !$0.isBlock }
    let from = changed ?? stack.first { !$0.isBlock } ?? failed
    try vm.debugger.restart(from.id)
    complain("\(name(process)) tries again from \(from.name)" + (changed == nil ? ", which has not changed" : ""))
  }
}
