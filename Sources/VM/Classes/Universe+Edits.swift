// Changing the program while it runs: what an accept is made of. On the VM thread, at a safepoint.

import Bytecode
import Syntax

/// Why a method could not be installed; nothing was changed.
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

extension Universe {
  /// Compiles a method for class `classIndex` without installing it. `primitive`: see `MethodInfo.primitive`.
  public func prepare(
    _ definition: MethodDefinition, source: SourceText, in classIndex: Int, primitive: String? = nil
  ) throws(InstallError) -> MethodInfo {
    let info = makeMethod(definition, source, classes[classIndex], primitive: primitive)
    if info.method.kind == .lazy {
      do { try compileAndLink(info) } catch { throw .syntax(error) }
    }
    return info
  }

  /// Adds or replaces a prepared method.
  @discardableResult
  public func install(_ info: MethodInfo) -> MethodChange { add(info, to: classes[info.holderIndex]) }

  /// Compiles and installs; all or nothing.
  @discardableResult
  public func install(
    _ definition: MethodDefinition, source: SourceText, in classIndex: Int, primitive: String? = nil
  ) throws(InstallError) -> MethodChange {
    install(try prepare(definition, source: source, in: classIndex, primitive: primitive))
  }

  /// Parses, compiles and installs the text of one method.
  @discardableResult
  public func install(_ text: SourceText, in classIndex: Int) throws(InstallError) -> MethodChange {
    let definition: MethodDefinition
    do { definition = try Parser.parseMethod(text) } catch { throw .syntax(error) }
    return try install(definition, source: text, in: classIndex)
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

  /// Removes a method; nil if the class itself has none for the selector.
  @discardableResult
  public func remove(_ selector: Int, from classIndex: Int) -> MethodChange? {
    let holder = classes[classIndex]
    guard let old = holder.methods[selector] else { return nil }
    let watch = AssumptionWatch(self, selector, holder)
    lock.withLock {
      replace(methods[old], in: holder)
      holder.methods[selector] = nil
      holder.selectors.removeAll { $0 == selector }
    }
    return changed(holder, selector, old, nil, watch)
  }
}
