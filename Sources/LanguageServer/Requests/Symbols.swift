// Classes and methods of a document and of everything; who calls whom; what is above and below a class.

import EditorProtocols
import SourceTools
import Syntax

/// The numbers that the protocol has for kinds of symbols.
private enum SymbolKind {
  static let classKind: JSON = 5
  static let method: JSON = 6
  static let field: JSON = 8
  static let function: JSON = 12
}

extension LanguageServer {
  static let documentSymbol: Request = { parameters in
    let file = try parameters.file()
    guard let definition = file.definition else { return [] }
    let workspace = parameters.server.workspace, positions = workspace.positions(of: file)
    var children: [JSON] = []
    for name in file.names where name.role == .fieldDeclaration {
      let range = positions.json(name.range)
      children.append(
        ["name": .string(name.name), "kind": SymbolKind.field, "range": range, "selectionRange": range])
    }
    for (i, method) in file.methods.enumerated() {
      children.append(
        .fields([
          "name": .string(method.definition.selector),
          "detail": method.isClassSide ? .string("class side") : nil,
          "kind": method.isClassSide ? SymbolKind.function : SymbolKind.method,
          "range": positions.json(file.methods[i].definition.range),
          "selectionRange": positions.json(method.definition.patternRange),
        ]))
    }
    if parameters.server.client["textDocument"]?["documentSymbol"]?["hierarchicalDocumentSymbolSupport"]?.bool == false
    {
      return .array(
        children.map {
          .fields([
            "name": $0["name"], "kind": $0["kind"], "containerName": .string(definition.name),
            "location": ["uri": .string(workspace.uri(of: file.path)), "range": $0["range"] ?? .null],
          ])
        })
    }
    return [
      [
        "name": .string(definition.name), "detail": .string(definition.superclassName ?? ""),
        "kind": SymbolKind.classKind, "range": positions.json(definition.range),
        "selectionRange": positions.json(definition.nameRange), "children": .array(children),
      ]
    ]
  }

  private static let symbolLimit = 500

  /// Classes and methods whose names have the letters of the query in their order; those that begin with it come first.
  static let workspaceSymbol: Request = { parameters in
    let query = try parameters.string("query").lowercased()
    let workspace = parameters.server.workspace
    var found: [(rank: Int, name: String, symbol: () -> JSON)] = []
    for file in workspace.index.files.values {
      guard let definition = file.definition else { continue }
      if let rank = rank(definition.name, query) {
        found.append(
          (
            rank * 2 + (file.isLibrary ? 1 : 0), definition.name,
            {
              [
                "name": .string(definition.name), "kind": SymbolKind.classKind,
                "location": workspace.location(file, definition.nameRange),
              ]
            }
          ))
      }
      for (i, method) in file.methods.enumerated() {
        guard let rank = rank(method.definition.selector, query) else { continue }
        found.append(
          (
            rank * 2 + (file.isLibrary ? 1 : 0), method.definition.selector,
            {
              [
                "name": .string(method.definition.selector), "kind": SymbolKind.method,
                "containerName": .string(definition.name + (method.isClassSide ? " class" : "")),
                "location": workspace.location(MethodReference(file: file, index: i)),
              ]
            }
          ))
      }
    }
    return .array(found.sorted { ($0.rank, $0.name) < ($1.rank, $1.name) }.prefix(symbolLimit).map { $0.symbol() })
  }

  private static func rank(_ name: String, _ query: String) -> Int? {
    var rest = query.utf8[...]
    var isPrefix = true
    for byte in name.utf8 {
      guard let wanted = rest.first else { return isPrefix ? 1 : 2 }
      // Letters as if all were small.
      if (byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte) == wanted {
        rest = rest.dropFirst()
      } else {
        isPrefix = false
      }
    }
    return rest.isEmpty ? (isPrefix ? 0 : 2) : nil
  }

  // MARK: Calls

  static let prepareCallHierarchy: Request = { parameters in
    guard let (file, name, subject) = try parameters.subject(), case .method = subject else { return .null }
    return .array(parameters.server.targets(of: name, in: file).map(parameters.server.item))
  }

  private func item(_ method: MethodReference) -> JSON {
    var text: [UInt8] = []
    write(method, to: &text)
    return .written(text)
  }

  /// A method as an item of a hierarchy; of a popular one, there are thousands at once.
  private func write(_ method: MethodReference, to text: inout [UInt8]) {
    let definition = method.place.definition, positions = workspace.positions(of: method.file)
    func add(_ beginning: StaticString, _ value: JSON) {
      beginning.withUTF8Buffer { text += $0 }
      value.write(to: &text)
    }
    add(#"{"detail":"#, .string(method.title))
    add(#","kind":"#, SymbolKind.method)
    add(#","name":"#, .string(definition.selector))
    text += #","range":"#.utf8
    positions.write(definition.range, to: &text)
    text += #","selectionRange":"#.utf8
    positions.write(definition.patternRange, to: &text)
    add(#","uri":"#, .string(workspace.uri(of: method.file)))
    text.append(UInt8(ascii: "}"))
  }

  /// The method that an item of the hierarchy stands for.
  private func method(_ parameters: Parameters) throws -> MethodReference {
    guard let item = parameters.json["item"], let uri = item["uri"]?.string,
      let start = item["selectionRange"]?["start"],
      let position = TextPosition(start)
    else { throw Parameters.wrong("item") }
    guard let file = workspace.file(DocumentAddress.path(of: uri)),
      let index = file.method(at: workspace.positions(of: file).offset(position))
    else { throw RPCError(.contentModified, "the method is not there any more") }
    return MethodReference(file: file, index: index)
  }

  static let incomingCalls: Request = { parameters in
    let server = parameters.server, method = try server.method(parameters)
    var calls: [(caller: MethodReference, ranges: [SourceRange])] = []
    for found in server.workspace.index.senders(of: method.selector) {
      guard let index = found.name.method else { continue }
      if let last = calls.last, last.caller.file === found.file, last.caller.index == index {
        calls[calls.count - 1].ranges.append(found.name.range)
      } else {
        calls.append((MethodReference(file: found.file, index: index), [found.name.range]))
      }
    }
    return .array(
      calls.map { call in
        let positions = server.workspace.positions(of: call.caller.file)
        var text: [UInt8] = []
        text.reserveCapacity(500)
        text += #"{"from":"#.utf8
        server.write(call.caller, to: &text)
        text += #","fromRanges":"#.utf8
        text.appendList(call.ranges) { positions.write($0, to: &$1) }
        text.append(UInt8(ascii: "}"))
        return .written(text)
      })
  }

  private static let outgoingLimit = 200

  static let outgoingCalls: Request = { parameters in
    let server = parameters.server, method = try server.method(parameters)
    let positions = server.workspace.positions(of: method.file)
    var calls: [(target: MethodReference, ranges: [SourceRange])] = []
    for name in method.file.names where name.method == method.index {
      guard name.role == .selector(part: 0) || name.role == .performed else { continue }
      for target in server.targets(of: name, in: method.file) {
        if let i = calls.firstIndex(where: { $0.target.file === target.file && $0.target.index == target.index }) {
          calls[i].ranges.append(name.range)
        } else if calls.count < outgoingLimit {
          calls.append((target, [name.range]))
        }
      }
    }
    return .array(
      calls.map { ["to": server.item($0.target), "fromRanges": .array($0.ranges.map(positions.json))] })
  }

  // MARK: Types

  static let prepareTypeHierarchy: Request = { parameters in
    guard let (file, _, subject) = try parameters.subject() else { return .null }
    let server = parameters.server
    switch subject {
    case .classNamed(let found): return .array([server.item(found)])
    default: return .array([server.item(file)])
    }
  }

  private func item(_ file: ClassFile) -> JSON {
    guard let definition = file.definition else { return .null }
    let location = workspace.location(file, definition.nameRange)
    return [
      "name": .string(definition.name), "kind": SymbolKind.classKind, "uri": location["uri"] ?? .null,
      "range": workspace.positions(of: file).json(definition.range), "selectionRange": location["range"] ?? .null,
    ]
  }

  private func classFile(_ parameters: Parameters) throws -> ClassFile {
    guard let uri = parameters.json["item"]?["uri"]?.string else { throw Parameters.wrong("item") }
    guard let file = workspace.file(DocumentAddress.path(of: uri)), file.definition != nil else {
      throw RPCError(.contentModified, "the class is not there any more")
    }
    return file
  }

  static let supertypes: Request = { parameters in
    let server = parameters.server, file = try server.classFile(parameters)
    let above = file.definition?.superclassName.flatMap { server.workspace.index.classFile($0, from: file.folder) }
    return .array(above.map { [server.item($0)] } ?? [])
  }

  static let subtypes: Request = { parameters in
    let server = parameters.server, file = try server.classFile(parameters)
    return .array(server.workspace.index.subclasses(of: file.definition?.name ?? "").map(server.item))
  }
}
