// What a receiver is, as far as the text tells: literals, classes by their names, what was assigned, what methods return.
// A guess for ranking and finding; nothing relies on it.

import Syntax

/// An instance of a class, or the class.
public struct ReceiverKind: Hashable, Sendable {
  public let className: String
  public let isClassSide: Bool
  public init(_ className: String, isClassSide: Bool = false) {
    self.className = className
    self.isClassSide = isClassSide
  }
  public var description: String { isClassSide ? "\(className) class" : className }
}

extension SourceIndex {
  /// The method that a send to a receiver of a kind finds.
  /// - Parameter above: begin above this class, as `super` does.
  public func lookup(
    _ selector: String, _ kind: ReceiverKind, from folder: String, above: String? = nil
  ) -> MethodReference? {
    for (file, isClassSide) in sides(of: kind, from: folder, above: above) {
      if let index = file.methods.firstIndex(where: {
        $0.definition.selector == selector && $0.isClassSide == isClassSide
      }) {
        return MethodReference(file: file, index: index)
      }
    }
    return nil
  }

  /// Where methods are looked for, in order.
  public func sides(
    of kind: ReceiverKind, from folder: String, above: String? = nil
  ) -> [(file: ClassFile, isClassSide: Bool)] {
    var chain = chain(of: kind.className, from: folder)
    if let above, let place = chain.firstIndex(where: { $0.definition?.name == above }) {
      chain.removeFirst(place + 1)
    }
    var result = chain.map { ($0, kind.isClassSide) }
    if kind.isClassSide { result += self.chain(of: "Class", from: folder).map { ($0, false) } }
    if let additions = classFile("ObjectAdditions", from: folder) { result.append((additions, false)) }
    return result
  }

  /// What the receiver of a message in a file can be; empty: nobody knows.
  public func kinds(ofReceiverOf name: NamePlace, in file: ClassFile) -> Set<ReceiverKind> {
    guard let receiver = name.receiver, let method = name.method else { return [] }
    return kinds(of: receiver, in: file, method: method)
  }

  public func kinds(of expression: Expression, in file: ClassFile, method: Int) -> Set<ReceiverKind> {
    guard let className = file.definition?.name else { return [] }
    var guess = KindGuess(index: self)
    let own = ReceiverKind(className, isClassSide: file.methods[method].isClassSide)
    return guess.kinds(of: expression, KindGuess.Place(file: file, method: method, receiver: own), 0)
  }
}

private struct KindGuess {
  struct Place {
    let file: ClassFile
    let method: Int
    let receiver: ReceiverKind
  }
  static let most = 6
  let index: SourceIndex
  /// How much is looked at before nobody knows.
  var budget = 300

  private static let booleans: Set = [
    "=", "<", ">", "<=", ">=", "==", "~=", "<>", "~~", "not", "isNil", "notNil", "&", "|", "&&", "||", "and:", "or:",
    "isEmpty", "includes:", "respondsTo:", "isKindOf:",
  ]
  private static let results: [String: String] = [
    "asString": "String", "printString": "String", "asSymbol": "Symbol", "size": "Integer", "length": "Integer",
    "hash": "Integer", "asInteger": "Integer", "asDouble": "Double", "sqrt": "Double",
  ]
  private static let arithmetic: Set = ["+", "-", "*", "//", "%", "rem:", "abs", "negated", "max:", "min:"]

  mutating func kinds(of expression: Expression, _ place: Place, _ depth: Int) -> Set<ReceiverKind> {
    budget -= 1
    if depth > 6 || budget < 0 { return [] }
    switch expression {
    case .literal(let value, _):
      let name =
        switch value {
        case .integer, .bigInteger: "Integer"
        case .double: "Double"
        case .string: "String"
        case .symbol: "Symbol"
        case .array: "Array"
        }
      return [ReceiverKind(name)]
    case .block(let node): return [ReceiverKind("Block\(min(node.arguments.count, 2) + 1)")]
    case .assignment(let node): return kinds(of: node.value, place, depth + 1)
    case .cascade(let node):
      return node.messages.last.map { answers(to: $0, of: node.receiver, place, depth) } ?? []
    case .send(let node): return answers(to: node.message, of: node.receiver, place, depth)
    case .variable(let node): return variable(node, place, depth)
    }
  }

  private mutating func variable(_ node: VariableReference, _ place: Place, _ depth: Int) -> Set<ReceiverKind> {
    switch node.name {
    case "self", "super": return [place.receiver]
    case "nil": return [ReceiverKind("Nil")]
    case "true": return [ReceiverKind("True")]
    case "false": return [ReceiverKind("False")]
    default: break
    }
    // (The last of the declarations of that name before here, so that a name in a block means its own.)
    if let use = place.file.name(at: node.range.start), use.name == node.name,
      case .local(let declaration, _) = use.role
    {
      return union(place.file.localValues[declaration] ?? [], place, depth)
    }
    if let owner = index.owner(ofField: node.name, in: place.file, method: place.method) {
      var result: Set<ReceiverKind> = []
      for file in Set([ObjectIdentifier(owner), ObjectIdentifier(place.file)]).count == 1
        ? [owner] : [owner, place.file]
      {
        for (value, method) in file.outerValues[node.name] ?? [] {
          guard let className = file.definition?.name, file.methods[method].isClassSide == place.receiver.isClassSide
          else { continue }
          let own = ReceiverKind(className, isClassSide: file.methods[method].isClassSide)
          result.formUnion(kinds(of: value, Place(file: file, method: method, receiver: own), depth + 1))
        }
      }
      return limited(result)
    }
    if node.name == "system" { return [ReceiverKind("System")] }
    if index.classFile(node.name, from: place.file.folder) != nil {
      return [ReceiverKind(node.name, isClassSide: true)]
    }
    return []
  }

  private mutating func union(_ values: [Expression], _ place: Place, _ depth: Int) -> Set<ReceiverKind> {
    var result: Set<ReceiverKind> = []
    for value in values { result.formUnion(kinds(of: value, place, depth + 1)) }
    return limited(result)
  }

  /// nil that is assigned first says nothing.
  private func limited(_ kinds: Set<ReceiverKind>) -> Set<ReceiverKind> {
    let known = kinds.count > 1 ? kinds.filter { $0.className != "Nil" } : kinds
    return known.count > Self.most ? [] : known
  }

  private mutating func answers(
    to message: Message, of receiver: Expression, _ place: Place, _ depth: Int
  ) -> Set<ReceiverKind> {
    let selector = message.selector
    if Self.booleans.contains(selector) { return [ReceiverKind("Boolean")] }
    let receivers = kinds(of: receiver, place, depth + 1)
    if receivers.isEmpty { return Self.results[selector].map { [ReceiverKind($0)] } ?? [] }
    var isSuper = false
    if case .variable(let node) = receiver { isSuper = node.name == "super" }
    var result: Set<ReceiverKind> = []
    for kind in receivers {
      if selector == "yourself" {
        result.insert(kind)
      } else if selector == "class" {
        if !kind.isClassSide { result.insert(ReceiverKind(kind.className, isClassSide: true)) }
      } else if Self.arithmetic.contains(selector), ["Integer", "Double"].contains(kind.className), !kind.isClassSide {
        result.insert(kind)
      } else if let found = index.lookup(
        selector, kind, from: place.file.folder, above: isSuper ? place.file.definition?.name : nil)
      {
        result.formUnion(answers(of: found, kind, depth))
      } else if let name = Self.results[selector] {
        result.insert(ReceiverKind(name))
      }
    }
    return limited(result)
  }

  private mutating func answers(of method: MethodReference, _ receiver: ReceiverKind, _ depth: Int) -> Set<ReceiverKind>
  {
    let definition = method.place.definition
    if definition.isPrimitive {
      // `new` and its like, of Class and of the library's classes.
      if receiver.isClassSide, definition.selector.hasPrefix("new") { return [ReceiverKind(receiver.className)] }
      return Self.results[definition.selector].map { [ReceiverKind($0)] } ?? []
    }
    let place = Place(file: method.file, method: method.index, receiver: receiver)
    var result: Set<ReceiverKind> = []
    var returns = false
    for statement in definition.statements {
      if case .returning(let value, _, _) = statement {
        returns = true
        result.formUnion(kinds(of: value, place, depth + 2))
      }
    }
    // Without a ^ it answers itself.
    return returns ? limited(result) : [receiver]
  }
}
