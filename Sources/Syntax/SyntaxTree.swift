// The syntax tree. Every node has its source range; nodes that something else is said about (sends, variable
// references, blocks, declarations, returns) have an id, unique in their method and determined by the
// method's text alone, so that two compilations of the same text agree on them.

public typealias NodeID = UInt32

/// A temporary, an argument, or a block argument.
public struct VariableDeclaration: Sendable {
  public let id: NodeID
  public let name: String
  public let range: SourceRange
}

public enum LiteralValue: Sendable, Equatable {
  /// Fits 63 bits.
  case integer(Int)
  /// Decimal digits, with a leading `-` if negative, without leading zeros.
  case bigInteger(String)
  case double(Double)
  case string(String)
  case symbol(String)
  case array([LiteralValue])
}

public indirect enum Expression: Sendable {
  case literal(LiteralValue, SourceRange)
  case variable(VariableReference)
  case assignment(Assignment)
  case send(Send)
  case cascade(Cascade)
  case block(BlockLiteral)

  public var range: SourceRange {
    switch self {
    case .literal(_, let range): range
    case .variable(let node): node.range
    case .assignment(let node): node.range
    case .send(let node): node.range
    case .cascade(let node): node.range
    case .block(let node): node.range
    }
  }
}

/// A name in operand position: a variable, a field, a global, `self` or `super`.
public final class VariableReference: Sendable {
  public let id: NodeID
  public let name: String
  public let range: SourceRange
  init(id: NodeID, name: String, range: SourceRange) {
    self.id = id
    self.name = name
    self.range = range
  }
}

/// `target := value`; `a := b := c` nests to the right.
public final class Assignment: Sendable {
  public let id: NodeID
  public let target: VariableReference
  public let value: Expression
  public let range: SourceRange
  init(id: NodeID, target: VariableReference, value: Expression, range: SourceRange) {
    self.id = id
    self.target = target
    self.value = value
    self.range = range
  }
}

/// Selector and arguments, without a receiver.
public struct Message: Sendable {
  public let id: NodeID
  public let selector: String
  public let arguments: [Expression]
  /// Where the (first part of the) selector stands.
  public let selectorRange: SourceRange
  public let range: SourceRange
}

public final class Send: Sendable {
  public let receiver: Expression
  public let message: Message
  public let range: SourceRange
  public var id: NodeID { message.id }
  public var selector: String { message.selector }
  public var arguments: [Expression] { message.arguments }
  init(receiver: Expression, message: Message, range: SourceRange) {
    self.receiver = receiver
    self.message = message
    self.range = range
  }
}

/// `receiver m1; m2; m3`: the value is that of the last message.
public final class Cascade: Sendable {
  public let id: NodeID
  public let receiver: Expression
  /// At least two.
  public let messages: [Message]
  public let range: SourceRange
  init(id: NodeID, receiver: Expression, messages: [Message], range: SourceRange) {
    self.id = id
    self.receiver = receiver
    self.messages = messages
    self.range = range
  }
}

public final class BlockLiteral: Sendable {
  public let id: NodeID
  public let arguments: [VariableDeclaration]
  public let body: Body
  public let range: SourceRange
  init(id: NodeID, arguments: [VariableDeclaration], body: Body, range: SourceRange) {
    self.id = id
    self.arguments = arguments
    self.body = body
    self.range = range
  }
}

/// Temporaries and statements of a method or a block.
public struct Body: Sendable {
  public let temporaries: [VariableDeclaration]
  public let statements: [Statement]
  public init(temporaries: [VariableDeclaration], statements: [Statement]) {
    self.temporaries = temporaries
    self.statements = statements
  }
}

public enum Statement: Sendable {
  case expression(Expression)
  /// `^ value`
  case returning(Expression, id: NodeID, SourceRange)

  public var range: SourceRange {
    switch self {
    case .expression(let value): value.range
    case .returning(_, _, let range): range
    }
  }
}

public struct MethodDefinition: Sendable {
  public let selector: String
  public let arguments: [VariableDeclaration]
  public let isPrimitive: Bool
  /// Empty for a primitive.
  public let body: Body
  /// From the pattern to the closing parenthesis or `primitive`.
  public let range: SourceRange
  /// The pattern alone.
  public let patternRange: SourceRange
  /// One more than the largest node id in the method.
  public let nodeCount: Int

  public var argumentNames: [String] { arguments.map(\.name) }

  /// The method's text, as it stands in the file.
  public func text(in source: SourceText) -> String { source[range] }
}

public struct ClassDefinition: Sendable {
  public let name: String
  public let nameRange: SourceRange
  /// "nil" for a root; "Object" if the file names none.
  public let superclassName: String?
  /// Its name; without one, the empty range where it can be inserted.
  public let superclassRange: SourceRange
  public let instanceFields: [String]
  public let classFields: [String]
  public let instanceMethods: [MethodDefinition]
  public let classMethods: [MethodDefinition]
  /// From the name to the closing parenthesis.
  public let range: SourceRange
  /// `| a b |` with its bars, if it is there.
  public let instanceFieldsRange: SourceRange?
  public let classFieldsRange: SourceRange?
  /// Where a first field list can be inserted: just after the opening parenthesis or the separator.
  public let instanceBodyStart: Int
  public let classBodyStart: Int?
  /// Where a new method's text can be inserted: after the last method or field list of that side.
  public let instanceAppendOffset: Int
  /// nil if the file has no class side; then a separator must be inserted at `instanceAppendOffset` first.
  public let classAppendOffset: Int?
  /// The `----` line's dashes.
  public let separatorRange: SourceRange?
}
