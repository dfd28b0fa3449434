// The second value of an accept, the checked form of a set of changes: everything parsed and compiled, nothing installed.
// Whatever is wrong with a set is found here.

import Bytecode
import Foundation
import Syntax
import VM

/// What becomes of a method.
enum PlannedMethod {
  /// `primitive`: whose function it runs, if that is another primitive than its own name says.
  case define(MethodKey, MethodDefinition, SourceText, primitive: String?)
  case remove(MethodKey)
  /// The text is that of the current version: nothing to do.
  case keep(MethodKey, version: Int)
}

/// Who wants a set of changes made.
enum AcceptOrigin: Sendable {
  /// An editor, a prompt, a saved file: what the class files will say must be loadable.
  case editor
  /// The program itself, whose changes are not written into files.
  case program
  /// Replaces methods by equal text, too.
  case stress
}

struct EditPlan {
  let universe: Universe

  // What is to be made, in this order.

  /// All that changes of fields and superclasses.
  var shapes: [ShapeChange] = []
  /// Classes that are new, each behind its superclass.
  var classes: [NewClass] = []
  /// One for each method that changes, in the order of the changes.
  var methods: [PlannedMethod] { steps.compactMap { $0 } }
  /// The bytecode of those that are defined, and of new classes' methods, as their classes will be.
  var compiled: [MethodKey: CompiledText] = [:]
  /// Classes that come back, are taken out of the program, or get another name, each with its change.
  private(set) var restored: [String] = []
  var removals: [(name: String, change: Int)] = []
  var renamings: [(renaming: ClassRenaming, change: Int)] = []
  /// What class files say now.
  var files: [ClassSource] = []

  // What the receipt says.

  private(set) var stale: [Receipt.StaleEdit] = []
  var classChanges: [Receipt.ClassChange] = []

  // What is known of the classes and methods while the set is checked.

  /// Fields that classes will have once the set is made, by "Foo" or "Foo class".
  var fields: [String: [String]] = [:]
  /// Superclasses that classes will have, likewise.
  var superclasses: [String: String] = [:]
  /// These classes in the order in which the set names them, with the last change that does.
  var shaped: [(name: String, change: Int)] = []
  /// Classes that this set loads, with the change.
  var newClasses: [String: (file: ClassSource, change: Int)] = [:]
  /// By the new name of a class that the set renames: the one that it has.
  var currentNames: [String: String] = [:]
  var removed: Set<MethodKey> = []
  /// Methods that this set defines, so that it may remove or replace them again, or whose text it has.
  var texts: [MethodKey: MethodText] = [:]
  var defined: Set<MethodKey> = []
  /// Texts that a later change of the set replaces or removes: not installed, but an error in one is an error.
  private(set) var superseded: [(key: MethodKey, text: MethodText)] = []
  private var steps: [PlannedMethod?] = []
  /// Of the steps that define or remove.
  private var places: [MethodKey: Int] = [:]
  typealias MethodText = (definition: MethodDefinition, source: SourceText, change: Int)
  /// The number of the change at hand.
  private(set) var change = 0

  /// The top frame of the program.
  let frame: Words
  let origin: AcceptOrigin

  init(universe: Universe, frame: Words, origin: AcceptOrigin) {
    self.universe = universe
    self.frame = frame
    self.origin = origin
  }

  /// Checks a whole set: all errors of all its changes are told.
  init(_ set: ChangeSet, universe: Universe, frame: Words, origin: AcceptOrigin) throws(EditErrors) {
    self.init(universe: universe, frame: frame, origin: origin)
    noteNames(set.changes)
    do throws(EditErrors) { try check(set.changes) } catch {
      giveUp()
      // A program is told what the reference says, too.
      throw origin == .editor ? error.placed(in: set.changes) : error
    }
  }

  private mutating func check(_ changes: [Change]) throws(EditErrors) {
    var errors: [AcceptError] = []
    for (i, change) in changes.enumerated() {
      do throws(EditErrors) { try add(change, number: i) } catch {
        errors += error.errors.map {
          var e = $0
          e.change = i
          return e
        }
      }
    }
    if !errors.isEmpty { throw EditErrors(finish(after: errors)) }
    try finish()
  }

  private mutating func add(_ change: Change, number: Int) throws(EditErrors) {
    self.change = number
    switch withCurrentName(change) {
    case .method(let className, let isClassSide, let source, let basedOn):
      let info = try classInfo(className, isClassSide)
      let text = SourceText(name: "\(info.name)", source)
      let method: MethodDefinition
      do throws(SyntaxErrors) { method = try Parser.parseMethod(text) } catch { throw EditErrors(error) }
      let key = MethodKey(className: className, isClassSide: isClassSide, selector: method.selector)
      if origin == .stress, let same = universe.method(key).map({ universe.methods[$0] }),
        let definition = same.definition, let place = same.source
      {
        // What is replaced by itself stays all that it is: the library's, or at its lines of a file.
        try define(definition, place, className, isClassSide, basedOn)
      } else {
        try define(method, text, className, isClassSide, basedOn)
      }
    case .primitive(let key, let function):
      try definePrimitive(key, function)
    case .removeMethod(let key, let basedOn):
      try remove(key, basedOn)
    case .addField(let className, let isClassSide, let name):
      let info = try classInfo(className, isClassSide)
      guard Parser.isFieldName(name) else {
        throw EditErrors(
          "'\(name)' cannot be the name of a field", .badName, name, expected: "letters and digits, a letter first")
      }
      if fieldNames(info).contains(name) {
        throw EditErrors("\(info.name) has a field \(name) already", .exists, name, remedy: "choose another name")
      }
      setFields(info, ownFields(info) + [name])
    case .removeField(let className, let isClassSide, let name):
      let info = try classInfo(className, isClassSide)
      guard ownFields(info).contains(name) else {
        let definer = fieldNames(info).contains(name) ? "remove it from the class above that defines it" : nil
        throw EditErrors("\(info.name) defines no field \(name)", .noSuchField, name, remedy: definer)
      }
      setFields(info, ownFields(info).filter { $0 != name })
    case .classSource(let source, let file):
      try addClass(SourceText(name: file ?? "class", source), file)
    case .removeClass(let name):
      try addRemoval(of: name)
    case .renameClass(let name, let new):
      try addRenaming(ClassRenaming(old: name, new: new))
    }
  }

  /// What is not made after all: classes that would have come back stay away.
  func giveUp() {
    for name in restored {
      if let info = universe.classes.named(name) { universe.classNames.hide(info) }
    }
  }

  /// The class of that name that was removed takes part in the plan as if it were there; nil if there is none.
  mutating func restore(_ name: String) -> ClassInfo? {
    guard universe.classes.named(name) == nil, let info = universe.classNames.removedClass(name) else { return nil }
    universe.classNames.restore(info)
    restored.append(name)
    return info
  }

  /// What the methods are that others, or none, take the place of.
  var replacedTexts: [ChangeLog.Replaced] {
    methods.compactMap { method in
      switch method {
      case .define(let key, _, _, _), .remove(let key):
        let info = universe.classes.named(key.holderName).flatMap { current(key.selector, in: $0) }
        return ChangeLog.Replaced(method: key, text: info?.sourceText, primitive: info?.primitive)
      case .keep: return nil
      }
    }
  }

  // MARK: Methods

  mutating func define(
    _ method: MethodDefinition, _ source: SourceText, _ className: String, _ isClassSide: Bool, _ basedOn: Int?,
    primitive: String? = nil
  ) throws(EditErrors) {
    let info = try classInfo(className, isClassSide)
    let key = MethodKey(className: className, isClassSide: isClassSide, selector: method.selector)
    if primitive == nil, method.isPrimitive, !universe.primitives.isThere(method.selector, in: info) {
      throw EditErrors(
        "there is no primitive \(info.name)>>\(method.selector)", .noSuchPrimitive, "\(key)", expected: "a method body")
    }
    noteStale(key, info, basedOn)
    if origin != .stress, !defined.contains(key), !removed.contains(key), fields.isEmpty,
      let current = current(key.selector, in: info), isSame(current, method, source, primitive)
    {
      steps.append(.keep(key, version: current.version))
      return
    }
    if let obstacle = universe.room.obstacleToAnotherVersion() {
      throw EditErrors(
        obstacle, .noMemory, "\(key)", remedy: "let go of old blocks and methods, or allow more with --heap-limit")
    }
    supersede(key)
    note(method, source, key)
    removed.remove(key)
    append(defining: key, method, source, primitive: primitive)
  }

  mutating func append(
    defining key: MethodKey, _ method: MethodDefinition, _ source: SourceText, primitive: String? = nil
  ) {
    defined.insert(key)
    places[key] = steps.count
    steps.append(.define(key, method, source, primitive: primitive))
  }

  /// Where an error is to point to, if the method turns out not to fit what other changes of the set make.
  mutating func note(_ method: MethodDefinition, _ source: SourceText, _ key: MethodKey) {
    texts[key] = (method, source, change)
  }

  func current(_ selector: String, in info: ClassInfo) -> MethodInfo? {
    info.methods[universe.symbols.intern(selector)].map { universe.methods[$0] }
  }

  /// Whether a method that is there is what a text defines: a primitive is itself, and not its text.
  func isSame(
    _ current: MethodInfo, _ method: MethodDefinition, _ source: SourceText, _ primitive: String? = nil
  ) -> Bool {
    if let primitive { return current.primitive == primitive }
    return isSame(current.sourceText, method.text(in: source))
      && current.primitive == (method.isPrimitive ? universe.primitives.key(of: current) : nil)
  }

  private func isSame(_ one: String?, _ other: String) -> Bool {
    one == other || one.map { SourceText.withLineEnds("\n", $0) } == SourceText.withLineEnds("\n", other)
  }

  private mutating func definePrimitive(_ key: MethodKey, _ function: String) throws(EditErrors) {
    let info = try classInfo(key.className, key.isClassSide)
    if let problem = universe.primitives.obstacle(toInstalling: function, as: key.selector, in: info.index) {
      throw EditErrors(problem, .noSuchPrimitive, "\(key)")
    }
    let source = SourceText(name: info.name, MethodInfo.primitiveText(key.selector))
    let method: MethodDefinition
    do throws(SyntaxErrors) { method = try Parser.parseMethod(source) } catch { throw EditErrors(error) }
    try define(method, source, key.className, key.isClassSide, nil, primitive: function)
  }

  mutating func remove(_ key: MethodKey, _ basedOn: Int?) throws(EditErrors) {
    let info = try classInfo(key.className, key.isClassSide)
    let exists = info.methods[universe.symbols.intern(key.selector)] != nil
    guard (exists && !removed.contains(key)) || defined.contains(key) else {
      let above = universe.classes.lookup(info.superIndex, universe.symbols.intern(key.selector))
      throw EditErrors(
        "\(info.name) has no method \(key.selector)", .noSuchMethod, "\(key)",
        remedy: above.map { "it inherits \(universe.methods[$0].name)" })
    }
    noteStale(key, info, basedOn)
    supersede(key)
    removed.insert(key)
    defined.remove(key)
    if exists {
      places[key] = steps.count
      steps.append(.remove(key))
    }
  }

  /// Only the last that a set says of a method is installed.
  private mutating func supersede(_ key: MethodKey) {
    if defined.contains(key), let text = texts[key] { superseded.append((key, text)) }
    if let place = places.removeValue(forKey: key) { steps[place] = nil }
  }

  private mutating func noteStale(_ key: MethodKey, _ info: ClassInfo, _ basedOn: Int?) {
    guard let basedOn else { return }
    let found = info.methods[universe.symbols.intern(key.selector)].map { universe.methods[$0].version } ?? 0
    if found != basedOn { stale.append(Receipt.StaleEdit(method: key, basedOn: basedOn, found: found)) }
  }
}
