// Accepts on probation: an error that nobody handles, in a method that one of them has changed, takes it back, and the
// process that failed goes on from the activation that it had begun with the new code, in the old version.

import Foundation
import VM

/// VM thread.
final class Probation {
  private struct Entry {
    let receipt: Int
    /// The versions that it has made (ids).
    let methods: Set<Int>
    let deadline: ContinuousClock.Instant
  }
  private let universe: Universe
  private let events: EventBus
  private let inspections: Inspections
  private unowned let debugger: Debugger
  private let history: HistoryEditor
  private var entries: [Entry] = []

  /// The author of what is taken back.
  static let author = "probation"

  init(
    _ universe: Universe, _ events: EventBus, _ inspections: Inspections, _ debugger: Debugger, _ history: HistoryEditor
  ) {
    self.universe = universe
    self.events = events
    self.inspections = inspections
    self.debugger = debugger
    self.history = history
  }

  /// An accept was made.
  func begin(_ receipt: Receipt, _ effects: Effects, seconds: Double) {
    let methods = Set(effects.methods.compactMap(\.new))
    entries.removeAll { $0.deadline < .now }
    guard !methods.isEmpty, seconds > 0 else { return }
    entries.append(Entry(receipt: receipt.id, methods: methods, deadline: .now + .seconds(min(seconds, 1e6))))
  }

  /// The process that runs has an error at `frame` that nobody handles. Answers 0 to unwind, once the accept that brought
  /// the error is taken back; nil if there is none, or its activation cannot start again.
  func takeBack(_ message: String, _ frame: Words) -> UInt64? {
    entries.removeAll { $0.deadline < .now }
    guard !entries.isEmpty, let (entry, place) = responsible(frame) else { return nil }
    entries.removeAll { $0.receipt == entry.receipt }
    let process = universe.runningProcess
    nonisolated(unsafe) var undone: Receipt?
    // An undo is an accept like any other: this process stands still for it.
    DispatchQueue.global().async { [history, inspections, universe] in
      let receipt = history.undo(entry.receipt, author: Self.author)
      inspections.atSafepoint {
        _ = universe.demand(of: process) { _ in
          undone = receipt
          return true
        }
      }
    }
    if !universe.stopProcess(frame, until: { undone != nil }) { return 0 }
    guard let undone else { return nil }
    events.post(.takenBack(receipt: entry.receipt, by: undone, error: message))
    guard undone.succeeded, let again = debugger.entries(from: frame).first(where: { $0.place == place }),
      debugger.returnObstacle(again) == nil, let method = try? debugger.method(toRestart: again, installed: true)
    else { return nil }
    universe.unwind(to: place.frame, place.number, restarting: method)
    return 0
  }

  /// The last accept of whose methods one runs here, and the outermost activation of those.
  private func responsible(_ frame: Words) -> (Entry, ActivationPlace)? {
    let activations = debugger.entries(from: frame)
    for entry in entries.reversed() {
      let found = activations.last { $0.info.outer == nil && entry.methods.contains(universe.root(of: $0.info).id) }
      if let found { return (entry, found.place) }
    }
    return nil
  }
}
