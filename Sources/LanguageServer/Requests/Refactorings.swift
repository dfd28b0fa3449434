// What can be taken out of a method, and what can be put into it: code actions on a selection.

import EditorProtocols
import SourceTools
import Syntax

extension LanguageServer {
  /// - Parameter range: what is selected; empty: a place.
  func refactorings(of file: ClassFile, _ range: SourceRange) -> [JSON] {
    guard let method = MethodRefactoring(file, around: range) else { return [] }
    var actions: [JSON] = []
    func add(_ kind: String, _ name: String, _ make: () throws -> (edits: [RefactoringEdit], title: String)?) {
      addEverywhere(kind, name) { try make().map { ($0.edits.map { (file, $0) }, $0.title) } }
    }
    /// Those that cannot be made are shown to clients that can say why not.
    func addEverywhere(
      _ kind: String, _ name: String, _ make: () throws -> (edits: [(ClassFile, RefactoringEdit)], title: String)?
    ) {
      do {
        guard let (edits, title) = try make() else { return }
        var result = WorkspaceEdit(self)
        for (file, edit) in edits { result.replace(edit.range, in: file, by: edit.text) }
        if edits.contains(where: { $0.0 !== edits[0].0 }) { result.preview = title }
        actions.append(["title": .string(title), "kind": .string(kind), "edit": result.json])
      } catch let obstacle as RefactoringObstacle {
        guard client["textDocument"]?["codeAction"]?["disabledSupport"]?.bool == true else { return }
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
    addEverywhere("refactor.inline", "Inline method into its senders") {
      try inlining.inlineEverywhere(at: range.start, in: file).map {
        (
          $0.edits.map { ($0.file, $0.edit) },
          "Inline \($0.title) into its \($0.senderCount) sender\($0.senderCount == 1 ? "" : "s"), and remove it"
        )
      }
    }
    return actions
  }
}
