// What `:undo` takes back: the methods that this session changed, with the text that was there before.

import Ovid

struct UndoHistory {
  struct Step: Equatable {
    var method: MethodKey
    /// nil: there was no such method.
    var before: String?
  }
  /// One for each accept, the latest last.
  private var accepts: [[Step]] = []

  /// Call it right after the accept. Classes that are new are no steps: their methods had no earlier versions.
  mutating func note(_ receipt: Receipt, _ source: (MethodKey, _ version: Int) -> String?) {
    let steps = receipt.methods.filter { $0.before != $0.after }.map { change in
      Step(method: change.method, before: change.before.flatMap { source(change.method, $0) })
    }
    if receipt.succeeded, !steps.isEmpty { accepts.append(steps) }
  }

  /// What the last accept changed, or the last change of one method; removes it from the history.
  mutating func takeLast(of method: MethodKey? = nil) -> [Step] {
    guard let method else { return accepts.popLast() ?? [] }
    for i in accepts.indices.reversed() {
      guard let step = accepts[i].first(where: { $0.method == method }) else { continue }
      accepts[i].removeAll { $0.method == method }
      if accepts[i].isEmpty { accepts.remove(at: i) }
      return [step]
    }
    return []
  }

  /// The changes that bring the earlier texts back.
  static func changes(_ steps: [Step]) -> ChangeSet {
    ChangeSet(
      steps.map { step in
        guard let before = step.before else { return .removeMethod(step.method, basedOn: nil) }
        return .method(step.method.className, before, classSide: step.method.isClassSide)
      }, author: "undo")
  }
}
