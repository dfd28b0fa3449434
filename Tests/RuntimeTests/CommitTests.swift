// An accept that fails while it is made leaves nothing behind (docs/live-editing.md, row 13): it is made to fail at each
// step that can, and everything that an accept may change is compared.

import Foundation
import GccBackend
import Testing

@testable import Runtime
@testable import VM

@Suite struct CommitTests {
  private static let main = """
    Main = ( | all |
      run = (
        all := Array new: 3.
        all at: 1 put: (Low new x: 1 y: 40). all at: 2 put: (Low new x: 2 y: 'half'). all at: 3 put: (Other new o: 7).
        system global: #All put: self. system global: #Kept put: (Array with: Away new with: Doomed new with: Named new).
        1 to: 100 do: [ :i | self text ].
        self text println )
      text = ( | s | s := ''. 1 to: all size do: [ :i | s := s + (all at: i) text + ' ' ]. ^s )
    )
    """
  private static let top = "Top = ( | t | text = ( ^'top' ) )"
  private static let high = "High = Top ( | h | h = ( ^h ) )"
  private static let away = "Away = Top ( | a | text = ( ^'away' ) )"
  private static let doomed = "Doomed = Top ( text = ( ^'doomed' ) )"
  private static let named = "Named = Top ( text = ( ^'named' ) named = ( ^Named ) )"
  private static let low = """
    Low = High ( | x y |
      x = ( ^x ) x: a y: b = ( x := a. y := b. h := 8 ) text = ( ^'low ' + x + ' ' + h + self rest )
      rest = ( ^' ' + y ) gone = ( ^0 )
      ---- | made | make = ( ^made )
    )
    """
  private static let other = "Other = Top ( | o | o = ( ^o ) o: a = ( o := a ) text = ( ^'other ' + o ) )"
  private static let movedOther =
    "Other = High ( | o p | o: a = ( p := a ) text = ( ^'other ' + o + ' ' + h + ' ' + p ) )"

  /// Both sides of classes, fields that come and go, a superclass, a new class, primitives, an operator that bytecode has
  /// built in, and a saved file; a class that goes, one that comes back, one that gets another name, and a new one above.
  private func changes(_ folder: String) -> ChangeSet {
    ChangeSet([
      .method("Low", "x = ( ^x + 100 )"),
      .method("Low", "fresh = ( ^[ :a | a + x ] )"),
      .method("Low", "make = ( ^#(1 'two' 3.0) )", classSide: true),
      .removeMethod(MethodKey(className: "Low", selector: "gone"), basedOn: nil),
      .primitive(MethodKey(className: "Low", selector: "is:"), function: "Object>>=="),
      .addField(className: "High", isClassSide: false, name: "extra"),
      .addField(className: "Low", isClassSide: true, name: "more"),
      .method("Low", "x: a y: b = ( x := a. h := b )"),
      .method("Low", "rest = ( ^' ' + extra )"),
      .removeField(className: "Low", isClassSide: false, name: "y"),
      .classSource(Self.movedOther, file: "\(folder)/Other.som"),
      .classSource("New = Other ( | n | text = ( ^'new ' + n ) )", file: nil),
      .classSource("Above = Top ( | above | )", file: nil),
      .classSource("High = Above ( | h extra | h = ( ^h ) )", file: nil),
      .classSource("Away = Above ( | a b | text = ( ^'back' ) )", file: nil),
      .removeClass("Doomed"),
      .renameClass("Named", to: "Renamed"),
      .method("Integer", "+ other = ( ^self - (0 - other) )"),
    ])
  }

  /// Everything, a line for each.
  private func state(_ session: Session) -> [String] {
    let files = ["Main", "Top", "High", "Low", "Other", "New", "Away", "Doomed", "Named", "Renamed"].map {
      (name: String) in
      "file \(name): " + ((try? String(contentsOfFile: "\(session.folder)/\(name).som", encoding: .utf8)) ?? "none")
    }
    return files + session.runtime.inspect { runtime in Self.state(runtime) }
  }

  private static func state(_ runtime: Runtime) -> [String] {
    let universe = runtime.universe
    var lines = universe.classes.infos.enumerated().map { index, info in
      guard let info else { return "class \(index): none" }
      let methods = info.selectors.map { "\(universe.symbols.name($0)) \(info.methods[$0]?.id ?? -1)" }
      return
        "class \(index): \(info.name), current \(info.isCurrent), removed \(info.isRemoved), named \(universe.classes.named(info.name)?.index ?? -1), "
        + "below \(info.superIndex), above \(info.subclasses), of \(info.metaIndex) \(info.instanceIndex), "
        + "\(info.ownFieldNames) of \(info.fieldNames) \(info.doubleFields), \(methods), \(info.methods.count), "
        + "from \(info.path ?? "") \(info.source.map { "\($0.bytes.hashValue)" } ?? "")"
    }
    universe.methods.forEach { info in
      lines.append(
        "method \(info.id): \(info.name) v\(info.version) of \(info.holderIndex), \(info.isReplaced) \(info.isAhead), "
          + "\(info.primitive ?? ""), kind \(info.method.kind), entry \(info.method[.entry]), twin \(info.twin ?? -1), "
          + "\(info.chunk?.instructions.map(\.bits) ?? []), \(info.removedFieldPCs), \(info.sourceText ?? "")")
    }
    for cell in 0..<universe.globals.count {
      lines.append(
        "global \(universe.globals.name(cell)): v\(universe.globals.version(cell)), "
          + "set \(universe.globals.address(cell)[0] != 0)")
    }
    let statistics = runtime.statistics
    lines.append("code: \(statistics.codeUnits), invalidated \(statistics.invalidations)")
    lines.append("away: \(universe.classNames.removedClass("Away")?.index ?? -1)")
    lines.append("history: \(runtime.versions.keptBytes)")
    lines.append("redefined: \(universe.assumptions.originals.keys.sorted())")
    lines.append("accepts: \(statistics.accepts), awaited \(runtime.effectWatch.count)")
    lines.append("reserved: \(universe.heap.old.spare.count <= Space.spareLimit) \(universe.heap.old.spareLimit)")
    return lines
  }

  private func text(_ session: Session) throws -> String {
    try session.calls.evaluation("All text").description
  }

  @Test(arguments: [Tier.interpreter, .compiled, .gcEvery].filter { Tier.available.contains($0) })
  func whatFailsAtAnyStepLeavesNothingBehind(_ tier: Tier) throws {
    var options = tier.options
    options.changeLog = NSTemporaryDirectory() + "ovid-log-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: options.changeLog ?? "") }
    let session = try Session(
      tier, Self.main, Self.top, Self.high, Self.low, Self.other, Self.away, Self.doomed, Self.named, options: options)
    let before = "low 1 8 40 low 2 8 half other 7 "
    #expect(session.output() == before + "\n")
    // What was there at the start is in the history, too.
    #expect(session.editor.accept(.method("Top", "text = ( ^'summit' )")).succeeded)
    #expect(session.editor.accept(.removeClass("Away")).succeeded)
    // Its file was saved, and is not yet accepted.
    try Self.movedOther.write(toFile: "\(session.folder)/Other.som", atomically: true, encoding: .utf8)
    let log = try String(contentsOfFile: #require(options.changeLog), encoding: .utf8)

    var steps = 0
    while true {
      let old = state(session)
      session.runtime.inspect { $0.accepts.failingStep = steps + 1 }
      let receipt = session.editor.accept(changes(session.folder))
      session.runtime.inspect { $0.accepts.failingStep = nil }
      if receipt.succeeded { break }
      steps += 1
      try #require(receipt.errors.map(\.message) == ["step \(steps) is made to fail"], "\(receipt)")
      #expect(receipt.methods.isEmpty && receipt.classes.isEmpty && receipt.loaded.isEmpty && receipt.files == nil)
      let new = state(session)
      #expect(new == old, "\(steps): \(new.difference(from: old))")
      #expect(try String(contentsOfFile: #require(options.changeLog), encoding: .utf8) == log)
      #expect(try text(session) == before)
    }
    // Eleven methods that are defined, and the memory for other shapes.
    #expect(steps == 12)
    let kept = try session.calls.evaluation(
      "(Kept inject: '' into: [ :a :b | a + b text + ' ' ]) + (Kept at: 3) class name")
    #expect(kept.description == "back doomed named Renamed")
    #expect(try text(session) == "low 1 8 nil low 2 8 nil other 7 nil nil ")
    #expect(try session.calls.evaluation("New new text").description == "new nil")
    #expect(try session.calls.evaluation("(All text) = nil").description == "false")
  }

  /// What was compiled to check it is what runs, unless its class has changed before it does.
  @Test func methodsOfNewClassesAreCompiledOnce() throws {
    let session = try Session(.interpreter, "Main = ( run = ( ) )", "Above = ( | a | )")
    try session.evaluations.load("Above")
    let accepted = session.editor.accept(
      .classSource("New = Above ( | n | n = ( ^n ) set = ( n := 3 ) ---- | c | c = ( ^c ) )", file: nil))
    #expect(accepted.succeeded, "\(accepted)")
    func isCompiled(_ selector: String, _ isClassSide: Bool = false) throws -> Bool {
      try session.runtime.perform { universe in
        let key = MethodKey(className: "New", isClassSide: isClassSide, selector: selector)
        return universe.methods[try #require(session.runtime.versions.current(key))].prepared != nil
      }
    }
    #expect(try isCompiled("n") && isCompiled("set") && isCompiled("c", true))
    #expect(try session.calls.evaluation("New c. New new n").description == "nil")
    #expect(try !isCompiled("n") && isCompiled("set") && !isCompiled("c", true))
    #expect(session.editor.accept(.addField(className: "Above", isClassSide: false, name: "b")).succeeded)
    #expect(try session.calls.evaluation("New new set; n").description == "3")
    #expect(try !isCompiled("set"))
  }

  /// Not even the first of two methods, for which there is room.
  @Test func aMethodWithoutRoomForItsLiteralsIsRefused() throws {
    var options = Tier.interpreter.options
    options.heapLimit = 24 << 20
    let session = try Session(.interpreter, "Main = ( run = ( self one println ) one = ( ^1 ) )", options: options)
    #expect(session.output() == "1\n")
    let long = String(repeating: "x", count: 20 << 20)
    let old = state(session)
    let receipt = session.editor.accept(
      .method("Main", "one = ( ^2 )"), .method("Main", "long = ( ^'\(long)' )"))
    #expect(receipt.errors.map(\.change) == [1], "\(receipt)")
    #expect(receipt.errors.first?.message.contains("no memory for the literals of Main>>long") == true, "\(receipt)")
    #expect(state(session) == old)
    #expect(session.editor.accept(.method("Main", "one = ( ^2 )")).succeeded)
  }
}
