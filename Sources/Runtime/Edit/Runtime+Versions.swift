// The history of method versions, which undo and stress draw on.

import Foundation
import VM

extension Runtime {
  /// Keeps the texts of the versions that an accept has replaced or removed. VM thread, before these may be freed.
  func keepReplaced(_ effects: Effects) {
    for old in effects.methods.compactMap({ $0.old.flatMap(universe.methods.find) }) {
      universe.reclaimableBytes += ([old.id] + old.blocks).reduce(0) { $0 + installed.byteCount(ofCodeOf: $1) }
      if let text = old.sourceText {
        history.update { $0.keep(text, old.name, version: old.version, primitive: old.primitive) }
      }
    }
  }

  /// The current version of a method.
  func currentMethod(_ key: MethodKey) -> Method? {
    universe.classes.named(key.holderName)?
      .methods[universe.symbols.intern(key.selector)]
  }

  /// A version of a method, also one that was replaced; nil if its text is not kept any more. Requires the universe's
  /// lock.
  func earlier(_ key: MethodKey, version: Int) -> VersionHistory.Version? {
    if let info = currentMethod(key).map({ universe.methods[$0] }), info.version == version, let text = info.sourceText
    {
      return VersionHistory.Version(text: text, primitive: info.primitive)
    }
    return history.update { $0.find("\(key)", version: version) }
  }

  /// Requires the universe's lock.
  func change(bringingBack key: MethodKey, version: Int) -> Change? {
    guard let earlier = earlier(key, version: version) else { return nil }
    if let primitive = earlier.primitive { return .primitive(key, function: primitive) }
    return .method(className: key.className, isClassSide: key.isClassSide, source: earlier.text, basedOn: nil)
  }

  /// The current methods of a class, with their versions. Any thread.
  public func methods(of className: String, classSide: Bool = false) -> [(selector: String, version: Int)] {
    universe.lock.withLock {
      guard let info = universe.classes.named(MethodKey.holderName(className, classSide)) else { return [] }
      return info.selectors.compactMap { selector in
        info.methods[selector].map { (universe.symbols.name(selector), universe.methods[$0].version) }
      }
    }
  }

  /// Stress: replaces some method by itself.
  func redefineRandomMethod(_ random: UInt64, _ frame: Words) {
    let classes = universe.classes.infos.compactMap { $0 }.filter { $0.isCurrent && $0.isLoaded }
    guard !classes.isEmpty else { return }
    let info = classes[Int(random % UInt64(classes.count))]
    let candidates = info.selectors.compactMap { info.methods[$0] }.map { universe.methods[$0] }
      .filter { $0.primitive == nil && $0.sourceText != nil && !universe.usesRemovedFields($0) }
    guard !candidates.isEmpty else { return }
    let method = candidates[Int((random >> 32) % UInt64(candidates.count))]
    guard let text = method.sourceText else { return }
    let key = universe.key(method.selector, in: info.index)
    let change = Change.method(key.className, text, classSide: key.isClassSide)
    _ = make(AcceptRequest(set: ChangeSet([change], author: "stress"), origin: .stress), frame)
    counters.figures.redefinitions += 1
  }
}
