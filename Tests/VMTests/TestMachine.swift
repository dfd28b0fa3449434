// A virtual machine for tests: boots the bundled core library, defines classes from texts, captures output.

import Bytecode
import Foundation
import Syntax

@testable import VM

final class TestMachine {
  let universe: Universe
  private let captured = Captured()

  final class Captured {
    var out: [UInt8] = []
    var error: [UInt8] = []
  }

  var out: String { String(decoding: captured.out, as: UTF8.self) }
  var error: String { String(decoding: captured.error, as: UTF8.self) }

  init(_ classes: [String] = [], options: VMOptions = VMOptions()) throws {
    let captured = captured
    universe = Universe(
      options: options,
      output: Output(
        out: { captured.out.append(contentsOf: $0) }, error: { captured.error.append(contentsOf: $0) }))
    universe.registerPrimitives()
    universe.compileMethods()
    try universe.boot()
    for text in classes { try define(text) }
  }

  func define(_ text: String) throws {
    let source = SourceText(name: "test.som", text)
    try universe.define(ClassSource(definition: try Parser.parseClass(source), source: source, path: nil))
  }

  /// The printed value of an expression, or "exit n".
  func eval(_ text: String) throws -> String {
    let outcome = try universe.evaluate(SourceText(name: "test", text))
    switch outcome {
    case .exit(let status): return "exit \(status)"
    case .value(let value):
      guard case .value(let printed) = universe.perform(value, "asString") else { return "exit in asString" }
      return universe.string(printed) ?? "?"
    }
  }

  func install(_ text: String, in className: String) throws {
    guard let info = universe.classes.named(className) else { throw LoadError.unknownClass(className) }
    try universe.compile(text, in: info)
  }

  /// Runs `body` with a fresh machine on a VM thread.
  static func run<T>(
    _ classes: [String] = [], options: VMOptions = VMOptions(), _ body: @escaping (TestMachine) throws -> T
  ) throws -> T {
    try LargeStack.run { Result { try body(try TestMachine(classes, options: options)) } }.get()
  }
}

extension Universe {
  @discardableResult
  fileprivate func compile(_ text: String, in info: ClassInfo) throws -> Method? {
    let source = SourceText(name: "edit", text)
    let definition = try Parser.parseMethod(source)
    let scope = ClassScope(className: info.name, instanceFields: info.bodyNames)
    let compiled = definition.isPrimitive ? nil : try CompiledText(definition, source: source, scope: scope)
    let effects = methodBuilder.install(
      try methodBuilder.prepare(definition, compiled, source: source, in: info.index, frame: bottomFrame))
    return effects.methods.first?.new.map { methods[$0].method }
  }

  /// Lets programs send `compile:`, which is the runtime's to carry out, as all other messages that change a program.
  func compileMethods() {
    hooks.edit = { [unowned self] change, _, _ in
      guard case .method(let className, let isClassSide, let text, _) = change,
        let info = classes.named(MethodKey.holderName(className, isClassSide))
      else { return .failure(.other("only methods can be compiled here")) }
      do {
        return .success(try compile(text, in: info).map(methodObject) ?? .nil)
      } catch {
        return .failure(.compileError("\(error)"))
      }
    }
  }
}
