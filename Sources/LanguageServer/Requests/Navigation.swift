// Where things are, and where they are used.

import EditorProtocols
import SourceTools
import Syntax

extension LanguageServer {
  static let definition: Request = { parameters in
    guard let (file, name, subject) = try parameters.subject() else { return .null }
    let server = parameters.server, workspace = server.workspace
    switch subject {
    case .local(let declaration):
      let found = file.names.first { $0.range.start == declaration }
      return found.map { workspace.location(file, $0.range) } ?? .null
    case .field(let field, let owner, let isClassSide):
      let places = workspace.index.references(toField: field, of: owner, classSide: isClassSide)
      return places.first { $0.name.role == .fieldDeclaration }.map(workspace.location) ?? .null
    case .classNamed(let found): return found.definition.map { workspace.location(found, $0.nameRange) } ?? .null
    case .global: return .null
    case .method: return .array(server.targets(of: name, in: file).map(workspace.location))
    case .constant(let word):
      guard word == "self" || word == "super", let definition = file.definition else { return .null }
      if word == "self" { return workspace.location(file, definition.nameRange) }
      let above = definition.superclassName.flatMap { workspace.index.classFile($0, from: file.folder) }
      return above.flatMap { above in above.definition.map { workspace.location(above, $0.nameRange) } } ?? .null
    }
  }

  /// The class of what is assigned to a variable, as far as that is known.
  static let typeDefinition: Request = { parameters in
    guard let (file, name, _) = try parameters.subject(), let method = name.method else { return .null }
    let index = parameters.server.workspace.index
    var expressions: [Expression] = []
    if let receiver = name.receiver {
      expressions = [receiver]
    } else {
      file.methods[method].definition.body.forEachVariable {
        if $0.range == name.range { expressions = [.variable($0)] }
      }
    }
    let kinds = expressions.reduce(into: Set<ReceiverKind>()) {
      $0.formUnion(index.kinds(of: $1, in: file, method: method))
    }
    return .array(
      kinds.sorted { $0.description < $1.description }.compactMap { kind in
        guard let found = index.classFile(kind.className, from: file.folder), let definition = found.definition else {
          return nil
        }
        return parameters.server.workspace.location(found, definition.nameRange)
      })
  }

  static let implementation: Request = { parameters in
    guard let (_, _, subject) = try parameters.subject() else { return .null }
    let workspace = parameters.server.workspace
    switch subject {
    case .method(let selector): return .array(workspace.index.implementors(of: selector).map(workspace.location))
    case .classNamed(let file):
      return .array(
        workspace.index.allSubclasses(of: file.definition?.name ?? "").compactMap { below in
          below.definition.map { workspace.location(below, $0.nameRange) }
        })
    default: return .null
    }
  }

  static let references: Request = { parameters in
    guard let (file, name, subject) = try parameters.subject() else { return .null }
    let workspace = parameters.server.workspace, index = workspace.index
    let wantsDeclaration = parameters.json["context"]?["includeDeclaration"]?.bool ?? true
    switch subject {
    case .local(let declaration):
      return .array(
        uses(of: declaration, in: file)
          .filter { wantsDeclaration || $0.range.start != declaration }
          .map { workspace.location(file, $0.range) })
    case .field(let field, let owner, let isClassSide):
      return .array(
        index.references(toField: field, of: owner, classSide: isClassSide)
          .filter { wantsDeclaration || $0.name.role != .fieldDeclaration }.map(workspace.location))
    case .classNamed(let found):
      guard let definition = found.definition else { return .null }
      let declarations = wantsDeclaration ? [workspace.location(found, definition.nameRange)] : []
      return .array(declarations + index.references(toGlobal: definition.name).map(workspace.location))
    case .global(let global): return .array(index.references(toGlobal: global).map(workspace.location))
    case .method(let selector):
      let declarations = wantsDeclaration ? index.implementors(of: selector).map(workspace.location) : []
      return .array(declarations + index.senders(of: selector).map(workspace.location))
    case .constant:
      return .array(
        file.names.filter { $0.role == .constant && $0.name == name.name && $0.method == name.method }
          .map { workspace.location(file, $0.range) })
    }
  }

  /// A local variable's declaration and uses.
  static func uses(of declaration: Int, in file: ClassFile) -> [NamePlace] {
    file.names.filter { if case .local(declaration, _) = $0.role { true } else { false } }
  }

  static let documentHighlight: Request = { parameters in
    guard let (file, name, subject) = try parameters.subject() else { return .null }
    let positions = parameters.server.workspace.positions(of: file)
    let found: [NamePlace] =
      switch subject {
      case .local(let declaration): uses(of: declaration, in: file)
      case .method(let selector):
        file.names.filter { place in
          guard place.name == selector else { return false }
          return switch place.role {
          case .pattern, .selector, .performed: true
          default: false
          }
        }
      case .constant: file.names.filter { $0.role == .constant && $0.name == name.name && $0.method == name.method }
      default:
        file.names.filter {
          $0.name == name.name && [.outer, .superclass, .className, .fieldDeclaration].contains($0.role)
        }
      }
    return .array(found.map { ["range": positions.json($0.range), "kind": $0.isWrite ? 3 : 2] })
  }
}

extension Body {
  /// Every name in operand position.
  func forEachVariable(_ visit: (VariableReference) -> Void) {
    for statement in statements {
      switch statement {
      case .expression(let value), .returning(let value, _, _): value.forEachVariable(visit)
      }
    }
  }
}

extension Expression {
  fileprivate func forEachVariable(_ visit: (VariableReference) -> Void) {
    switch self {
    case .literal: break
    case .variable(let node): visit(node)
    case .assignment(let node):
      visit(node.target)
      node.value.forEachVariable(visit)
    case .block(let node): node.body.forEachVariable(visit)
    case .cascade(let node):
      node.receiver.forEachVariable(visit)
      for message in node.messages { message.arguments.forEach { $0.forEachVariable(visit) } }
    case .send(var node):
      while true {
        node.arguments.forEach { $0.forEachVariable(visit) }
        guard case .send(let next) = node.receiver else { return node.receiver.forEachVariable(visit) }
        node = next
      }
    }
  }
}
