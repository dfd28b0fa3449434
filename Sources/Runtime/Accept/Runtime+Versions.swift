// Making the steps of an accept, and the history of method versions that undo and stress draw on.

import Foundation
import VM

extension Runtime {
  /// Makes one checked step. Answers the versions it replaced.
  func perform(_ edit: Edit, _ frame: Words) throws -> [Receipt.MethodVersion] {
    switch edit {
    case .define(let key, let definition, let source, let primitive):
      guard let holder = holder(key) else { throw AcceptError(change: 0, message: "\(key) has no class") }
      let before = version(key)
      try universe.install(definition, source: source, in: holder.index, primitive: primitive)
      return [Receipt.MethodVersion(method: key, before: before, after: version(key))]
    case .keep(let key, let version):
      // It may have been compiled again, for new fields.
      return [Receipt.MethodVersion(method: key, before: version, after: self.version(key))]
    case .remove(let key):
      let before = version(key)
      if let holder = holder(key) { universe.remove(universe.symbols.intern(key.selector), from: holder.index) }
      return [Receipt.MethodVersion(method: key, before: before, after: nil)]
    case .load(let file):
      try universe.define(file)
      return []
    case .noteFile(let file):
      universe.noteFile(file)
      return []
    case .setShapes(let changes):
      return versions(try universe.setShapes(changes, frame: frame))
    }
  }

  /// Methods that were compiled again because names in them mean something else.
  private func versions(_ changes: [MethodChange]) -> [Receipt.MethodVersion] {
    changes.map { change in
      let holder = universe.classes[change.classIndex]
      let key = MethodKey(
        className: holder.isMetaclass ? universe.classes[holder.instanceIndex].name : holder.name,
        isClassSide: holder.isMetaclass, selector: universe.symbols.name(change.selector))
      return Receipt.MethodVersion(
        method: key, before: change.old.map { universe.methods[$0].version },
        after: change.new.map { universe.methods[$0].version })
    }
  }

  /// The class or metaclass that a method belongs to, in its current shape.
  private func holder(_ key: MethodKey) -> ClassInfo? {
    universe.classes.named(key.holderName)
  }
  private func version(_ key: MethodKey) -> Int? { currentMethod(key).map { universe.methods[$0].version } }

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
    let name = info.isMetaclass ? universe.classes[info.instanceIndex].name : info.name
    _ = make(
      ChangeSet([.method(name, text, classSide: info.isMetaclass)], author: "stress"),
      requested: Clock.microseconds(), frame: frame, origin: .stress)
    counters.redefinitions += 1
  }
}
