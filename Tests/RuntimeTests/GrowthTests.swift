// What edits leave behind goes: however many there were, there are as many method versions, shapes and units of code as
// the program needs, and a stale address of one that is gone is a fault (`--gc-every` poisons them).

import Foundation
import GccBackend
import Syntax
import Testing

@testable import Runtime
@testable import VM

@Suite struct GrowthTests {
  /// An endless sequence of accepts.
  enum Edits: String, CaseIterable, Sendable {
    case replaced, alternating, fields, superclasses, inputs

    /// Accepts of a test, so many that what is left behind is freed some times.
    var count: Int { self == .superclasses ? 2_000 : 6_000 }

    func make(_ i: Int, _ runtime: Runtime) -> Receipt? {
      switch self {
      case .replaced: return runtime.editor.accept(.method("Main", "value = ( ^[ :x | x + \(i) ] value: 1 )"))
      case .alternating: return runtime.editor.accept(.method("Main", "value = ( ^\(i % 2) )"))
      case .fields:
        let change =
          i % 2 == 1
          ? Change.addField(className: "Main", isClassSide: false, name: "extra")
          : .removeField(className: "Main", isClassSide: false, name: "extra")
        return runtime.editor.accept(change)
      case .superclasses:
        return runtime.editor.accept(
          .classSource("Below = \(i % 2 == 1 ? "Right" : "Left") ( get = ( ^got ) )", file: nil))
      case .inputs:
        _ = try? runtime.universe.evaluate(SourceText(name: "expression", "\(i) + 1"))
        return nil
      }
    }
  }

  @Test(arguments: Edits.allCases)
  func versionsAndShapesAreThoseInUse(_ edits: Edits) throws {
    let session = try Session(
      .interpreter, "Main = ( | a | value = ( ^1 ) run = ( Below new get ) )", "Left = ( | got other | )",
      "Right = ( | other got | )", "Below = Left ( get = ( ^got ) )")
    session.start()
    #expect(session.finish() == 0)
    let runtime = session.runtime
    let before = try runtime.perform { _ in runtime.statistics }
    var most = (methods: 0, shapes: 0)
    for i in stride(from: 1, to: edits.count, by: 100) {
      try runtime.perform { _ in
        for k in i..<i + 100 {
          if let receipt = edits.make(k, runtime) { try #require(receipt.succeeded, "\(receipt)") }
        }
      }
      let now = try runtime.perform { _ in runtime.statistics }
      most = (max(most.methods, now.methods), max(most.shapes, now.shapes))
    }
    // They are freed when there is a megabyte of them.
    #expect(most.methods < before.methods + 1500, "\(most)")
    #expect(most.shapes < before.shapes + 1500, "\(most)")
    let after = try runtime.perform { _ in runtime.statistics }
    #expect(after.freedMethods + after.freedShapes > edits.count / 2, "\(after)")
  }

  @Test(.enabled(if: GccBackend.unavailability == nil))
  func theCodeOfReplacedVersionsGoes() throws {
    var options = Tier.compiled.options
    // Each collection is one that frees.
    options.gcEvery = 1000
    let session = try Session(
      .compiled,
      """
      Main = (
        value: x = ( ^x )
        run = (
          1 to: 30 do: [ :k |
            Main compile: 'value: x = ( ^x + ' + k asString + ' )'.
            1 to: 25 do: [ :i | self perform: #value: withArguments: (Array with: i) ] ].
          (self value: 1) println )
      )
      """, options: options)
    #expect(session.output() == "31\n")
    let statistics = try session.runtime.perform { _ in session.runtime.statistics }
    #expect(statistics.compiles >= 30, "\(statistics)")
    #expect(statistics.codeUnits < 15, "\(statistics)")
    #expect(try session.runtime.perform { _ in session.runtime.installed.retiredCount } < 15)
  }

  // MARK: In use

  private func output(_ main: String, _ tier: Tier) throws -> String {
    var options = tier.options
    options.gcEvery = 1
    return try Session(tier, main, options: options).output()
  }
  /// Something that is freed at once, and may get the memory of others.
  private let others = """
    churn = ( 1 to: 20 do: [ :i | Main compile: 'other = ( ^[ :x | x + ' + i asString + ' ] value: 2 )'. self other ] )
      other = ( ^0 )
    """

  @Test(arguments: [Tier.interpreter, .compiled].filter { Tier.available.contains($0) })
  func aBlockKeepsTheVersionThatMadeIt(_ tier: Tier) throws {
    #expect(
      try output(
        """
        Main = (
          \(others)
          block = ( | t | t := 40. ^[ :x | [ t := t + x. t ] value ] )
          run = (
            | b |
            b := self block.
            Main compile: 'block = ( ^nil )'.
            self churn.
            (b value: 1) println. (b value: 1) println )
        )
        """, tier) == "41\n42\n")
  }

  @Test(arguments: [Tier.interpreter, .compiled].filter { Tier.available.contains($0) })
  func anActivationKeepsItsVersion(_ tier: Tier) throws {
    #expect(
      try output(
        """
        Main = (
          \(others)
          deep: n = (
            n = 0 ifTrue: [ Main compile: 'deep: n = ( ^0 )'. self churn. ^self deep: 5 ].
            ^(self deep: n - 1) + ([ :x | x + n ] value: 1) )
          run = ( (self deep: 10) println. (self deep: 10) println )
        )
        """, tier) == "65\n0\n")
  }

  @Test func aMethodObjectKeepsItsVersion() throws {
    #expect(
      try output(
        """
        Main = (
          \(others)
          run = (
            | m |
            m := Main compile: 'gone: x = ( ^#(1 2 3) at: x )'.
            Main compile: 'gone: x = ( ^0 )'.
            self churn.
            m signature println.
            (m invokeOn: self with: (Array with: 3)) println.
            (self gone: 3) println )
        )
        """, .interpreter) == "#gone:\n3\n0\n")
  }

  /// A literal array that holds a block of its own method keeps neither alive.
  @Test func aVersionThatRefersToItselfGoes() throws {
    var options = Tier.interpreter.options
    options.gcEvery = 1
    let session = try Session(
      .interpreter,
      """
      Main = (
        value = ( ^0 )
        run = (
          1 to: 50 do: [ :i |
            Main compile: 'value = ( | a | a := #(nil nil). a at: 1 put: [ a ]. ^' + i asString + ' )'.
            self value ].
          self value println )
      )
      """, options: options)
    #expect(session.output() == "50\n")
    #expect(try session.runtime.perform { _ in session.runtime.statistics }.freedMethods >= 96)
  }

  /// While an activation whose code has to be left waits, what its state describes keeps its class index.
  @Test(.enabled(if: GccBackend.unavailability == nil))
  func anObjectThatWasNeverAllocatedFollowsManyShapes() throws {
    #expect(
      try output(
        """
        Main = ( | a b |
          a: x = ( a := x )
          a = ( ^a )
          edit: k = (
            k = 400 ifFalse: [ ^self ].
            1 to: 20 do: [ :i | Main addField: #extra. Main removeField: #extra ] )
          work: k = ( | m | m := Main new. m a: k. self edit: k. ^m a )
          run = ( | sum | sum := 0. 1 to: 500 do: [ :k | sum := sum + (self work: k) ]. sum println )
        )
        """, .compiled) == "125250\n")
  }

  // MARK: History

  @Test func undoFindsTheTextOfAVersionThatIsGone() throws {
    var options = Tier.interpreter.options
    options.gcEvery = 1
    let session = try Session(.interpreter, "Main = ( value = ( ^1 ) run = ( self value println ) )", options: options)
    let key = MethodKey(className: "Main", selector: "value")
    for i in 2...150 { #expect(session.editor.accept(.method("Main", "value = ( ^\(i) )")).succeeded) }
    #expect(session.inspector.source(of: key, version: 150) == "value = ( ^150 )")
    #expect(session.inspector.source(of: key, version: 50) == "value = ( ^50 )")
    #expect(session.inspector.source(of: key, version: 49) == nil)
    let receipt = session.runtime.history.bringBack(key, .version(60))
    #expect(receipt.succeeded && receipt.methods.first?.after == 151)
    #expect(session.output() == "60\n")
  }

  @Test func theTextsOfAllMethodsTogetherAreLimited() {
    var history = VersionHistory(byteLimit: 1000)
    let text = String(repeating: "x", count: 100)
    for i in 1...30 { history.keep(text, "A>>m\(i)", version: i) }
    #expect(history.byteCount <= 1000)
    #expect(history.find("A>>m30", version: 30)?.text == text)
    #expect(history.find("A>>m1", version: 1)?.text == nil)
    history.keep("first", "A>>again", version: 1)
    history.keep("second", "A>>again", version: 1)
    #expect(history.find("A>>again", version: 1)?.text == "second")
  }

  // MARK: Memory

  @Test func replacedVersionsThatAProgramKeepsCountTowardsTheHeapLimit() throws {
    var options = Tier.interpreter.options
    options.heapLimit = 8 << 20
    let session = try Session(
      .interpreter,
      """
      Main = (
        | kept |
        value = ( ^0 )
        define: i = ( ^Main compile: 'value = ( | a | a := 1. a := a + a. a := a * a. ^a + ' + i asString + ' )' )
        run = (
          kept := Vector new.
          [ 1 to: 20000 do: [ :i | kept append: (self define: i) ] ]
            on: Error do: [ :e | (e messageText beginsWith: 'there is no memory') println ].
          (kept size > 500) println. (kept size < 5000) println.
          kept := nil.
          1 to: 100 do: [ :i | i printString ].
          self define: 1. self value println )
      )
      """, options: options)
    #expect(session.output() == "true\ntrue\ntrue\n5\n", "\(session.transcript.standardError)")
  }

  /// Methods that were there before know nothing of a field that comes and goes.
  @Test func scopesDoNotGrow() throws {
    let session = try Session(.interpreter, "Main = ( | a | a = ( ^a ) run = ( self a println ) )")
    #expect(session.output() == "nil\n")
    try session.runtime.perform { universe in
      for _ in 1...20 {
        for name in ["extra", "other"] {
          #expect(session.editor.accept(.addField(className: "Main", isClassSide: false, name: name)).succeeded)
        }
        for name in ["extra", "other"] {
          #expect(session.editor.accept(.removeField(className: "Main", isClassSide: false, name: name)).succeeded)
        }
      }
      let method = try #require(session.runtime.versions.current(MethodKey(className: "Main", selector: "a")))
      #expect(universe.methods[method].scope?.removedFields == [])
    }
  }

  @Test func aFieldForWhichThereIsNoMemoryIsRefused() throws {
    var options = Tier.interpreter.options
    options.heapLimit = 16 << 20
    let session = try Session(
      .interpreter,
      """
      Main = ( | a b |
        a: x = ( a := x )
        a = ( ^a )
        run = (
          | all added |
          all := Array new: 30000 withAll: [ Main new a: 7 ].
          added := 0.
          [ 1 to: 100 do: [ :i | Main addField: ('f' + i asString) asSymbol. added := added + 1 ] ]
            on: Error do: [ :e | (e messageText beginsWith: 'there is no memory') println ].
          (added > 10) println. (added < 60) println.
          (all at: 30000) a println )
      )
      """, options: options)
    #expect(session.output() == "true\ntrue\ntrue\n7\n", "\(session.transcript.standardError)")
  }
}
