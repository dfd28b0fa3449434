// What the bytecode compiler is told about the class, and how it fails.

import Syntax

/// The class that a method is compiled for.
public struct ClassScope: Sendable {
  public let className: String
  /// All fields of an instance in order, inherited ones first. A later field hides an earlier one of its
  /// name.
  public let instanceFields: [String]
  /// Names of fields that there were when the method was written and that are gone: to touch one is an error when it
  /// happens, whatever else has that name by now.
  public let removedFields: [String]
  /// True for inputs outside of any method: `self` is nil, there is no `super`, and the fields are the variables
  /// that the inputs share.
  public let isWorkspace: Bool
  public init(
    className: String, instanceFields: [String], removedFields: [String] = [], isWorkspace: Bool = false
  ) {
    self.className = className
    self.instanceFields = instanceFields
    self.removedFields = removedFields
    self.isWorkspace = isWorkspace
  }

  /// The place of every removed field, in an instruction.
  public static let removedField = Int(UInt16.max)
}

/// Thrown inside the compiler; becomes a `Diagnostic`.
struct BytecodeFailure: Error {
  let message: String
  let range: SourceRange
}
