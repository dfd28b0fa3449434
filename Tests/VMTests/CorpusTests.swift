// The corpus in the interpreter alone.

import CorpusSupport
import Foundation
import Testing

@testable import VM

/// Runs a program in a virtual machine of its own, without a compiler.
func interpret(_ program: CorpusProgram, classPath: [String] = [], _ options: VMOptions = VMOptions()) throws
  -> CorpusOutcome
{
  let folder = URL(fileURLWithPath: program.path).deletingLastPathComponent().path
  var options = options
  // Whose turn it is must not depend on how long something takes.
  if program.group == "Processes" { options.timeSlice = 0 }
  return try interpret(program.name, classPath: [folder] + classPath, options)
}

func interpret(
  _ name: String, classPath: [String], _ options: VMOptions = VMOptions(), arguments: [String] = []
) throws -> CorpusOutcome {
  final class Collected: @unchecked Sendable {
    var out: [UInt8] = []
    var error: [UInt8] = []
  }
  let collected = Collected()
  var options = options
  options.classPath = classPath
  let universe = Universe(
    options: options,
    output: Output(
      out: { collected.out.append(contentsOf: $0) }, error: { collected.error.append(contentsOf: $0) }))
  let status = try LargeStack.run { () -> Result<Int, LoadError> in
    universe.registerPrimitives()
    universe.compileMethods()
    do throws(LoadError) { try universe.boot() } catch { return .failure(error) }
    let status = universe.run(name, arguments: [name] + arguments)
    universe.output.flush()
    return .success(status)
  }.get()
  return CorpusOutcome(
    standardOutput: String(decoding: collected.out, as: UTF8.self),
    standardError: String(decoding: collected.error, as: UTF8.self), status: status)
}

@Suite(.serialized) struct CorpusTests {
  static let groups = [
    "Arrays", "Basics", "Blocks", "Collections", "Control", "Editing", "Errors", "Exceptions",
    "Numbers", "OwnNames", "Printing", "Processes", "Reflection", "Sends", "Strings", "System",
  ]
  /// Programs that need the runtime.
  static let needsRuntime: Set = [
    "AddField", "ClassNameRefusals", "CompileWithPolicy", "DoublePoints", "EditsAcrossProcesses", "FieldComesBack",
    "FieldNames", "GlobalBecomesField", "NewAfterReshape", "OwnExceptions", "PrimitiveMoved", "RemoveClass",
    "RemoveMethod",
    "RemovedFieldCompiled", "RemovedFieldTwin", "RenameClass", "RenameToOwnName", "ReplacedByOther", "RestartAtOnce",
    "RestartRenamed", "ShiftedField", "Subclass", "SubclassNames", "VirtualMigrates",
  ]

  static func programs(_ group: String) -> [CorpusProgram] {
    Corpus.programs().filter { $0.group == group && !needsRuntime.contains($0.name) }
  }

  @Test func everyGroupRuns() {
    #expect(Set(Corpus.programs().map(\.group)) == Set(CorpusTests.groups))
    #expect(Corpus.programs().count >= 120)
  }

  @Test(arguments: groups) func interpreted(group: String) {
    let report = Corpus.failures(of: CorpusTests.programs(group)) { try interpret($0) }
    #expect(report.isEmpty, "\(report)")
  }

  /// Every allocation moves everything.
  @Test(arguments: groups) func underGCStress(group: String) {
    var options = VMOptions()
    options.gcEvery = 1
    // Those allocate too much for a collection each.
    let slow: Set = [
      "ManyObjects", "GarbageCollection", "StackOverflow", "StackOverflows", "StackOverflowCaught",
      "StackOverflowInBlocks", "DeepRecursion", "Building", "Hashtables", "ErrorClasses", "ForeignArguments",
    ]
    let programs = CorpusTests.programs(group).filter { !slow.contains($0.name) }
    let report = Corpus.failures(of: programs) { try interpret($0, classPath: [], options) }
    #expect(report.isEmpty, "\(report)")
  }
}
