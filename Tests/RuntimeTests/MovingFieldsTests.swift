// Fields that move between classes in one accept (live-editing.md, row 10): every instance keeps its values by name,
// whichever class defines the field before and after, and nothing is checked before the whole set is known.

import Foundation
import Testing

@testable import Runtime

@Suite struct MovingFieldsTests {
  /// Runs until `running` is false; then prints the text of each object in `all`.
  private static let main = """
    Main = ( | all |
      run = (
        all := Array new: 3.
        all at: 1 put: (Low new x: 1.5 y: 40). all at: 2 put: (Low new x: 2.5 y: nil). all at: 3 put: High new.
        system errorPrintln: 'ready'. self loop.
        all do: [ :each | each text println ] )
      loop = ( | sum | sum := 0. [ self running ] whileTrue: [ sum := sum + (all at: 1) x ] )
      running = ( ^true )
    )
    """
  private static let top = "Top = ( | t | text = ( ^'top' ) x = ( ^0 ) )"
  private static let high = "High = Top ( | h | text = ( ^'high' ) )"
  private static let low = """
    Low = High ( | x y |
      x = ( ^x ) x: a y: b = ( x := a. y := b. t := 7. h := 8 ) text = ( ^'low ' + x + ' ' + y + ' ' + t + ' ' + h )
    )
    """

  private func session(_ tier: Tier) throws -> Session {
    let session = try Session(tier, Self.main, Self.top, Self.high, Self.low)
    try session.startLoop()
    return session
  }

  private func end(_ session: Session, _ output: String) {
    #expect(session.editor.accept(.method("Main", "running = ( ^false )")).succeeded)
    #expect(session.finish() == 0, "\(session.transcript.standardError)")
    #expect(session.transcript.standardOutput == output)
  }

  private func texts(_ texts: String...) -> ChangeSet {
    ChangeSet(texts.map { .classSource($0, file: nil) })
  }

  private let lowBelowX = Self.low.replacing("| x y |", with: "| y |")

  @Test(arguments: Tier.available) func aFieldMovesUp(_ tier: Tier) throws {
    let high = "High = Top ( | h x | text = ( ^'high ' + x ) )"
    for set in [texts(lowBelowX, high), texts(high, lowBelowX)] {
      let session = try session(tier)
      let receipt = session.editor.accept(set)
      #expect(receipt.succeeded, "\(receipt)")
      #expect(Set(receipt.classes.map(\.name)) == ["High", "Low"])
      #expect(receipt.description.contains("High has the fields h, x"), "\(receipt)")
      #expect(receipt.description.contains("Low has the fields y"), "\(receipt)")
      end(session, "low 1.5 40 7 8\nlow 2.5 nil 7 8\nhigh nil\n")
    }
  }

  /// Two levels at once, two fields, with the methods that use them.
  @Test(arguments: Tier.available) func fieldsMoveUpWithTheirMethods(_ tier: Tier) throws {
    let session = try session(tier)
    let receipt = session.editor.accept(
      texts(
        "Low = High ( x: a y: b = ( x := a. y := b. t := 7. h := 8 ) text = ( ^'low ' + super text + ' ' + h ) )",
        "Top = ( | t y x | text = ( ^'top ' + x + ' ' + y + ' ' + t ) x = ( ^x isNil ifTrue: [ 0 ] ifFalse: [ x ] ) )",
        "High = Top ( | h | )"))
    #expect(receipt.succeeded, "\(receipt)")
    end(session, "low top 1.5 40 7 8\nlow top 2.5 nil 7 8\ntop nil nil nil\n")
  }

  /// `High` has two subclasses, and only one gets the field.
  @Test(arguments: Tier.available) func aFieldMovesDown(_ tier: Tier) throws {
    let session = try session(tier)
    let other = "Other = High ( text = ( ^'other ' + h ) h: a = ( h := a ) )"
    #expect(session.editor.accept(texts(other)).succeeded)
    #expect(
      session.editor.accept(
        .method("Main", "running = ( all at: 3 put: (Other new h: 9). system errorPrintln: 'is set'. ^true )")
      ).succeeded)
    #expect(session.transcript.wait(for: "is set"))
    #expect(session.editor.accept(.method("Main", "running = ( ^true )")).succeeded)
    let receipt = session.editor.accept(
      texts(
        "High = Top ( text = ( ^'high' ) )", Self.low.replacing("| x y |", with: "| x h y |"),
        "Other = High ( text = ( ^'other' ) )"))
    #expect(receipt.succeeded, "\(receipt)")
    end(session, "low 1.5 40 7 8\nlow 2.5 nil 7 8\nother\n")
  }

  @Test(arguments: Tier.available) func aFieldMovesToAnotherSuperclass(_ tier: Tier) throws {
    let session = try session(tier)
    #expect(session.editor.accept(texts("Beside = ( | b | b = ( ^b ) )")).succeeded)
    let receipt = session.editor.accept(
      texts(
        Self.low.replacing("Low = High ( | x y |", with: "Low = Beside ( | t h |"),
        "Beside = ( | y b x | b = ( ^b ) )"))
    #expect(receipt.succeeded, "\(receipt)")
    #expect(receipt.description.contains("Low is below Beside now"), "\(receipt)")
    end(session, "low 1.5 40 7 8\nlow 2.5 nil 7 8\nhigh\n")
  }

  /// A class and its superclass change places.
  @Test(arguments: Tier.available) func aSuperclassBecomesASubclass(_ tier: Tier) throws {
    let session = try session(tier)
    let receipt = session.editor.accept(
      texts(
        "High = Low ( text = ( ^'high ' + super text ) )",
        "Low = Top ( | x y h | x = ( ^x ) text = ( ^'low ' + x + ' ' + y + ' ' + t + ' ' + h ) )"))
    #expect(receipt.succeeded, "\(receipt)")
    end(session, "low 1.5 40 7 8\nlow 2.5 nil 7 8\nhigh low nil nil nil nil\n")
  }

  /// What runs for an instance of the subclass goes on with a field that has moved there; others have it no more.
  @Test(arguments: Tier.available) func oldCodeOfTheSuperclassGoesOn(_ tier: Tier) throws {
    for (receiver, status, output) in [("Low", 0, "3.5\nend\n"), ("High", 1, "")] {
      let session = try Session(
        tier,
        """
        Main = ( | it |
          run = ( it := \(receiver) new. it set. system errorPrintln: 'ready'. it loop: self. 'end' println )
          running = ( ^true ) waiting = ( ^false )
        )
        """,
        """
        High = ( | a x b |
          set = ( a := 1. x := 1.5. b := 2 )
          loop: main = (
            [ main running ] whileTrue: [ x := x + 0.0 ].
            x := x + b. [ :y | (x + y) println ] value: 0 )
        )
        """, "Low = High ( | c | c = ( ^c ) )")
      try session.startLoop(of: MethodKey(className: "High", selector: "loop:"))
      let set = texts(
        "High = ( | b a | set = ( a := 1. b := 2 ) loop: main = ( ^self ) )",
        "Low = High ( | c x | c = ( ^c ) x = ( ^x ) )")
      let receipt = session.editor.accept(set)
      #expect(receipt.succeeded, "\(receipt)")
      if status == 0 {
        // The places move again, and what is redefined makes the loop change over.
        #expect(session.editor.accept(texts("Low = High ( | x d c | c = ( ^c ) x = ( ^x ) )")).succeeded)
        #expect(session.editor.accept(.method("True", "ifTrue: block = ( ^block value )")).succeeded)
        #expect(session.editor.accept(.method("Main", "running = ( ^false )")).succeeded)
      }
      #expect(session.finish() == status, "\(session.transcript.standardError)")
      #expect(session.transcript.standardOutput == output)
      if status != 0 {
        #expect(session.transcript.standardError.contains("High>>loop: uses a field that was removed"))
      }
    }
  }

  /// The set is checked as it will be, and nothing of it is made if something is wrong.
  @Test(arguments: Tier.available) func allOrNothing(_ tier: Tier) throws {
    let session = try session(tier)
    let high = "High = Top ( | h x | text = ( ^'high ' + x ) )"
    func refused(_ changes: Change..., because reason: String, at change: Int) {
      let receipt = session.editor.accept(ChangeSet(changes))
      #expect(receipt.errors.first?.message.contains(reason) == true, "\(receipt)")
      #expect(receipt.errors.first?.change == change, "\(receipt)")
    }
    func text(_ text: String) -> Change { .classSource(text, file: nil) }
    refused(text(high), because: "Low would have two fields x", at: 0)
    refused(.method("Main", "a = ( ^1 )"), text(high), because: "Low would have two fields x", at: 1)
    refused(text(lowBelowX), because: "Low>>x:y:: x is not a variable or field", at: 0)
    refused(text(lowBelowX), text(high), .method("Main", "bad = ( nowhere := 1 )"), because: "No such field", at: 2)
    refused(text(lowBelowX), text(high), .method("Main", "bad = ( ^ )"), because: "expected an expression", at: 2)
    refused(text(high), text(lowBelowX), text("New = Low ( | x | )"), because: "already defined in a superclass", at: 2)
    refused(text("Top = High ( )"), because: "Top would be a superclass of itself", at: 0)
    end(session, "low 1.5 40 7 8\nlow 2.5 nil 7 8\nhigh\n")
  }

  /// Removed and added again in one accept, a field never was away.
  @Test func thereAndBackAgain() throws {
    let session = try session(.interpreter)
    let receipt = session.editor.accept(
      .removeField(className: "Low", isClassSide: false, name: "y"),
      .addField(className: "Low", isClassSide: false, name: "y"))
    #expect(receipt.description.contains("nothing changed"), "\(receipt)")
    end(session, "low 1.5 40 7 8\nlow 2.5 nil 7 8\nhigh\n")
  }

  /// What only reads the name of a field that is gone means a global, as it would when loaded.
  @Test func aNameBecomesAGlobal() throws {
    let session = try Session(
      .interpreter, "Main = ( run = ( | a | a := A new. a set. a x println. A removeX. a x println ) )",
      "A = ( | x y | x = ( ^x ) set = ( y := 1 ) unknownGlobal: n = ( ^'global ' + n ) ---- removeX = ( ^nil ) )")
    try session.evaluations.load("A")
    let receipt = session.editor.accept(.removeField(className: "A", isClassSide: false, name: "x"))
    #expect(receipt.methods.map(\.method.selector) == ["x"], "\(receipt)")
    #expect(session.output() == "global x\nglobal x\n")
  }

  /// New classes come in any order, and below classes whose fields change.
  @Test func newClassesInTheSet() throws {
    let session = try session(.interpreter)
    let receipt = session.editor.accept(
      texts(
        "Newest = Newer ( both = ( ^z + w ) )", "Newer = High ( | w | z: a = ( z := a. w := a ) )",
        "High = Top ( | h z | text = ( ^(Newest new z: 21; both) asString ) )"))
    #expect(receipt.succeeded, "\(receipt)")
    #expect(receipt.loaded == ["Newer", "Newest"])
    end(session, "low 1.5 40 7 8\nlow 2.5 nil 7 8\n42\n")
  }

  /// Class-side fields, likewise.
  @Test(arguments: Tier.available) func classSideFieldsMoveUp(_ tier: Tier) throws {
    let session = try session(tier)
    func pair(_ above: String, _ below: String) -> ChangeSet {
      texts(
        Self.high.dropLast() + "---- \(above) made = ( ^0 ) )",
        Self.low.dropLast() + "---- \(below) made = ( ^made ) made: x = ( made := x ) )")
    }
    #expect(session.editor.accept(pair("", "| made |")).succeeded)
    #expect(
      session.editor.accept(
        .method("Main", "running = ( Low made: 5. system errorPrintln: 'is set'. ^true )")
      ).succeeded)
    #expect(session.transcript.wait(for: "is set"))
    #expect(session.editor.accept(.method("Main", "running = ( ^true )")).succeeded)
    let receipt = session.editor.accept(pair("| made |", ""))
    #expect(receipt.succeeded, "\(receipt)")
    #expect(receipt.classes.map(\.name) == ["High class", "Low class"])
    #expect(session.editor.accept(.method("Top", "text = ( ^Low made asString )")).succeeded)
    #expect(
      session.editor.accept(.removeMethod(MethodKey(className: "High", selector: "text"), basedOn: nil)).succeeded)
    end(session, "low 1.5 40 7 8\nlow 2.5 nil 7 8\n5\n")
  }
}
