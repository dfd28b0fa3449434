// The generator of programs, the comparison with the reference, and the reducer.

import Foundation
import Syntax
import Testing

@testable import Laboratory

@Suite struct FuzzTests {
  @Test func theSameSeedIsTheSameProgram() {
    var a = ProgramGenerator(seed: 7), b = ProgramGenerator(seed: 7), c = ProgramGenerator(seed: 8)
    let program = a.generate()
    #expect(program == b.generate())
    #expect(program != c.generate())
  }

  @Test func programsParseAndMostOfThemEnd() throws {
    var ended = 0
    for seed in 1...20 as ClosedRange<UInt64> {
      var generator = ProgramGenerator(seed: seed)
      let program = generator.generate()
      for (name, text) in program.files {
        #expect(throws: Never.self) { try Parser.parseClass(SourceText(name: name, text)) }
      }
      let outcome = FuzzCase.reference(program, steps: 400_000)
      #expect(outcome.errors.isEmpty || outcome.status == 1 || program.hasProcesses, "seed \(seed): \(outcome.errors)")
      ended += outcome.limit == nil ? 1 : 0
    }
    #expect(ended > 15)
  }

  /// Who loses a turn where makes no difference, and every message of processes is in some program.
  @Test func resultsOfProcessesDoNotDependOnTurns() throws {
    var coverage = FuzzCoverage()
    var compared = 0
    for seed in 1...200 as ClosedRange<UInt64> {
      var generator = ProgramGenerator(seed: seed)
      let program = generator.generate()
      guard let file = program.files[ProgramGenerator.processClass] else { continue }
      coverage.note(FuzzProgram(files: [ProgramGenerator.processClass: file]), bytecodes: false)
      if compared == 3 { continue }
      let expected = FuzzCase.reference(program, steps: 400_000)
      guard expected.limit == nil else { continue }
      compared += 1
      let folder = "\(NSTemporaryDirectory())ovid-fuzz-test-\(UUID().uuidString)"
      defer { try? FileManager.default.removeItem(atPath: folder) }
      try program.write(to: folder)
      for turns in ["--preempt-every=1", "--time-slice=0"] {
        let run = try FuzzCase.run(
          folder: folder, accepts: program.accepts, try FuzzFlags(["--jit=off", turns]).options)
        let wanted = FuzzResult(output: expected.output, errors: expected.errors, status: expected.status)
        #expect(run.result == wanted, "seed \(seed), \(turns): \(run.result.difference(from: wanted))")
        #expect(run.statistics.processesStarted > 0)
      }
    }
    #expect(compared == 3)
    for selector in FuzzCoverage.processes {
      #expect(coverage.counts["process \(selector)", default: 0] > 0, "\(selector)")
    }
  }

  /// Somebody who steps through a program changes nothing of it.
  @Test func steppingChangesNothing() throws {
    var actions: [String: Int] = [:]
    var compared = 0
    for seed in 300...340 as ClosedRange<UInt64> where compared < 8 {
      var generator = ProgramGenerator(seed: seed, tier: .interpreter)
      let program = generator.generate()
      let expected = FuzzCase.reference(program, steps: 100_000)
      guard expected.limit == nil else { continue }
      compared += 1
      let folder = "\(NSTemporaryDirectory())ovid-fuzz-test-\(UUID().uuidString)"
      defer { try? FileManager.default.removeItem(atPath: folder) }
      try program.write(to: folder)
      let flags = FuzzFlags(["--jit=off", "--time-slice=0"]).stepping(seed: seed, debuggable: seed % 2 == 0)
      #expect(flags.steps == seed)
      let run = try FuzzCase.run(folder: folder, accepts: program.accepts, try flags.options, steps: flags.steps)
      let wanted = FuzzResult(output: expected.output, errors: expected.errors, status: expected.status)
      #expect(run.result == wanted, "seed \(seed): \(run.result.difference(from: wanted))")
      actions.merge(run.debugging, uniquingKeysWith: +)
    }
    for action in ["stop step", "stop breakpoint", "step into", "step over", "step out", "evaluate"] {
      #expect(actions[action, default: 0] > 0, "\(action): \(actions)")
    }
  }

  /// Every text that undoes a redefinition is that of the core library.
  @Test func redefinitionsCanBeUndone() {
    for row in HardWired.table {
      for text in row.variants + (row.original.map { [$0] } ?? []) {
        let method = try? Parser.parseMethod(SourceText(name: row.className, text))
        #expect(method?.selector == row.selector, "\(row.className): \(text)")
      }
    }
    #expect(HardWired.table.filter { $0.original != nil }.count > 50)
  }

  @Test func aDifferenceIsSeen() {
    let expected = FuzzResult(output: "1\n2\n3\n", status: 0)
    #expect(FuzzResult(output: "1\n5\n3\n", status: 0).difference(from: expected) == "line 2 is '5', expected '2'")
    #expect(FuzzResult(output: "1\n2\n3\n", status: 1).difference(from: expected) == "status 1, expected 0")
  }

  @Test func programsRunInThisProcess() throws {
    let program = FuzzProgram(files: ["Fuzz": "Fuzz = ( run = ( 3 println. system exit: 4 ) )"])
    let folder = "\(NSTemporaryDirectory())ovid-fuzz-test-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try program.write(to: folder)
    #expect(try FuzzProgram(folder: folder) == program)
    let result = try FuzzCase.run(folder: folder, try FuzzFlags(["--jit=off"]).options).result
    #expect(result == FuzzResult(output: "3\n", status: 4))
    let expected = FuzzCase.reference(program, steps: 1000)
    #expect(expected.output == "3\n" && expected.status == 4)
  }

  /// Down to the one statement that matters, also where it is in the text of an edit.
  @Test func reducing() {
    let program = FuzzProgram(files: [
      "Fuzz": """
      Fuzz = (
        | a b |
        one = ( a := 3. ^self two: a )
        two: x = ( | t | t := x + 1. Fuzz compile: 'three = ( | u | u := 5. #needle println. ^u + 1 )'. ^t )
        run = ( 1 to: 10 do: [ :i | self one ]. self three )
      )
      """, "FzOther": "FzOther = ( )",
    ])
    let reducer = FuzzReducer { $0.files.values.contains { $0.contains("#needle") } }
    let small = reducer.reduce(program, until: Date(timeIntervalSinceNow: 60))
    #expect(small.files.count == 1)
    let text = small.files["Fuzz"] ?? ""
    #expect(text.contains("#needle"))
    #expect(text.count < 90, "\(text)")
  }
}
