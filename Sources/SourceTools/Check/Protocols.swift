// Who understands what, of the receivers whose class a text tells: `self`, `super`, and classes by their names.

import Syntax

final class Protocols {
  struct Understood {
    /// What is said of one that is not among them, before its name.
    let complaint: String
    let selectors: Set<String>
  }
  /// A side of a class.
  typealias Side = (ClassDefinition) -> [MethodDefinition]

  /// Its methods are Object's, too.
  private static let additions = "ObjectAdditions"
  /// What these send to `self` goes to blocks and booleans, whose methods they become.
  private static let parts: Set = ["LoopParts", additions]

  private let known: KnownClasses
  private let folder: String
  private let definition: ClassDefinition
  private let superclasses: [ClassDefinition]
  private let isClassSide: Bool
  private var cache: [String: Understood?] = [:]

  /// Of one side of a class; nil if not all of its superclasses are known.
  init?(
    _ definition: ClassDefinition, isClassSide: Bool, _ superclasses: [ClassDefinition], in folder: String,
    _ known: KnownClasses
  ) {
    guard Self.isWhole(definition, superclasses), !Self.parts.contains(definition.name) else { return nil }
    self.definition = definition
    self.isClassSide = isClassSide
    self.superclasses = superclasses
    self.folder = folder
    self.known = known
  }

  private static func isWhole(_ definition: ClassDefinition, _ superclasses: [ClassDefinition]) -> Bool {
    let top = superclasses.last ?? definition
    return top.name == "Object" || top.superclassName == "nil"
  }

  /// Nil: nobody can say.
  func understood(by name: String) -> Understood? {
    if let understood = cache[name] { return understood }
    let understood = find(name)
    cache[name] = .some(understood)
    return understood
  }

  private func find(_ name: String) -> Understood? {
    switch name {
    case "self":
      // One of the classes below may be meant.
      return understood(
        "\(definition.name)\(isClassSide ? " class" : "") does not understand", [definition] + superclasses,
        isClassSide,
        and: known.allSubclasses(of: definition.name))
    case "super": return understood("no class above \(definition.name) implements", superclasses, isClassSide)
    default:
      guard let named = name == definition.name ? definition : known.find(name, from: folder) else { return nil }
      let above = known.superclasses(of: named, from: folder)
      guard Self.isWhole(named, above) else { return nil }
      return understood("\(name) does not understand", [named] + above, true)
    }
  }

  private func understood(
    _ complaint: String, _ classes: [ClassDefinition], _ isClassSide: Bool, and others: [ClassDefinition] = []
  ) -> Understood? {
    func side(_ definition: ClassDefinition) -> [MethodDefinition] {
      isClassSide ? definition.classMethods : definition.instanceMethods
    }
    let all = classes + others
    // Whoever answers for unknown messages understands all.
    let answers = all.contains {
      $0.name != "Object" && side($0).contains { $0.selector == "doesNotUnderstand:arguments:" }
    }
    if answers { return nil }
    var methods = all.flatMap(side)
    methods += known.find(Self.additions, from: folder)?.instanceMethods ?? []
    if isClassSide {
      guard let classOfClasses = known.find("Class", from: folder) else { return nil }
      methods += ([classOfClasses] + known.superclasses(of: classOfClasses, from: folder)).flatMap(\.instanceMethods)
    }
    return Understood(complaint: complaint, selectors: Set(methods.map(\.selector)).union(known.addedSelectors))
  }
}
