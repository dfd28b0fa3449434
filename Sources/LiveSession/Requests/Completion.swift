// What can stand where the cursor is: variables, fields, classes, selectors of the receiver as far as that is known.

import Ovid
import Syntax

struct CompletionParameters: Decodable {
  var className: String?
  var isClassSide: Bool?
  /// The text up to the cursor, and after it.
  var before: String
  var after: String?
  var workspace: String?
}

struct Completion {
  struct Item: Encodable, Hashable {
    enum Kind: String, Encodable { case local, argument, field, global, `class`, selector, variable }
    var text: String
    var kind: Kind
    var detail: String?
  }
  static let limit = 200

  private let session: LiveSession
  private let wanted: CompletionParameters
  /// The unfinished word.
  private let prefix: String
  private var items: [Item] = []

  init(_ session: LiveSession, _ wanted: CompletionParameters) throws {
    self.session = session
    self.wanted = wanted
    prefix = Self.word(endingAt: wanted.before)
    let context = wanted.before.dropLast(prefix.count)
    let last = context.last { !$0.isWhitespace }
    // After an operand stands a selector; elsewhere, an operand.
    if let last, last.isLetter || last.isNumber || "_)]'".contains(last) {
      addSelectors(of: String(context))
    } else {
      try addOperands()
    }
  }

  var fields: Fields {
    var seen: Set<String> = []
    let found = items.filter { $0.text.hasPrefix(prefix) && $0.text != prefix && seen.insert($0.text).inserted }
    return Fields("prefix", prefix).with("items", Array(found.prefix(Self.limit)))
  }

  /// Of the method whose text begins so; nil: that is no pattern.
  private static func selector(of text: String) -> String? {
    var pattern = ""
    for character in text {
      pattern.append(character)
      guard character == "=", let method = try? Parser.parseMethod(SourceText(name: "", pattern + " ( )")) else {
        continue
      }
      return method.selector
    }
    return nil
  }

  static func word(endingAt text: String) -> String {
    String(text.reversed().prefix { $0.isLetter || $0.isNumber || $0 == "_" }.reversed())
  }

  // MARK: Operands

  private mutating func addOperands() throws {
    let names = VariableNames(wanted.before + (wanted.after ?? ""), isMethod: wanted.className != nil)
    items += names.locals.map { Item(text: $0, kind: .local) } + names.arguments.map { Item(text: $0, kind: .argument) }
    if let className = wanted.className {
      let fields = session.vm.code.scope(of: className, classSide: wanted.isClassSide ?? false)?.fields ?? []
      items += fields.map { Item(text: $0, kind: .field) }
    }
    if let name = wanted.workspace {
      let workspace = try session.workspaces.named(name)
      items += session.vm.variables(of: workspace).map {
        Item(text: $0, kind: .variable, detail: session.vm.className(ofVariable: $0, in: workspace))
      }
    }
    let constants = ["self", "super", "nil", "true", "false", "system"]
    items += constants.map { Item(text: $0, kind: .global) }
    items += Set(session.vm.classNames() + session.vm.loadableClassNames()).sorted().map {
      Item(text: $0, kind: .class)
    }
  }

  // MARK: Selectors

  private mutating func addSelectors(of context: String) {
    let trimmed = String(context.reversed().drop { $0.isWhitespace }.reversed())
    let name = Self.word(endingAt: trimmed)
    let (selectors, detail) = understood(by: name, trimmed)
    items += selectors.filter { $0.first?.isLetter == true }.sorted { ($0.count, $0) < ($1.count, $1) }
      .map { Item(text: $0, kind: .selector, detail: detail) }
  }

  private func understood(by name: String, _ text: String) -> (Set<String>, String?) {
    func of(_ className: String, _ classSide: Bool = false) -> (Set<String>, String?) {
      (
        session.vm.selectors(understoodBy: className, classSide: classSide),
        classSide ? className + " class" : className
      )
    }
    let own = wanted.className, isClassSide = wanted.isClassSide ?? false
    switch name {
    case "self": if let own { return of(own, isClassSide) }
    case "super":
      if let own, let above = session.vm.classReport(own)?.superclass { return of(above, isClassSide) }
    case "true": return of("True")
    case "false": return of("False")
    case "nil": return of("Nil")
    case "system": return of("System")
    case "":
      if text.hasSuffix("'") { return of("String") }
      if text.hasSuffix("]") { return of("Block") }
    default:
      if name.first?.isNumber == true { return of(text.dropLast(name.count).hasSuffix(".") ? "Double" : "Integer") }
      if session.vm.classReport(name) != nil { return of(name, true) }
      if let space = wanted.workspace, let workspace = try? session.workspaces.named(space),
        let className = session.vm.className(ofVariable: name, in: workspace)
      {
        return of(className)
      }
      let kinds = session.vm.observedKinds(
        of: name, className: own, classSide: isClassSide, selector: own == nil ? nil : Self.selector(of: wanted.before))
      if !kinds.isEmpty {
        let found = kinds.map { of($0.className, $0.isClassSide) }
        return (
          found.reduce(into: []) { $0.formUnion($1.0) }, found.compactMap(\.1).prefix(3).joined(separator: ", ")
        )
      }
    }
    return (session.vm.selectors(understoodBy: nil), nil)
  }
}

/// The variables that a text declares, read as far as it goes: it may be unfinished.
struct VariableNames {
  private(set) var locals: [String] = []
  private(set) var arguments: [String] = []

  /// - Parameter isMethod: what stands before the first `=` is the pattern of a method.
  init(_ text: String, isMethod: Bool) {
    let words = Self.words(of: text)
    var isInBars = false, isInPattern = isMethod, expectsName = false
    for word in words {
      switch word {
      case "=" where isInPattern: isInPattern = false
      case "|": isInBars.toggle()
      case "[", ".", "(":
        // A bar that was an operator opens nothing.
        isInBars = false
        expectsName = false
      case ":": expectsName = !isInPattern
      default:
        let isName = word.first.map { $0.isLetter || $0 == "_" } ?? false
        if isName, isInPattern {
          if !word.hasSuffix(":"), word != words.first { arguments.append(word) }
        } else if isName, expectsName {
          arguments.append(word)
        } else if isName, isInBars {
          locals.append(word)
        }
        expectsName = false
      }
    }
  }

  /// Names (keywords with their colon), and other characters one by one; without strings and comments.
  private static func words(of text: String) -> [String] {
    var result: [String] = []
    var rest = Substring(text)
    while let first = rest.first {
      if first == "'" || first == "\"" {
        rest = rest.dropFirst().drop { $0 != first }.dropFirst()
      } else if first.isLetter || first == "_" {
        var word = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
        rest = rest.dropFirst(word.count)
        if rest.first == ":", rest.dropFirst().first != "=" {
          word += ":"
          rest = rest.dropFirst()
        }
        result.append(word)
      } else {
        if !first.isWhitespace { result.append(String(first)) }
        rest = rest.dropFirst()
      }
    }
    return result
  }
}
