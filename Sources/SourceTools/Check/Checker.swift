// Checks one file against the classes around it.

import Bytecode
import Syntax

public struct Checker {
  let known: KnownClasses

  public init(known: KnownClasses) { self.known = known }

  /// Everything found in a text, in order of position. `source.name` is its path.
  public func check(_ source: SourceText) -> [Finding] {
    let definition: ClassDefinition
    do throws(SyntaxErrors) { definition = try Parser.parseClass(source) } catch {
      return error.diagnostics.map { Finding(.error, .syntax, $0.message, at: $0.range) }
    }
    var findings: [Finding] = []
    let folder = KnownClasses.folder(of: source.name)
    let superclasses = known.superclasses(of: definition, from: folder)
    checkHeader(definition, source, folder, superclasses, &findings)

    let instanceFields = superclasses.reversed().flatMap(\.instanceFields) + definition.instanceFields
    let classFields = superclasses.reversed().flatMap(\.classFields) + definition.classFields
    // The class side inherits from Class in the end.
    let classOfClasses = known.find("Class", from: folder)
    let metaclassFields =
      (classOfClasses.map { known.superclasses(of: $0, from: folder).reversed().flatMap(\.instanceFields) } ?? [])
      + (classOfClasses?.instanceFields ?? []) + classFields
    for (isClassSide, fields) in [(false, instanceFields), (true, metaclassFields)] {
      checkSide(definition, isClassSide: isClassSide, fields, superclasses, source, folder, &findings)
    }
    checkFields(definition, source, &findings)
    return findings.sorted { ($0.range.start, $0.message) < ($1.range.start, $1.message) }
  }

  private func checkHeader(
    _ definition: ClassDefinition, _ source: SourceText, _ folder: String, _ superclasses: [ClassDefinition],
    _ findings: inout [Finding]
  ) {
    let file = source.name.split(separator: "/").last.map(String.init) ?? source.name
    if file.hasSuffix(".som"), file != "\(definition.name).som" {
      findings.append(
        Finding(
          .warning, .className, "class \(definition.name) is found only in a file \(definition.name).som",
          at: definition.nameRange))
    }
    if let name = definition.superclassName, name != "nil", superclasses.isEmpty {
      let what =
        name == definition.name
        ? "\(name) cannot be its own superclass" : "superclass \(name) is not found, or has errors"
      findings.append(Finding(.error, .unknownSuperclass, what, at: definition.nameRange))
    }
  }

  private func checkSide(
    _ definition: ClassDefinition, isClassSide: Bool, _ fields: [String], _ superclasses: [ClassDefinition],
    _ source: SourceText, _ folder: String, _ findings: inout [Finding]
  ) {
    let side: Protocols.Side = { isClassSide ? $0.classMethods : $0.instanceMethods }
    let protocols = Protocols(definition, isClassSide: isClassSide, superclasses, in: folder, known)
    // A class that answers for unknown globals knows them.
    let answersGlobals = ([definition] + superclasses).contains {
      $0.name != "Object" && ($0.instanceMethods + $0.classMethods).contains { $0.selector == "unknownGlobal:" }
    }
    // One that answers for unknown messages understands what is sent to self.
    let answersMessages = ([definition] + superclasses).contains {
      $0.name != "Object" && side($0).contains { $0.selector == "doesNotUnderstand:arguments:" }
    }
    for method in side(definition) {
      let scope = ClassScope(className: definition.name, instanceFields: fields)
      do throws(SyntaxErrors) {
        _ = try BytecodeCompiler.compile(method, source: source, scope: scope)
      } catch {
        findings += error.diagnostics.map { Finding(.error, .compile, $0.message, at: $0.range) }
        // Names in what cannot be compiled are still checked; what is too deep for the compiler is too deep here.
        if error.diagnostics.contains(where: { $0.message == "too deeply nested" }) { continue }
      }
      var names = NameCheck(
        fields: Set(fields), selectors: known.selectors, understandsAll: answersMessages,
        protocols: protocols, knownNames: known.classNames
      ) { name in
        answersGlobals || known.globals.contains(name) || name == definition.name
          || known.find(name, from: folder) != nil
      }
      names.check(method)
      findings += names.findings
    }
  }

  /// A field counts as used if a method of the class, or of a subclass that is known, names it; or if the class has a
  /// primitive, which may use it.
  private func checkFields(
    _ definition: ClassDefinition, _ source: SourceText, _ findings: inout [Finding]
  ) {
    let subclasses = known.allSubclasses(of: definition.name)
    func report(_ fields: [String], _ range: SourceRange?, _ methods: (ClassDefinition) -> [MethodDefinition]) {
      guard let range, !fields.isEmpty, !methods(definition).contains(where: \.isPrimitive) else { return }
      var unused = Set(fields)
      for one in [definition] + subclasses {
        for method in methods(one) where !unused.isEmpty {
          var names = NameCheck(fields: unused) { _ in true }
          names.check(method)
          unused.subtract(names.usedFields)
        }
      }
      for name in unused.sorted() {
        findings.append(
          Finding(.warning, .unusedField, "field \(name) is never used", at: source.rangeOfWord(name, in: range)))
      }
    }
    report(definition.instanceFields, definition.instanceFieldsRange, \.instanceMethods)
    report(definition.classFields, definition.classFieldsRange, \.classMethods)
  }
}

extension SourceText {
  /// Where a name stands in a field list; comments in it are skipped.
  func rangeOfWord(_ word: String, in range: SourceRange) -> SourceRange {
    let wanted = Array(word.utf8)
    var offset = range.start
    while offset < range.end {
      if bytes[offset] == 0x22 {
        repeat { offset += 1 } while offset < range.end && bytes[offset] != 0x22
        offset += 1
        continue
      }
      let start = offset
      while offset < range.end, ![0x20, 0x09, 0x0A, 0x0C, 0x0D, 0x7C, 0x22].contains(bytes[offset]) { offset += 1 }
      if Array(bytes[start..<offset]) == wanted { return SourceRange(start, offset) }
      if offset == start { offset += 1 }
    }
    return range
  }
}
