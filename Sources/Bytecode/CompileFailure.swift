// What the bytecode compiler is told about the class, and how it fails.

import Syntax

/// The class that a method is compiled for.
public struct ClassScope: Sendable {
  public let className: String
  /// All fields of an instance in order, inherited ones first. A later field hides an earlier one of its
  /// name.
  public let instanceFields: [String]
  public init(className: String, instanceFields: [String]) {
    self.className = className
    self.instanceFields = instanceFields
  }
}

/// Thrown inside the compiler; becomes a `Diagnostic`.
struct CompileFailure: Error {
  let message: String
  let range: SourceRange
}
