// The history of accepts: undo and redo, versions of methods, and sessions that are made again.

import Runtime

extension VirtualMachine {
  // MARK: Entries

  /// The accepts that were made, oldest first: up to `limit` of them before one (nil: the last ones). The last 1000, with
  /// 16 MB of texts, are kept in memory; with a change log (`Options.changeLog`) all of them can be asked for, also those
  /// of earlier sessions.
  public func history(before entry: Int? = nil, limit: Int = 100) -> [HistoryEntry] {
    runtime.history.entries(before: entry, limit: limit)
  }

  /// One accept; nil if there is none of that number, or it is not kept any more.
  public func historyEntry(_ number: Int) -> HistoryEntry? { runtime.history.entry(number) }

  // MARK: Undo and redo

  /// Takes an accept back, with all that it changed, or only what it did to one method: by an accept like any other.
  /// Taking back an undo does again what it took back.
  ///
  /// Refused is what cannot be taken back: a method or class that something else has changed since, whose work would be
  /// lost, or that other code needs. The receipt's errors say what can be done.
  /// - Parameters:
  ///   - entry: nil: the last accept that is still done; the program's own accepts are taken back by number only.
  ///   - method: only what was done to this method; without a number, by the last accept that has changed it.
  ///   - written: set: the answer does not wait for the disk that has the class files, as with `accept(_:written:)`.
  @discardableResult
  public func undo(
    _ entry: Int? = nil, method: MethodKey? = nil, author: String = HistoryEditor.undoAuthor,
    written: HistoryEditor.Written? = nil
  ) -> Receipt {
    refusal(of: "undo", by: author)
      ?? runtime.history.undo(entry, method: method, author: author, written: written)
  }

  /// Does again what was taken back.
  /// - Parameters:
  ///   - entry: the accept that was taken back, or the undo; nil: the last one.
  ///   - method: only what it did to this method.
  ///   - written: as of `undo`.
  @discardableResult
  public func redo(
    _ entry: Int? = nil, method: MethodKey? = nil, author: String = HistoryEditor.redoAuthor,
    written: HistoryEditor.Written? = nil
  ) -> Receipt {
    refusal(of: "redo", by: author)
      ?? runtime.history.redo(entry, method: method, author: author, written: written)
  }

  // MARK: Versions

  /// The versions of a method whose texts are kept, oldest first.
  public func versions(of method: MethodKey) -> [VersionReport] { runtime.history.versions(of: method) }

  /// What a method was; nil if it was not there, or that is not known any more.
  public func state(of method: MethodKey, _ place: VersionPlace) -> MethodState? {
    runtime.history.state(of: method, place)
  }

  /// The difference between two versions of a method; nil if one of them is not known.
  public func difference(of method: MethodKey, _ old: VersionPlace, _ new: VersionPlace) -> TextDifference? {
    guard let old = state(of: method, old), let new = state(of: method, new) else { return nil }
    return TextDifference(old.text, new.text)
  }

  /// Makes a method again what it was: an accept like any other.
  /// - Parameter written: as of `undo`.
  @discardableResult
  public func revert(
    _ method: MethodKey, to place: VersionPlace, author: String = HistoryEditor.undoAuthor,
    written: HistoryEditor.Written? = nil
  ) -> Receipt {
    refusal(of: "revert", by: author)
      ?? runtime.history.bringBack(method, place, author: author, written: written)
  }

  /// Brings an earlier version of a method back.
  @discardableResult
  public func revert(_ method: MethodKey, toVersion version: Int) -> Receipt { revert(method, to: .version(version)) }

  // MARK: Sessions

  /// A session that a change log has kept, to be made again step by step in front of a program.
  public func session(changeLog path: String) throws(VirtualMachineError) -> LoggedSession {
    try refuseFromWithin("session")
    do { return try runtime.editor.session(path) } catch { throw .load("\(error)") }
  }
}
