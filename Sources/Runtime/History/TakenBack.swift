// What of the history is still done, and what the next undo or redo is about. An undo is an entry of its own that names
// the one that it takes back, and a redo is one that names the same again: the last word counts.

import VM

struct TakenBack {
  /// Ascending.
  private let entries: [ChangeLog.Entry]
  /// The entries that take back or do again, by the number of the one that they are about; ascending.
  private var words: [Int: [ChangeLog.Entry]] = [:]

  init(_ entries: [ChangeLog.Entry]) {
    self.entries = entries
    for entry in entries { if let about = entry.takingBack?.entry { words[about, default: []].append(entry) } }
  }

  /// Whether what an entry did to a method (nil: to classes) is taken back.
  func isTakenBack(_ number: Int, _ method: MethodKey?) -> Bool {
    let last = words[number]?.last { $0.takingBack?.method == nil || $0.takingBack?.method == method }
    return last?.takingBack?.isRedo == false
  }

  func state(_ entry: ChangeLog.Entry, _ methods: [MethodDifference]) -> HistoryEntry.State {
    var parts = methods.map { isTakenBack(entry.accept, $0.method) }
    if entry.classes?.isEmpty == false { parts.append(isTakenBack(entry.accept, nil)) }
    guard parts.contains(true) else { return .done }
    return parts.contains(false) ? .partlyTakenBack : .takenBack
  }

  // MARK: The next one

  /// The last accept that an undo is about: of this method, or (nil) any but those that the program has made itself and
  /// those that have only loaded classes from their files.
  func lastDone(changing method: MethodKey?) -> ChangeLog.Entry? {
    entries.last { entry in
      guard entry.takingBack == nil else { return false }
      let methods = EntryTexts(entry).methods
      if let method { return methods.contains { $0.method == method } && !isTakenBack(entry.accept, method) }
      return entry.author != ProgramEdits.author && !(methods.isEmpty && entry.classes?.isEmpty != false)
        && !isLoad(entry, methods) && state(entry, methods) != .takenBack
    }
  }

  private func isLoad(_ entry: ChangeLog.Entry, _ methods: [MethodDifference]) -> Bool {
    methods.isEmpty
      && (entry.classes ?? []).allSatisfy { difference in
        difference.before == nil && EntryTexts.file(ofClass: difference.name, in: entry.changes) != nil
      }
  }

  /// The last undo that was not done again, of this method or (nil) any.
  func lastTakenBack(changing method: MethodKey?) -> TakingBack? {
    entries.last { entry in
      guard let word = entry.takingBack, !word.isRedo, method == nil || word.method == nil || word.method == method,
        isTakenBack(word.entry, method ?? word.method),
        words[word.entry]?.last(where: { $0.takingBack?.method == word.method })?.accept == entry.accept
      else { return false }
      return method.map { method in EntryTexts(entry).methods.contains { $0.method == method } } ?? true
    }?.takingBack
  }

  /// The last entry after one that has changed a method.
  func lastChange(of method: MethodKey, after number: Int) -> Int? {
    entries.last { $0.accept > number && EntryTexts($0).methods.contains { $0.method == method } }?.accept
  }
}
