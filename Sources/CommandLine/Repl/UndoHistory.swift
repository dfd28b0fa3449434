// What `:undo` takes back: the methods that this session changed, with what was there before.

import Ovid

struct UndoHistory {
  struct Step: Equatable {
    var method: MethodKey
    /// Brings back what was there, or removes the method if nothing was.
    var undoing: Change
  }
  /// One for each accept, the latest last.
  private var accepts: [[Step]] = []

  /// Call it right after the accept. Classes that are new are no steps: their methods had no earlier versions.
  /// - Parameter bringingBack: the change that brings a version of a method back.
  mutating func note(_ receipt: Receipt, bringingBack: (MethodKey, _ version: Int) -> Change?) {
    let steps = receipt.methods.filter { $0.before != $0.after }.compactMap { change in
      let undoing =
        change.before.map { bringingBack(change.method, $0) } ?? .removeMethod(change.method, basedOn: nil)
      return undoing.map { Step(method: change.method, undoing: $0) }
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

  /// The accept that takes the steps back.
  static func changes(_ steps: [Step]) -> ChangeSet {
    ChangeSet(steps.map(\.undoing), author: "undo")
  }
}
