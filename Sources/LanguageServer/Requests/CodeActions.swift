// What can be done about a finding, and what else can be done to a class; lenses above methods.

import EditorProtocols
import SourceTools
import Syntax

extension LanguageServer {
  static let codeAction: Request = { parameters in
    let file = try parameters.file()
    let range = try parameters.range(in: file)
    guard parameters.json["context"]?.object != nil else { throw Parameters.wrong("context") }
    let only = parameters.json["context"]?["only"]?.array?.compactMap(\.string)
    func isWanted(_ kind: String) -> Bool {
      only?.contains { kind == $0 || kind.hasPrefix($0 + ".") || $0.isEmpty } ?? true
    }
    if file.isLibrary { return [] }
    var actions: [JSON] = []
    let server = parameters.server
    if isWanted("quickfix") {
      for finding in server.workspace.findings(in: file)
      where finding.range.start <= range.end && finding.range.end >= range.start {
        actions += Fixes(server, file, finding).actions
      }
    }
    if isWanted("refactor.rewrite") { actions += server.overrides(in: file, at: range.start) }
    actions += server.refactorings(of: file, range).filter { isWanted($0["kind"]?.string ?? "") }
    return .array(actions)
  }

  private static let overrideLimit = 20

  /// On a class's name or its superclass's: the methods that it inherits from the class above.
  private func overrides(in file: ClassFile, at offset: Int) -> [JSON] {
    guard let definition = file.definition, let name = file.name(at: offset),
      name.role == .className || name.role == .superclass
    else { return [] }
    let own = Set(file.methods.filter { !$0.isClassSide }.map(\.definition.selector))
    var result: [JSON] = []
    for above in workspace.index.chain(of: definition.name, from: file.folder).dropFirst()
    where above.definition?.name != "Object" {
      for (i, method) in above.methods.enumerated()
      where !method.isClassSide && !own.contains(method.definition.selector) && result.count < Self.overrideLimit {
        let pattern = above.pattern(ofMethod: i)
        let selector = method.definition.selector
        guard
          let edit = edit(
            file,
            { try $0.setMethod(selector, classSide: false, to: "\(pattern) = (\n        ^super \(pattern)\n    )") })
        else { continue }
        result.append(
          ["title": .string("Override \(above.title(ofMethod: i))"), "kind": "refactor.rewrite", "edit": edit])
      }
    }
    return result
  }

  /// The edit that a change of a class's text comes down to; nil: the text does not parse.
  func edit(_ file: ClassFile, _ change: (inout ClassFileEdit) throws -> Void) -> JSON? {
    guard var edit = try? ClassFileEdit(file.source), (try? change(&edit)) != nil else { return nil }
    let (range, text) = edit.source.difference(from: file.source)
    var result = WorkspaceEdit(self)
    result.replace(range, in: file, by: text)
    return result.json
  }

  // MARK: Lenses

  static let codeLens: Request = { parameters in
    let file = try parameters.file()
    let server = parameters.server, workspace = server.workspace, positions = workspace.positions(of: file)
    var lenses = server.testLenses(file, positions)
    for (i, method) in file.methods.enumerated() {
      let selector = method.definition.selector
      let range = positions.json(method.definition.patternRange)
      func add(_ title: String, _ command: String) {
        lenses.append([
          "range": range,
          "command": ["title": .string(title), "command": .string(command), "arguments": [.string(selector)]],
        ])
      }
      if let running = server.liveMethod(i, in: file) { add(running.text, "ovid.implementors") }
      let senders = workspace.index.senderCount(of: selector)
      add("\(senders) sender\(senders == 1 ? "" : "s")", "ovid.senders")
      let kind = ReceiverKind(file.definition?.name ?? "", isClassSide: method.isClassSide)
      if let above = workspace.index.lookup(selector, kind, from: file.folder, above: kind.className),
        above.file !== file || above.index != i
      {
        add("overrides \(above.file.definition?.name ?? "")", "ovid.implementors")
      }
    }
    return .array(lenses)
  }

  static let executeCommand: LateRequest = { parameters, call in
    let command = try parameters.string("command")
    let workspace = parameters.server.workspace
    if command == runTests { return try parameters.server.runTests(parameters, call) }
    guard let selector = parameters.json["arguments"]?[0]?.string else { throw Parameters.wrong("arguments") }
    switch command {
    case "ovid.senders": call.answer(.array(workspace.index.senders(of: selector).map(workspace.location)))
    case "ovid.implementors": call.answer(.array(workspace.index.implementors(of: selector).map(workspace.location)))
    default: throw RPCError(.invalidParameters, "there is no command \(command.prefix(100))")
    }
  }
}

/// What mends one finding.
private struct Fixes {
  private let server: LanguageServer
  private let file: ClassFile
  private let finding: Finding
  private(set) var actions: [JSON] = []

  init(_ server: LanguageServer, _ file: ClassFile, _ finding: Finding) {
    self.server = server
    self.file = file
    self.finding = finding
    if let suggestion = finding.suggestion, !suggestion.contains(":") {
      var edit = WorkspaceEdit(server)
      edit.replace(finding.range, in: file, by: suggestion)
      add("Change to \(suggestion)", edit.json, isPreferred: true)
    }
    switch finding.code {
    case .unknownSelector: createMethod()
    case .unknownName: createVariable()
    case .unusedVariable: removeVariable()
    case .unusedField: removeField()
    default: break
    }
  }

  private mutating func add(_ title: String, _ edit: JSON?, isPreferred: Bool = false) {
    guard let edit else { return }
    actions.append(
      .fields([
        "title": .string(title), "kind": "quickfix", "edit": edit,
        "diagnostics": [LanguageServer.json(finding, server.workspace.positions(of: file))],
        "isPreferred": isPreferred ? true : nil,
      ]))
  }

  /// In the class of the receiver, if that is known and the program's; and in this class.
  private mutating func createMethod() {
    guard let name = file.name(at: finding.range.start), name.isSelector, let method = name.method else { return }
    let selector = name.name
    let kinds = server.workspace.index.kinds(ofReceiverOf: name, in: file)
    var places: [(ClassFile, Bool)] = kinds.sorted { $0.description < $1.description }.compactMap { kind in
      let found =
        kind.className == file.definition?.name
        ? file : server.workspace.index.classFile(kind.className, from: file.folder)
      return found.flatMap { $0.isLibrary ? nil : ($0, kind.isClassSide) }
    }
    if places.isEmpty { places = [(file, file.methods[method].isClassSide)] }
    let text = "\(LanguageServer.pattern(selector)) = (\n        ^self error: 'not written yet'\n    )"
    for (target, isClassSide) in places {
      let edit = server.edit(target) { try $0.setMethod(selector, classSide: isClassSide, to: text) }
      add("Create method \(target.definition?.name ?? "")\(isClassSide ? " class" : "")>>\(selector)", edit)
    }
  }

  private mutating func createVariable() {
    let name = file.source[finding.range]
    guard Parser.isFieldName(name), let index = file.method(at: finding.range.start) else { return }
    let method = file.methods[index]
    let fields = (method.isClassSide ? file.definition?.classFields : file.definition?.instanceFields) ?? []
    add(
      "Create field \(name)",
      server.edit(file) { try $0.setFields(fields + [name], classSide: method.isClassSide) })
    add(
      "Create local variable \(name)",
      server.edit(file) { edit in
        guard let text = self.declaring(name, in: method.definition) else { throw RPCError(.requestFailed, "no body") }
        try edit.setMethod(method.definition.selector, classSide: method.isClassSide, to: text)
      })
  }

  /// The method with one more temporary.
  private func declaring(_ name: String, in method: MethodDefinition) -> String? {
    let source = file.source
    var text = Array(source[method.range].utf8)
    if let last = method.body.temporaries.last {
      text.insert(contentsOf: Array(" \(name)".utf8), at: last.range.end - method.range.start)
    } else {
      guard let open = text[(method.patternRange.end - method.range.start)...].firstIndex(of: 0x28) else { return nil }
      text.insert(contentsOf: Array(" | \(name) |".utf8), at: open + 1)
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Its declaration, if nothing assigns it.
  private mutating func removeVariable() {
    guard let name = file.name(at: finding.range.start), case .local(let declaration, _) = name.role,
      LanguageServer.uses(of: declaration, in: file).count == 1
    else { return }
    var start = finding.range.start
    while start > 0, [0x20, 0x09].contains(file.source.bytes[start - 1]) { start -= 1 }
    var edit = WorkspaceEdit(server)
    edit.replace(SourceRange(start, finding.range.end), in: file, by: "")
    add("Remove \(name.name)", edit.json)
  }

  private mutating func removeField() {
    let name = file.source[finding.range]
    guard let definition = file.definition else { return }
    let isClassSide =
      definition.classFieldsRange.map { $0.start <= finding.range.start && finding.range.end <= $0.end } ?? false
    let fields = (isClassSide ? definition.classFields : definition.instanceFields).filter { $0 != name }
    add("Remove field \(name)", server.edit(file) { try $0.setFields(fields, classSide: isClassSide) })
  }
}
