// What an accept with a policy is to do to live activations: found out, and refused if need be, before anything changes.

import Bytecode
import MachineLayout
import Syntax
import VM

struct PolicyPlan {
  /// An activation that starts again.
  struct Restart {
    let process: Int
    let key: MethodKey
    let place: ActivationPlace
    /// The version that it runs (id of the method in its class).
    let old: Int
  }
  /// How activations of a version, in one of its variants, go over.
  struct Migration {
    let key: MethodKey
    let method: Int
    let loops: LoopMigration
    /// The heads that live activations will come to.
    var heads: Set<Int> = []
  }

  private(set) var restarts: [Restart] = []
  private(set) var migrations: [Int: Migration] = [:]
  private(set) var effects: [PolicyEffect] = []

  private let universe: Universe
  private let debugger: Debugger
  /// The methods that are replaced, and what they will be. Activations of any earlier version count.
  private var replaced: [Place: (key: MethodKey, definition: MethodDefinition, text: CompiledText?)] = [:]
  private struct Place: Hashable {
    let holder: Int
    let selector: Int
  }

  init(_ plan: EditPlan, _ debugger: Debugger) {
    universe = plan.universe
    self.debugger = debugger
    for case .define(let key, let definition, _, let primitive) in plan.methods where primitive == nil {
      guard let holder = universe.classes.named(key.holderName) else { continue }
      let place = Place(holder: holder.index, selector: universe.symbols.intern(key.selector))
      replaced[place] = (key, definition, plan.compiled[key])
    }
  }

  /// - Parameter top: the innermost frame of the process that runs.
  mutating func follow(_ policy: AcceptPolicy, top: Words) throws(EditErrors) {
    if policy == .next || replaced.isEmpty { return }
    var errors: [AcceptError] = []
    universe.forEachProcessStack(running: top) { process, frames in
      guard let first = frames.current else { return }
      let entries = debugger.entries(from: first.words)
      do throws(MigrationObstacle) {
        switch policy {
        case .next: break
        case .restart: try restart(process, entries)
        case .migrate: for entry in entries { try migrate(process, entry) }
        }
      } catch {
        errors.append(
          AcceptError(
            change: 0, message: "process \(process): \(error.message)", code: .cannotFollowPolicy,
            remedy: policy == .restart ? "accept it for the next send" : "accept it for the next send, or restart"))
      }
    }
    if !errors.isEmpty { throw EditErrors(errors) }
  }

  /// What is replaced, of the method activation `entry`.
  private func replacement(_ entry: StackEntry) -> (id: Int, MethodKey, MethodDefinition, CompiledText?)? {
    let root = universe.root(of: entry.info)
    let place = Place(holder: root.holderIndex, selector: root.method.selector)
    guard let (key, definition, text) = replaced[place] else { return nil }
    return (root.id, key, definition, text)
  }

  private func line(_ entry: StackEntry) -> Int {
    universe.traceEntry(entry.activation)?.line ?? 0
  }

  // MARK: Restarting

  func restartObstacle(_ entry: StackEntry) -> MigrationObstacle? {
    guard let (_, key, definition, _) = replacement(entry) else { return nil }
    if definition.isPrimitive { return MigrationObstacle("\(key) is a primitive now") }
    return debugger.returnObstacle(entry).map(MigrationObstacle.init)
  }

  private mutating func restart(_ process: Int, _ entries: [StackEntry]) throws(MigrationObstacle) {
    guard let entry = entries.last(where: { $0.info.outer == nil && replacement($0) != nil }),
      let (old, key, _, _) = replacement(entry)
    else { return }
    if let obstacle = restartObstacle(entry) { throw obstacle }
    restarts.append(Restart(process: process, key: key, place: entry.place, old: old))
    effects.append(PolicyEffect(process: process, method: key, line: line(entry), policy: .restart))
  }

  // MARK: Migrating

  private func migration(_ entry: StackEntry) throws(MigrationObstacle) -> Migration? {
    guard entry.info.outer == nil, let (_, key, definition, text) = replacement(entry) else { return nil }
    guard let old = entry.info.chunk, let oldDefinition = entry.info.definition else {
      throw MigrationObstacle("\(key) is a primitive")
    }
    guard let new = text?.chunk else { throw MigrationObstacle("\(key) is a primitive now") }
    if old.variant == .generic || universe.assumptions!.isBroken(new.assumptions) {
      throw MigrationObstacle("\(key) runs with control structures that the program has redefined")
    }
    guard let head = LoopMigration.head(around: entry.pc, in: old) else {
      throw MigrationObstacle("\(key), line \(line(entry)), is in no loop")
    }
    do throws(MigrationObstacle) {
      var result = Migration(
        key: key, method: entry.info.id, loops: try LoopMigration(from: old, oldDefinition, to: new, definition))
      if let obstacle = result.loops.obstacle(at: head) { throw obstacle }
      result.heads = [head]
      return result
    } catch { throw MigrationObstacle("\(key): \(error.message)") }
  }

  func migrationObstacle(_ entry: StackEntry) -> MigrationObstacle? {
    do throws(MigrationObstacle) {
      _ = try migration(entry)
      return nil
    } catch { return error }
  }

  private mutating func migrate(_ process: Int, _ entry: StackEntry) throws(MigrationObstacle) {
    guard let found = try migration(entry) else { return }
    let heads = found.heads.union(migrations[found.method]?.heads ?? [])
    migrations[found.method] = found
    migrations[found.method]!.heads = heads
    effects.append(PolicyEffect(process: process, method: found.key, line: line(entry), policy: .migrate))
  }

  // MARK: A dry run

  /// All activations that would run an old version.
  func activations(top: Words) -> [DryRun.OldActivation] {
    var result: [DryRun.OldActivation] = []
    universe.forEachProcessStack(running: top) { process, frames in
      guard let first = frames.current else { return }
      for entry in debugger.entries(from: first.words) {
        guard let (_, key, _, _) = replacement(entry) else { continue }
        let isBlock = entry.info.outer != nil
        let own = isBlock ? "a block goes on with its own code" : nil
        result.append(
          DryRun.OldActivation(
            process: process, method: key, isBlock: isBlock, line: line(entry),
            restartObstacle: own ?? restartObstacle(entry)?.message,
            migrationObstacle: own ?? migrationObstacle(entry)?.message))
      }
    }
    return result
  }
}
