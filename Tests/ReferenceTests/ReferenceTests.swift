// The reference machine on the corpus: it has to be right where the answer is written down.

import CorpusSupport
import Foundation
import Synchronization
import Testing
import VM

@testable import Reference

@Suite struct ReferenceTests {
  private static let library = ReferenceLibrary { CoreLibrary.source(of: $0) }

  /// What has no reference: memory, time, chance, identity hashes, and the wording of errors about arguments and of what
  /// refuses an edit; powers, and quotients of integers that no double can hold; and the right of programs to have classes
  /// with names of the core library's abstract ones.
  private static let excluded: Set<String> = [
    "Arrays/HugeLength", "Editing/ClassNameRefusals", "Editing/CompileWithPolicy", "Editing/RestartAtOnce",
    "Editing/EditsAcrossProcesses", "Editing/FieldNames",
    "Editing/PrimitiveMoved",
    "Editing/SubclassNames",
    "Exceptions/ErrorClasses", "Numbers/BeyondDoubles", "Numbers/LongIntegers", "Numbers/Powers", "Numbers/Random",
    "OwnNames/OwnCollection", "Reflection/SourcesAndInstances", "Sends/DeepRecursion", "Sends/ForeignArguments",
    // It has no time slices.
    "Processes/Timeouts",
    "System/GarbageCollection", "System/Sleep", "System/Time",
  ]

  @Test func corpus() {
    let programs = Corpus.programs().filter { !Self.excluded.contains($0.description) }
    let report = Corpus.failures(of: programs, atOnce: 2) { program in
      let folder = URL(fileURLWithPath: program.path).deletingLastPathComponent().path
      let outcome = try Self.run(program.name, files: Self.files(in: folder))
      let output = outcome.output + (outcome.limit.map { "(the reference stopped after \($0))\n" } ?? "")
      // It has no tracebacks, and prints fewer of the messages.
      return CorpusOutcome(
        standardOutput: output, standardError: program.expectedErrors.joined(separator: "\n"), status: outcome.status)
    }
    #expect(programs.count > 200)
    #expect(report.isEmpty, "\(report)")
  }

  /// Constructs are messages like any other, whatever sends them.
  @Test(arguments: [
    ("Block1 compile: 'value = ( ^42 )'", "(true ifTrue: [ 1 ])", "42"),
    ("Block compile: 'whileTrue: b = ( ^nil )'", "(self sum: 10)", "0"),
    ("Block compile: 'restart = ( ^5 )'", "(self sum: 10)", "1"),
    ("Block2 compile: 'value: x = ( ^nil )'", "(self sum: 10)", "0"),
    ("True compile: 'and: b = ( ^7 )'", "(true && [ 3 ])", "7"),
    ("Integer compile: '+ o = ( ^self * 3 )'", "(2 + 5)", "6"),
    ("Integer methods at: 1 put: (Integer methods at: 2)", "(5 + 3)", "2"),
    ("Probe addField: #count", "self count", "nil"),
    ("Probe removeField: #x. Probe addField: #x", "self x", "nil"),
    (
      "Probe removeField: #x", "([ self x ] on: Error do: [ :e | e messageText ])",
      "Probe>>x uses a field that was removed"
    ),
    ("self", "(-1 bitXor: 18446744073709551615)", "-18446744073709551616"),
    ("self", "(-7 & (0 - 18446744073709551614))", "-18446744073709551616"),
  ])
  func redefinition(edit: String, expression: String, expected: String) throws {
    let text = """
      Probe = (
        | x |
        x = ( ^x )
        count = ( ^count )
        unknownGlobal: n = ( ^n == #count ifTrue: [ 'unknown' ] ifFalse: [ super unknownGlobal: n ] )
        sum: n = ( | s | s := 0. 1 to: n do: [ :i | s := s + i ]. ^s )
        run = ( | r | x := 3. \(edit). r := \(expression). r println )
      )
      """
    let outcome = try Self.run("Probe", files: ["Probe": Array(text.utf8)])
    #expect(outcome.output.split(separator: "\n").first.map(String.init) == expected)
  }

  @Test func limits() throws {
    let text = "Probe = ( run = ( [ true ] whileTrue: [ ] ) )"
    #expect(try Self.run("Probe", files: ["Probe": Array(text.utf8)], steps: 1000).limit == "1000 sends")
  }

  private static func files(in folder: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasSuffix(".som") {
      files[String(name.dropLast(4))] = FileManager.default.contents(atPath: "\(folder)/\(name)").map { [UInt8]($0) }
    }
    return files
  }

  private static func run(_ name: String, files: [String: [UInt8]], steps: Int = 5_000_000) throws -> ReferenceOutcome {
    let result = Mutex<ReferenceOutcome?>(nil)
    let done = DispatchSemaphore(value: 0)
    let thread = Foundation.Thread {
      let outcome = ReferenceMachine(files: files, library: library, steps: steps).run(name)
      result.withLock { $0 = outcome }
      done.signal()
    }
    thread.stackSize = 1 << 30
    thread.start()
    done.wait()
    return try #require(result.withLock { $0 })
  }
}
