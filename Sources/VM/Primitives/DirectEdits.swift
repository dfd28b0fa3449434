// What a bare virtual machine, without the runtime's accepts, does for `Foo compile: …` and its relatives.

import Syntax

extension Universe {
  func applyDirectly(_ edit: ProgramEdit) -> Result<Value, VMError> {
    switch edit {
    case .compile(let classIndex, let source):
      return install(source, in: classIndex)
    case .remove(let classIndex, let selector):
      guard remove(symbols.intern(selector), from: classIndex) != nil else {
        return .failure(.other("Class \(classes[classIndex].name) has no method \(selector)"))
      }
      return .success(classes.object(classIndex))
    case .replace(let classIndex, let selector, let id):
      let replacement = methods[id]
      if let primitive = replacement.primitive {
        return install(primitive: primitive, as: selector, in: classIndex).map { _ in classes.object(classIndex) }
      }
      guard let text = replacement.text(renamedTo: selector) else {
        return .failure(.wrongArgument("\(replacement.name) cannot take the place of \(selector)"))
      }
      return install(text, in: classIndex).map { _ in classes.object(classIndex) }
    case .subclass(let superIndex, let name):
      if let obstacle = obstacle(toCreatingClass: name) { return .failure(.other(obstacle)) }
      let source = "\(name) = \(classes[superIndex].name) ( )"
      do {
        return .success(classes.object(try define(loader.parse(SourceText(name: name, source), path: nil)).index))
      } catch {
        return .failure(.load(error))
      }
    case .addField(let classIndex, _), .removeField(let classIndex, _):
      return .failure(.other("The shape of \(classes[classIndex].name) cannot change without the runtime"))
    }
  }

  private func install(
    primitive: String, as selector: String, in classIndex: Int
  ) -> Result<Value, VMError> {
    if let obstacle = obstacle(toInstalling: primitive, as: selector, in: classIndex) {
      return .failure(.wrongArgument(obstacle))
    }
    do {
      let source = SourceText(name: classes[classIndex].name, MethodInfo.primitiveText(selector))
      let definition = try Parser.parseMethod(source)
      let change = try install(definition, source: source, in: classIndex, primitive: primitive)
      return .success(change.new.map { methodObject(methods[$0].method) } ?? .nil)
    } catch {
      return .failure(.compileError("\(error)"))
    }
  }

  private func install(_ text: String, in classIndex: Int) -> Result<Value, VMError> {
    do {
      let name = "\(classes[classIndex].name) compile:"
      let change = try install(SourceText(name: name, text), in: classIndex)
      return .success(change.new.map { methodObject(methods[$0].method) } ?? .nil)
    } catch {
      return .failure(.compileError(error.description))
    }
  }
}

extension MethodInfo {
  /// The source text of the method as another selector's, or nil if it has none or takes other arguments.
  public func text(renamedTo selector: String) -> String? {
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
