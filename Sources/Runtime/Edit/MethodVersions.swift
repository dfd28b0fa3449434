// The versions of methods: those that are current, and the texts of earlier ones, which undo and editors come back to.

import Foundation
import VM

final class MethodVersions {
  private let universe: Universe
  private let installed: InstalledCode
  private let history = Guarded(VersionHistory())

  init(_ machine: Machine) {
    universe = machine.universe
    installed = machine.installed
  }

  /// Keeps the texts of the versions that an accept has replaced or removed. VM thread, before these may be freed.
  func keepReplaced(_ effects: Effects) {
    for old in effects.methods.compactMap({ $0.old.flatMap(universe.methods.find) }) {
      universe.reclaimer.note(
        bytes: ([old.id] + old.blocks).reduce(0) { $0 + installed.byteCount(ofCodeOf: $1) })
      if let text = old.sourceText {
        history.update { $0.keep(text, old.name, version: old.version, primitive: old.primitive) }
      }
    }
  }

  /// The texts of a class that has another name are found under that.
  func rename(_ renaming: ClassRenaming) { history.update { $0.rename(renaming) } }

  /// Bytes of the texts that are kept.
  var keptBytes: Int { history.update { $0.byteCount } }

  /// The current version of a method. Requires the universe's lock, or the VM thread.
  func current(_ key: MethodKey) -> Method? { universe.method(key) }
  func currentInfo(_ key: MethodKey) -> MethodInfo? { current(key).map { universe.methods[$0] } }

  /// A version of a method, also one that was replaced; nil if its text is not kept any more. Requires the universe's
  /// lock.
  func earlier(_ key: MethodKey, version: Int) -> VersionHistory.Version? {
    if let info = currentInfo(key), info.version == version, let text = info.sourceText {
      return VersionHistory.Version(version: version, text: text, primitive: info.primitive)
    }
    return history.update { $0.find("\(key)", version: version) }
  }

  /// All versions whose texts are kept, oldest first; the current one is the last, if there is one. Requires the universe's
  /// lock, or the VM thread.
  func all(_ key: MethodKey) -> [(version: Int, state: MethodState, isCurrent: Bool)] {
    var result = history.update { $0.all("\(key)") }.map { entry in
      (entry.version, MethodState(text: entry.text, primitive: entry.primitive), false)
    }
    if let info = currentInfo(key), let text = info.sourceText {
      result.append((info.version, MethodState(text: text, primitive: info.primitive), true))
    }
    return result
  }
}
