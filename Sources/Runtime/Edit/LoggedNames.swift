// What classes are called in a log that is made again: where the files know already that a class was renamed or removed, the
// entries before that speak of the class by the name that it has now, or not at all.

import Syntax
import VM

struct LoggedNames {
  /// One class in the course of the log.
  private struct Course {
    /// In the order in which it had them.
    var names: [String]
    /// Whether its first mention is its text.
    var isMade: Bool
    var isRemoved = false
    /// The last of its names that a class has now; nil: none has one.
    var present: Int?
  }
  private var courses: [Course] = []
  /// By the name at the entry at hand.
  private var courseOf: [String: Int] = [:]

  /// The same entries, without what the program's files have made already of the names of classes.
  static func settled(_ entries: [ChangeLog.Entry], exists: (String) -> Bool) -> [ChangeLog.Entry] {
    func concernsNames(_ change: Change) -> Bool {
      switch change {
      case .removeClass, .renameClass: true
      default: false
      }
    }
    guard entries.contains(where: { $0.changes.contains(where: concernsNames) }) else { return entries }
    var names = LoggedNames()
    let places = entries.map { names.note($0) }
    for i in names.courses.indices { names.courses[i].present = names.courses[i].names.lastIndex(where: exists) }
    return zip(entries, places).map { names.settled($0, $1) }
  }

  /// What the names of an entry stand for: the course, and the last name of the class after the entry.
  private typealias Places = [String: (course: Int, position: Int)]

  private mutating func note(_ entry: ChangeLog.Entry) -> Places {
    var mentioned = (entry.classes ?? []).map(\.name) + (entry.replaced ?? []).map(\.method.className)
    mentioned = mentioned.map { $0.hasSuffix(Self.classSide) ? String($0.dropLast(Self.classSide.count)) : $0 }
    var texts: Set<String> = []
    for change in entry.changes {
      if case .classSource = change { texts.insert(Self.name(change)) }
      if case .renameClass(let old, let new) = change { rename(old, new) }
      mentioned.append(Self.name(change))
    }
    var places: Places = [:]
    for name in mentioned {
      let course = course(name, isText: texts.contains(name))
      places[name] = (course, courses[course].names.count - 1)
    }
    for case .renameClass(let old, _) in entry.changes { courseOf[old] = nil }
    for case .removeClass(let name) in entry.changes {
      if let course = courseOf[name] { courses[course].isRemoved = true }
    }
    return places
  }
  private static let classSide = MethodKey.holderName("", true)

  private mutating func course(_ name: String, isText: Bool) -> Int {
    if let known = courseOf[name] {
      if isText { courses[known].isRemoved = false }
      return known
    }
    courses.append(Course(names: [name], isMade: isText))
    courseOf[name] = courses.count - 1
    return courses.count - 1
  }

  private mutating func rename(_ old: String, _ new: String) {
    let course = course(old, isText: false)
    courses[course].names.append(new)
    courseOf[new] = course
  }

  // MARK: The entries without it

  private func settled(_ entry: ChangeLog.Entry, _ places: Places) -> ChangeLog.Entry {
    /// Nil: there is no such class any more.
    func now(_ name: String) -> String? {
      guard let (index, position) = places[name] else { return name }
      let course = courses[index]
      guard let present = course.present else { return course.isRemoved && !course.isMade ? nil : name }
      return position <= present ? course.names[present] : name
    }
    func now(_ key: MethodKey) -> MethodKey? {
      now(key.className).map { MethodKey(className: $0, isClassSide: key.isClassSide, selector: key.selector) }
    }
    func settled(_ change: Change) -> Change? {
      switch change {
      case .renameClass(let old, _):
        guard now(old) != nil, let (index, position) = places[old] else { return nil }
        return courses[index].present.map { position <= $0 } == true ? nil : change
      case .removeClass(let name):
        guard let (index, _) = places[name], courses[index].isRemoved else { return nil }
        return now(name).map { .removeClass($0) }
      case .method(let name, let isClassSide, let source, let basedOn):
        return now(name).map { .method(className: $0, isClassSide: isClassSide, source: source, basedOn: basedOn) }
      case .primitive(let key, let function): return now(key).map { .primitive($0, function: function) }
      case .removeMethod(let key, let basedOn): return now(key).map { .removeMethod($0, basedOn: basedOn) }
      case .addField(let name, let isClassSide, let field):
        return now(name).map { .addField(className: $0, isClassSide: isClassSide, name: field) }
      case .removeField(let name, let isClassSide, let field):
        return now(name).map { .removeField(className: $0, isClassSide: isClassSide, name: field) }
      case .classSource(let text, let file):
        guard var edit = try? ClassFileEdit(SourceText(name: "class", text)) else { return change }
        guard let now = now(edit.definition.name) else { return nil }
        guard now != edit.definition.name, (try? edit.setName(now)) != nil else { return change }
        return .classSource(String(decoding: edit.source.bytes, as: UTF8.self), file: file)
      }
    }
    var entry = entry
    entry.changes = entry.changes.compactMap(settled)
    entry.replaced = entry.replaced?.compactMap { replaced in
      var replaced = replaced
      guard let method = now(replaced.method) else { return nil }
      replaced.method = method
      return replaced
    }
    return entry
  }

  /// The class that a change is about.
  private static func name(_ change: Change) -> String {
    switch change {
    case .method(let name, _, _, _), .addField(let name, _, _), .removeField(let name, _, _), .removeClass(let name),
      .renameClass(let name, _):
      name
    case .primitive(let key, _), .removeMethod(let key, _): key.className
    case .classSource(let text, _): (try? Parser.parseClass(SourceText(name: "class", text)))?.name ?? ""
    }
  }
}
