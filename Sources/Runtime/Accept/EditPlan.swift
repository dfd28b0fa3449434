// The checked form of a set of changes: everything parsed and compiled, nothing installed. What passes here can
// be installed without failing, so a set is made as a whole or not at all.

import Bytecode
import Foundation
import Syntax
import VM

/// Errors of one change, or of several places in it.
struct EditErrors: Error {
  var errors: [AcceptError]
  /// What is in the way will be gone when some activation has returned.
  var isPassing = false
  init(_ errors: [AcceptError]) { self.errors = errors }
  init(_ message: String, expected: String? = nil, change: Int = 0) {
    errors = [AcceptError(change: change, message: message, expected: expected)]
  }
  init(_ syntax: SyntaxErrors) {
    errors = syntax.diagnostics.map {
      AcceptError(
        change: 0, line: $0.line, column: $0.column, message: $0.message,
        expected: $0.expected.isEmpty ? nil : $0.expected)
    }
  }
}

/// One step of an accept, ready to be made.
enum Edit {
  /// `primitive`: whose function it runs, if that is another primitive than its own name says.
  case define(MethodKey, MethodDefinition, SourceText, primitive: String?)
  /// The text is that of the current version: nothing to do.
  case keep(MethodKey, version: Int)
  case remove(MethodKey)
  case load(ClassSource)
  /// All that changes of fields and superclasses, before anything else.
  case setShapes([ShapeChange])
  /// The class's file says this now.
  case noteFile(ClassSource)

  /// The method that another one, or none, takes the place of.
  var replacedMethod: MethodKey? {
    switch self {
    case .define(let key, _, _, _), .remove(let key): key
    case .keep, .load, .setShapes, .noteFile: nil
    }
  }
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
  var edits: [Edit] = []
  private(set) var stale: [Receipt.StaleEdit] = []
  /// What the receipt says of `Edit.setShapes`.
  var classChanges: [Receipt.ClassChange] = []
  /// Fields that classes will have once the set is made, by "Foo" or "Foo class".
  var fields: [String: [String]] = [:]
  /// Superclasses that classes will have, likewise.
  var superclasses: [String: String] = [:]
  /// These classes in the order in which the set names them, with the last change that does.
  var shaped: [(name: String, change: Int)] = []
  /// Classes that this set loads, with the change.
  var newClasses: [String: (file: ClassSource, change: Int)] = [:]
  var removed: Set<MethodKey> = []
  /// Methods that this set defines, so that it may remove or replace them again, or whose text it has.
  var texts: [MethodKey: MethodText] = [:]
  var defined: Set<MethodKey> = []
  /// Texts that a later change of the set replaces or removes: not installed, but an error in one is an error.
  private(set) var superseded: [(key: MethodKey, text: MethodText)] = []
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

  mutating func add(_ change: Change, number: Int) throws(EditErrors) {
    self.change = number
    switch change {
    case .method(let className, let isClassSide, let source, let basedOn):
      let info = try classInfo(className, isClassSide)
      let text = SourceText(name: "\(info.name)", source)
      let method: MethodDefinition
      do throws(SyntaxErrors) { method = try Parser.parseMethod(text) } catch { throw EditErrors(error) }
      try define(method, text, className, isClassSide, basedOn)
    case .primitive(let key, let function):
      try definePrimitive(key, function)
    case .removeMethod(let key, let basedOn):
      try remove(key, basedOn)
    case .addField(let className, let isClassSide, let name):
      let info = try classInfo(className, isClassSide)
      guard Parser.isFieldName(name) else {
        throw EditErrors("'\(name)' cannot be the name of a field", expected: "letters and digits, a letter first")
      }
      if fieldNames(info).contains(name) { throw EditErrors("\(info.name) has a field \(name) already") }
      setFields(info, ownFields(info) + [name])
    case .removeField(let className, let isClassSide, let name):
      let info = try classInfo(className, isClassSide)
      guard ownFields(info).contains(name) else { throw EditErrors("\(info.name) defines no field \(name)") }
      setFields(info, ownFields(info).filter { $0 != name })
    case .classSource(let source, let file):
      try addClass(SourceText(name: file ?? "class", source), file)
    }
  }

  // MARK: Methods

  mutating func define(
    _ method: MethodDefinition, _ source: SourceText, _ className: String, _ isClassSide: Bool, _ basedOn: Int?,
    primitive: String? = nil
  ) throws(EditErrors) {
    let info = try classInfo(className, isClassSide)
    let key = MethodKey(className: className, isClassSide: isClassSide, selector: method.selector)
    if primitive == nil, method.isPrimitive, !universe.hasPrimitive(method.selector, in: info) {
      throw EditErrors("there is no primitive \(info.name)>>\(method.selector)", expected: "a method body")
    }
    noteStale(key, info, basedOn)
    if origin != .stress, !defined.contains(key), !removed.contains(key), fields.isEmpty,
      let current = current(key.selector, in: info), isSame(current, method, source, primitive)
    {
      edits.append(.keep(key, version: current.version))
      return
    }
    if let obstacle = universe.obstacleToAnotherVersion() { throw EditErrors(obstacle) }
    supersede(key)
    note(method, source, key)
    defined.insert(key)
    removed.remove(key)
    edits.append(.define(key, method, source, primitive: primitive))
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
      && current.primitive == (method.isPrimitive ? universe.primitiveKey(of: current) : nil)
  }

  private func isSame(_ one: String?, _ other: String) -> Bool {
    one == other || one.map { SourceText.withLineEnds("\n", $0) } == SourceText.withLineEnds("\n", other)
  }

  private mutating func definePrimitive(_ key: MethodKey, _ function: String) throws(EditErrors) {
    let info = try classInfo(key.className, key.isClassSide)
    if let problem = universe.obstacle(toInstalling: function, as: key.selector, in: info.index) {
      throw EditErrors(problem)
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
      throw EditErrors("\(info.name) has no method \(key.selector)")
    }
    noteStale(key, info, basedOn)
    supersede(key)
    removed.insert(key)
    defined.remove(key)
    if exists { edits.append(.remove(key)) }
  }

  /// Only the last that a set says of a method is installed.
  private mutating func supersede(_ key: MethodKey) {
    if defined.contains(key), let text = texts[key] { superseded.append((key, text)) }
    edits.removeAll { $0.replacedMethod == key }
  }

  private mutating func noteStale(_ key: MethodKey, _ info: ClassInfo, _ basedOn: Int?) {
    guard let basedOn else { return }
    let found = info.methods[universe.symbols.intern(key.selector)].map { universe.methods[$0].version } ?? 0
    if found != basedOn { stale.append(Receipt.StaleEdit(method: key, basedOn: basedOn, found: found)) }
  }
}
