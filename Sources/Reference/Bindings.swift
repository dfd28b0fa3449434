// What the names of a method mean: found once when it is defined, and again when the fields of its class change.

/// What the names that are no variables of a method stand for; it does not change.
final class Bindings {
  enum Meaning {
    case field(Field)
    /// Was a field when the method was defined.
    case removedField
    case global
  }
  let names: [Name]
  /// In the order of the tree's names.
  let meanings: [Meaning]
  let literals: Literals

  /// Objects of literals, made once for each version, in the order of the tree's literals.
  final class Literals {
    @exclusivity(unchecked) var values: [Value?]
    init(count: Int) { values = Array(repeating: nil, count: count) }
  }

  private init(_ names: [Name], _ meanings: [Meaning], _ literals: Literals) {
    self.names = names
    self.meanings = meanings
    self.literals = literals
  }

  /// Of what has no names.
  convenience init() { self.init([], [], Literals(count: 0)) }

  /// Throws why the method cannot be one of the class.
  convenience init(_ tree: MethodTree, in holder: Class) throws(ReferenceError) {
    for name in tree.assigned {
      if Self.reserved.contains(name) { throw ReferenceError("\(name) cannot be assigned") }
      if holder.field(named: name) == nil {
        throw ReferenceError("\(name) is a global, which cannot be assigned")
      }
    }
    let meanings = tree.names.map { name -> Meaning in
      holder.field(named: name.text).map { .field($0) } ?? .global
    }
    self.init(tree.names, meanings, Literals(count: tree.literalCount))
  }

  /// `gone`: what names of fields mean that are there no more.
  func again(in holder: Class, gone: Meaning = .removedField) -> Bindings {
    let new = zip(names, meanings).map { name, meaning -> Meaning in
      if let field = holder.field(named: name.text) { return .field(field) }
      if case .field = meaning { return gone }
      return meaning
    }
    return Bindings(names, new, literals)
  }

  static let reserved: Set<String> = ["self", "super"]
}

/// Why an edit is refused, or a class cannot be loaded.
struct ReferenceError: Error {
  let message: String
  init(_ message: String) { self.message = message }
}
