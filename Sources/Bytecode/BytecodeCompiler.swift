// Syntax tree → bytecode: the public entry, and what the chunks of one method share.

import Syntax

public enum BytecodeCompiler {
  /// Compiles a method for a class. The ranges in the result are those of the tree, that is, offsets in
  /// `source`. A primitive compiles to a chunk that answers self; its instructions are not meant to run.
  public static func compile(
    _ method: MethodDefinition, source: SourceText, scope: ClassScope, variant: BytecodeVariant = .inlined
  ) throws(SyntaxErrors) -> BytecodeChunk {
    let stackBase = NativeStack.position()
    let failures: [BytecodeFailure]
    do throws(BytecodeFailure) {
      let analysis = try ScopeAnalysis(method, scope, stackBase: stackBase)
      if analysis.failures.isEmpty {
        let context = MethodContext(
          analysis: analysis, variant: variant, method: method, stackBase: stackBase)
        return try ChunkCompiler(context, root: 0, kind: variant == .inlined ? .inlined : .kept)
          .compileMethod()
      }
      failures = analysis.failures
    } catch {
      failures = [error]
    }
    throw SyntaxErrors(failures, in: source)
  }

  /// The names that a method assigns although nothing declares them, in order.
  public static func undeclaredVariables(_ method: MethodDefinition, scope: ClassScope) -> [String] {
    let analysis = try? ScopeAnalysis(method, scope, stackBase: NativeStack.position())
    return analysis?.undeclared ?? []
  }
}

extension SyntaxErrors {
  init(_ failures: [BytecodeFailure], in source: SourceText) {
    self.init(failures.map { Diagnostic(in: source, at: $0.range, message: $0.message) })
  }
}

/// Shared by the compilers of a method's chunks.
final class MethodContext {
  let analysis: ScopeAnalysis
  let variant: BytecodeVariant
  let method: MethodDefinition
  let stackBase: UInt
  /// Blocks that are real in both variants, compiled once, by node id.
  var compiledBlocks: [NodeID: BytecodeChunk] = [:]

  init(analysis: ScopeAnalysis, variant: BytecodeVariant, method: MethodDefinition, stackBase: UInt) {
    self.analysis = analysis
    self.variant = variant
    self.method = method
    self.stackBase = stackBase
  }
}

/// How a chunk treats control structures and operators.
enum ChunkKind {
  /// They are instructions.
  case inlined
  /// They are sends; inlined bodies follow each, for activations that were inside one.
  case kept
  /// They are sends: a block that exists in generic variants only.
  case genericOnly
}
