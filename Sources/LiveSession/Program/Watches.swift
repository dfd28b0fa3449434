// Expressions whose values are shown as they change. They are the session's: everybody sees the same ones.

import Foundation
import Ovid
import Synchronization

struct WatchReport: Codable, Sendable {
  var id: Int
  var text: String
  /// Milliseconds.
  var interval: Int
}

final class Watches: Sendable {
  static let limit = 32
  static let intervals = 50...60_000
  /// An expression that was too slow is left alone for so many seconds.
  private static let rest = 1.0
  /// Seconds after which a round is given up that does not end.
  private static let patience = 5.0

  private struct Watch {
    var report: WatchReport
    var expression: SideEvaluations.Watched
    var due: Double
  }
  private struct State {
    var watches: [Watch] = []
    var last = 0
    /// When the round that is under way began.
    var began: Double?
    var round: SideEvaluations.Round?
  }
  private let vm: VirtualMachine
  private let log: EventLog
  private let workspace: Workspace
  private let state = Mutex(State())

  init(_ vm: VirtualMachine, _ log: EventLog) {
    self.vm = vm
    self.log = log
    workspace = vm.makeWorkspace()
  }

  var reports: [WatchReport] { state.withLock { $0.watches.map(\.report) } }

  func add(_ text: String, interval: Int) throws -> Int {
    let id = state.withLock { state in
      state.last += 1
      return state.last
    }
    let expression: SideEvaluations.Watched
    do { expression = try vm.side.watched(text, id: id, in: workspace) } catch {
      throw RequestError("text", "\(error)", more: Fields("line", error.line).with("column", error.column))
    }
    let report = WatchReport(
      id: id, text: text, interval: min(max(interval, Self.intervals.lowerBound), Self.intervals.upperBound))
    let isAdded = state.withLock { state in
      if state.watches.count >= Self.limit { return false }
      state.watches.append(Watch(report: report, expression: expression, due: 0))
      return true
    }
    guard isAdded else {
      throw RequestError("tooMany", "There are \(Self.limit) watches already.", remedy: "Take one away first.")
    }
    tell()
    return id
  }

  func remove(_ id: Int) throws {
    let isThere = state.withLock { state in
      defer { state.watches.removeAll { $0.report.id == id } }
      return state.watches.contains { $0.report.id == id }
    }
    guard isThere else { throw RequestError("gone", "There is no watch \(id) any more.") }
    tell()
  }

  private func tell() { log.append("watches", Fields("watches", reports)) }

  /// Evaluates those that are due, unless a round is under way.
  func tick(_ now: Double) {
    var stuck: SideEvaluations.Round?
    let due = state.withLock { state -> [SideEvaluations.Watched] in
      if let began = state.began {
        if now - began > Self.patience {
          stuck = state.round
          state.round = nil
        }
        return []
      }
      var due: [SideEvaluations.Watched] = []
      for i in state.watches.indices where state.watches[i].due <= now {
        state.watches[i].due = now + Double(state.watches[i].report.interval) / 1000
        due.append(state.watches[i].expression)
      }
      if !due.isEmpty { state.began = now }
      return due
    }
    stuck?.giveUp()
    if due.isEmpty { return }
    let round = vm.side.evaluate(due) { [weak self] values in self?.finish(values) }
    state.withLock { if $0.began == now { $0.round = round } }
  }

  /// The machine's thread.
  private func finish(_ values: [WatchedValue]) {
    state.withLock { state in
      (state.began, state.round) = (nil, nil)
      for value in values where value.isTooSlow == true {
        guard let i = state.watches.firstIndex(where: { $0.report.id == value.id }) else { continue }
        state.watches[i].due += Self.rest
      }
    }
    if values.isEmpty { return }
    DispatchQueue.global().async { [log] in log.append("watched", Fields("values", values)) }
  }
}
