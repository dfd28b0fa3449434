// What an entry of the change log made of methods and classes: what was there before is in it, and what came instead
// follows from its changes.

import Syntax
import VM

struct EntryTexts {
  private let entry: ChangeLog.Entry
  /// What the changes say of methods; `.some(nil)`: removed. The last word counts.
  private var said: [MethodKey: MethodState?] = [:]
  /// In the order of the changes.
  private var order: [MethodKey] = []
  /// Classes whose whole text is in it, which lose what that does not say.
  private var wholeClasses: Set<String> = []

  /// By the new name of a class that the entry has renamed: the one before, by which it knows the class.
  private var namesBefore: [String: String] = [:]

  init(_ entry: ChangeLog.Entry) {
    self.entry = entry
    for case .renameClass(let old, let new) in entry.changes { namesBefore[new] = old }
    for change in entry.changes { note(change) }
  }

  private mutating func note(_ change: Change) {
    switch change {
    case .method(let className, let isClassSide, let source, _):
      let text = SourceText(name: className, source)
      guard let method = try? Parser.parseMethod(text) else { return }
      note(MethodKey(className: className, isClassSide: isClassSide, selector: method.selector), method.text(in: text))
    case .primitive(let key, let function):
      note(key, MethodState(text: MethodInfo.primitiveText(key.selector), primitive: function))
    case .removeMethod(let key, _): note(key, nil as MethodState?)
    case .addField, .removeField, .removeClass, .renameClass: break
    case .classSource(let text, _):
      let source = SourceText(name: "class", text)
      guard let definition = try? Parser.parseClass(source) else { return }
      wholeClasses.insert(namesBefore[definition.name] ?? definition.name)
      for (isClassSide, methods) in [(false, definition.instanceMethods), (true, definition.classMethods)] {
        for method in methods {
          note(
            MethodKey(className: definition.name, isClassSide: isClassSide, selector: method.selector),
            method.text(in: source))
        }
      }
    }
  }

  private mutating func note(_ key: MethodKey, _ text: String) { note(key, MethodState(text: text)) }
  private mutating func note(_ key: MethodKey, _ state: MethodState?) {
    var key = key
    key.className = namesBefore[key.className] ?? key.className
    if said.updateValue(state, forKey: key) == nil { order.append(key) }
  }

  /// What became of methods. Those of new classes are not among them, nor what stayed as it was.
  var methods: [MethodDifference] {
    guard let replaced = entry.replaced else {
      return order.map { MethodDifference(method: $0, before: nil, after: said[$0] ?? nil) }
    }
    return replaced.compactMap { old in
      let before = old.text.map { MethodState(text: $0, primitive: old.primitive) }
      // A method that no change names was only compiled again.
      let after = said[old.method] ?? (wholeClasses.contains(old.method.className) ? nil : before)
      if let before, let after, before.isSame(as: after) { return nil }
      if before == nil && after == nil { return nil }
      return MethodDifference(method: old.method, before: before, after: after)
    }
  }

  /// The file from which a class was made; nil if it was not from one.
  static func file(ofClass name: String, in changes: [Change]) -> String? {
    for case .classSource(let text, let file) in changes.reversed() {
      if (try? Parser.parseClass(SourceText(name: "class", text)))?.name == name { return file }
    }
    return nil
  }

  /// The text by which a class was made; nil if it is not one of the entry's.
  static func text(ofClass name: String, in changes: [Change]) -> String? {
    for case .classSource(let text, _) in changes.reversed() {
      if (try? Parser.parseClass(SourceText(name: "class", text)))?.name == name { return text }
    }
    return nil
  }
}
