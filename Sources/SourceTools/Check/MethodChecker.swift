// Checks the text of one method or class against a program that is loaded: what an editor shows while somebody types.

import Bytecode
import Syntax

public struct MethodChecker {
  /// What methods of a class can name.
  public struct Scope {
    public var fields: [String]
    /// Whether it answers for messages and for globals that nobody else knows.
    public var answersMessages: Bool
    public var answersGlobals: Bool
    public init(fields: [String], answersMessages: Bool = false, answersGlobals: Bool = false) {
      self.fields = fields
      self.answersMessages = answersMessages
      self.answersGlobals = answersGlobals
    }
  }

  private let selectors: Set<String>
  private let classNames: [String]
  private let isGlobal: (String) -> Bool

  /// - Parameters:
  ///   - selectors: those that some class implements.
  ///   - classNames: for "did you mean".
  ///   - isGlobal: whether a name stands for a class or another global.
  public init(selectors: Set<String>, classNames: [String], isGlobal: @escaping (String) -> Bool) {
    self.selectors = selectors.union(["run", "run:"])
    self.classNames = classNames
    self.isGlobal = isGlobal
  }

  /// The text of a method; places are in that.
  public func check(method source: SourceText, className: String, _ scope: Scope) -> [Finding] {
    do throws(SyntaxErrors) {
      let method = try Parser.parseMethod(source)
      return sorted(check(method, source, className, scope, and: [method.selector]))
    } catch { return findings(error, .syntax) }
  }

  /// The text of a class. `inherited`: what the class above gives to both sides.
  public func check(
    class source: SourceText, inherited: (_ superclass: String?) -> (instance: Scope, classSide: Scope)?
  ) -> [Finding] {
    let definition: ClassDefinition
    do throws(SyntaxErrors) { definition = try Parser.parseClass(source) } catch { return findings(error, .syntax) }
    guard var scopes = inherited(definition.superclassName) else {
      let what = "superclass \(definition.superclassName ?? "nil") is not found"
      return [Finding(.error, .unknownSuperclass, what, at: definition.superclassRange)]
    }
    scopes.instance.fields += definition.instanceFields
    scopes.classSide.fields += definition.classFields
    let own = Set((definition.instanceMethods + definition.classMethods).map(\.selector))
    var result: [Finding] = []
    for (methods, scope) in [
      (definition.instanceMethods, scopes.instance), (definition.classMethods, scopes.classSide),
    ] {
      for method in methods { result += check(method, source, definition.name, scope, and: own) }
    }
    return sorted(result)
  }

  private func check(
    _ method: MethodDefinition, _ source: SourceText, _ className: String, _ scope: Scope, and own: Set<String>
  ) -> [Finding] {
    var result: [Finding] = []
    do throws(SyntaxErrors) {
      _ = try BytecodeCompiler.compile(
        method, source: source, scope: ClassScope(className: className, instanceFields: scope.fields))
    } catch {
      result = findings(error, .compile)
      if result.contains(where: { $0.message == "too deeply nested" }) { return result }
    }
    var names = NameCheck(
      fields: Set(scope.fields), selectors: selectors.union(own), understandsAll: scope.answersMessages,
      knownNames: classNames
    ) { [isGlobal] name in
      scope.answersGlobals || ["nil", "true", "false", "system", "self", "super", className].contains(name)
        || isGlobal(name)
    }
    names.check(method)
    return result + names.findings
  }

  private func findings(_ errors: SyntaxErrors, _ code: Finding.Code) -> [Finding] {
    errors.diagnostics.map { Finding(.error, code, $0.message, at: $0.range) }
  }
  private func sorted(_ findings: [Finding]) -> [Finding] {
    findings.sorted { ($0.range.start, $0.message) < ($1.range.start, $1.message) }
  }
}
