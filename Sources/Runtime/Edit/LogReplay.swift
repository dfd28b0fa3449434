// Making the accepts of a log again. The `.som` file stays the truth: what was edited there since the log was written is
// newer, and stays; and a saved file is read again, instead of what it said then.

import Foundation
import Syntax
import VM

/// What replaying a log did.
public struct ReplayReport: Sendable {
  /// Of what was made again. One that is refused, since the program is another by now, does not stop those after it.
  public var receipts: [Receipt] = []
  /// What the log would have undone.
  public var kept: [KeptText] = []
  /// The last entry was cut short, so nobody had been told of it.
  public var endsTorn = false
}

/// A log that is made again.
struct LogReplay {
  private let universe: Universe
  private let versions: MethodVersions
  private var history: LoggedHistory
  /// Whether a saved file is read again, instead of what it said then.
  private let readsFiles: Bool

  /// Finds out what was edited since. VM thread.
  init(_ entries: [ChangeLog.Entry], _ universe: Universe, _ versions: MethodVersions) {
    self.universe = universe
    self.versions = versions
    readsFiles = true
    history = LoggedHistory(entries)
    var compared = history
    compared.compare {
      text(of: $0)
    } methods: {
      methodKeys(of: $0)
    }
    history = compared
  }

  /// What the log says, whatever was edited since.
  init(asLogged universe: Universe, _ versions: MethodVersions) {
    self.universe = universe
    self.versions = versions
    readsFiles = false
    history = LoggedHistory([])
  }

  /// What the log would have undone.
  var kept: [KeptText] { history.kept }

  /// What an accept of the log has to change now. VM thread.
  func changes(of entry: ChangeLog.Entry) -> [Change] { entry.changes.compactMap(current) }

  /// What a logged change means now; nil if there is nothing to do.
  private func current(_ change: Change) -> Change? {
    func fields(_ name: String, _ isClassSide: Bool) -> [String]? {
      _ = try? universe.loadClass(name)
      return universe.classes.named(MethodKey.holderName(name, isClassSide))?.ownFieldNames
    }
    switch change {
    case .method(let className, let isClassSide, let source, _):
      let key = LoggedHistory.key(className, isClassSide, source)
      return key.map(history.edited.contains) == true
        ? nil : .method(className: className, isClassSide: isClassSide, source: source, basedOn: nil)
    case .primitive(let key, _):
      return history.edited.contains(key) ? nil : change
    case .removeMethod(let key, _):
      return history.edited.contains(key) || versions.current(key) == nil ? nil : .removeMethod(key, basedOn: nil)
    case .addField(let name, let isClassSide, let field):
      return fields(name, isClassSide)?.contains(field) == true ? nil : change
    case .removeField(let name, let isClassSide, let field):
      return fields(name, isClassSide)?.contains(field) == false ? nil : change
    case .classSource(let text, let file):
      guard let definition = try? Parser.parseClass(SourceText(name: "class", text)) else { return change }
      let info = try? universe.loadClass(definition.name)
      guard readsFiles else { return .classSource(text, file: nil) }
      if file != nil, let path = info?.path, let bytes = FileManager.default.contents(atPath: path) {
        return .classSource(String(decoding: bytes, as: UTF8.self), file: path)
      }
      return .classSource(merged(text, definition.name) ?? text, file: file)
    case .removeClass(let name):
      return (try? universe.loadClass(name)) == nil ? nil : change
    case .renameClass(let old, let new):
      return (try? universe.loadClass(old)) == nil && universe.classes.named(new) != nil ? nil : change
    }
  }

  /// The text of a class with those methods in it that are newer in its file.
  private func merged(_ text: String, _ name: String) -> String? {
    guard var file = try? ClassFileEdit(SourceText(name: name, text)) else { return nil }
    for key in history.edited.sorted(by: { $0.description < $1.description }) where key.className == name {
      guard (try? file.setMethod(key.selector, classSide: key.isClassSide, to: self.text(of: key) ?? nil)) != nil
      else { return nil }
    }
    return String(decoding: file.source.bytes, as: UTF8.self)
  }

  /// The text of a method; `.some(nil)` if the class has none, nil if there is no such class.
  private func text(of key: MethodKey) -> String?? {
    _ = try? universe.loadClass(key.className)
    guard universe.classes.named(key.holderName) != nil else { return nil }
    return .some(versions.currentInfo(key)?.sourceText)
  }

  private func methodKeys(of className: String) -> [MethodKey] {
    [false, true].flatMap { isClassSide in
      let info = universe.classes.named(MethodKey.holderName(className, isClassSide))
      return (info?.selectors ?? []).map {
        MethodKey(className: className, isClassSide: isClassSide, selector: universe.symbols.name($0))
      }
    }
  }
}

/// What methods have been in the course of a log.
struct LoggedHistory {
  /// Every text that a method had, and the last one that was accepted. An entry of an earlier version does not say what it replaced:
  /// nothing is known of its methods.
  private var texts: [MethodKey: Set<String?>] = [:]
  private var last: [MethodKey: String?] = [:]
  private var unknown: Set<MethodKey> = []
  /// Classes whose whole text was accepted.
  private var classes: Set<String> = []
  /// Methods that are something else now than they ever were in the log.
  private(set) var edited: Set<MethodKey> = []
  private(set) var kept: [KeptText] = []

  init(_ entries: [ChangeLog.Entry]) {
    for entry in entries {
      for replaced in entry.replaced ?? [] { texts[replaced.method, default: []].insert(Self.plain(replaced.text)) }
      let isKnown = entry.replaced != nil
      for change in entry.changes {
        switch change {
        case .method(let className, let isClassSide, let source, _):
          if let key = Self.key(className, isClassSide, source) { note(key, source, isKnown) }
        case .removeMethod(let key, _): note(key, nil, isKnown)
        case .primitive(let key, _): note(key, nil, false)
        case .classSource(let text, let file): note(classText: text, isFile: file != nil, isKnown)
        case .addField, .removeField, .removeClass, .renameClass: break
        }
      }
    }
  }

  /// The method that a text defines.
  static func key(_ className: String, _ isClassSide: Bool, _ source: String) -> MethodKey? {
    (try? Parser.parseMethod(SourceText(name: className, source))).map {
      MethodKey(className: className, isClassSide: isClassSide, selector: $0.selector)
    }
  }

  private mutating func note(_ key: MethodKey, _ text: String?, _ isKnown: Bool) {
    texts[key, default: []].insert(Self.plain(text))
    last[key] = .some(text)
    if !isKnown { unknown.insert(key) }
  }

  /// A file that was saved is no reason to change anything: it is read again.
  private mutating func note(classText text: String, isFile: Bool, _ isKnown: Bool) {
    let source = SourceText(name: "class", text)
    guard let definition = try? Parser.parseClass(source) else { return }
    if isKnown, !isFile { classes.insert(definition.name) }
    for (isClassSide, methods) in [(false, definition.instanceMethods), (true, definition.classMethods)] {
      for method in methods {
        let key = MethodKey(className: definition.name, isClassSide: isClassSide, selector: method.selector)
        if isFile {
          texts[key, default: []].insert(Self.plain(method.text(in: source)))
        } else {
          note(key, method.text(in: source), isKnown)
        }
      }
    }
  }

  /// Finds out what was edited since. `text` answers nil for a class that there is not.
  mutating func compare(_ text: (MethodKey) -> String??, methods: (String) -> [MethodKey]) {
    let added = classes.flatMap(methods).filter { texts[$0] == nil }
    for key in (Array(last.keys) + added).sorted(by: { $0.description < $1.description }) {
      guard !unknown.contains(key), let now = text(key), texts[key]?.contains(Self.plain(now)) != true else { continue }
      edited.insert(key)
      kept.append(KeptText(place: "\(key)", kept: now, other: last[key] ?? nil))
    }
  }

  /// Line ends are no difference.
  private static func plain(_ text: String?) -> String? { text.map { SourceText.withLineEnds("\n", $0) } }
}
