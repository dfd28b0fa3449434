// Changing the methods of classes while the program runs: what an accept is made of. On the VM thread, at a safepoint.
//
// What can fail comes first: a method is prepared, with everything that it needs, before anybody can find it. To install
// what is prepared cannot fail, so several methods are installed as a whole or not at all.

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

extension Universe {
  /// Makes a method for class `classIndex`. `text` is its bytecode (nil for a primitive), which may know the class as the
  /// changes of shape make it that are installed together with the method. `primitive`: see `MethodInfo.primitive`. At a
  /// safepoint; may move objects.
  public func prepare(
    _ definition: MethodDefinition, _ text: CompiledText?, source: SourceText, in classIndex: Int,
    primitive: String? = nil, frame: Words
  ) throws(InstallError) -> PreparedMethod {
    let holder = classes[classIndex]
    if let text, !hasRoom(forLiteralsOf: text.chunk, frame) {
      throw .compile(
        "there is no memory for the literals of \(holder.name)>>\(definition.selector): the heap is limited to "
          + "\(heap.limit >> 20) MB (--heap-limit)")
    }
    let info = makeMethod(definition, source, holder, primitive: primitive)
    if let text {
      info.scope = text.scope
      link(info, text.chunk)
      mark(info, isAhead: true)
    }
    return PreparedMethod(info: info)
  }

  /// Takes back what was prepared.
  public func discard(_ prepared: [PreparedMethod]) {
    methods.remove(prepared.flatMap { withBlocks($0.info) }, poisoning: heap.gcEvery > 0)
  }

  /// Adds or replaces a method in its class.
  public func install(_ prepared: PreparedMethod) -> Effects {
    var effects = Effects()
    mark(prepared.info, isAhead: false)
    add(prepared.info, to: classes[prepared.info.holderIndex], &effects)
    return effects
  }

  private func mark(_ info: MethodInfo, isAhead: Bool) {
    for info in withBlocks(info) { info.isAhead = isAhead }
  }

  private func withBlocks(_ info: MethodInfo) -> [MethodInfo] {
    [info] + info.blocks.flatMap { withBlocks(methods[$0]) }
  }

  /// Removes a method, if the class itself has one for the selector.
  public func remove(_ selector: Int, from classIndex: Int) -> Effects {
    var effects = Effects()
    let holder = classes[classIndex]
    guard let old = holder.methods[selector] else { return effects }
    let watch = AssumptionWatch(self, selector, holder)
    lock.withLock {
      replace(methods[old], in: holder)
      holder.methods[selector] = nil
      holder.selectors.removeAll { $0 == selector }
    }
    changed(holder, selector, old, nil, watch, &effects)
    return effects
  }

  /// What the file of a class says now, as far as this machine has seen it. Any thread.
  public func noteFile(_ file: ClassSource) {
    lock.withLock {
      guard let info = classes.named(file.definition.name) else { return }
      for info in [info, classes[info.metaIndex]] {
        info.path = info.path ?? file.path
        info.source = file.source
        info.definition = file.definition
      }
    }
  }
}
