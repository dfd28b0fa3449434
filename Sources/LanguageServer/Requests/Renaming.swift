// Another name for a variable, a field, a method or a class, everywhere.

import EditorProtocols
import SourceTools
import Syntax

extension LanguageServer {
  static let prepareRename: Request = { parameters in
    guard let (file, name, subject) = try parameters.subject() else { return .null }
    if try parameters.server.renaming(subject) == nil { return .null }
    return [
      "range": parameters.server.workspace.positions(of: file).json(name.range),
      "placeholder": .string(name.role == .performed ? "#" + name.name : name.name),
    ]
  }

  /// What is renamed; throws why it cannot be; nil: nothing that has a name of its own.
  private func renaming(_ subject: Subject) throws -> String? {
    switch subject {
    case .local: return "local"
    case .field(_, let owner, _):
      if owner.isLibrary { throw RPCError(.requestFailed, "the field belongs to a class of the bundled library") }
      return "field"
    case .classNamed(let file):
      if file.isLibrary { throw RPCError(.requestFailed, "the class belongs to the bundled library") }
      return "class"
    case .method(let selector):
      if let bundled = workspace.index.implementors(of: selector).first(where: \.file.isLibrary) {
        throw RPCError(
          .requestFailed, "\(bundled.title) of the bundled library has that name; a renamed method would not replace it"
        )
      }
      return "method"
    case .global, .constant: return nil
    }
  }

  static let rename: Request = { parameters in
    let new = try parameters.string("newName")
    guard let (file, _, subject) = try parameters.subject() else {
      throw RPCError(.requestFailed, "there is no name at this place")
    }
    let server = parameters.server, index = server.workspace.index
    guard try server.renaming(subject) != nil else {
      throw RPCError(.requestFailed, "only variables, fields, methods and classes of the program can be renamed")
    }
    var edits = WorkspaceEdit(server)
    switch subject {
    case .local(let declaration):
      try checkName(new, Parser.isFieldName(new))
      let uses = uses(of: declaration, in: file)
      let method = uses.first?.method
      if file.names.contains(where: { $0.method == method && $0.name == new && !$0.isSelector }) {
        throw RPCError(.requestFailed, "\(new) means something else in this method")
      }
      for use in uses { edits.replace(use.range, in: file, by: new) }
    case .field(let field, let owner, let isClassSide):
      try checkName(new, Parser.isFieldName(new))
      let places = index.references(toField: field, of: owner, classSide: isClassSide)
      let users = [owner] + index.allSubclasses(of: owner.definition?.name ?? "")
      for user in users where index.fields(of: user, classSide: isClassSide).contains(where: { $0.name == new }) {
        throw RPCError(.requestFailed, "\(user.definition?.name ?? "") has a field \(new) already")
      }
      for place in places {
        let isTaken = place.file.names.contains { name in
          if case .local = name.role {
            return name.method == place.name.method && name.name == new && name.method != nil
          }
          return false
        }
        if isTaken { throw RPCError(.requestFailed, "\(new) is a local variable where the field is used") }
        edits.replace(place.name.range, in: place.file, by: new)
      }
    case .method(let selector):
      try server.rename(selector, to: new, &edits)
      edits.preview = "\(selector) becomes \(new)"
    case .classNamed(let found):
      try checkName(new, Parser.isClassName(new))
      guard let definition = found.definition else { return .null }
      if index.classFile(new, from: found.folder) != nil {
        throw RPCError(.requestFailed, "there is a class \(new) already")
      }
      edits.replace(definition.nameRange, in: found, by: new)
      for place in index.references(toGlobal: definition.name) {
        edits.replace(place.name.range, in: place.file, by: new)
      }
      edits.rename(found, to: "\(found.folder)/\(new).som")
    case .global, .constant: return .null
    }
    return edits.json
  }

  private static func checkName(_ name: String, _ isRight: Bool) throws {
    if !isRight { throw RPCError(.invalidParameters, "\(name.prefix(80)) is no name that it can have") }
  }

  private func rename(_ selector: String, to new: String, _ edits: inout WorkspaceEdit) throws {
    let method = try? Parser.parseMethod(SourceText(name: "", Self.pattern(new) + " = ( )"))
    guard let method, method.selector == new else {
      throw RPCError(.invalidParameters, "\(new.prefix(80)) is no selector")
    }
    func shape(_ selector: String) -> Int {
      selector.last == ":"
        ? selector.count { $0 == ":" } : selector.first?.isLetter == true || selector.first == "_" ? 0 : -1
    }
    guard shape(selector) == shape(new) else {
      throw RPCError(.invalidParameters, "\(new) takes another number of arguments than \(selector)")
    }
    let index = workspace.index
    if let taken = index.implementors(of: new).first {
      throw RPCError(.requestFailed, "\(taken.title) has that name already")
    }
    let parts = new.hasSuffix(":") ? new.split(separator: ":").map { $0 + ":" } : [new]
    for method in index.implementors(of: selector) {
      for name in method.file.names(in: method.place.definition.patternRange) {
        if case .pattern(let part) = name.role { edits.replace(name.range, in: method.file, by: parts[part]) }
      }
    }
    for found in index.senders(of: selector, allParts: true) {
      if case .selector(let part) = found.name.role {
        edits.replace(found.name.range, in: found.file, by: parts[part])
      } else {
        edits.replace(found.name.range, in: found.file, by: "#" + new)
      }
    }
  }

  /// `at: a1 put: a2`
  static func pattern(_ selector: String) -> String {
    if selector.hasSuffix(":") {
      return selector.split(separator: ":").enumerated().map { "\($1): a\($0 + 1)" }.joined(separator: " ")
    }
    return selector.first.map { $0.isLetter || $0 == "_" } == true ? selector : "\(selector) other"
  }
}

/// Edits of several documents.
struct WorkspaceEdit {
  private let server: LanguageServer
  private var edits: [String: [(range: SourceRange, text: String)]] = [:]
  private var renamed: (from: String, to: String)?
  /// What all edits are about, if they are to be looked at before they are made; for clients that can show that.
  var preview: String?

  init(_ server: LanguageServer) { self.server = server }

  mutating func replace(_ range: SourceRange, in file: ClassFile, by text: String) {
    edits[file.path, default: []].append((range, text))
  }

  /// The file has the name of its class.
  mutating func rename(_ file: ClassFile, to path: String) { renamed = (file.path, path) }

  /// As changes of versioned documents, if the client knows those.
  var json: JSON {
    let workspace = server.workspace, support = server.client["workspace"]?["workspaceEdit"]
    let preview = support?["changeAnnotationSupport"]?.object == nil ? nil : preview
    func textEdits(_ path: String) -> JSON {
      guard let file = workspace.file(path) else { return [] }
      let positions = workspace.positions(of: file)
      var result: [UInt8] = []
      result.appendList((edits[path] ?? []).sorted { $0.range.start < $1.range.start }) { edit, text in
        text += (preview == nil ? #"{"newText":"# : #"{"annotationId":"preview","newText":"#).utf8
        JSON.string(edit.text).write(to: &text)
        text += #","range":"#.utf8
        positions.write(edit.range, to: &text)
        text.append(UInt8(ascii: "}"))
      }
      return .written(result)
    }
    guard support?["documentChanges"]?.bool == true else {
      return ["changes": .object(edits.reduce(into: [:]) { $0[workspace.uri(of: $1.key)] = textEdits($1.key) })]
    }
    var changes: [JSON] = edits.keys.sorted().map { path in
      [
        "textDocument": [
          "uri": .string(workspace.uri(of: path)),
          "version": workspace.open[path]?.version.map(JSON.integer) ?? .null,
        ],
        "edits": textEdits(path),
      ]
    }
    if let renamed, support?["resourceOperations"]?.array?.contains("rename") == true {
      changes.append([
        "kind": "rename", "oldUri": .string(workspace.uri(of: renamed.from)),
        "newUri": .string(DocumentAddress.uri(of: renamed.to)),
      ])
    }
    return .fields([
      "documentChanges": .array(changes),
      "changeAnnotations": preview.map { ["preview": ["label": .string($0), "needsConfirmation": true]] },
    ])
  }
}
