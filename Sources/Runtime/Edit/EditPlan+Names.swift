// What a set of changes does to the names of classes: which are removed, get another name, or are new.

import Syntax
import VM

/// A class that a set brings.
struct NewClass {
  let file: ClassSource
  /// The name that its superclass has before the set is made.
  let superclass: String
  /// Classes that are there already go below it: it is made before the changes of shape, which bring its fields.
  let isBase: Bool

  /// What brings the fields.
  var shapes: [ShapeChange] {
    let definition = file.definition
    return [(false, definition.instanceFields), (true, definition.classFields)].map { isClassSide, fields in
      ShapeChange(name: MethodKey.holderName(definition.name, isClassSide), fields: fields)
    }
  }
}

extension EditErrors {
  fileprivate init(_ obstacle: ClassNameObstacle, change: Int = 0) {
    let (code, name) = obstacle.code
    self.init(obstacle.message, code, name, change: change, remedy: obstacle.remedy)
  }
}

extension ClassNameObstacle {
  /// Its code, and the class that it is about.
  fileprivate var code: (AcceptError.Code, name: String) {
    switch self {
    case .unknown(let name), .wasRemoved(let name): (.noSuchClass, name)
    case .builtIn(let name), .isClassSide(let name): (.builtIn, name)
    case .noName(let name): (.badName, name)
    case .taken(let name), .global(let name): (.exists, name)
    case .hasSubclass(let name, _): (.needed, name)
    case .superclassIsRemoved(let name, _): (.badSuperclass, name)
    case .isChangedToo(let name): (.contradiction, name)
    }
  }
}

extension EditPlan {
  /// The name that a class has before the set is made: changes may say the one that it gets.
  func current(_ name: String) -> String { currentNames[name] ?? name }

  /// Finds out which names the set gives.
  mutating func noteNames(_ changes: [Change]) {
    var removed: Set<String> = []
    for case .removeClass(let name) in changes { removed.insert(name) }
    for case .renameClass(let old, let new) in changes where universe.classes.named(new) == nil || removed.contains(new)
    {
      currentNames[new] = old
    }
  }

  /// The same change, of the class that has the name.
  func withCurrentName(_ change: Change) -> Change {
    func key(_ key: MethodKey) -> MethodKey {
      MethodKey(className: current(key.className), isClassSide: key.isClassSide, selector: key.selector)
    }
    switch change {
    case .method(let name, let isClassSide, let source, let basedOn):
      return .method(className: current(name), isClassSide: isClassSide, source: source, basedOn: basedOn)
    case .primitive(let method, let function): return .primitive(key(method), function: function)
    case .removeMethod(let method, let basedOn): return .removeMethod(key(method), basedOn: basedOn)
    case .addField(let name, let isClassSide, let field):
      return .addField(className: current(name), isClassSide: isClassSide, name: field)
    case .removeField(let name, let isClassSide, let field):
      return .removeField(className: current(name), isClassSide: isClassSide, name: field)
    case .classSource, .removeClass, .renameClass: return change
    }
  }

  mutating func addRemoval(of name: String) throws(EditErrors) {
    try checkTouching(name)
    if !removals.contains(where: { $0.name == name }) { removals.append((name, change)) }
  }

  mutating func addRenaming(_ renaming: ClassRenaming) throws(EditErrors) {
    try checkTouching(renaming.old)
    if renaming.old == renaming.new { return }
    if let other = renamings.first(where: { $0.renaming.old == renaming.old })?.renaming {
      throw EditErrors(
        "\(other.old) gets two names in one accept, \(other.new) and \(renaming.new)", .contradiction,
        other.old, remedy: "leave out one of them")
    }
    renamings.append((renaming, change))
  }

  private func checkTouching(_ name: String) throws(EditErrors) {
    if universe.classes.named(name) == nil { _ = try? universe.loadClass(name) }
    if name.hasSuffix(MethodKey.holderName("", true)) { throw EditErrors(ClassNameObstacle.isClassSide(name)) }
    guard let info = universe.classes.named(name) else { throw EditErrors(ClassNameObstacle.unknown(name)) }
    if let obstacle = universe.classNames.obstacle(toTouching: info) { throw EditErrors(obstacle) }
  }

  /// Checks that every class has a name of its own and a superclass once the set is made.
  func checkNames() throws(EditErrors) {
    let gone = Set(removals.map(\.name))
    try checkRemovals(gone)
    var given: Set<String> = []
    for (renaming, change) in renamings {
      let isTaken = newClasses[renaming.new] != nil || !given.insert(renaming.new).inserted
      let obstacle =
        isTaken
        ? .taken(renaming.new)
        : universe.classNames.obstacle(
          toName: renaming.new, isFree: gone.contains(renaming.new),
          hasFile: files.contains { $0.definition.name == renaming.new })
      if let obstacle { throw EditErrors(obstacle, change: change) }
    }
    for (name, change) in shaped {
      guard let above = superclasses[name], universe.classes.named(name)?.isMetaclass == false else { continue }
      if universe.classes.named(above) == nil, newClasses[above] == nil {
        throw EditErrors(
          "there is no class \(above) to be the superclass of \(name)", .noSuchClass,
          above, change: change, remedy: "bring its text in the same accept")
      }
    }
    for (name, new) in newClasses.sorted(by: { $0.value.change < $1.value.change }) {
      var seen: Set<String> = []
      var next = superName(of: new.file.definition)
      while let above = newClasses[next], seen.insert(next).inserted {
        if next == name {
          throw EditErrors("\(name) would be a superclass of itself", .badSuperclass, name, change: new.change)
        }
        next = superName(of: above.file.definition)
      }
    }
  }

  private func checkRemovals(_ gone: Set<String>) throws(EditErrors) {
    let reshaped = shaped.compactMap { universe.classes.named($0.name) }.map {
      universe.key("", in: $0.index).className
    }
    let touched = Set(texts.keys.map(\.className) + removed.map(\.className) + reshaped + renamings.map(\.renaming.old))
    for (name, change) in removals {
      if touched.contains(name) { throw EditErrors(ClassNameObstacle.isChangedToo(name), change: change) }
      guard let info = universe.classes.named(name) else { continue }
      for below in info.subclasses.map({ universe.classes[$0] }) where !below.isRemoved && !gone.contains(below.name) {
        if superclasses[below.name] ?? name == name {
          throw EditErrors(ClassNameObstacle.hasSubclass(below.name, below: name), change: change)
        }
      }
    }
    let below =
      shaped.compactMap { shaped in superclasses[shaped.name].map { (shaped.name, $0, shaped.change) } }
      + newClasses.map { ($0, superName(of: $1.file.definition), $1.change) }
    if let (name, above, change) = below.sorted(by: { $0.2 < $1.2 }).first(where: { gone.contains($0.1) }) {
      throw EditErrors(ClassNameObstacle.superclassIsRemoved(name, above: above), change: change)
    }
  }
}
