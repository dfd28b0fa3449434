// The prompt's commands for the history of accepts and the versions of methods.

import Ovid

extension ColonCommand {
  /// What a word names: an accept or a method. Complains if it is neither.
  private static func subject(_ text: String, _ session: ReplSession) -> (entry: Int?, method: MethodKey?)? {
    if text.isEmpty { return (nil, nil) }
    if let number = Int(text) { return (number, nil) }
    if let key = MethodKey(text) { return (nil, key) }
    session.fail("\(text): expected the number of an accept, or Class>>selector, for example Vector>>append:")
    return nil
  }

  // MARK: Undo and redo

  static func undo(_ session: ReplSession, _ argument: String) {
    guard let (entry, method) = subject(argument, session) else { return }
    session.tell(session.vm.undo(entry, method: method), "")
  }

  static func redo(_ session: ReplSession, _ argument: String) {
    guard let (entry, method) = subject(argument, session) else { return }
    session.tell(session.vm.redo(entry, method: method), "")
  }

  static func revert(_ session: ReplSession, _ argument: String) {
    guard let (key, places) = places(argument, session) else { return }
    guard places.count == 1 else { return session.fail(":revert needs a method and one version: Vector>>append: v1") }
    session.tell(session.vm.revert(key, to: places[0]), "")
  }

  // MARK: Looking

  private static let shownEntries = 20

  static func history(_ session: ReplSession, _ argument: String) {
    if argument.isEmpty {
      let entries = session.vm.history(limit: shownEntries)
      if entries.isEmpty { return session.console.say("nothing was accepted yet") }
      return session.console.say(entries.map(\.description).joined(separator: "\n"))
    }
    guard let entry = entry(argument, session) else { return }
    session.console.say(([entry.description] + (entry.receipt.map { ["\($0)"] } ?? [])).joined(separator: "\n"))
  }

  private static func entry(_ text: String, _ session: ReplSession) -> HistoryEntry? {
    guard let number = Int(text) else {
      session.fail("\(text): expected the number of an accept, as :history shows it")
      return nil
    }
    let found = session.vm.historyEntry(number)
    if found == nil { session.fail("there is no accept \(number) in the history") }
    return found
  }

  static func versions(_ session: ReplSession, _ argument: String) {
    guard let key = MethodKey(argument) else {
      return session.fail("\(argument): expected Class>>selector, for example Vector>>append:")
    }
    let versions = session.vm.versions(of: key)
    if versions.isEmpty { return session.fail("\(key) has no versions") }
    session.console.say(
      versions.map { version in
        let maker = version.entry.map { "accept \($0) of \(version.author ?? "somebody")" }
        let notes = [maker, version.isCurrent ? "current" : nil].compactMap(\.self)
        return ([version.place.spelling] + notes).joined(separator: ", ")
      }.joined(separator: "\n"))
  }

  static func diff(_ session: ReplSession, _ argument: String) {
    if Int(argument) != nil {
      guard let entry = entry(argument, session) else { return }
      return session.console.say(difference(of: entry))
    }
    guard let (key, places) = places(argument, session) else { return }
    let all = session.vm.versions(of: key)
    guard let current = all.last(where: \.isCurrent) ?? all.last else { return session.fail("\(key) has no versions") }
    // The version before the last one, unless it is said which.
    let old = places.first.map { session.vm.state(of: key, $0) } ?? all.dropLast().last?.state
    let new = places.count > 1 ? session.vm.state(of: key, places[1]) : current.state
    guard let old, let new else {
      let missing = places.first { session.vm.state(of: key, $0) == nil }
      return session.fail("\(key) has no \(missing.map { "\($0)" } ?? "earlier version")")
    }
    session.console.say("\(TextDifference(old.text, new.text))")
  }

  private static func difference(of entry: HistoryEntry) -> String {
    let classes = entry.classes.map { difference in
      "\(difference.name)\(difference.newName.map { " → \($0)" } ?? "")\n\(TextDifference(text(difference.before), text(difference.after)))"
    }
    let methods = entry.methods.map { difference in
      "\(difference.method)\n\(TextDifference(difference.before?.text ?? "", difference.after?.text ?? ""))"
    }
    return entry.changedSomething ? (classes + methods).joined(separator: "\n") : "accept \(entry.id) changed nothing"
  }

  private static func text(_ shape: ClassShape?) -> String {
    guard let shape else { return "" }
    return [
      shape.superclass.map { "below \($0)" }, shape.fields.isEmpty ? nil : "| \(shape.fields.joined(separator: " ")) |",
    ]
    .compactMap(\.self).joined(separator: "\n")
  }

  /// A method, and versions of it that are named after it.
  private static func places(_ text: String, _ session: ReplSession) -> (MethodKey, [VersionPlace])? {
    var words = text.split(separator: " ")[...]
    var places: [VersionPlace] = []
    while words.count > 1, let last = words.last, let place = VersionPlace(String(last)) {
      places.insert(place, at: 0)
      words.removeLast()
    }
    let name = words.joined(separator: " ")
    guard let key = MethodKey(name), places.count <= 2 else {
      session.fail("\(text): expected Class>>selector and versions, for example Vector>>append: v1")
      return nil
    }
    return (key, places)
  }
}
