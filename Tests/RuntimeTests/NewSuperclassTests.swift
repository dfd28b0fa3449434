// A set of changes that brings a superclass along (docs/live-editing.md, row 11), what names mean below it, and fields of
// one name (row 10).

import Foundation
import GccBackend
import Testing

@testable import Runtime

@Suite struct NewSuperclassTests {
  private static let main = """
    Main = ( | low lowest |
      run = (
        system global: #limit put: 10.
        low := Low new x: 1 y: 40. lowest := Lowest new x: 2 y: 50.
        1 to: 100 do: [ :i | low text. lowest text ].
        system errorPrintln: 'ready'. self loop.
        low text println. lowest text println )
      loop = ( [ self running ] whileTrue: [ self work ] )
      work = ( | s | s := low text. s := lowest text )
      running = ( ^true )
      set = ( low x: 1 y: 40. lowest x: 2 y: 50. low text println. Main compile: 'running = ( ^true )'.
        system errorPrintln: 'is set' )
    )
    """
  private static let high = "High = ( | h | h = ( ^h ) unknownGlobal: name = ( ^name ) )"
  private static let low = """
    Low = High ( | x y |
      x: a y: b = ( x := a. y := b. h := 'h' )
      text = ( ^'' + x + ' ' + y + ' ' + h + ' ' + count + ([ :a | ' ' + limit ] value: 1) )
    )
    """
  private static let lowest = "Lowest = Low ( text = ( ^super text + ' lowest ' + count + ' ' + limit ) )"

  private func session(_ tier: Tier) throws -> Session {
    let session = try Session(tier, Self.main, Self.high, Self.low, Self.lowest)
    try session.startLoop()
    return session
  }

  private func texts(_ texts: String...) -> ChangeSet { ChangeSet(texts.map { .classSource($0, file: nil) }) }

  /// The new class takes a field over, and has others of its own, whatever comes first in the set.
  @Test(arguments: Tier.available) func aSetBringsASuperclass(_ tier: Tier) throws {
    let low = Self.low.replacing("Low = High ( | x y |", with: "Low = Mid ( | y |")
    let mid = "Mid = High ( | m x | m = ( ^m ) ---- | made | made = ( ^made ) )"
    for set in [texts(low, mid), texts(mid, low)] {
      let session = try session(tier)
      let receipt = session.editor.accept(set)
      #expect(receipt.succeeded, "\(receipt)")
      #expect(receipt.loaded == ["Mid"] && receipt.description.contains("Low is below Mid now"), "\(receipt)")
      let report = session.inspector.classReport("Mid")
      #expect(report?.superclass == "High" && report?.subclasses == ["Low"], "\(receipt)")
      #expect(report?.fields == ["m", "x"] && report?.classFields == ["made"])
      session.end(printing: "1 40 h count 10", "2 50 h count 10 lowest count 10")
    }
  }

  /// Several new ones above each other, with a field of the class above them, which loses it.
  @Test(arguments: Tier.available) func aSetBringsSeveralSuperclasses(_ tier: Tier) throws {
    let session = try session(tier)
    let receipt = session.editor.accept(
      texts(
        Self.low.replacing("Low = High ( | x y |", with: "Low = Second ( | y |"), "Second = First ( | x | )",
        "High = ( unknownGlobal: name = ( ^name ) )", "First = High ( | h | h = ( ^h ) )"))
    #expect(receipt.succeeded, "\(receipt)")
    #expect(receipt.loaded == ["First", "Second"], "\(receipt)")
    #expect(session.runtime.universe.classes.named("Lowest")?.fieldNames == ["h", "x", "y"])
    session.end(printing: "1 40 h count 10", "2 50 h count 10 lowest count 10")
  }

  /// A name that was a global's is a field's below the new superclass, and a global's again when that is left, in
  /// subclasses, blocks, and what is inlined.
  @Test(arguments: Tier.available) func namesMeanSomethingElseBelowIt(_ tier: Tier) throws {
    let session = try session(tier)
    let counting = "Counting = High ( | count limit | count = ( ^count ) )"
    let low = Self.low.replacing("Low = High", with: "Low = Counting")
      .replacing("h := 'h' )", with: "h := 'h'. count := 'field'. limit := 9 )")
    let receipt = session.editor.accept(texts(counting, low))
    #expect(receipt.succeeded, "\(receipt)")
    #expect(Set(receipt.methods.map { "\($0.method)" }) == ["Low>>text", "Low>>x:y:", "Lowest>>text"], "\(receipt)")
    for method in receipt.methods { #expect(method.after == (method.before ?? 0) + 1, "\(receipt)") }
    // What runs while the fields go could not use them.
    #expect(
      session.editor.accept(.method("Main", "work = ( )"), .method("Main", "running = ( self set. ^true )")).succeeded)
    #expect(session.transcript.wait(for: "is set"))
    let away = session.editor.accept(texts(Self.low))
    #expect(away.succeeded, "\(away)")
    #expect(Set(away.methods.map { "\($0.method)" }) == ["Low>>text", "Low>>x:y:", "Lowest>>text"], "\(away)")
    session.end(printing: "1 40 h field 9", "1 40 h count 10", "2 50 h count 10 lowest count 10")
  }

  @Test func whatCannotBeSuchASuperclass() throws {
    let session = try session(.interpreter)
    func refused(_ set: ChangeSet, because reason: String, at change: Int) {
      let receipt = session.editor.accept(set)
      #expect(receipt.errors.first?.message.contains(reason) == true, "\(receipt)")
      #expect(receipt.errors.first?.change == change, "\(receipt)")
    }
    let low = Self.low.replacing("= High", with: "= Mid")
    refused(texts(low), because: "there is no class Mid to be the superclass of Low", at: 0)
    refused(texts(low, "Mid = Nowhere ( )"), because: "there is no class Nowhere", at: 1)
    refused(texts(low, "Mid = High ( | x | )"), because: "Low would have two fields x", at: 0)
    refused(texts(low, "Mid = High ( | h | )"), because: "Field 'h' is already defined in a superclass", at: 1)
    refused(texts(low, "Mid = Lowest ( )"), because: "Low would be a superclass of itself", at: 0)
    refused(texts(low, "Mid = Mid ( )"), because: "Mid would be a superclass of itself", at: 1)
    refused(texts(low, "Mid = Two ( )", "Two = Mid ( )"), because: "Mid would be a superclass of itself", at: 1)
    refused(texts("One = Mid ( )", "Mid = Two ( )", "Two = Mid ( )"), because: "a superclass of itself", at: 1)
    refused(texts(low, "Mid = Array ( )"), because: "Low cannot become a subclass of Mid: its instances", at: 0)
    refused(texts(low, "Mid = High ( bad = ( zork := 1 ) )"), because: "No such field", at: 1)
    #expect(session.inspector.classReport("Mid") == nil)
    session.end(printing: "1 40 h count 10", "2 50 h count 10 lowest count 10")
  }

  /// However two changes of a set make them, two fields of one name are refused, and the sentence names the class.
  @Test func fieldsOfOneName() throws {
    let session = try session(.interpreter)
    func field(_ className: String, _ name: String, _ isClassSide: Bool = false) -> Change {
      .addField(className: className, isClassSide: isClassSide, name: name)
    }
    func refused(_ changes: Change..., because reason: String, at change: Int = 1) {
      let receipt = session.editor.accept(ChangeSet(changes))
      #expect(receipt.errors.first?.message.contains(reason) == true, "\(receipt)")
      #expect(receipt.errors.first?.change == change, "\(receipt)")
    }
    func text(_ text: String) -> Change { .classSource(text, file: nil) }
    refused(field("Low", "z"), field("Low", "z"), because: "Low has a field z already")
    refused(field("High", "z"), field("Lowest", "z"), because: "Lowest has a field z already")
    refused(field("Lowest", "z"), field("High", "z"), because: "Lowest would have two fields z", at: 0)
    refused(
      field("Lowest", "z", true), field("High", "z", true), because: "Lowest class would have two fields z", at: 0)
    refused(field("Lowest", "z"), text(Self.high.replacing("| h |", with: "| h z |")), because: "two fields z", at: 0)
    refused(text(Self.high.replacing("| h |", with: "| h z |")), field("Lowest", "z"), because: "a field z already")
    refused(text("New = Lowest ( | z | )"), field("High", "z"), because: "Field 'z' is already defined", at: 0)
    refused(text("A = High ( | z | )"), text("B = A ( | z | )"), because: "Field 'z' is already defined")
    refused(field("Low", "new"), text("Low = High ( | x y y | )"), because: "y")
    session.end(printing: "1 40 h count 10", "2 50 h count 10 lowest count 10")
  }

  /// A class below one that keeps doubles unboxed does so with its own, and goes on when the classes change.
  @Test(.enabled(if: GccBackend.unavailability == nil))
  func aClassBelowUnboxedFieldsUnboxesItsOwn() throws {
    let session = try Session(
      .compiled,
      """
      Main = ( | point deep |
        run = (
          point := Point new. point start. 1 to: 1000 do: [ :i | point advance ].
          system errorPrintln: 'above'.
          deep := Deep new. deep start. 1 to: 1000 do: [ :i | deep advance ].
          system errorPrintln: 'ready'. self loop.
          deep z: 'text'. point text println. deep text println. deep z: 0.5. deep sink. deep text println )
        loop = ( [ self running ] whileTrue: [ deep advance. deep sink. point advance ] )
        running = ( ^true )
      )
      """,
      "Point = ( | x | start = ( x := 1.5 ) advance = ( x := x + 1.0 - 1.0 ) text = ( ^'' + x ) x = ( ^x ) )",
      """
      Deep = Point ( | name z |
        start = ( super start. z := 2.5. name := 'deep' ) sink = ( z := z + 1.0 - 1.0 ) z: v = ( z := v )
        advance = ( super advance. self sink ) text = ( ^name + ' ' + x + ' ' + z )
      )
      """)
    try session.startLoop()
    func fields(_ name: String) -> UInt64? {
      session.runtime.inspect { _ in session.runtime.universe.classes.named(name)?.doubleFields }
    }
    #expect(fields("Point") == 1 && fields("Deep") == 5)
    #expect(session.runtime.inspect { $0.statistics.unboxedClasses } == 2)
    // Another field moves those below: what may be unboxed is found out again.
    #expect(session.editor.accept(.addField(className: "Point", isClassSide: false, name: "tag")).succeeded)
    let deadline = Date(timeIntervalSinceNow: 30)
    while fields("Deep") != 9, Date() < deadline { usleep(1000) }
    #expect(fields("Point") == 1 && fields("Deep") == 9)
    #expect(session.editor.accept(.method("Main", "running = ( ^false )")).succeeded)
    #expect(session.finish() == 0, "\(session.transcript.standardError)")
    #expect(session.transcript.standardOutput == "1.5\ndeep 1.5 text\ndeep 1.5 0.5\n")
    #expect(fields("Deep") == 1)
  }
}
