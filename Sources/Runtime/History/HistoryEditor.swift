// The history as others see it: its entries, undo and redo, and the versions of methods.

import VM

/// Any thread.
public final class HistoryEditor: @unchecked Sendable {
  private let universe: Universe
  private let history: History
  private let versions: MethodVersions
  private let inspections: Inspections
  private let editor: Editor

  /// Told the receipt when class files are written.
  public typealias Written = @Sendable (Receipt) -> Void

  /// The authors of what is taken back or done again, unless somebody else says who they are.
  public static let undoAuthor = "undo"
  /// Who has made an accept that does something again.
  public static let redoAuthor = "redo"

  init(
    _ machine: Machine, _ history: History, _ versions: MethodVersions, _ inspections: Inspections, _ editor: Editor
  ) {
    universe = machine.universe
    self.history = history
    self.versions = versions
    self.inspections = inspections
    self.editor = editor
  }

  // MARK: Reading

  /// Up to `limit` accepts before one (nil: the last ones), oldest first.
  public func entries(before number: Int? = nil, limit: Int = 100) -> [HistoryEntry] {
    let takenBack = TakenBack(history.recent)
    return history.entries(before: number ?? Int.max, limit: limit).map { report($0, takenBack) }
  }

  /// An accept; nil if there is none of that number, or it is not kept any more.
  public func entry(_ number: Int) -> HistoryEntry? {
    history.entry(number).map { report($0, TakenBack(history.recent)) }
  }

  private func report(_ entry: ChangeLog.Entry, _ takenBack: TakenBack) -> HistoryEntry {
    let methods = EntryTexts(entry).methods
    return HistoryEntry(
      id: entry.accept, author: entry.author, time: entry.time, changes: entry.changes, methods: methods,
      classes: entry.classes ?? [], takingBack: entry.takingBack, state: takenBack.state(entry, methods),
      knowsBefore: entry.replaced != nil, receipt: entry.receipt)
  }

  // MARK: Undo and redo

  /// Takes back what an accept did (nil: the last one that is still done and was not the program's own), or what it did
  /// to one method: an accept like any other.
  /// - Parameter written: set: the answer does not wait for the disk that has the class files; see `Editor.accept`. Not on
  ///   the VM thread then.
  public func undo(
    _ number: Int? = nil, method: MethodKey? = nil, author: String = HistoryEditor.undoAuthor,
    written: Written? = nil
  ) -> Receipt {
    let takenBack = TakenBack(history.recent)
    guard number != nil || takenBack.lastDone(changing: method) != nil else {
      let what = method.map { "no accept that has changed \($0)" } ?? "no accept"
      return refused("there is \(what) to take back", .nothingToDo, method, author)
    }
    guard let entry = number.map(history.entry) ?? takenBack.lastDone(changing: method) else {
      return notKept(number ?? 0, author)
    }
    if let word = entry.takingBack {
      // Taking back an undo does again what it took back.
      guard let about = history.entry(word.entry) else { return notKept(word.entry, author) }
      return make(
        TakingBack(entry: word.entry, isRedo: !word.isRedo, method: method ?? word.method), about, takenBack, author,
        written)
    }
    return make(TakingBack(entry: entry.accept, isRedo: false, method: method), entry, takenBack, author, written)
  }

  /// Does again what was taken back: of an accept (nil: the last one that was), or what it did to one method.
  public func redo(
    _ number: Int? = nil, method: MethodKey? = nil, author: String = HistoryEditor.redoAuthor,
    written: Written? = nil
  ) -> Receipt {
    let takenBack = TakenBack(history.recent)
    guard var number = number ?? takenBack.lastTakenBack(changing: method)?.entry else {
      let what = method.map { " that has changed \($0)" } ?? ""
      return refused("no accept\(what) was taken back", .nothingToDo, method, author)
    }
    let named = history.entry(number)?.takingBack
    if let named { number = named.entry }
    guard let entry = history.entry(number) else { return notKept(number, author) }
    return make(
      TakingBack(entry: number, isRedo: true, method: method ?? named?.method), entry, takenBack, author, written)
  }

  private func make(
    _ word: TakingBack, _ entry: ChangeLog.Entry, _ takenBack: TakenBack, _ author: String, _ written: Written?
  ) -> Receipt {
    guard entry.replaced != nil else {
      return refused(
        "accept \(entry.accept) was logged by an earlier version of ovid, which did not note what it replaced",
        .notKept,
        word.method, author, remedy: "bring a version of the method back instead")
    }
    let work = UndoneWork(
      number: entry.accept,
      methods: EntryTexts(entry).methods.filter { word.method == nil || $0.method == word.method },
      classes: word.method == nil ? entry.classes ?? [] : [],
      textOfClass: { name in
        entry.classes?.first { $0.name == name }?.before?.text ?? EntryTexts.text(ofClass: name, in: entry.changes)
      },
      fileOfClass: { EntryTexts.file(ofClass: $0, in: entry.changes) }, isRedo: word.isRedo,
      laterChange: { takenBack.lastChange(of: $0, after: entry.accept) })
    let planned: Result<[Change], EditErrors> = inspections.atSafepoint { [universe, versions] in
      Result { () throws(EditErrors) in
        var plan = UndoPlan(work, universe, versions)
        return try plan.make()
      }
    }
    switch planned {
    case .success(let changes): return accept(ChangeSet(changes, author: author), takingBack: word, written)
    case .failure(let errors): return Receipt(refused: errors.errors, author: author)
    }
  }

  private func accept(_ changes: ChangeSet, takingBack: TakingBack?, _ written: Written?) -> Receipt {
    guard let written else { return editor.accept(changes, takingBack: takingBack) }
    return editor.accept(AcceptRequest(set: changes, takingBack: takingBack), written: written)
  }

  private func notKept(_ number: Int, _ author: String) -> Receipt {
    refused(
      "there is no accept \(number) in the history", .notKept, nil, author,
      remedy: number <= history.lastNumber && number > 0
        ? "the last \(History.entryLimit) are kept, and all of them with --change-log" : nil)
  }

  private func refused(
    _ message: String, _ code: AcceptError.Code, _ method: MethodKey?, _ author: String, remedy: String? = nil
  ) -> Receipt {
    Receipt(
      refused: [
        AcceptError(change: 0, message: message, code: code, name: method.map { "\($0)" }, remedy: remedy)
      ], author: author)
  }

  // MARK: Versions

  /// The texts that a method has had, as far as they are kept, oldest first: those of earlier sessions of the change log,
  /// then those of this machine.
  public func versions(of method: MethodKey) -> [VersionReport] {
    let entries = history.recent
    let here = inspections.atSafepoint { [versions] in versions.all(method) }
    /// By version. A method that is removed and added again begins with 1.
    var makers: [Int: [ChangeLog.Entry]] = [:]
    var earlier: [VersionReport] = []
    for entry in entries {
      guard let difference = EntryTexts(entry).methods.first(where: { $0.method == method }) else { continue }
      if entry.accept > history.lastNumberOfEarlierSessions {
        let made = entry.receipt?.methods.first { $0.method == method }?.after
        if let made { makers[made, default: []].append(entry) }
      } else {
        if earlier.isEmpty, let before = difference.before {
          earlier.append(report(method, before, nil, .before(entry: entry.accept)))
        }
        if let after = difference.after { earlier.append(report(method, after, entry, .after(entry: entry.accept))) }
      }
    }
    // What the machine began with is what the log ended with.
    if let last = earlier.last, let first = here.first, makers[first.version] == nil, first.state.isSame(as: last.state)
    {
      earlier.removeLast()
      makers[first.version] = entries.filter { $0.accept == last.entry }
    }
    let reports = here.reversed().map { version in
      let maker = makers[version.version]?.popLast()
      var result = report(method, version.state, maker, .version(version.version))
      result.version = version.version
      result.isCurrent = version.isCurrent
      return result
    }
    return earlier + reports.reversed()
  }

  private func report(
    _ method: MethodKey, _ state: MethodState, _ entry: ChangeLog.Entry?, _ place: VersionPlace
  ) -> VersionReport {
    VersionReport(
      method: method, version: nil, entry: entry?.accept, author: entry?.author, time: entry?.time, state: state,
      isCurrent: false, place: place)
  }

  /// What a method was; nil if it was not there, or that is not known any more.
  public func state(of method: MethodKey, _ place: VersionPlace) -> MethodState? {
    func difference(_ number: Int) -> MethodDifference? {
      history.entry(number).flatMap { entry in EntryTexts(entry).methods.first { $0.method == method } }
    }
    switch place {
    case .version(let number):
      return inspections.atSafepoint { [versions] in
        versions.earlier(method, version: number).map { MethodState(text: $0.text, primitive: $0.primitive) }
      }
    case .after(let number): return difference(number)?.after
    case .before(let number): return difference(number)?.before
    }
  }

  /// Makes a method again what it was: an accept like any other.
  public func bringBack(
    _ method: MethodKey, _ place: VersionPlace, author: String = HistoryEditor.undoAuthor, written: Written? = nil
  ) -> Receipt {
    guard let state = state(of: method, place) else {
      return refused(
        "\(method) has no \(place)", .notKept, method, author,
        remedy: "the last \(VersionHistory.versionLimit) versions are kept")
    }
    let change: Change =
      if let primitive = state.primitive {
        .primitive(method, function: primitive)
      } else {
        .method(className: method.className, isClassSide: method.isClassSide, source: state.text, basedOn: nil)
      }
    return accept(ChangeSet([change], author: author), takingBack: nil, written)
  }
}
