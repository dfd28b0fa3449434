// Edits that a program makes: what running activations see of them follows from `Bindings` and `Class.current`.

import Syntax

extension ReferenceMachine {
  func compile(_ text: String, in holder: Class) throws(ReferenceError) -> Method {
    let source = SourceText(name: holder.name, text)
    let tree: MethodTree
    do throws(SyntaxErrors) { tree = MethodTree(try Parser.parseMethod(source), source) } catch {
      throw ReferenceError(error.description)
    }
    // A text that is the same changes nothing.
    if let current = holder.methods[tree.name], case .tree(let old) = current.code, old.text == tree.text {
      return current
    }
    if holder.methods[tree.name]?.isBundled ?? false { isLibraryEdited = true }
    return try define(tree, in: holder)
  }

  func remove(_ selector: String, from holder: Class) throws(ReferenceError) {
    guard holder.methods[Name(selector)] != nil else {
      throw ReferenceError("\(holder.name) has no method \(selector)")
    }
    holder.remove(selector)
  }

  /// `Foo methods at: i put: m`: the method at that place runs the code of another. That may not compile in this class.
  func replace(_ selector: String, of holder: Class, by other: Method) throws(ReferenceError) {
    // What it says already changes nothing, under whatever selector.
    if case .tree(let old)? = holder.methods[Name(selector)]?.code, case .tree(let new) = other.code,
      old.saysTheSame(as: new)
    {
      return
    }
    var bindings = Bindings()
    if case .tree(let tree) = other.code { bindings = try Bindings(tree, in: holder) }
    holder.add(Method(selector, holder, other.code, argumentCount: other.argumentCount, bindings), as: selector)
  }

  func addField(_ name: String, to class_: Class) throws(ReferenceError) {
    try checkReshaping(class_)
    guard Self.isName(name) else { throw ReferenceError("'\(name)' is no name for a field") }
    if let owner = class_.family.first(where: { !$0.isRemoved && $0.fields.contains { $0.name == name } }) {
      throw ReferenceError("\(owner.name) has a field \(name) already")
    }
    setFields(of: class_, class_.ownFields + [Field(name)])
  }

  func removeField(_ name: String, from class_: Class) throws(ReferenceError) {
    try checkReshaping(class_)
    guard class_.ownFields.contains(where: { $0.name == name }) else {
      throw ReferenceError("\(class_.name) defines no field \(name)")
    }
    setFields(of: class_, class_.ownFields.filter { $0.name != name })
  }

  func makeSubclass(_ name: String, of superclass: Class) throws(ReferenceError) -> Class {
    guard Self.isName(name), globals[Name(name)] == nil else {
      throw ReferenceError("\(name) is there already, or no name")
    }
    return try make(ClassFile(name, Array("\(name) = \(superclass.name) ( )".utf8)))
  }

  /// Its name leads nowhere; what exists of it stays.
  func removeClass(_ class_: Class) throws(ReferenceError) {
    try checkNamed(class_)
    if let below = class_.subclasses.first(where: { !$0.isRemoved }) {
      throw ReferenceError("\(below.name) is below \(class_.name)")
    }
    withdrawName(of: class_)
    class_.isRemoved = true
    class_.class_.isRemoved = true
  }

  func rename(_ class_: Class, to name: String) throws(ReferenceError) {
    try checkNamed(class_)
    if name == class_.name { return }
    guard Self.isName(name), globals[Name(name)] == nil, !exists(name) else {
      throw ReferenceError("\(name) is there already, or no name")
    }
    withdrawName(of: class_)
    class_.name = name
    class_.class_.name = "\(name) class"
    globals[Name(name)] = .object(class_)
    withdrawn.remove(name)
  }

  private func withdrawName(of class_: Class) {
    if globals[Name(class_.name)]?.asClass === class_ { globals[Name(class_.name)] = nil }
    withdrawn.insert(class_.name)
  }

  /// Only a program's own classes can lose their names.
  private func checkNamed(_ class_: Class) throws(ReferenceError) {
    let isOfLibrary = files[class_.name] == nil && (try? library.source(of: class_.name)) != nil
    if class_.isMetaclass || isOfLibrary || wellKnown.contains(where: { $0 === class_ }) {
      throw ReferenceError("\(class_.name) keeps its name")
    }
  }

  private static func isName(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, first.properties.isAlphabetic else { return false }
    return text.unicodeScalars.allSatisfy { $0.properties.isAlphabetic || $0 == "_" || ("0"..."9").contains($0) }
      && !["self", "super", "nil", "true", "false", "system", "primitive"].contains(text)
  }

  /// The fields of what the machine makes itself are fixed.
  private func checkReshaping(_ class_: Class) throws(ReferenceError) {
    let fixed = class_.family.first { each in wellKnown.contains { $0 === each } }
    if let fixed { throw ReferenceError("the fields of \(fixed.name) cannot change") }
  }

  private func setFields(of class_: Class, _ fields: [Field]) {
    class_.ownFields = fields
    for each in class_.family {
      each.noteReshaping(Dictionary(uniqueKeysWithValues: each.fields.map { ($0, $0) }))
      each.bindAgain()
    }
  }
}
