// Classes that are removed, come back, or get another name (docs/live-editing.md, rows 19 and 20), while compiled code has
// their names as constants and makes their instances.

import Foundation
import Testing

@testable import Runtime
@testable import VM

@Suite struct ClassNamesTests {
  /// Runs until `running` is false, then takes one step more, and tells of what was made at the start.
  private static let main = """
    Main = ( | kept held class seen block hash |
      run = (
        class := Thing. kept := Thing new n: 3. held := Below new n: 5. block := kept block. hash := kept hashcode.
        1 to: 100 do: [ :i | self step ].
        system errorPrintln: 'ready'. self loop. self step.
        seen println. kept text println. held text println. block value println.
        class name asString println. (kept class == class) println. (kept hashcode = hash) println )
      loop = ( [ self running ] whileTrue: [ self step ] )
      step = ( seen := (Thing new n: 4) text )
      running = ( ^true )
      unrelated = ( ^Spare )
      unknownGlobal: name = ( | found | found := system load: name. ^found isNil ifTrue: [ system load: #Spare ] ifFalse: [ found ] )
    )
    """
  private static let thing = """
    Thing = ( | n |
      n: x = ( n := x ) text = ( ^'thing ' + n ) block = ( ^[ self text ] ) twin = ( ^Thing )
      ---- | made | made = ( ^made )
    )
    """
  private static let below = "Below = Thing ( | m | text = ( ^'below ' + super text ) )"
  private static let spare = "Spare = ( | n | n: x = ( n := x ) text = ( ^'spare ' + n ) )"

  private func session(_ tier: Tier) throws -> Session {
    let session = try Session(tier, Self.main, Self.thing, Self.below, Self.spare)
    try session.startLoop()
    return session
  }

  private func text(_ text: String) -> Change { .classSource(text, file: nil) }

  // MARK: Removing

  @Test(arguments: Tier.available) func whatExistsOfARemovedClassStays(_ tier: Tier) throws {
    let session = try session(tier)
    let receipt = session.editor.accept(.removeClass("Thing"), .removeClass("Below"))
    #expect(receipt.succeeded, "\(receipt)")
    #expect(Set(receipt.removed.map(\.name)) == ["Thing", "Below"])
    #expect(receipt.removed.first { $0.name == "Below" }?.instances == 1)
    #expect(
      receipt.mentions.map { "\($0.method) \($0.name)" } == ["Main>>run Below", "Main>>run Thing", "Main>>step Thing"])
    #expect(receipt.description.contains("Below is removed; its instance stays what it is"), "\(receipt)")
    if tier.isCompiled {
      #expect(receipt.invalidated.contains { $0.dependency == "the global Thing was constant" }, "\(receipt)")
    }
    #expect(session.inspector.classReport("Thing") == nil && session.inspector.version(of: key("Thing", "text")) == nil)
    #expect(!FileManager.default.fileExists(atPath: "\(session.folder)/Thing.som"))
    session.end(printing: "spare 4", "thing 3", "below thing 5", "thing 3", "Thing", "true", "true")
  }

  /// With its identity, values and versions, and what has changed in its text is accepted.
  @Test(arguments: Tier.available) func aRemovedClassComesBack(_ tier: Tier) throws {
    let session = try session(tier)
    #expect(session.editor.accept(.removeClass("Below"), .removeClass("Thing")).succeeded)
    let alone = session.editor.accept(text(Self.below))
    #expect(
      alone.errors.first?.message.contains("there is no class Thing to be the superclass of Below") == true, "\(alone)")
    #expect(session.inspector.classReport("Below") == nil)
    let receipt = session.editor.accept(
      text(Self.below.replacing("'below '", with: "'back '")), text(Self.thing.replacing("| n |", with: "| o n |")))
    #expect(receipt.succeeded, "\(receipt)")
    #expect(receipt.restored == ["Below", "Thing"] && receipt.loaded.isEmpty && receipt.mentions.isEmpty)
    #expect(receipt.methods.filter { $0.before != $0.after }.map { "\($0.method)" } == ["Below>>text"], "\(receipt)")
    #expect(session.inspector.classReport("Thing")?.subclasses == ["Below"])
    #expect(try String(contentsOfFile: "\(session.folder)/Below.som", encoding: .utf8).contains("'back '"))
    session.end(printing: "thing 4", "thing 3", "back thing 5", "thing 3", "Thing", "true", "true")
  }

  /// Its superclass may get a field that has the name of one of its own.
  @Test(arguments: Tier.available) func aRemovedClassFollowsItsSuperclass(_ tier: Tier) throws {
    let session = try session(tier)
    #expect(session.editor.accept(text(Self.below.replacing("| m |", with: "| m x |"))).succeeded)
    #expect(session.editor.accept(.method("Below", "n: a = ( m := 'm'. x := 'x'. super n: a )")).succeeded)
    #expect(session.editor.accept(.method("Below", "text = ( ^super text + ' ' + m + ' ' + x )")).succeeded)
    #expect(
      session.editor.accept(.method("Main", "running = ( held n: 6. system errorPrintln: 'is set'. ^true )")).succeeded)
    #expect(session.transcript.wait(for: "is set"))
    #expect(session.editor.accept(.method("Main", "running = ( ^true )")).succeeded)
    #expect(session.editor.accept(.removeClass("Below")).succeeded)
    for _ in 1...2 {
      let receipt = session.editor.accept(
        text(
          Self.thing.replacing("| n |", with: "| x n y |")
            .replacing("n: x = ( n := x )", with: "n: a = ( n := a. y := 'y'. x := 0 )")),
        .addField(className: "Thing", isClassSide: true, name: "more"))
      #expect(receipt.succeeded, "\(receipt)")
      #expect(!receipt.methods.contains { $0.method.className == "Below" }, "\(receipt)")
      #expect(session.editor.accept(.removeField(className: "Thing", isClassSide: true, name: "more")).succeeded)
    }
    let back = session.editor.accept(text(Self.below.replacing("| m |", with: "| x |")))
    #expect(back.errors.first?.message.contains("Below would have two fields x") == true, "\(back)")
    session.end(printing: "thing 4", "thing 3", "thing 6 m x", "thing 3", "Thing", "true", "true")
  }

  // MARK: Renaming

  @Test(arguments: Tier.available) func aRenamedClassStaysWhatItIs(_ tier: Tier) throws {
    let session = try session(tier)
    #expect(session.editor.accept(.method("Thing", "text = ( ^'a thing ' + n )")).succeeded)
    let receipt = session.editor.accept(.renameClass("Thing", to: "Item"))
    #expect(receipt.succeeded, "\(receipt)")
    #expect(receipt.renamed == [ClassRenaming(old: "Thing", new: "Item")])
    #expect(
      receipt.mentions.map { "\($0.method) \($0.name)" } == ["Item>>twin Thing", "Main>>run Thing", "Main>>step Thing"])
    #expect(receipt.description.contains("Main>>step still says Thing, which is no class now"), "\(receipt)")
    #expect(session.inspector.version(of: key("Item", "text")) == 2)
    #expect(session.inspector.source(of: key("Item", "text"), version: 1) == "text = ( ^'thing ' + n )")
    #expect(session.inspector.classReport("Below")?.superclass == "Item")
    #expect(session.inspector.className(ofFile: "\(session.folder)/Item.som") == "Item")
    #expect(!FileManager.default.fileExists(atPath: "\(session.folder)/Thing.som"))
    #expect(
      try String(contentsOfFile: "\(session.folder)/Item.som", encoding: .utf8)
        == Self.thing.replacing("Thing = (", with: "Item = (").replacing("'thing '", with: "'a thing '"))
    #expect(
      try String(contentsOfFile: "\(session.folder)/Below.som", encoding: .utf8)
        == Self.below.replacing("= Thing", with: "= Item"))
    // An old version, found by the new name.
    #expect(session.runtime.history.bringBack(key("Item", "text"), .version(1)).succeeded)
    session.end(
      printing: "spare 4", "thing 3", "below thing 3".replacing("3", with: "5"), "thing 3", "Item", "true", "true")
  }

  /// The other changes may say either name; the way back is another renaming.
  @Test(arguments: Tier.available) func aSetRenamesAndChanges(_ tier: Tier) throws {
    let session = try session(tier)
    let receipt = session.editor.accept(
      .method("Thing", "text = ( ^'item ' + n )"), .renameClass("Thing", to: "Item"),
      .method("Item", "fresh = ( ^n )"), .addField(className: "Item", isClassSide: false, name: "extra"),
      text("Above = ( | a | )"), text("Other = Item ( | o | )"), text(Self.below.replacing("= Thing", with: "= Item")),
      .method("Main", "step = ( seen := (Item new n: 4) text )"))
    #expect(receipt.succeeded, "\(receipt)")
    #expect(Set(receipt.methods.map(\.method.className)) == ["Item", "Main"], "\(receipt)")
    #expect(receipt.classes.map(\.name) == ["Item"] && receipt.loaded == ["Above", "Other"], "\(receipt)")
    #expect(session.inspector.classReport("Other")?.superclass == "Item")
    let back = session.editor.accept(
      .method("Item", "text = ( ^'thing ' + n )"), .renameClass("Item", to: "Thing"),
      .method("Main", "step = ( seen := (Thing new n: 4) text )"))
    #expect(back.succeeded && back.mentions.isEmpty, "\(back)")
    session.end(printing: "thing 4", "thing 3", "below thing 5", "thing 3", "Thing", "true", "true")
  }

  /// One class takes the place of another one.
  @Test(arguments: Tier.available) func aNameThatBecomesFree(_ tier: Tier) throws {
    let session = try session(tier)
    let receipt = session.editor.accept(
      .renameClass("Spare", to: "Thing"), .removeClass("Below"), .removeClass("Thing"))
    #expect(receipt.succeeded, "\(receipt)")
    #expect(receipt.mentions.map(\.name) == ["Below", "Spare"], "\(receipt)")
    if tier.isCompiled {
      let reasons = Set(receipt.invalidated.map(\.dependency))
      #expect(reasons.contains("the global Thing was constant"), "\(receipt)")
      #expect(!reasons.contains { $0.contains("shape") }, "\(receipt)")
    }
    session.end(printing: "spare 4", "thing 3", "below thing 5", "thing 3", "Thing", "true", "true")
  }

  // MARK: Undo

  /// Entries of the history are taken back whole, and done again.
  @Test(arguments: Tier.available) func removalsAndRenamingsAreTakenBack(_ tier: Tier) throws {
    let session = try session(tier)
    let history = session.runtime.history
    #expect(
      session.editor.accept(.method("Below", "text = ( ^'gone ' + super text )"), .renameClass("Below", to: "Under"))
        .succeeded)
    #expect(session.editor.accept(.removeClass("Under"), .removeClass("Thing")).succeeded)
    #expect(session.editor.accept(text("New = Spare ( | z | )")).succeeded)
    #expect(history.entries().first.map { "\($0)".contains("Below → Under") } == true, "\(history.entries())")
    let removed = history.undo()
    #expect(removed.removed.map(\.name) == ["New"], "\(removed)")
    let back = history.undo()
    #expect(Set(back.restored) == ["Under", "Thing"], "\(back)")
    let old = history.undo()
    #expect(old.renamed == [ClassRenaming(old: "Under", new: "Below")], "\(old)")
    #expect(old.methods.map { "\($0.method)" } == ["Below>>text"], "\(old)")
    #expect(try String(contentsOfFile: "\(session.folder)/Below.som", encoding: .utf8) == Self.below)
    #expect(try String(contentsOfFile: "\(session.folder)/Thing.som", encoding: .utf8) == Self.thing)
    for _ in 1...3 {
      let again = history.redo()
      #expect(again.succeeded, "\(again)")
    }
    #expect(session.inspector.classReport("New")?.fields == ["z"] && session.inspector.classReport("Thing") == nil)
    for _ in 1...3 { #expect(history.undo().succeeded) }
    // What was accepted since is not lost.
    #expect(session.editor.accept(text("New = Spare ( | z | z = ( ^z ) )")).succeeded)
    #expect(session.editor.accept(.method("New", "z = ( ^1 )")).succeeded)
    let number = try #require(history.entries().dropLast().last?.id)
    let refused = history.undo(number)
    #expect(refused.errors.first?.code == .changedSince, "\(refused)")
    session.end(printing: "thing 4", "thing 3", "below thing 5", "thing 3", "Thing", "true", "true")
  }

  // MARK: What cannot be

  @Test func refusals() throws {
    let session = try session(.interpreter)
    func refused(_ changes: Change..., because reason: String, at change: Int = 0) {
      let receipt = session.editor.accept(ChangeSet(changes))
      #expect(receipt.errors.first?.description.contains(reason) == true, "\(receipt)")
      #expect(
        receipt.errors.first?.code != .other || ["goes with its class", "a root"].contains { reason.contains($0) },
        "\(receipt)")
      #expect(receipt.errors.first?.change == change, "\(receipt)")
    }
    refused(
      .removeClass("Thing"), because: "Thing cannot be removed: Below is below it; remove Below in the same accept")
    refused(.removeClass("Nowhere"), because: "there is no class Nowhere")
    refused(.removeClass("Object"), because: "belongs to the core library")
    refused(.removeClass("Set"), because: "belongs to the core library")
    refused(.removeClass("Spare class"), because: "goes with its class; say Spare")
    refused(
      .removeClass("Spare"), .method("Spare", "a = ( ^1 )"), because: "Spare is removed and changed in one accept")
    refused(.removeClass("Spare"), text(Self.spare), because: "Spare is removed and changed in one accept")
    refused(
      .removeClass("Spare"), .addField(className: "Spare", isClassSide: true, name: "x"), because: "removed and changed"
    )
    refused(
      .removeClass("Spare"), .renameClass("Spare", to: "Other"), because: "Spare is removed and changed in one accept")
    refused(
      .removeClass("Spare"), text(Self.below.replacing("= Thing", with: "= Spare")),
      because: "Below cannot be below Spare", at: 1)
    refused(.removeClass("Spare"), text("New = Spare ( )"), because: "New cannot be below Spare", at: 1)
    refused(.renameClass("Thing", to: "Spare"), because: "there is a class Spare already; choose another name")
    refused(.renameClass("Thing", to: "Set"), because: "there is a class Set already")
    refused(.renameClass("Thing", to: "No name"), because: "'No name' cannot be the name of a class")
    refused(.renameClass("Thing", to: "nil"), because: "'nil' cannot be the name of a class")
    refused(.renameClass("Thing", to: "A"), .renameClass("Thing", to: "B"), because: "two names in one accept", at: 1)
    refused(
      .renameClass("Thing", to: "A"), .renameClass("Spare", to: "A"), because: "there is a class A already", at: 1)
    refused(.renameClass("Thing", to: "A"), text("A = nil ( )"), because: "only Object is a root", at: 1)
    refused(.renameClass("Nowhere", to: "A"), because: "there is no class Nowhere")
    refused(
      text("A = ( )"), .addField(className: "A", isClassSide: false, name: "a"), because: "new in this accept", at: 1)
    #expect(session.editor.accept(.renameClass("Thing", to: "Thing")).description.contains("nothing changed"))
    // What failed has left everything as it was.
    session.end(printing: "thing 4", "thing 3", "below thing 5", "thing 3", "Thing", "true", "true")
  }

  private func key(_ className: String, _ selector: String) -> MethodKey {
    MethodKey(className: className, selector: selector)
  }
}
