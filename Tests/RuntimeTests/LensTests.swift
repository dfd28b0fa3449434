// What the lens says about methods of a program that runs.

import Foundation
import GccBackend
import Testing
import VM

@testable import Runtime

@Suite(.enabled(if: GccBackend.unavailability == nil)) struct LensTests {
  private static let program = """
    Main = (
      | count sum log |
      run = (
        count := 0.
        sum := 0.
        [ self goOn ] whileTrue: [
          sum := self methB: sum.
          sum < 0 ifTrue: [
            log println.
            sum := 0 ] ].
        'ended' println
      )

      methB: n = ( ^n + 1 )
      goOn = ( count := count + 1. count % 1000 = 0 ifTrue: [ 'tick' println ]. ^true )
      unused = ( ^3 )
    )
    """
  private static let methA = MethodKey(className: "Main", selector: "run")
  private static let methB = MethodKey(className: "Main", selector: "methB:")

  private func session() throws -> Session {
    var options = Options()
    options.compileThreshold = 1000
    options.compileNow = true
    let session = try Session(.compiled, Self.program, options: options)
    session.start()
    #expect(session.transcript.waitForEvent { if case .installed(_, true) = $0 { true } else { false } })
    // The loop's code is there; with another thousand turns it has been entered, too.
    func ticks(_ text: String) -> Int { text.count(where: { $0 == "\n" }) }
    let before = ticks(session.transcript.standardOutput)
    #expect(session.transcript.waitForOutput { out, _ in ticks(out) > before + 1 })
    return session
  }
  private func end(_ session: Session) {
    #expect(session.editor.accept(.method("Main", "goOn = ( ^false )")).succeeded)
    #expect(session.finish() == 0)
  }

  @Test func linesOfARunningLoop() throws {
    let session = try session()
    let lens = try #require(session.inspector.lens(of: Self.methA))
    #expect(lens.method == "Main>>run" && lens.version == 1 && lens.tier == .compiled && lens.firstLine == 3)
    let lines = Dictionary(uniqueKeysWithValues: lens.lines.map { ($0.line, $0) })
    // The loop: entered in the middle, so what stands before it has no code.
    for line in [4, 5, 6] { #expect(lines[line]?.tier == .compiled, "line \(line)") }
    #expect(lines[5]?.units == ["Main>>run, loop at line 6"])
    #expect(lines[5]?.inlined == ["Main>>methB:"] && lines[4]?.inlined == ["Main>>goOn"])
    #expect(lines[2]?.tier == .baseline && lines[3]?.tier == .baseline)
    for line in [7, 8] { #expect(lines[line]?.tier == .notRun, "line \(line)") }
    #expect(lines[1] == nil)
    let unit = try #require(lens.units.first)
    #expect(unit.loopLine == 4 && unit.compileTime > 0 && unit.age >= 0)
    #expect(unit.inlined.contains(.init(caller: "Main>>run", line: 5, callee: "Main>>methB:")))
    #expect(unit.dependencies.contains("#methB: in Main is Main>>methB:"))
    #expect(lens.compileCount == 1 && lens.invalidationCount == 0)
    end(session)
  }

  @Test func whereAMethodIsInlined() throws {
    let session = try session()
    let lens = try #require(session.inspector.lens(of: Self.methB))
    #expect(
      lens.inlinedInto
        == [.init(unit: "Main>>run, loop at line 6", caller: "Main>>run", line: 5, isLoop: true)])
    #expect(lens.lines.map(\.tier) == [.compiled])
    let unused = try #require(session.inspector.lens(of: MethodKey(className: "Main", selector: "unused")))
    #expect(unused.tier == .notRun && unused.lines.isEmpty && unused.inlinedInto.isEmpty)
    #expect(session.inspector.lens(of: MethodKey(className: "Main", selector: "zork")) == nil)
    let primitive = MethodKey(className: "Integer", selector: "+")
    #expect(session.inspector.lens(of: primitive)?.tier == .primitive)
    end(session)
  }

  /// What an accept has done to compiled code, seen from both methods.
  @Test func invalidatedByAnAccept() throws {
    let session = try session()
    let receipt = session.editor.accept(.method("Main", "methB: n = ( ^n + 2 )"))
    #expect(receipt.succeeded)
    for key in [Self.methA, Self.methB] {
      let lens = try #require(session.inspector.lens(of: key))
      #expect(lens.invalidationCount == 1, "\(key)")
      let entry = try #require(lens.invalidations.first)
      #expect(entry.unit == "Main>>run, loop at line 6" && entry.receipt == receipt.id)
      #expect(entry.reason == "#methB: in Main was Main>>methB:")
    }
    #expect(session.inspector.lens(of: Self.methB)?.version == 2)
    end(session)
    let lens = try #require(session.inspector.lens(of: Self.methA))
    let left = lens.deoptimizations.filter { $0.reason == "invalidated" }
    #expect(left.map(\.count).reduce(0, +) >= 1 && left.first?.explanation == "the code was no longer valid")
  }

  /// A line that compiled code has never seen, and then comes to.
  @Test func whyCodeWasLeft() throws {
    let text = Self.program
      .replacing("methB: n = ( ^n + 1 )", with: "methB: n = ( count = 50000 ifTrue: [ ^-5 ]. ^n + 1 )")
      .replacing("^true", with: "^count < 60000")
    var options = Options()
    options.compileThreshold = 1000
    options.compileNow = true
    let session = try Session(.compiled, text, options: options)
    session.start()
    #expect(session.finish() == 0)
    let lens = try #require(session.inspector.lens(of: Self.methA))
    let line = try #require(lens.lines.first { $0.line == 7 })
    #expect(line.tier == .baseline && line.deoptimizations == 1)
    let left = try #require(lens.deoptimizations.first { $0.line == 7 })
    #expect(left.reason == "neverExecuted" && left.count == 1 && left.explanation.contains("for the first time"))
    #expect(lens.text(source: nil).contains("line 7, once: it came here for the first time"))
    #expect(lens.units.map(\.deoptimizations).reduce(0, +) >= 1)
  }

  /// A block that is compiled by itself: its method is interpreted, and what becomes of its code is told of the method.
  @Test func aBlockWithCodeOfItsOwn() throws {
    let text = """
      Main = (
        run = ( | list |
          list := OrderedCollection new.
          1 to: 5000 do: [ :i | list add: i ].
          self each: list.
          ^nil
        )
        each: list = (
          list isNil ifTrue: [ ^nil ].
          list do: [ :e |
            self note: e ]
        )
        note: e = ( )
      )
      """
    var options = Options()
    options.compileThreshold = 1000
    options.compileNow = true
    let session = try Session(.compiled, text, options: options)
    session.start()
    #expect(session.finish() == 0)
    let key = MethodKey(className: "Main", selector: "each:")
    let lens = try #require(session.inspector.lens(of: key))
    #expect(lens.lines.first { $0.line == 4 }?.tier == .compiled)
    #expect(lens.lines.first { $0.line == 2 }?.tier == .interpreted)
    #expect(session.editor.accept(.method("Main", "note: e = ( ^3 )")).succeeded)
    #expect((session.inspector.lens(of: key)?.invalidationCount ?? 0) >= 1)
  }

  /// That another process has had its turn is no fault of the code.
  @Test func othersRan() throws {
    let text = Self.program
      .replacing("count := 0.", with: "count := 0. [ [ true ] whileTrue: [ Processor sleep: 1 ] ] fork.")
    var options = Options()
    options.compileThreshold = 1000
    options.compileNow = true
    let session = try Session(.compiled, text, options: options)
    session.start()
    var left: LensReport.Deoptimization?
    let deadline = Date(timeIntervalSinceNow: 60)
    while left == nil, Date() < deadline {
      left = session.inspector.lens(of: Self.methA)?.deoptimizations.first { $0.reason == "othersRan" }
    }
    #expect(left?.line == 4 && left?.explanation.hasPrefix("others ran") == true)
    #expect(session.inspector.lens(of: Self.methA)?.invalidationCount == 0)
    end(session)
  }

  @Test func textForPeople() throws {
    let session = try session()
    let lens = try #require(session.inspector.lens(of: Self.methA))
    let text = lens.text(source: session.inspector.source(of: Self.methA))
    #expect(text.hasPrefix("Main>>run v1 is compiled\n     1              | run = ("))
    #expect(text.contains("     5  compiled    |       sum := self methB: sum.   <- Main>>methB: inlined\n"))
    #expect(text.contains("\n  Main>>run, loop at line 6: compiled "))
    #expect(text.contains("\ndepends on\n") && text.contains("\n  #methB: in Main is Main>>methB:"))
    let copy = try JSONDecoder().decode(LensReport.self, from: JSONEncoder().encode(lens))
    #expect(copy == lens)
    end(session)
  }
}
