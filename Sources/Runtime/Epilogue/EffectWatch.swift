// The first run of a new method is an event: its entry leads through `firstRun` once.

import VM

private let firstRun: NativeEntry = { thread, frame, raw in
  let method = Method(raw)
  Runtime.of(thread).effectWatch.ran(method, frame)
  // As the interpreter would have activated it.
  return method.entry(thread, frame, raw)
}

/// VM thread.
final class EffectWatch {
  /// A method that has not run since its accept.
  private struct Awaited {
    let receipt: Int
    let requested: Int
    var key: MethodKey
  }

  private let universe: Universe
  private let events: EventBus
  /// By id.
  private var awaited: [Int: Awaited] = [:]

  init(_ machine: Machine) {
    universe = machine.universe
    events = machine.events
  }

  /// Methods that have not run since their accepts.
  var count: Int { awaited.count }

  /// Reports the first run of each method that an accept has defined.
  func begin(_ receipt: Receipt, _ requested: Int) {
    for method in receipt.methods where method.after != nil && method.after != method.before {
      begin(method.method, receipt.id, requested)
    }
  }

  private func begin(_ key: MethodKey, _ receipt: Int, _ requested: Int) {
    guard let method = universe.method(key), awaited[method.id] == nil else { return }
    let info = universe.methods[method.id]
    // Kinds that the interpreter activates in its own ways keep them, and their effect goes unreported.
    guard [.interpreted, .lazy, .native].contains(info.kind) else { return }
    awaited[method.id] = Awaited(receipt: receipt, requested: requested, key: key)
    info.firstRunEntry = firstRun
  }

  /// - Parameter frame: the new one, of which only the arguments are there.
  fileprivate func ran(_ method: Method, _ frame: Words) {
    universe.methods[method.id].firstRunEntry = nil
    guard let awaited = awaited.removeValue(forKey: method.id) else { return }
    let microseconds = Clock.microseconds() - awaited.requested
    events.post(
      .effect(
        receipt: awaited.receipt, method: awaited.key, microseconds: microseconds, sender: sender(of: frame)))
  }

  private func sender(of frame: Words) -> CallPlace? {
    let caller = Frame(frame).sender.flatMap(universe.innermostActivation)
    guard let caller, let entry = universe.traceEntry(caller) else { return nil }
    return CallPlace(caller: entry.name, line: entry.line, process: universe.runningProcess)
  }

  func rename(_ renaming: ClassRenaming) {
    for (id, method) in awaited where method.key.className == renaming.old { awaited[id]?.key.className = renaming.new }
  }

  /// Before versions (ids) are freed.
  func forget(_ dead: Set<Int>) { awaited = awaited.filter { !dead.contains($0.key) } }
}
