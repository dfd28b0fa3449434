// What classes are called: a class gets another name, is taken out of the program, or comes back.
//
// A class that is removed is what it was for all that exists of it: instances, activations, blocks, and whoever has the
// class itself. No name leads to it, and nobody can change it (`ClassInfo.isRemoved`).

import Bytecode
import MachineLayout
import Syntax

/// Why a class cannot be removed or get another name.
public enum ClassNameObstacle: Error, Hashable, Sendable, CustomStringConvertible {
  case unknown(String)
  case builtIn(String)
  case noName(String)
  case taken(String)
  case global(String)
  case hasSubclass(String, below: String)
  case superclassIsRemoved(String, above: String)
  case isChangedToo(String)
  case isClassSide(String)
  case wasRemoved(String)

  public var description: String { "\(message); \(remedy)" }

  public var message: String {
    switch self {
    case .unknown(let name): "there is no class \(name)"
    case .builtIn(let name): "\(name) belongs to the core library, which needs it"
    case .noName(let name): "'\(name)' cannot be the name of a class"
    case .taken(let name): "there is a class \(name) already"
    case .global(let name): "\(name) is a global of the program already"
    case .hasSubclass(let name, let above): "\(above) cannot be removed: \(name) is below it"
    case .superclassIsRemoved(let name, let above):
      "\(name) cannot be below \(above), which is removed in the same accept"
    case .isChangedToo(let name): "\(name) is removed and changed in one accept"
    case .isClassSide(let name): "\(name) goes with its class"
    case .wasRemoved(let name): "\(name) was removed from the program, so it cannot be changed"
    }
  }

  /// What can be done.
  public var remedy: String {
    switch self {
    case .unknown: "say the name that it has now"
    case .builtIn: "only a program's own classes can be renamed or removed"
    case .noName: "a name has letters and digits, a letter first"
    case .taken: "choose another name, or remove that class in the same accept"
    case .global: "choose another name"
    case .hasSubclass(let name, _): "remove \(name) in the same accept, or give it another superclass"
    case .superclassIsRemoved: "give it another superclass"
    case .isChangedToo: "leave out one of the two"
    case .isClassSide(let name): "say \(name.dropLast(" class".count))"
    case .wasRemoved: "bring it back first"
    }
  }
}

/// A class whose name is another one now.
public struct ClassRenaming: Hashable, Sendable, Codable {
  public var old: String
  public var new: String
  public init(old: String, new: String) {
    self.old = old
    self.new = new
  }
}

/// VM thread, unless a method says otherwise.
public final class ClassNames {
  private unowned(unsafe) let universe: Universe
  private let classes: ClassTable
  /// The class that had the name last, of those that were removed.
  private var removed: [String: Int] = [:]
  /// What classes are called no more: nothing is loaded for such a name unless somebody asks for it.
  private var withdrawn: Set<String> = []

  init(_ universe: Universe) {
    self.universe = universe
    classes = universe.classes
  }

  /// Whether a class of that name is not to be loaded because the program mentions it.
  func isWithdrawn(_ name: String) -> Bool { withdrawn.contains(name) }
  /// What the class path has for such a name, for who asks for it; nil if a load would do.
  public func file(ofWithdrawn name: String) throws(LoadError) -> ClassSource? {
    isWithdrawn(name) ? try universe.loader.find(name, universe.options) : nil
  }
  /// A class of that name may be loaded again.
  func admit(_ name: String) { withdrawn.remove(name) }

  /// The class of that name that was removed last. Under the universe's lock, or on the VM thread.
  public func removedClass(_ name: String) -> ClassInfo? { removed[name].map { classes[$0] } }

  /// A class that was removed has another shape.
  func noteMoved(_ info: ClassInfo, from old: Int) {
    if removed[info.name] == old { removed[info.name] = info.index }
  }

  // MARK: What cannot be

  /// Why the class cannot be removed or renamed, whatever else happens; nil if it can.
  public func obstacle(toTouching info: ClassInfo) -> ClassNameObstacle? {
    let name = info.name
    if info.isRemoved { return .wasRemoved(name) }
    let isOfLibrary =
      info.source?.isBundled == true || !universe.library.isBundled && ClassLoader.bundledNames.contains(name)
    return isOfLibrary || WellKnownClass(rawValue: info.index) != nil ? .builtIn(name) : nil
  }

  /// Why a class cannot get this name; nil if it can. `isFree`: the class that has it is removed together with that.
  /// `hasFile`: the file of that name comes with it.
  public func obstacle(toName name: String, isFree: Bool, hasFile: Bool) -> ClassNameObstacle? {
    if !Parser.isClassName(name) { return .noName(name) }
    if isFree { return nil }
    if classes.named(name)?.isLoaded == true { return .taken(name) }
    if !hasFile, !isWithdrawn(name), universe.loader.exists(name, universe.options) { return .taken(name) }
    return universe.globals.isSet(name) ? .global(name) : nil
  }

  // MARK: What a change concerns

  /// The class that was loaded from a file; nil if there is none.
  public func className(ofFile path: String) -> String? {
    classes.infos.lazy.compactMap { $0 }
      .first { $0.isCurrent && !$0.isRemoved && !$0.isMetaclass && $0.path == path }?.name
  }

  /// Methods of the program in which one of these names stands for a global.
  public func mentions(of names: Set<String>) -> [(method: MethodKey, name: String)] {
    var result: [(MethodKey, String)] = []
    for case let info? in classes.infos where info.isCurrent && info.isLoaded && !info.isRemoved {
      for selector in info.selectors {
        guard let method = info.methods[selector].map({ universe.methods[$0] }), method.source?.isBundled == false,
          let chunk = chunk(of: method, info)
        else { continue }
        for name in names.sorted() where chunk.reads(name) {
          result.append((universe.key(method.selector, in: info.index), name))
        }
      }
    }
    return result.sorted { "\($0.0)" < "\($1.0)" }
  }

  private func chunk(of method: MethodInfo, _ holder: ClassInfo) -> BytecodeChunk? {
    if let chunk = method.chunk { return chunk }
    guard let definition = method.definition, let source = method.source else { return nil }
    return try? BytecodeCompiler.compile(definition, source: source, scope: holder.scope)
  }

  /// How many instances of these classes are in memory. At a safepoint; moves objects.
  public func instanceCounts(of indices: [Int], frame: Words) -> [Int] {
    var counts: [Int: Int] = [:]
    universe.heap.collectFull(frame: frame, moveEverything: universe.heap.gcEvery > 0)
    universe.heap.forEachOldObject { counts[$0.classIndex, default: 0] += 1 }
    return indices.map { counts[$0] ?? 0 }
  }

  // MARK: Changing them

  /// Takes a class out of the program. Requires that nothing is in the way.
  public func remove(_ name: String) -> Effects {
    var effects = Effects()
    guard let info = classes.named(name) else { return effects }
    clearGlobal(info, &effects)
    // Names in its methods mean what they mean now.
    for side in sides(info) {
      for method in side.methods.values.map({ universe.methods[$0] }) where method.kind == .lazy {
        try? universe.variants.link(method)
      }
    }
    hide(info)
    withdrawn.insert(name)
    effects.removed.append(name)
    return effects
  }

  /// A class that was removed is found again under its name, but for its global (`announce`).
  public func restore(_ info: ClassInfo) {
    classes.lock.withLock {
      for side in sides(info) {
        side.isRemoved = false
        classes.find(side, as: side.name)
      }
      removed[info.name] = nil
    }
  }

  /// The opposite of `restore`; of a class without a global.
  public func hide(_ info: ClassInfo) {
    classes.lock.withLock {
      removed[info.name] = info.index
      for side in sides(info) {
        side.isRemoved = true
        classes.hide(side)
      }
    }
  }

  /// The global of a restored class is the class.
  public func announce(_ name: String) -> Effects {
    var effects = Effects()
    guard let info = classes.named(name) else { return effects }
    admit(name)
    universe.setGlobal(name, classes.object(info.index), &effects)
    return effects
  }

  /// Gives a class another name. Requires that nothing is in the way.
  public func rename(_ renaming: ClassRenaming) -> Effects {
    var effects = Effects()
    guard let info = classes.named(renaming.old) else { return effects }
    let meta = classes[info.metaIndex]
    clearGlobal(info, &effects)
    classes.lock.withLock {
      for (side, name) in [(info, renaming.new), (meta, renaming.new + " class")] {
        classes.hide(side)
        classes.find(side, as: name)
      }
      for side in [info, meta] { renameMethods(of: side) }
    }
    universe.setGlobal(renaming.new, classes.object(info.index), &effects)
    withdrawn.insert(renaming.old)
    admit(renaming.new)
    effects.renamed.append(renaming)
    return effects
  }

  private func sides(_ info: ClassInfo) -> [ClassInfo] { [info, classes[info.metaIndex]] }

  /// A global that the program has set to something else stays.
  private func clearGlobal(_ info: ClassInfo, _ effects: inout Effects) {
    if universe.globals.value(info.name) == classes.object(info.index) {
      universe.setGlobal(info.name, .none, &effects)
    }
  }

  /// All versions that are somewhere in use, blocks included.
  private func renameMethods(of side: ClassInfo) {
    universe.methods.forEach { info in
      guard info.holderIndex == side.index, let place = info.name.range(of: ">>") else { return }
      info.name = side.name + info.name[place.lowerBound...]
    }
  }
}

extension BytecodeChunk {
  /// Whether the name stands for a global there.
  fileprivate func reads(_ name: String) -> Bool {
    globals.contains(name) || blocks.contains { $0.reads(name) }
  }
}
