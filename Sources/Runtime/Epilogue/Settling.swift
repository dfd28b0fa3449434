// Accepts of which some activation still runs an old version. Nobody is told when an activation returns, so it is looked
// for: at polls, less and less often, and so rarely that a deep stack is looked at for a hundredth of the time at most.
// While nothing runs, nothing is looked for, since nothing can return.

import VM

/// VM thread.
final class Settling {
  private struct Unsettled {
    let receipt: Int
    /// Microseconds (`Clock`).
    let requested: Int
    /// The versions (ids) that it has replaced or removed.
    let replaced: Set<Int>
  }

  private let universe: Universe
  private let installed: InstalledCode
  private let events: EventBus
  private let timer: PollTimer
  private var unsettled: [Unsettled] = []
  /// Microseconds (`Clock`); and from one look to the next.
  private var nextLook = 0
  private var pause = shortestPause
  private static let shortestPause = 1_000
  private static let longestPause = 250_000
  /// Nothing ran when it was looked.
  private var isResting = false

  init(_ machine: Machine) {
    universe = machine.universe
    installed = machine.installed
    events = machine.events
    let thread = machine.universe.thread
    timer = PollTimer { thread.requestPoll() }
  }

  /// Accepts that are not settled.
  var count: Int { unsettled.count }

  func stop() { timer.stop() }

  /// An accept was made, and everybody knows. At a safepoint whose top frame is `frame`.
  /// - Parameter waits: it is looked for old activations later, since there are many such accepts.
  func begin(_ receipt: Receipt, _ requested: Int, _ effects: Effects, _ frame: Words, waits: Bool) {
    let replaced = Set(effects.methods.compactMap(\.old))
    if replaced.isEmpty { return settled(receipt.id, requested) }
    unsettled.append(Unsettled(receipt: receipt.id, requested: requested, replaced: replaced))
    pause = Self.shortestPause
    if waits {
      if unsettled.count == 1 || isResting { lookLater(in: pause) }
      nextLook = min(nextLook, Clock.microseconds() + pause)
    } else {
      look(frame)
    }
  }

  /// - Parameter isIdle: nothing of the program runs.
  func poll(_ frame: Words, isIdle: Bool) {
    if unsettled.isEmpty { return }
    if isIdle || universe.isIdle {
      if isResting { return }
      isResting = true
      return look(frame)
    }
    let hasRested = isResting
    isResting = false
    if hasRested || Clock.microseconds() >= nextLook { look(frame) }
  }

  /// The program runs again.
  func resume() {
    guard isResting else { return }
    isResting = false
    if !unsettled.isEmpty { lookLater(in: pause) }
  }

  private func look(_ frame: Words) {
    let began = Clock.microseconds()
    let running = OldActivations(universe, installed, top: frame).versions
    let done = unsettled.filter { $0.replaced.isDisjoint(with: running) }
    unsettled.removeAll { !$0.replaced.contains(where: running.contains) }
    if !unsettled.isEmpty, !isResting {
      lookLater(in: max(pause, 100 * (Clock.microseconds() - began)))
      pause = min(Self.longestPause, 2 * pause)
    }
    for one in done { settled(one.receipt, one.requested) }
  }

  private func lookLater(in microseconds: Int) {
    nextLook = Clock.microseconds() + microseconds
    timer.set(after: Double(microseconds) / 1e6)
  }

  private func settled(_ receipt: Int, _ requested: Int) {
    events.post(.settled(receipt: receipt, microseconds: Clock.microseconds() - requested))
  }
}
