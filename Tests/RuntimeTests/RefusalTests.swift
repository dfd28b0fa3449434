// Every refusal has a code and a name, a line where it is about a text, and what can be done where something can.

import Foundation
import Testing

@testable import Runtime

@Suite struct RefusalTests {
  private func session() throws -> Session {
    var options = Tier.interpreter.options
    options.writeBack = false
    let session = try Session(
      .interpreter,
      """
      Main = ( | a |
        set = ( a := 1 )
        value = ( ^1 )
        run = ( 1 println )
      )
      """, "Below = Main ( )", options: options)
    try session.evaluations.load("Main")
    try session.evaluations.load("Below")
    return session
  }
  private func field(_ name: String, in className: String = "Main", isAdded: Bool) -> Change {
    isAdded
      ? .addField(className: className, isClassSide: false, name: name)
      : .removeField(className: className, isClassSide: false, name: name)
  }
  private func text(_ text: String, file: String? = nil) -> Change { .classSource(text, file: file) }

  @Test func codesNamesAndPlaces() throws {
    let session = try session()
    func expect(
      _ code: AcceptError.Code, _ name: String?, at line: Int? = nil, todo remedy: String? = nil, _ changes: Change...,
      sourceLocation: SourceLocation = #_sourceLocation
    ) {
      let receipt = session.editor.accept(ChangeSet(changes))
      guard let error = receipt.errors.first else {
        Issue.record("accepted: \(receipt)", sourceLocation: sourceLocation)
        return
      }
      #expect(
        error.code == code && error.name == name && error.line == line, "\(error)", sourceLocation: sourceLocation)
      if let remedy {
        #expect(error.remedy?.contains(remedy) == true, "\(error)", sourceLocation: sourceLocation)
        #expect(error.description.contains(remedy), sourceLocation: sourceLocation)
        #expect(error.message.contains(remedy) || !error.reason.contains(remedy), sourceLocation: sourceLocation)
      }
    }
    expect(.syntax, nil, at: 2, .method("Main", "value = (\n  ^ )"))
    expect(.syntax, "Main>>value", at: 1, .method("Main", "value = ( zork := 1 )"))
    expect(.badName, "1a", field("1a", isAdded: true))
    expect(.exists, "a", todo: "another name", field("a", isAdded: true))
    expect(.noSuchField, "zork", field("zork", isAdded: false))
    expect(.noSuchField, "a", todo: "the class above", field("a", in: "Below", isAdded: false))
    expect(.noSuchClass, "Zork", todo: "accept its text", .method("Zork", "a = ( ^1 )"))
    expect(.noSuchMethod, "Main>>zork", .removeMethod(MethodKey(className: "Main", selector: "zork"), basedOn: nil))
    expect(
      .noSuchMethod, "Below>>value", todo: "inherits Main>>value",
      .removeMethod(MethodKey(className: "Below", selector: "value"), basedOn: nil))
    expect(.noSuchPrimitive, "Main>>value", .method("Main", "value = primitive"))
    expect(.noSuchPrimitive, "Main>>value", at: 3, text("Main = ( | a |\n set = ( a := 1 )\n value = primitive )"))
    expect(.needed, "Main>>set", todo: "change or remove Main>>set", field("a", isAdded: false))
    expect(.badSuperclass, "Main", at: 1, text("Main = nil ( | a | )"))
    expect(.badShape, "Main", at: 1, text("Main =\n Below ( | a | set = ( a := 1 ) )"))
    expect(.exists, "a", at: 2, todo: "leave it out", text("New = Main (\n  | a | )"))
    expect(.syntax, "New", at: 1, text("New = Zork ( )"))
    expect(.badSuperclass, "New", at: 1, text("New = nil ( )"))
    expect(.contradiction, "New", at: 1, text("New = ( )"), text("New = ( )"))
    expect(.badShape, "Integer", field("x", in: "Integer", isAdded: true))
    expect(.otherFile, "New", text("New = ( )", file: "\(session.folder)/Other.som"))
    expect(.otherFile, "Array", todo: "started again", text("Array = ( )", file: "\(session.folder)/Array.som"))
    // Nothing has changed.
    #expect(session.inspector.classReport("Main")?.selectors == ["set", "value", "run"])
    #expect(session.inspector.version(of: MethodKey(className: "Main", selector: "value")) == 1)
  }

  @Test func namesOfClasses() throws {
    let session = try session()
    func code(_ changes: Change...) -> AcceptError? { session.editor.accept(ChangeSet(changes)).errors.first }
    for (error, expected, name) in [
      (code(.removeClass("Main")), AcceptError.Code.needed, "Below"),
      (code(.removeClass("Zork")), .noSuchClass, "Zork"),
      (code(.removeClass("Vector")), .builtIn, "Vector"),
      (code(.renameClass("Below", to: "1x")), .badName, "1x"),
      (code(.renameClass("Below", to: "Main")), .exists, "Main"),
      (code(.removeClass("Below"), .method("Below", "x = ( ^1 )")), .contradiction, "Below"),
      (code(.renameClass("Below", to: "B1"), .renameClass("Below", to: "B2")), .contradiction, "Below"),
    ] {
      #expect(error?.code == expected && error?.name == name, "\(String(describing: error))")
    }
  }

  /// What is in the way may be gone later.
  @Test func whatRuns() throws {
    let session = try Session(
      .interpreter,
      """
      Main = Above (
        run = ( system errorPrintln: 'ready'. self loop. 1 println )
        running = ( ^true )
      )
      """, "Above = ( | x | loop = ( [ self running ] whileTrue: [ x := 1 ] ) )")
    try session.startLoop(of: MethodKey(className: "Above", selector: "loop"))
    let receipt = session.editor.accept(
      .classSource(
        "Main = ( run = ( system errorPrintln: 'ready'. self loop. 1 println ) running = ( ^true ) )", file: nil))
    let error = try #require(receipt.errors.first)
    #expect(error.code == .inUse && error.name == "Main" && error.remedy != nil && error.line == 1, "\(error)")
    let copy = try JSONDecoder().decode(AcceptError.self, from: JSONEncoder().encode(error))
    #expect(copy == error)
    #expect(session.editor.accept(.method("Main", "running = ( ^false )")).succeeded)
    #expect(session.finish() == 0)
  }
}
