// `ovid disassemble`: one method at every stage.

import ArgumentParser
import Foundation
import Ovid

struct DisassembleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "disassemble",
    abstract: "Shows a method as source, bytecode, IR and machine code, and how long compiling it took.",
    discussion: """
      What the compiler makes of a method depends on what it has seen: with --after, a program runs first, and its \
      profile is used. Without, sends have no profile and are compiled as plain calls.
      For example: ovid disassemble --after Benchmarks/Fibonacci.som 'Fibonacci>>fib:'
      """)

  @Argument(help: "Class>>selector, or Class class>>selector.") var method: String
  @Option(name: [.customLong("cp", withSingleDash: true), .long], help: "Folders to search for classes.")
  var classpath: String = "."
  @Option(help: "A program to run before, so that there is a profile.") var after: String?
  @Option(help: "Only these stages: source, bytecode, ir, assembly, times (comma between).") var only: String?

  func run() throws {
    guard let key = MethodKey(method) else {
      throw ValidationError("\(method): expected Class>>selector, for example 'Vector>>append:'")
    }
    let stages = only?.split(separator: ",").map(String.init) ?? Self.stages
    if let unknown = stages.first(where: { !Self.stages.contains($0) }) {
      throw ValidationError("\(unknown): the stages are \(Self.stages.joined(separator: ", "))")
    }
    try reporting {
      var path = classpath.split(separator: ":").map(String.init)
      let program = after.map(ProgramName.init)
      if let program { path = program.searchPath(path) }
      let capture = OutputCapture()
      let vm = try VirtualMachine(classPath: path, capabilities: .all, output: .captured(by: capture))
      if let program { _ = try vm.run(program.className) }
      try vm.load(key.className)
      show(try vm.disassemble(key), stages)
    }
  }

  private static let stages = ["source", "bytecode", "ir", "assembly", "times"]

  private func show(_ d: Disassembly, _ stages: [String]) {
    for (name, text) in zip(Self.stages, [d.source, d.bytecode, d.ir, d.assembly, d.times]) where stages.contains(name)
    {
      guard let text else { continue }
      print("== \(d.method): \(name)\n\(text)\(text.hasSuffix("\n") ? "" : "\n")")
    }
    if let note = d.note { print(note) }
  }
}

extension MethodKey {
  /// From `Class>>selector` or `Class class>>selector`.
  init?(_ text: String) {
    guard let arrow = text.range(of: ">>") else { return nil }
    var name = String(text[..<arrow.lowerBound])
    let isClassSide = name.hasSuffix(" class")
    if isClassSide { name.removeLast(" class".count) }
    let selector = String(text[arrow.upperBound...])
    guard !name.isEmpty, !selector.isEmpty else { return nil }
    self.init(className: name, isClassSide: isClassSide, selector: selector)
  }
}

/// Runs a command's work; an error becomes one sentence on standard error and status 1.
func reporting(_ body: () throws -> Void) throws {
  do { try body() } catch let error as ExitCode { throw error } catch let error as ValidationError {
    throw error
  } catch {
    complain("\(error)")
    throw ExitCode(ExitStatus.failure)
  }
}
