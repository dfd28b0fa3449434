// What can be taken out of a method, and what can be put into it: code actions on a selection.

import EditorProtocols
import SourceTools
import Syntax

extension LanguageServer {
  /// - Parameter range: what is selected; empty: a place.
  func refactorings(of file: ClassFile, _ range: SourceRange) -> [JSON] {
    guard let method = MethodRefactoring(file, around: range) else { return [] }
    var actions: [JSON] = []
    let support = client["textDocument"]?["codeAction"]
    func add(_ kind: String, _ name: String, _ make: () throws -> (edits: [RefactoringEdit], title: String)?) {
      addEverywhere(kind, name) { try make().map { ($0.edits.map { (file, $0) }, $0.title) } }
    }
    /// Those that cannot be made are shown to clients that can say why not.
    func addEverywhere(
      _ kind: String, _ name: String, _ make: () throws -> (edits: [(ClassFile, RefactoringEdit)], title: String)?
    ) {
      offering(kind, name) {
        try make().map { ["title": .string($1), "kind": .string(kind), "edit": edit($0, titled: $1)] }
      }
    }
    func offering(_ kind: String, _ name: String, _ make: () throws -> JSON?) {
      do {
        if let action = try make() { actions.append(action) }
      } catch let obstacle as RefactoringObstacle {
        guard support?["disabledSupport"]?.bool == true else { return }
        actions.append([
          "title": .string(name), "kind": .string(kind), "disabled": ["reason": .string(obstacle.reason)],
        ])
      } catch {}
    }
    if range.start < range.end {
      add("refactor.extract", "Extract method") {
        try method.extractMethod(range) { workspace.index.implementors(of: $0).isEmpty }
          .map { ($0.edits, "Extract method \($0.selector)") }
      }
      add("refactor.extract", "Extract local variable") {
        try method.extractVariable(range).map { ($0.edits, "Extract local variable \($0.name)") }
      }
    }
    add("refactor.inline", "Inline local variable") {
      try method.inlineVariable(at: range.start).map { ($0.edits, "Inline local variable \($0.name)") }
    }
    let inlining = MethodInlining(workspace.index)
    add("refactor.inline", "Inline method") {
      try inlining.inline(at: range.start, in: file).map { ($0.edits, "Inline \($0.title)") }
    }
    // That looks at many files: those that can, ask for its edits when somebody wants them.
    let isLate =
      support?["dataSupport"]?.bool == true
      && support?["resolveSupport"]?["properties"]?.array?.contains("edit") == true
    offering("refactor.inline", "Inline method into its senders") {
      guard let found = try inlining.candidate(at: range.start, in: file) else { return nil }
      let title =
        "Inline \(found.title) into its \(found.senderCount) sender\(found.senderCount == 1 ? "" : "s"), and remove it"
      return .fields([
        "title": .string(title), "kind": "refactor.inline",
        "edit": isLate ? nil : try inliningEverywhere(at: range.start, in: file, titled: title),
        "data": isLate ? ["uri": .string(workspace.uri(of: file)), "offset": .integer(range.start)] : nil,
      ])
    }
    return actions
  }

  private func edit(_ edits: [(ClassFile, RefactoringEdit)], titled title: String) -> JSON {
    var result = WorkspaceEdit(self)
    for (file, edit) in edits { result.replace(edit.range, in: file, by: edit.text) }
    if edits.contains(where: { $0.0 !== edits[0].0 }) { result.preview = title }
    return result.json
  }

  private func inliningEverywhere(at offset: Int, in file: ClassFile, titled title: String) throws -> JSON? {
    try MethodInlining(workspace.index).inlineEverywhere(at: offset, in: file).map {
      edit($0.map { ($0.file, $0.edit) }, titled: title)
    }
  }

  static let resolveCodeAction: Request = { parameters in
    guard case .object(var action) = parameters.json, let title = action["title"]?.string else {
      throw Parameters.wrong("title")
    }
    // All others are whole.
    guard let data = action["data"] else { return parameters.json }
    guard let uri = data["uri"]?.string, let offset = data["offset"]?.integer else { throw Parameters.wrong("data") }
    let server = parameters.server
    guard let file = server.workspace.file(DocumentAddress.path(of: uri)), !file.isLibrary else {
      throw RPCError(.contentModified, "the method is not there any more")
    }
    do {
      guard let edit = try server.inliningEverywhere(at: offset, in: file, titled: title) else {
        throw RPCError(.contentModified, "the method is not there any more")
      }
      action["edit"] = edit
    } catch let obstacle as RefactoringObstacle {
      throw RPCError(.requestFailed, "The method cannot be inlined: \(obstacle.reason).")
    }
    return .object(action)
  }
}
