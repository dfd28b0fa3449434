// Why a set of changes is refused, as checking it finds out.

import Syntax
import VM

/// Errors of one change, or of several places in it.
struct EditErrors: Error {
  var errors: [AcceptError]
  /// What is in the way will be gone when some activation has returned.
  var isPassing = false
  init(_ errors: [AcceptError]) { self.errors = errors }
  init(_ error: AcceptError) { errors = [error] }
  /// - Parameter name: what it is about.
  init(
    _ message: String, _ code: AcceptError.Code, _ name: String?, expected: String? = nil, change: Int = 0,
    remedy: String? = nil
  ) {
    errors = [
      AcceptError(
        change: change, message: message, expected: expected, code: code, name: name, remedy: remedy)
    ]
  }
  init(_ syntax: SyntaxErrors) {
    errors = syntax.diagnostics.map {
      AcceptError(
        change: 0, line: $0.line, column: $0.column, message: $0.message,
        expected: $0.expected.isEmpty ? nil : $0.expected, code: .syntax)
    }
  }
}

extension EditErrors {
  /// Methods that have moved on since somebody read them.
  init(stale: [Receipt.StaleEdit]) {
    self.init(
      stale.map { edit in
        AcceptError(
          change: 0,
          message: edit.found == 0
            ? "\(edit.method) was removed since, and the edit was made on v\(edit.basedOn)"
            : "\(edit.method) is v\(edit.found) by now, and the edit was made on "
              + (edit.basedOn == 0 ? "none" : "v\(edit.basedOn)"),
          code: .stale, name: "\(edit.method)", remedy: "look at the difference, and accept it again on purpose")
      })
  }

  /// Why a class could not be loaded.
  init(_ error: LoadError, _ name: String, below superName: String, change: Int) {
    let code: AcceptError.Code =
      switch error {
      case .unknownClass: .noSuchClass
      case .cyclicSuperclass: .badSuperclass
      case .syntax: .syntax
      case .unreadable: .otherFile
      case .invalid: superName == "nil" ? .badSuperclass : .badShape
      }
    self.init(error.description, code, name, change: change)
    // The errors of a text say its name and the place.
    let parts = error.description.split(separator: ": ", maxSplits: 1)
    let place = parts.first?.split(separator: ":").suffix(2).compactMap { Int($0) } ?? []
    guard code == .syntax, parts.count == 2, place.count == 2 else { return }
    (errors[0].line, errors[0].column) = (place[0], place[1])
    errors[0].message = String(parts[1])
  }

  /// Errors about a class, not about a place in its text, get one there: the superclass, the fields, the method or the name.
  func placed(in changes: [Change]) -> EditErrors {
    var result = self
    for i in result.errors.indices where result.errors[i].line == nil && changes.indices.contains(errors[i].change) {
      let error = errors[i]
      guard case .classSource(let text, _) = changes[error.change] else { continue }
      let source = SourceText(name: "class", text)
      guard let definition = try? Parser.parseClass(source), let offset = definition.place(of: error) else { continue }
      (result.errors[i].line, result.errors[i].column) = source.position(of: offset)
    }
    return result
  }
}

extension ClassDefinition {
  /// Where an error is, as an offset in the text.
  fileprivate func place(of error: AcceptError) -> Int? {
    switch error.code {
    case .needed, .otherFile: return nil
    case .badSuperclass: return superclassRange.start
    default: break
    }
    for (isClassSide, methods) in [(false, instanceMethods), (true, classMethods)] {
      for method in methods {
        let key = MethodKey(className: name, isClassSide: isClassSide, selector: method.selector)
        if error.name == "\(key)" { return method.range.start }
      }
    }
    for (fields, range) in [(instanceFields, instanceFieldsRange), (classFields, classFieldsRange)] {
      if let name = error.name, fields.contains(name), let range { return range.start }
    }
    return nameRange.start
  }
}
