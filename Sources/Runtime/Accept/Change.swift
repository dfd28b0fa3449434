// What an editor, a watcher or the program itself asks for: a set of changes that is made as a whole or not at all.

/// A method's place: `Foo>>bar` or `Foo class>>bar`.
public struct MethodKey: Hashable, Sendable, Codable, CustomStringConvertible {
  public var className: String
  public var isClassSide: Bool
  public var selector: String
  public init(className: String, isClassSide: Bool = false, selector: String) {
    self.className = className
    self.isClassSide = isClassSide
    self.selector = selector
  }
  /// "Foo" or "Foo class".
  var holderName: String { Self.holderName(className, isClassSide) }
  static func holderName(_ className: String, _ isClassSide: Bool) -> String {
    isClassSide ? className + " class" : className
  }
  public var description: String { "\(holderName)>>\(selector)" }
}

public enum Change: Hashable, Sendable, Codable {
  /// Adds or replaces the method whose text this is (`foo: x = ( … )`). `basedOn` is the version that the
  /// editor showed, 0 for "there was none": if the method has moved on since, the receipt says so.
  case method(className: String, isClassSide: Bool, source: String, basedOn: Int?)
  /// Makes a method the primitive `function` ("Class>>selector"), which may be another than its own name says.
  case primitive(MethodKey, function: String)
  case removeMethod(MethodKey, basedOn: Int?)
  case addField(className: String, isClassSide: Bool, name: String)
  case removeField(className: String, isClassSide: Bool, name: String)
  /// Loads a class that does not exist yet, or makes an existing one what this text says: the difference by
  /// method text, fields and superclass.
  case classSource(String, file: String?)

  public static func method(_ className: String, _ source: String, classSide: Bool = false) -> Change {
    .method(className: className, isClassSide: classSide, source: source, basedOn: nil)
  }
}

/// One atomic set of changes.
public struct ChangeSet: Sendable, Codable {
  public var changes: [Change]
  /// Who asks, for the log and other editors.
  public var author: String
  public init(_ changes: [Change], author: String = "") {
    self.changes = changes
    self.author = author
  }
}
