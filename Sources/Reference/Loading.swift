// Class files: finding them, and making classes of them.

import Foundation
import Syntax

/// The texts of the core library, parsed once for all machines of a process.
public final class ReferenceLibrary: @unchecked Sendable {
  private let text: @Sendable (String) -> [UInt8]?
  private let lock = NSLock()
  private var parsed: [String: ClassFile] = [:]

  /// - Parameter text: the file of a bundled class, by class name.
  public init(_ text: @escaping @Sendable (String) -> [UInt8]?) { self.text = text }

  func source(of name: String) throws(ReferenceError) -> ClassFile {
    if let known = lock.withLock({ parsed[name] }) { return known }
    guard let bytes = text(name) else { throw ReferenceError("No class \(name) on the class path") }
    let made = try ClassFile(name, bytes, isBundled: true)
    lock.withLock { parsed[name] = made }
    return made
  }
}

struct ClassFile: Sendable {
  let definition: ClassDefinition
  let instanceMethods: [MethodTree]
  let classMethods: [MethodTree]

  init(_ name: String, _ bytes: [UInt8], isBundled: Bool = false) throws(ReferenceError) {
    let source = SourceText(name: "\(name).som", bytes: bytes, isBundled: isBundled)
    do throws(SyntaxErrors) { definition = try Parser.parseClass(source) } catch {
      throw ReferenceError(error.description)
    }
    instanceMethods = definition.instanceMethods.map { MethodTree($0, source) }
    classMethods = definition.classMethods.map { MethodTree($0, source) }
  }
}

extension ReferenceMachine {
  /// The class of that name, from the program's files or the core library if it is not there yet.
  func load(_ name: String) throws(ReferenceError) -> Class {
    if let known = globals[Name(name)]?.asClass, known.name == name { return known }
    if withdrawn.contains(name) { throw ReferenceError("\(name) is no class any more") }
    let file: ClassFile
    if let bytes = files[name] { file = try ClassFile(name, bytes) } else { file = try library.source(of: name) }
    return try make(file)
  }

  /// A class of the core library that the library itself names.
  func loadBundled(_ name: String) -> Value? {
    guard (try? library.source(of: name)) != nil else { return nil }
    return (try? load(name)).map { .object($0) }
  }

  func exists(_ name: String) -> Bool {
    !withdrawn.contains(name) && (files[name] != nil || (try? library.source(of: name)) != nil)
  }

  func make(_ file: ClassFile) throws(ReferenceError) -> Class {
    let definition = file.definition, name = definition.name
    withdrawn.remove(name)
    guard loading.insert(name).inserted else { throw ReferenceError("Class \(name) is its own superclass") }
    defer { loading.remove(name) }
    var superclass: Class?
    if let superName = definition.superclassName, superName != "nil" { superclass = try load(superName) }
    if superclass == nil, name != "Object" { throw ReferenceError("Class \(name) has no superclass") }
    try checkUnique(definition.instanceFields, below: superclass, name)

    let class_ = Class(name: name, isMetaclass: false, superclass: superclass, fields: definition.instanceFields)
    let meta = Class(
      name: "\(name) class", isMetaclass: true, superclass: superclass?.class_, fields: definition.classFields)
    class_.class_ = meta
    classes += [class_, meta]
    globals[Name(name)] = .object(class_)
    // Object's metaclass inherits from Class.
    if superclass == nil { meta.setSuperclass(try load("Class")) }
    try checkUnique(definition.classFields, below: meta.superclass, name)
    if !isBooting { setClasses(of: class_) }
    for method in file.instanceMethods { try define(method, in: class_) }
    for method in file.classMethods { try define(method, in: meta) }
    return class_
  }

  private func checkUnique(_ names: [String], below superclass: Class?, _ name: String) throws(ReferenceError) {
    let all = (superclass?.fields.map(\.name) ?? []) + names
    if Set(all).count != all.count { throw ReferenceError("Class \(name) would have two fields of one name") }
  }

  @discardableResult
  func define(
    _ tree: MethodTree, in holder: Class, listed: Bool = true
  ) throws(ReferenceError) -> Method {
    let method: Method
    if tree.definition.isPrimitive {
      let name = "\(holder.name)>>\(tree.selector)"
      // Those of files, clocks and random numbers have no reference.
      guard let primitive = Primitives.all[name] ?? (tree.source.isBundled ? Primitives.unknown : nil) else {
        throw ReferenceError("there is no primitive \(name)")
      }
      method = Method(
        tree.selector, holder, .primitive(primitive), argumentCount: tree.code.argumentCount, Bindings())
    } else {
      method = Method(
        tree.selector, holder, .tree(tree), argumentCount: tree.code.argumentCount, try Bindings(tree, in: holder))
    }
    holder.add(method, as: tree.selector, listed: listed)
    return method
  }
}
