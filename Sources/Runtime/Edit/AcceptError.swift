// Why an accept changed nothing (docs/live-editing.md, row 14): a value that a program can act on, and a person can read.

/// One reason, and its place.
public struct AcceptError: Error, Hashable, Sendable, Codable, CustomStringConvertible {
  /// What kind of reason it is, for programs.
  public enum Code: String, Sendable, Codable, CaseIterable {
    /// The text is not SOM, or uses a name that means nothing there.
    case syntax
    /// It cannot be the name of a field or class.
    case badName
    /// What the change is for is not there.
    case noSuchClass, noSuchMethod, noSuchField, noSuchPrimitive
    /// There is one of that name already.
    case exists
    /// It cannot be the superclass, or there is none.
    case badSuperclass
    /// The class cannot have these fields.
    case badShape
    /// It belongs to the core library or the machine.
    case builtIn
    /// Other code or another class needs what would go.
    case needed
    /// Activations or blocks that are alive are in the way.
    case inUse
    /// The changes of the set contradict each other.
    case contradiction
    /// The program has the class from elsewhere.
    case otherFile
    /// Instances of another shape would need more memory than there is.
    case noMemory
    /// What the history is asked for is not there any more, or never was.
    case notKept
    /// What is to be taken back was changed again.
    case changedSince
    /// It was made on a version that is not the current one any more.
    case stale
    /// It is so already.
    case nothingToDo
    /// Other code needs it.
    case cannotBeRemoved
    /// An activation cannot start again, or go on in the new code.
    case cannotFollowPolicy
    /// It was asked for on the machine's own thread.
    case fromWithin
    /// Any other.
    case other
  }

  /// Which of the changes, from 0.
  public var change: Int
  /// In the text of that change, from 1; nil if the error is not about a place in the text.
  public var line: Int?
  /// In the line, from 1; nil: of no place.
  public var column: Int?
  /// A sentence.
  public var message: String
  /// What was expected there, if the error is about syntax.
  public var expected: String?
  /// What kind it is.
  public var code: Code
  /// What it is about: a class, a method ("Class>>selector"), a field.
  public var name: String?
  /// What can be done, if something can.
  public var remedy: String?

  /// Without a place if none is given.
  public init(
    change: Int, line: Int? = nil, column: Int? = nil, message: String, expected: String? = nil, code: Code = .other,
    name: String? = nil, remedy: String? = nil
  ) {
    self.change = change
    self.line = line
    self.column = column
    self.message = message
    self.expected = expected
    self.code = code
    self.name = name
    self.remedy = remedy
  }

  public var description: String {
    let place = line.map { "\($0):\(column ?? 1): " } ?? ""
    return place + message + (expected.map { message.contains($0) ? "" : ", expected \($0)" } ?? "")
      + (remedy.map { message.contains($0) ? "" : "; \($0)" } ?? "")
  }

  /// Without what can be done: what a program is told of its own edits.
  var reason: String {
    var error = self
    error.remedy = nil
    return error.description
  }
}
