// A method on its way into its class.

import Bytecode
import Syntax

/// Why a method could not be made; nothing was changed.
public enum InstallError: Error, Sendable, CustomStringConvertible {
  case syntax(SyntaxErrors)
  case compile(String)
  public var description: String {
    switch self {
    case .syntax(let errors): return errors.description
    case .compile(let text): return text
    }
  }
}

/// A method that nobody finds yet.
public struct PreparedMethod {
  let info: MethodInfo
}

/// The text of a method, compiled, with what its names mean there.
public struct CompiledText: Sendable {
  public let chunk: BytecodeChunk
  let scope: ClassScope

  /// Throws what is wrong with the text of a method of a class whose names mean this.
  public init(_ definition: MethodDefinition, source: SourceText, scope: ClassScope) throws(SyntaxErrors) {
    chunk = try BytecodeCompiler.compile(definition, source: source, scope: scope)
    self.scope = scope
  }

  func names(theSameAs other: ClassScope) -> Bool {
    scope.instanceFields == other.instanceFields && scope.removedFields == other.removedFields
  }
}
