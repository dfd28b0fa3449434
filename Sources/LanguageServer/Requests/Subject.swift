// What a name in a text stands for.

import EditorProtocols
import SourceTools
import Syntax

/// What somebody asks about, at a place.
enum Subject {
  /// A local variable of a method, by where its declaration begins.
  case local(declaration: Int)
  case field(name: String, owner: ClassFile, isClassSide: Bool)
  case classNamed(ClassFile)
  /// A global that is no class that is known.
  case global(String)
  case method(selector: String)
  /// `self`: the class around; `super`: the one above it.
  case constant(String)

  init?(_ name: NamePlace, in file: ClassFile, _ index: SourceIndex) {
    switch name.role {
    case .local(let declaration, _): self = .local(declaration: declaration)
    case .className: self = .classNamed(file)
    case .superclass, .outer:
      if name.role == .outer, let method = name.method,
        let owner = index.owner(ofField: name.name, in: file, method: method)
      {
        self = .field(name: name.name, owner: owner, isClassSide: file.methods[method].isClassSide)
      } else if let found = index.classFile(name.name, from: file.folder) {
        self = .classNamed(found)
      } else {
        self = .global(name.name)
      }
    case .fieldDeclaration:
      let range = file.definition?.classFieldsRange
      let isClassSide = range.map { $0.start <= name.range.start && name.range.end <= $0.end } ?? false
      self = .field(name: name.name, owner: file, isClassSide: isClassSide)
    case .pattern, .selector, .performed: self = .method(selector: name.name)
    case .constant: self = .constant(name.name)
    }
  }
}

extension Parameters {
  /// The document, the name at the position, and what it stands for; nil: there is none.
  func subject() throws -> (file: ClassFile, name: NamePlace, subject: Subject)? {
    let file = try file()
    guard let name = file.name(at: try offset(in: file)), let subject = Subject(name, in: file, server.workspace.index)
    else { return nil }
    return (file, name, subject)
  }
}

extension LanguageServer {
  /// The methods that a message finds: those of its receiver, if that is known, and all of its selector otherwise.
  func targets(of name: NamePlace, in file: ClassFile) -> [MethodReference] {
    let index = workspace.index
    if case .pattern = name.role {
      return name.method.map { [MethodReference(file: file, index: $0)] } ?? []
    }
    var isSuper = false
    if case .variable(let node)? = name.receiver { isSuper = node.name == "super" }
    var found: [MethodReference] = []
    for kind in index.kinds(ofReceiverOf: name, in: file).sorted(by: { $0.description < $1.description }) {
      let method = index.lookup(
        name.name, kind, from: file.folder, above: isSuper ? file.definition?.name : nil)
      guard let method, !found.contains(where: { $0.file === method.file && $0.index == method.index }) else {
        continue
      }
      found.append(method)
    }
    return found.isEmpty ? index.implementors(of: name.name) : found
  }
}
