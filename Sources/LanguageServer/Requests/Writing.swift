// What helps somebody who writes: completion, signatures, and what a name is.

import EditorProtocols
import Foundation
import SourceTools
import Syntax

extension LanguageServer {
  /// What the program that runs knows of a receiver is waited for so long.
  private static let observationLimit = 0.2

  /// Selectors of a variable that a running program knows come in the order of what it has been there.
  static let completion: LateRequest = { parameters, call in
    let file = try parameters.file(), offset = try parameters.offset(in: file)
    let server = parameters.server
    let completion = NameCompletion(in: file, at: offset, server.workspace.index)
    guard let program = server.program, let receiver = completion.receiver else {
      return call.answer(server.completionList(completion, in: file))
    }
    let schedule = server.schedule
    // The text that was asked about; used where messages are handled only.
    nonisolated(unsafe) let asked = file
    let answer: @Sendable ([ReceiverKind]) -> Void = { observed in
      schedule { server in
        let completion = NameCompletion(in: asked, at: offset, server.workspace.index, observed: observed)
        call.answer(server.completionList(completion, in: asked))
      }
    }
    DispatchQueue.global().asyncAfter(deadline: .now() + observationLimit) { answer([]) }
    program.ask(
      "observed",
      [
        "name": .string(receiver.name), "className": .string(receiver.className),
        "isClassSide": .bool(receiver.isClassSide), "selector": .string(receiver.selector),
      ]
    ) { result in
      let kinds = (try? result.get()["kinds"]?.array) ?? []
      answer(
        kinds.compactMap { kind in
          kind["className"]?.string.map { ReceiverKind($0, isClassSide: kind["isClassSide"]?.bool ?? false) }
        })
    }
  }

  private func completionList(_ completion: NameCompletion, in file: ClassFile) -> JSON {
    let server = self, positions = workspace.positions(of: file)
    let snippets =
      server.client["textDocument"]?["completion"]?["completionItem"]?["snippetSupport"]?.bool == true
    let range = positions.json(completion.word)
    let items = completion.items.enumerated().map { number, item -> JSON in
      let (text, isSnippet) = Self.insertion(item, snippets)
      var fields: [String: JSON?] = [
        "label": .string(item.text), "kind": .integer(Self.kind(item.kind)), "detail": item.detail.map(JSON.string),
        "sortText": .string(String(number + 10000)), "filterText": .string(item.text),
        "textEdit": ["range": range, "newText": .string(text)], "insertTextFormat": isSnippet ? 2 : 1,
      ]
      if let method = item.method {
        fields["data"] = [
          "path": .string(method.file.path), "selector": .string(method.selector),
          "isClassSide": .bool(method.place.isClassSide),
        ]
      } else if item.kind == .classReference {
        fields["data"] = ["class": .string(item.text), "folder": .string(file.folder)]
      }
      return .fields(fields)
    }
    return ["isIncomplete": .bool(completion.isCut), "items": .array(items)]
  }

  private static func kind(_ kind: NameCompletion.Item.Kind) -> Int {
    switch kind {
    case .selector, .override: 2
    case .field: 5
    case .local, .argument, .global: 6
    case .classReference: 7
    case .constant: 14
    }
  }

  /// A selector with places for its arguments; a method to override with its pattern and a body.
  private static func insertion(_ item: NameCompletion.Item, _ snippets: Bool) -> (String, isSnippet: Bool) {
    guard let method = item.method else { return (item.text, false) }
    let names = method.place.definition.argumentNames
    if item.kind == .override {
      let pattern = method.file.pattern(ofMethod: method.index)
      return snippets ? ("\(pattern) = (\n    $0\n)", true) : ("\(pattern) = ( )", false)
    }
    guard item.text.hasSuffix(":") else { return (item.text, false) }
    let words = item.text.split(separator: ":")
    guard snippets, words.count == names.count else { return (words.map { "\($0): " }.joined(separator: " "), false) }
    return (zip(words, names).enumerated().map { "\($1.0): ${\($0 + 1):\($1.1)}" }.joined(separator: " "), true)
  }

  static let resolveCompletion: Request = { parameters in
    guard case .object(var item) = parameters.json, item["label"]?.string != nil else {
      throw Parameters.wrong("label")
    }
    let server = parameters.server
    guard let data = item["data"] else { return parameters.json }
    if let path = data["path"]?.string, let file = server.workspace.index.files[path],
      let index = file.methods.firstIndex(where: {
        $0.definition.selector == data["selector"]?.string && $0.isClassSide == data["isClassSide"]?.bool
      })
    {
      item["documentation"] = server.markup(methodText(MethodReference(file: file, index: index)))
    } else if let name = data["class"]?.string,
      let file = server.workspace.index.classFile(name, from: data["folder"]?.string ?? "")
    {
      item["documentation"] = server.markup(server.classText(file))
    }
    return .object(item)
  }

  // MARK: Hover

  func markup(_ text: String) -> JSON {
    ["kind": "markdown", "value": .string(text)]
  }

  private static func methodText(_ method: MethodReference) -> String {
    var text = "```smalltalk\n\(method.title)\n```"
    if let comment = method.file.comment(ofMethod: method.index) { text += "\n\n\(plain(comment))" }
    if method.place.definition.isPrimitive { text += "\n\n*primitive*" }
    return text
  }

  private func classText(_ file: ClassFile) -> String {
    guard let definition = file.definition else { return "" }
    let chain = workspace.index.chain(of: definition.name, from: file.folder).compactMap(\.definition?.name)
    var text = "```smalltalk\n\(chain.joined(separator: " < "))\n```"
    if let comment = file.comment { text += "\n\n\(Self.plain(comment))" }
    let below = workspace.index.subclasses(of: definition.name).count
    text += "\n\n\(file.methods.count) methods, \(below) subclasses"
    return text + (file.isLibrary ? "; of the bundled library" : "")
  }

  /// A comment in Markdown: what stands there, not what it would mean.
  private static func plain(_ comment: String) -> String {
    var result = ""
    for character in comment.prefix(4000) {
      if "\\`*_{}[]<>#|~!".contains(character) { result.append("\\") }
      result.append(character)
    }
    return result.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.drop { $0 == " " } }.joined(separator: "\n")
  }

  static let hover: Request = { parameters in
    guard let (file, name, subject) = try parameters.subject() else { return .null }
    let server = parameters.server, index = server.workspace.index
    let text: String
    switch subject {
    case .local(let declaration):
      let isArgument = if case .local(_, true) = name.role { true } else { false }
      var kinds: Set<ReceiverKind> = []
      if let method = name.method {
        for value in file.values(ofLocal: declaration) {
          kinds.formUnion(index.kinds(of: value, in: file, method: method))
        }
      }
      text = "\(isArgument ? "argument" : "local variable") `\(name.name)`" + kindText(kinds)
    case .field(let field, let owner, let isClassSide):
      text = "field `\(field)` of \(owner.definition?.name ?? "")\(isClassSide ? " class" : "")"
    case .classNamed(let found): text = server.classText(found)
    case .global(let global): text = "global `\(global)`"
    case .constant(let word):
      guard let own = file.definition, word == "self" || word == "super" else { return .null }
      text = word == "self" ? server.classText(file) : "the methods above \(own.name)"
    case .method(let selector):
      let targets = server.targets(of: name, in: file)
      guard !targets.isEmpty else { return .null }
      let shown = targets.prefix(3).map(methodText).joined(separator: "\n\n---\n\n")
      let more = targets.count > 3 ? "\n\n… and \(targets.count - 3) more" : ""
      let running = targets.count == 1 ? server.liveMethod(targets[0].index, in: targets[0].file)?.text : nil
      text =
        "\(shown)\(more)\(running.map { "\n\n\($0)" } ?? "")\n\n---\n\n\(index.implementors(of: selector).count) implementors, "
        + "\(index.senderCount(of: selector)) senders"
    }
    return [
      "contents": server.markup(text), "range": server.workspace.positions(of: file).json(name.range),
    ]
  }

  private static func kindText(_ kinds: Set<ReceiverKind>) -> String {
    kinds.isEmpty ? "" : ": " + kinds.map(\.description).sorted().joined(separator: " or ")
  }

  // MARK: Signatures

  static let signatureHelp: Request = { parameters in
    let file = try parameters.file()
    let offset = try parameters.offset(in: file)
    // The innermost keyword message whose last keyword before the place is nearest.
    let name = file.names.last { name in
      guard case .selector = name.role, name.name.hasSuffix(":"), name.range.end <= offset,
        let end = name.arguments.last?.end
      else { return false }
      return offset <= end + 1
    }
    guard let name, case .selector(let part) = name.role else { return .null }
    let targets = parameters.server.targets(of: name, in: file).prefix(5)
    if targets.isEmpty { return .null }
    let signatures = targets.map { method -> JSON in
      let pattern = method.file.pattern(ofMethod: method.index)
      let words = method.selector.split(separator: ":")
      let labels = zip(words, method.place.definition.argumentNames).map { "\($0): \($1)" }
      return .fields([
        "label": .string(pattern), "parameters": .array(labels.map { ["label": .string($0)] }),
        "documentation": method.file.comment(ofMethod: method.index).map(JSON.string),
      ])
    }
    return ["signatures": .array(signatures), "activeSignature": 0, "activeParameter": .integer(part)]
  }
}
