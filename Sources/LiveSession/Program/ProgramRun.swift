// The program of a session: it runs on a thread of its own, may end, and may be begun again.

import Foundation
import Ovid
import Synchronization

/// What clients are told of it.
struct ProgramReport: Codable, Equatable, Sendable {
  enum State: String, Codable {
    case notStarted, running, ended
    /// The machine belongs to a program in Swift, which calls it.
    case embedded
  }
  /// Nil: the program in Swift has named none.
  var className: String?
  var file: String?
  var arguments: [String]
  var state: State
  /// Counts how often it was begun.
  var run = 0
  var status: Int?
  /// It has ended to begin again at once.
  var beginsAgain: Bool?
  /// Why it could not even run.
  var problem: String?
}

final class ProgramRun: Sendable {
  private struct State {
    var report: ProgramReport
    /// To be begun again when it has ended.
    var next: [String]?
  }
  private let vm: VirtualMachine
  private let log: EventLog
  private let output: OutputFeed
  private let state: Mutex<State>

  init(_ vm: VirtualMachine, _ log: EventLog, _ output: OutputFeed, _ report: ProgramReport) {
    self.vm = vm
    self.log = log
    self.output = output
    state = Mutex(State(report: report))
  }

  var report: ProgramReport { state.withLock { $0.report } }

  /// Refuses what only a program of the session's own can be asked for.
  func needProgram() throws(RequestError) {
    if report.state != .embedded { return }
    throw RequestError(
      "embedded", "A program in Swift has this machine and calls it; the session cannot begin or end that.")
  }

  /// Begins it, unless it runs.
  func start() {
    let begins = state.withLock { state -> Bool in
      if state.report.state == .running || state.report.state == .embedded { return false }
      Self.begin(&state)
      return true
    }
    if begins { run() }
  }

  /// It ends, if it runs, and begins again.
  func restart(_ arguments: [String]?) {
    let isRunning = state.withLock { state -> Bool in
      if state.report.state == .running {
        state.next = arguments ?? state.report.arguments
        return true
      }
      if let arguments { state.report.arguments = arguments }
      return false
    }
    if isRunning { end(run: report.run) } else { start() }
  }

  func quit() {
    state.withLock { $0.next = nil }
    end(run: report.run)
  }

  /// Until it has ended: a run whose thread has not come to the machine yet does not hear of it.
  private func end(run: Int) {
    guard state.withLock({ $0.report.state == .running && $0.report.run == run }) else { return }
    vm.quit(status: 0)
    DispatchQueue.global().asyncAfter(deadline: .now() + 0.2) { [weak self] in self?.end(run: run) }
  }

  private static func begin(_ state: inout State) {
    state.report.state = .running
    state.report.run += 1
    (state.report.status, state.report.problem) = (nil, nil)
  }

  private func run() {
    tell(report)
    Thread.detachNewThread { [self] in
      while true {
        let (className, arguments) = state.withLock { ($0.report.className, $0.report.arguments) }
        var status: Int?, problem: String?
        do { status = try vm.run(className ?? "", arguments: arguments) } catch { problem = "\(error)" }
        // Whoever asks for the end of the program means the next run as soon as this one has ended.
        let ended = state.withLock { state -> ProgramReport in
          state.report.state = .ended
          (state.report.status, state.report.problem) = (status, problem)
          var ended = state.report
          guard let next = state.next else { return ended }
          ended.beginsAgain = true
          state.next = nil
          state.report.arguments = next
          Self.begin(&state)
          return ended
        }
        // What it has printed comes before its end.
        output.tell(log)
        tell(ended)
        if ended.beginsAgain != true { return }
        tell(report)
      }
    }
  }

  private func tell(_ report: ProgramReport) { log.append("program", Fields("program", report)) }
}
