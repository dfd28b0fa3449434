// The one way to say what is to change, for editors, saved files, logs, and for the messages by which a program changes
// itself (`EditingPrimitives.swift`). The runtime carries it out: an accept.

import Syntax

/// A method's place: `Foo>>bar` or `Foo class>>bar`.
public struct MethodKey: Hashable, Sendable, Codable, CustomStringConvertible {
  /// Without `class`.
  public var className: String
  /// Whether it is a method of the class itself.
  public var isClassSide: Bool
  /// `at:put:`.
  public var selector: String
  /// A method of instances, if nothing else is said.
  public init(className: String, isClassSide: Bool = false, selector: String) {
    self.className = className
    self.isClassSide = isClassSide
    self.selector = selector
  }
  /// "Foo" or "Foo class".
  public var holderName: String { Self.holderName(className, isClassSide) }
  /// `Foo` or `Foo class`.
  public static func holderName(_ className: String, _ isClassSide: Bool) -> String {
    isClassSide ? className + " class" : className
  }
  public var description: String { "\(holderName)>>\(selector)" }
}

/// One change of the program's code.
public enum Change: Hashable, Sendable, Codable {
  /// Adds or replaces the method whose text this is (`foo: x = ( … )`). `basedOn` is the version that the
  /// editor showed, 0 for "there was none": if the method has moved on since, the receipt says so.
  case method(className: String, isClassSide: Bool, source: String, basedOn: Int?)
  /// Makes a method the primitive `function` ("Class>>selector"), which may be another than its own name says.
  case primitive(MethodKey, function: String)
  /// Removes a method. `basedOn`: as of `method`.
  case removeMethod(MethodKey, basedOn: Int?)
  /// Adds a field, the last one; instances have nil in it.
  case addField(className: String, isClassSide: Bool, name: String)
  /// Removes a field, with what instances have in it.
  case removeField(className: String, isClassSide: Bool, name: String)
  /// Loads a class that does not exist yet, or makes an existing one what this text says: the difference by
  /// method text, fields and superclass.
  case classSource(String, file: String?)
  /// Takes a class out of the program: its name is no global any more, and what exists of the class stays what it was. Its
  /// text (`classSource`), accepted later, brings the same class back.
  case removeClass(String)
  /// Gives a class another name: it stays the class that it was. The other changes of a set may say either name.
  case renameClass(String, to: String)

  /// Adds or replaces a method, whatever its version is.
  public static func method(_ className: String, _ source: String, classSide: Bool = false) -> Change {
    .method(className: className, isClassSide: classSide, source: source, basedOn: nil)
  }
}

extension Universe {
  /// The current version of a method; nil if the class itself has none. Requires the universe's lock, or the VM thread.
  public func method(_ key: MethodKey) -> Method? {
    classes.named(key.holderName)?.methods[symbols.intern(key.selector)]
  }

  /// The method that a class or metaclass has for a selector, or would have.
  public func key(_ selector: String, in classIndex: Int) -> MethodKey {
    let info = classes[classIndex]
    let className = info.isMetaclass ? classes[info.instanceIndex].name : info.name
    return MethodKey(className: className, isClassSide: info.isMetaclass, selector: selector)
  }
}

extension MethodInfo {
  /// The change that makes a selector with as many arguments run the code of this method; nil if it has no text.
  func standing(for key: MethodKey) -> Change? {
    if let primitive { return .primitive(key, function: primitive) }
    return text(renamedTo: key.selector).map {
      .method(className: key.className, isClassSide: key.isClassSide, source: $0, basedOn: nil)
    }
  }

  /// The source text of the method as another selector's, or nil if it has none or takes other arguments.
  private func text(renamedTo selector: String) -> String? {
    guard let definition, let source, !definition.isPrimitive else { return nil }
    if selector == definition.selector { return definition.text(in: source) }
    let names = definition.argumentNames
    guard SymbolTable.argumentCount(of: selector) == names.count else { return nil }
    let body = source[SourceRange(definition.patternRange.end, definition.range.end)]
    return Self.pattern(selector, names) + " " + body
  }

  /// The text of a primitive for a selector.
  public static func primitiveText(_ selector: String) -> String {
    let names = (0..<SymbolTable.argumentCount(of: selector)).map { "argument\($0 + 1)" }
    return pattern(selector, names) + " = primitive"
  }

  private static func pattern(_ selector: String, _ arguments: [String]) -> String {
    if arguments.isEmpty { return selector }
    if !selector.hasSuffix(":") { return "\(selector) \(arguments[0])" }
    return zip(selector.split(separator: ":"), arguments).map { "\($0): \($1)" }.joined(separator: " ")
  }
}
