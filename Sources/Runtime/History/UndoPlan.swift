// The changes that take an accept back, or do it again: an accept like any other. They are made for what the program is
// now; where that is something else than what the accept left, somebody's later work would be lost, so that is refused.

import Syntax
import VM

/// What is to be taken back, or done again.
struct UndoneWork {
  /// Of the accept, as messages name it.
  var number: Int
  var methods: [MethodDifference]
  var classes: [ClassDifference]
  /// The text by which it made a class.
  var textOfClass: (String) -> String?
  /// The file from which it made a class; nil if it was not from one.
  var fileOfClass: (String) -> String? = { _ in nil }
  var isRedo = false
  /// The accept after this one that has changed a method. nil: whatever is there now may be lost.
  var laterChange: ((MethodKey) -> Int?)?
}

/// VM thread.
struct UndoPlan {
  private let universe: Universe
  private let versions: MethodVersions
  private let work: UndoneWork
  private var isRedo: Bool { work.isRedo }
  private var errors: [AcceptError] = []
  /// By the name that the work knows a class by: the one that it has now, if it is another.
  private let presentNames: [String: String]

  init(_ work: UndoneWork, _ universe: Universe, _ versions: MethodVersions) {
    self.work = work
    self.universe = universe
    self.versions = versions
    let renamed = work.isRedo ? [] : work.classes.compactMap { c in c.newName.map { (c.name, $0) } }
    presentNames = Dictionary(renamed.filter { universe.classes.named($0.1) != nil }) { $1 }
  }

  /// "Foo" or "Foo class".
  private func present(_ name: String) -> String {
    if let present = presentNames[name] { return present }
    let classSide = MethodKey.holderName("", true)
    guard name.hasSuffix(classSide) else { return name }
    return MethodKey.holderName(present(String(name.dropLast(classSide.count))), true)
  }

  /// The changes, if there is anything to do and nothing is in the way.
  mutating func make() throws(EditErrors) -> [Change] {
    var steps = Steps()
    for difference in work.classes { shape(difference, &steps) }
    for difference in work.methods { restore(difference, &steps) }
    addWholeTexts(&steps)
    for difference in work.classes { rename(difference, &steps) }
    if !errors.isEmpty { throw EditErrors(errors) }
    let changes = steps.removals + steps.wholeTexts + steps.additions + steps.methods + steps.names
    guard changes.isEmpty else { return changes }
    throw EditErrors(
      AcceptError(
        change: 0,
        message: isRedo
          ? "what accept \(work.number) did is done" : "what accept \(work.number) changed is as it was before",
        code: .nothingToDo))
  }

  /// In this order.
  private struct Steps {
    /// Of fields.
    var removals: [Change] = []
    var wholeTexts: [Change] = []
    /// Of fields.
    var additions: [Change] = []
    var methods: [Change] = []
    /// Of classes that go, or get another name.
    var names: [Change] = []
    /// Classes that get another superclass, with it: that takes their whole text.
    var moved: [String: String] = [:]
    /// Fields of those, by "Foo" or "Foo class".
    var fields: [String: [String]] = [:]
  }

  private mutating func refuse(_ message: String, _ code: AcceptError.Code, _ name: String, _ remedy: String? = nil) {
    errors.append(AcceptError(change: 0, message: message, code: code, name: name, remedy: remedy))
  }

  /// Whether a class, by its present name, comes or goes with the work.
  private func isComingOrGoing(_ name: String) -> Bool {
    work.classes.contains { present($0.name) == name && ($0.before == nil || $0.after == nil) }
  }

  // MARK: Methods

  private mutating func restore(_ difference: MethodDifference, _ steps: inout Steps) {
    var key = difference.method
    key.className = present(key.className)
    let (from, to) = isRedo ? (difference.before, difference.after) : (difference.after, difference.before)
    guard universe.classes.named(key.holderName) != nil else {
      // Its class comes or goes with it.
      if isComingOrGoing(key.className) { return }
      return refuse("there is no class \(key.className) any more", .noSuchClass, key.className)
    }
    let info = versions.currentInfo(key)
    let now = info?.sourceText.map { MethodState(text: $0, primitive: info?.primitive) }
    if isSame(now, to) { return }
    if let laterChange = work.laterChange, !isSame(now, from) {
      let later = laterChange(key)
      return refuse(
        "\(key) is not what accept \(work.number) \(isRedo ? "changed" : "made it") any more"
          + (later.map { ": accept \($0) changed it" } ?? ""),
        .changedSince, "\(key)",
        later.map { "take accept \($0) back first, or bring a version of the method back" }
          ?? "bring a version of the method back instead")
    }
    if let to, let primitive = to.primitive {
      steps.methods.append(.primitive(key, function: primitive))
    } else if let to {
      steps.methods.append(
        .method(
          className: key.className, isClassSide: key.isClassSide, source: to.text, basedOn: info?.version ?? 0))
    } else {
      steps.methods.append(.removeMethod(key, basedOn: info?.version))
    }
  }

  private func isSame(_ one: MethodState?, _ other: MethodState?) -> Bool {
    guard let one, let other else { return one == nil && other == nil }
    return one.isSame(as: other)
  }

  // MARK: Classes

  private mutating func shape(_ difference: ClassDifference, _ steps: inout Steps) {
    let (from, to) = isRedo ? (difference.before, difference.after) : (difference.after, difference.before)
    let name = present(difference.name)
    guard let to else { return removeClass(name, &steps) }
    guard let from else { return makeClass(difference.name, &steps) }
    guard let info = universe.classes.named(name) else {
      // It has its name already.
      if difference.newName != nil, universe.classes.named(isRedo ? difference.newName! : difference.name) != nil {
        return
      }
      return refuse("there is no class \(name) any more", .noSuchClass, name)
    }
    guard let fields = changed(info.ownFieldNames, from.fields, to.fields) else {
      return refuse(
        "the fields of \(name) are \(info.ownFieldNames.joined(separator: " ")) now, not what accept "
          + "\(work.number) \(isRedo ? "changed" : "made them")",
        .changedSince, name, "take back first what changed them later, or edit the class")
    }
    let above = info.superIndex == 0 ? nil : universe.classes[info.superIndex].name
    let (superFrom, superTo) = (from.superclass.map(present), to.superclass.map(present))
    if !info.isMetaclass, superFrom != superTo, above != superTo {
      guard above == superFrom || work.laterChange == nil, let wanted = superTo,
        universe.classes.named(wanted) != nil || isComingOrGoing(wanted)
      else {
        return refuse(
          "\(name) is below \(above ?? "nil") now", .changedSince, name,
          "take back first what moved it later, or accept the class's text")
      }
      steps.moved[name] = wanted
      steps.fields[name] = fields
      return
    }
    let className = info.isMetaclass ? universe.classes[info.instanceIndex].name : info.name
    if info.isMetaclass, steps.moved[className] != nil { return steps.fields[name] = fields }
    let now = info.ownFieldNames
    // In the order in which they were: what is added comes last.
    let kept = now.filter(fields.contains)
    let stays = Array(fields.prefix(kept.count)) == kept ? kept : []
    steps.removals += now.filter { !stays.contains($0) }.map {
      .removeField(className: className, isClassSide: info.isMetaclass, name: $0)
    }
    steps.additions += fields.filter { !stays.contains($0) }.map {
      .addField(className: className, isClassSide: info.isMetaclass, name: $0)
    }
  }

  /// What fields are now, with what leads from one list to another; nil if that was changed since.
  private func changed(_ now: [String], _ from: [String], _ to: [String]) -> [String]? {
    if now == from || now == to || work.laterChange == nil { return to }
    let gone = from.filter { !to.contains($0) }, new = to.filter { !from.contains($0) }
    guard gone.allSatisfy(now.contains), !new.contains(where: now.contains) else { return nil }
    return now.filter { !gone.contains($0) } + new
  }

  private mutating func makeClass(_ name: String, _ steps: inout Steps) {
    if universe.classes.named(name)?.isLoaded == true { return }
    guard let text = work.textOfClass(name) else {
      return refuse("accept \(work.number) does not say what \(name) was", .notKept, name)
    }
    steps.wholeTexts.append(.classSource(text, file: nil))
  }

  private mutating func removeClass(_ name: String, _ steps: inout Steps) {
    guard work.laterChange != nil else {
      // A program may begin with it.
      let isThere = universe.classes.named(name)?.isLoaded == true
      if isThere, let text = work.textOfClass(name) { steps.wholeTexts.append(.classSource(text, file: nil)) }
      return
    }
    guard universe.classes.named(name)?.isLoaded == true, let now = universe.text(ofClass: name) else { return }
    if !isRedo, let file = work.fileOfClass(name) {
      return refuse(
        "\(name) was loaded from its file, \(file), which would be deleted", .cannotBeRemoved, name,
        "remove the class if that is meant")
    }
    guard let known = work.textOfClass(name), SourceText.withLineEnds("\n", now) == SourceText.withLineEnds("\n", known)
    else {
      return refuse(
        "\(name) is not what accept \(work.number) \(isRedo ? "removed" : "made") any more", .changedSince, name,
        "take back first what changed it later, or remove the class")
    }
    steps.names.append(.removeClass(name))
  }

  private mutating func rename(_ difference: ClassDifference, _ steps: inout Steps) {
    guard let newName = difference.newName else { return }
    let (from, to) = isRedo ? (difference.name, newName) : (newName, difference.name)
    if universe.classes.named(from) != nil { steps.names.append(.renameClass(from, to: to)) }
  }

  /// A superclass changes with the whole text of the class, as it is now but for what is taken back.
  private mutating func addWholeTexts(_ steps: inout Steps) {
    for (name, superclass) in steps.moved.sorted(by: { $0.key < $1.key }) {
      guard let text = wholeText(name, below: superclass, steps.fields) else {
        refuse("\(name) has no text", .notKept, name)
        continue
      }
      steps.wholeTexts.append(.classSource(text, file: nil))
      // What is no text of its own comes after it.
      for isClassSide in [false, true] {
        guard let info = universe.classes.named(MethodKey.holderName(name, isClassSide)) else { continue }
        for method in info.selectors.compactMap({ info.methods[$0].map { universe.methods[$0] } }) {
          guard let primitive = method.primitive else { continue }
          let key = MethodKey(className: name, isClassSide: isClassSide, selector: method.selector)
          steps.methods.insert(.primitive(key, function: primitive), at: 0)
        }
      }
    }
  }

  private func wholeText(_ name: String, below superclass: String, _ fields: [String: [String]]) -> String? {
    guard var text = try? ClassFileEdit(SourceText(name: name, "\(name) = \(superclass) (\n)\n")) else { return nil }
    for isClassSide in [false, true] {
      guard let info = universe.classes.named(MethodKey.holderName(name, isClassSide)) else { return nil }
      let names = fields[info.name] ?? info.ownFieldNames
      if !names.isEmpty, (try? text.setFields(names, classSide: isClassSide)) == nil { return nil }
      for selector in info.selectors {
        guard let method = info.methods[selector].map({ universe.methods[$0] }), let source = method.sourceText,
          (try? text.setMethod(method.selector, classSide: isClassSide, to: source)) != nil
        else { return nil }
      }
    }
    return String(decoding: text.source.bytes, as: UTF8.self)
  }
}
