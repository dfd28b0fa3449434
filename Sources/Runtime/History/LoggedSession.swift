// A session that a change log has kept, made again step by step in front of a program: the log rules, whatever the class
// files say by now.

import VM

/// Any thread but the machine's own.
public final class LoggedSession: @unchecked Sendable {
  private let entries: [ChangeLog.Entry]
  /// The last entry was cut short, so nobody had been told of it.
  public let endsTorn: Bool
  /// This machine appends to that log.
  private let isOwn: Bool
  private let universe: Universe
  private let versions: MethodVersions
  private let inspections: Inspections
  private let editor: Editor
  /// By the number of an entry of the log, that of the accept here.
  private let numbers = Guarded<[Int: Int]>([:])

  init(
    _ contents: ChangeLog.Contents, isOwn: Bool, _ universe: Universe, _ versions: MethodVersions,
    _ inspections: Inspections, _ editor: Editor
  ) {
    entries = contents.entries
    endsTorn = contents.endsTorn
    self.isOwn = isOwn
    self.universe = universe
    self.versions = versions
    self.inspections = inspections
    self.editor = editor
  }

  /// How many accepts there are.
  public var count: Int { entries.count }

  /// Seconds since the accept before; 0 for the first.
  public func pause(before step: Int) -> Double {
    step == 0 ? 0 : max(0, entries[step].time - entries[step - 1].time)
  }

  /// Makes an accept of the session again; nil if it is so already.
  public func make(_ step: Int) -> Receipt? {
    let entry = entries[step]
    let changes = inspections.atSafepoint { [universe, versions] in
      LogReplay(asLogged: universe, versions).changes(of: entry)
    }
    if changes.isEmpty { return nil }
    let receipt = editor.accept(
      AcceptRequest(
        set: ChangeSet(changes, author: entry.author),
        origin: entry.author == ProgramEdits.author ? .program : .editor,
        takingBack: entry.takingBack?.renumbered(by: numbers.get()), isLogged: !isOwn))
    numbers.update { $0[entry.accept] = receipt.id }
    return receipt
  }

  /// Takes the program back to what it was before the session, as far as the log knows; nil if it is so already. Classes
  /// that the session has made are as it made them, if the program has them.
  public func takeBack() -> Receipt? {
    let work = beginning
    let planned: Result<[Change], EditErrors> = inspections.atSafepoint { [universe, versions] in
      for name in Set(work.methods.map(\.method.className) + work.classes.map(\.name)) {
        _ = try? universe.loadClass(name)
      }
      return Result { () throws(EditErrors) in
        var plan = UndoPlan(work, universe, versions)
        return try plan.make()
      }
    }
    switch planned {
    case .success(let changes):
      return editor.accept(
        AcceptRequest(set: ChangeSet(changes, author: HistoryEditor.undoAuthor), isLogged: !isOwn))
    case .failure(let errors):
      return errors.errors.contains { $0.code != .nothingToDo }
        ? Receipt(refused: errors.errors, author: HistoryEditor.undoAuthor) : nil
    }
  }

  /// What all entries together have changed.
  private var beginning: UndoneWork {
    var methods: [MethodKey: MethodDifference] = [:]
    var classes: [String: ClassDifference] = [:]
    var texts: [String: String] = [:]
    /// By the name at an entry, the one at the beginning.
    var first: [String: String] = [:]
    for entry in entries where entry.replaced != nil {
      for var difference in EntryTexts(entry).methods {
        difference.method.className = first[difference.method.className] ?? difference.method.className
        if methods[difference.method] == nil { methods[difference.method] = difference }
      }
      for var difference in entry.classes ?? [] {
        let text =
          difference.before?.text
          ?? (difference.before == nil ? EntryTexts.text(ofClass: difference.name, in: entry.changes) : nil)
        difference.name = first[difference.name] ?? difference.name
        if let newName = difference.newName { first[newName] = difference.name }
        if classes[difference.name] == nil {
          classes[difference.name] = difference
          texts[difference.name] = text
        } else if let newName = difference.newName {
          classes[difference.name]?.newName = newName
        }
      }
    }
    return UndoneWork(
      number: entries.first?.accept ?? 0,
      methods: methods.values.filter { texts[$0.method.className] == nil }.sorted { "\($0.method)" < "\($1.method)" },
      classes: classes.values.sorted { $0.name < $1.name }, textOfClass: { texts[$0] })
  }
}
