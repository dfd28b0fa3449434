// Freeing what edits leave behind: method versions and shapes (`Reclaimer`), and code that is invalid.

import VM

/// VM thread.
final class Reclamation {
  private let universe: Universe
  private let program: RuntimeProgram
  private let installed: InstalledCode
  private let counters: Counters
  private let notices: Notices
  /// Nested polls: a listener of changes may run code of the program.
  private var pollDepth = 0

  init(_ machine: Machine) {
    universe = machine.universe
    program = machine.program
    installed = machine.installed
    counters = machine.counters
    notices = machine.notices
  }

  /// Around everything that is done at a poll: the outermost begins by freeing what is due.
  func during<T>(pollAt frame: Words, _ body: () -> T) -> T {
    pollDepth += 1
    defer { pollDepth -= 1 }
    if pollDepth == 1 {
      counters.figures.freedUnits += installed.freeUnused(from: frame)
      freeIfDue(frame)
    }
    return body()
  }

  /// Where there may be no room for another version. In a poll, that was done when it began.
  func makeRoom(_ frame: Words) { if pollDepth == 0 { freeIfDue(frame) } }

  /// At the outermost poll, or when nothing polls. Waits for another one while the compiler looks at the program: it may
  /// have read an address.
  private func freeIfDue(_ frame: Words) {
    guard universe.reclaimer.isDue, program.isBeingRead.try() else { return }
    defer { program.isBeingRead.unlock() }
    let start = Clock.microseconds()
    let freed = universe.reclaimer.reclaim(frame: frame)
    counters.figures.freedUnits += installed.freeUnused(from: frame, isDue: true)
    counters.figures.reclamations += 1
    counters.figures.freedMethods += freed.methods
    counters.figures.freedShapes += freed.shapes
    notices.trace(
      .gc, "\(freed.methods) method versions and \(freed.shapes) shapes freed in \(Clock.microseconds() - start) us")
  }
}
