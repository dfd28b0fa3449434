// Freeing what edits leave behind (`Universe.reclaim`), and what the runtime keeps by the method versions that go.

import VM

extension Runtime {
  /// At the outermost poll, or when nothing polls. Waits for another one while the compiler looks at the program: it may
  /// have read an address.
  func reclaimIfDue(_ frame: Words) {
    guard universe.isReclamationDue, program.isBeingRead.try() else { return }
    defer { program.isBeingRead.unlock() }
    let start = Clock.microseconds()
    let freed = universe.reclaim(frame: frame)
    counters.figures.freedUnits += installed.freeUnused(from: frame, isDue: true)
    counters.figures.reclamations += 1
    counters.figures.freedMethods += freed.methods
    counters.figures.freedShapes += freed.shapes
    notices.trace(
      .gc, "\(freed.methods) method versions and \(freed.shapes) shapes freed in \(Clock.microseconds() - start) us")
  }

  /// Before versions are freed (ids): their code, and every note of them.
  func forget(_ dead: Set<Int>) {
    installed.forget(dead)
    tiering.forget(dead)
    editing.awaitingEffect = editing.awaitingEffect.filter { !dead.contains($0.key) }
    program.forget(dead)
  }
}

extension RuntimeProgram {
  fileprivate func forget(_ dead: Set<Int>) {
    feedbackStore.forget(dead)
    hotCalls.update { calls in calls = calls.filter { !dead.contains($0.method.raw) } }
  }
}
