// The history of accepts: entries with what was before and after, undo and redo of them, whole and of single methods, and
// what becomes of it when a machine ends.

import Foundation
import Testing

@testable import Runtime

@Suite struct HistoryTests {
  private static let text = """
    Main = (
      | a b |
      a = ( ^a )
      a: x = ( a := x )
      value = ( ^1 )
      other = ( ^self value )
      run = ( (self value) println )
    )
    """
  private static let base = "Base = ( | x | kind = ( ^#base ) x = ( ^x ) )"
  private let value = MethodKey(className: "Main", selector: "value")

  private func session(log: String? = nil, _ text: String = text) throws -> Session {
    var options = Tier.interpreter.options
    options.changeLog = log
    options.writeBack = false
    let session = try Session(.interpreter, text, Self.base, options: options)
    try session.evaluations.load("Main")
    try session.evaluations.load("Base")
    return session
  }
  private func accept(_ session: Session, _ changes: Change..., author: String = "me") throws -> Receipt {
    let receipt = session.editor.accept(ChangeSet(changes, author: author))
    try #require(receipt.succeeded, "\(receipt)")
    return receipt
  }
  private func temporaryPath() -> String { NSTemporaryDirectory() + "ovid-history-\(UUID().uuidString)" }
  private func source(_ session: Session, _ selector: String) -> String? {
    session.inspector.source(of: MethodKey(className: "Main", selector: selector))
  }
  private func shape(_ session: Session) -> [String] {
    let report = session.inspector.classReport("Main")
    return [report?.superclass ?? "", (report?.fields ?? []).joined(separator: " ")]
  }

  // MARK: Undo and redo

  /// On each tier, while a loop runs: fields with their values, superclass, methods new, removed and replaced.
  @Test(arguments: Tier.available)
  func aWholeAcceptIsTakenBackAndDoneAgain(_ tier: Tier) throws {
    let session = try Session(
      tier,
      """
      Main = ( | kept last |
        run = ( kept := 5. system errorPrintln: 'ready'. self loop. kept println. last println )
        loop = ( [ self running ] whileTrue: [ last := self value ] )
        running = ( ^true )
        value = ( ^1 )
        gone = ( ^#gone )
        unrelated = ( ^1 )
      )
      """, "Above = ( | x | x = ( ^x ) )")
    try session.startLoop()
    let text = """
      Main = Above ( | kept last more |
        run = ( kept := 5. system errorPrintln: 'ready'. self loop. kept println. last println )
        loop = ( [ self running ] whileTrue: [ last := self value ] )
        running = ( ^true )
        value = ( ^2 )
        new = ( more := 3. ^more )
        unrelated = ( ^1 )
      )
      """
    let done = session.editor.accept(.classSource(text, file: nil))
    #expect(done.succeeded, "\(done)")
    let history = session.runtime.history
    let entry = try #require(history.entry(done.id))
    #expect(Set(entry.methods.map(\.method.selector)) == ["value", "new", "gone"], "\(entry)")
    #expect(
      entry.classes == [
        ClassDifference(
          name: "Main", before: ClassShape(superclass: "Object", fields: ["kept", "last"]),
          after: ClassShape(superclass: "Above", fields: ["kept", "last", "more"]))
      ])
    let undone = history.undo(done.id)
    #expect(undone.succeeded, "\(undone)")
    #expect(shape(session) == ["Object", "kept last"])
    #expect(source(session, "value") == "value = ( ^1 )" && source(session, "gone") == "gone = ( ^#gone )")
    #expect(source(session, "new") == nil)
    #expect(history.entry(done.id)?.state == .takenBack && history.entry(undone.id)?.takingBack?.entry == done.id)
    let redone = history.redo()
    #expect(redone.succeeded, "\(redone)")
    #expect(shape(session) == ["Above", "kept last more"])
    #expect(source(session, "value") == "value = ( ^2 )" && source(session, "gone") == nil)
    #expect(history.entry(done.id)?.state == .done)
    // Taking back the undo is the same again, and it is so already.
    #expect(history.undo(undone.id).errors.map(\.code) == [.nothingToDo])
    #expect(history.undo(redone.id).succeeded && shape(session) == ["Object", "kept last"])
    #expect(session.editor.accept(.method("Main", "running = ( ^false )")).succeeded)
    #expect(session.finish() == 0)
    #expect(session.transcript.standardOutput.hasPrefix("5\n"))
  }

  /// Classes come and go as they were, with their instances.
  @Test func classesThatAreNewRemovedAndRenamed() throws {
    let session = try session(), history = session.runtime.history
    func value(_ text: String) -> String? { try? session.calls.evaluation(text).description }
    let text = "Made = Base ( | y | y = ( ^y ) y: v = ( y := v ) ---- | z | z = ( ^z ) )"
    let made = try accept(session, .classSource(text, file: nil))
    #expect(value("system global: #one put: (Made new y: 3). 0") == "0")
    #expect(history.undo().succeeded && value("Made new") == nil)
    #expect(value("(system global: #one) y") == "3")
    #expect(history.redo().succeeded && value("(system global: #one) class == Made") == "true")
    // What was done to it since is not lost.
    let more = try accept(session, .method("Made", "more = ( ^4 )"))
    let refused = history.undo(made.id).errors
    #expect(refused.map(\.code) == [.changedSince] && refused.first?.name == "Made", "\(refused)")
    let removed = try accept(session, .removeClass("Made"))
    #expect(history.undo(more.id).errors.map(\.code) == [.noSuchClass])
    #expect(history.undo(removed.id).succeeded && value("Made new more + (system global: #one) y") == "7")
    let renamed = try accept(
      session, .renameClass("Made", to: "Other"), .method("Other", "more = ( ^5 )"),
      .addField(className: "Other", isClassSide: true, name: "w"))
    #expect(value("Other new more + (system global: #one) y") == "8")
    #expect(history.entry(renamed.id)?.methods.map(\.after?.text) == ["more = ( ^5 )"])
    #expect(history.undo().succeeded && value("Made new more") == "4" && value("Other") == nil)
    #expect(session.inspector.classReport("Made")?.classFields == ["z"])
    #expect(history.redo().succeeded && value("Other new more") == "5")
    #expect(session.inspector.classReport("Other")?.classFields == ["z", "w"])
    #expect(history.entry(renamed.id)?.description.contains("Made → Other") == true)
  }

  /// An accept that brings a superclass along, and one that removes two classes.
  @Test func severalClassesAtOnce() throws {
    let session = try session(), history = session.runtime.history
    let below = Self.text.replacing("Main = (", with: "Main = Above (").replacing("| a b |", with: "| b |").replacing(
      "a = ( ^a )\n", with: ""
    ).replacing("a: x = ( a := x )\n", with: "")
    _ = try accept(
      session, .classSource("Above = ( | a | a = ( ^a ) a: x = ( a := x ) )", file: nil), .classSource(below, file: nil)
    )
    #expect(shape(session) == ["Above", "b"])
    let undone = history.undo()
    #expect(undone.succeeded, "\(undone)")
    #expect(shape(session) == ["Object", "a b"] && source(session, "a:") != nil)
    #expect(session.inspector.classReport("Above") == nil)
    #expect(history.redo().succeeded && shape(session) == ["Above", "b"] && source(session, "a:") == nil)
    _ = try accept(session, .classSource("Low = Above ( )", file: nil), .classSource("Lower = Low ( )", file: nil))
    _ = try accept(session, .removeClass("Low"), .removeClass("Lower"))
    #expect(history.undo().succeeded && session.inspector.classReport("Lower")?.superclass == "Low")
    #expect(history.undo().succeeded && session.inspector.classReport("Low") == nil)
  }

  /// What came from a file goes with it only if that is meant.
  @Test func classesFromFilesStay() throws {
    let session = try session(), history = session.runtime.history
    let path = "\(session.folder)/Filed.som"
    try "Filed = ( a = ( ^1 ) )".write(toFile: path, atomically: true, encoding: .utf8)
    _ = try accept(session, .method("Main", "value = ( ^2 )"))
    let loaded = try accept(session, .classSource("Filed = ( a = ( ^1 ) )", file: path))
    let error = try #require(history.undo(loaded.id).errors.first)
    #expect(error.code == .cannotBeRemoved && error.name == "Filed" && error.remedy != nil)
    // Without a number it is passed over.
    #expect(history.undo().succeeded && source(session, "value") == "value = ( ^1 )")
  }

  @Test func withoutANumberTheyGoBackAndForth() throws {
    let session = try session(), history = session.runtime.history
    for i in 2...4 { _ = try accept(session, .method("Main", "value = ( ^\(i) )")) }
    for i in [3, 2, 1] {
      #expect(history.undo().succeeded && source(session, "value") == "value = ( ^\(i) )")
    }
    let nothing = history.undo()
    #expect(nothing.errors.map(\.code) == [.nothingToDo] && nothing.id == 0)
    for i in [2, 3, 4] {
      #expect(history.redo().succeeded && source(session, "value") == "value = ( ^\(i) )")
    }
    #expect(history.redo().errors.map(\.code) == [.nothingToDo])
    #expect(history.entries().map(\.id) == Array(1...9))
  }

  @Test func singleMethods() throws {
    let session = try session(), history = session.runtime.history
    let both = try accept(session, .method("Main", "value = ( ^2 )"), .method("Main", "other = ( ^20 )"))
    _ = try accept(session, .method("Main", "value = ( ^3 )"))
    #expect(history.undo(method: value).succeeded && source(session, "value") == "value = ( ^2 )")
    #expect(history.undo(method: value).succeeded && source(session, "value") == "value = ( ^1 )")
    #expect(source(session, "other") == "other = ( ^20 )")
    #expect(history.entry(both.id)?.state == .partlyTakenBack)
    #expect(history.undo(method: value).errors.map(\.name) == ["Main>>value"])
    #expect(history.redo(method: value).succeeded && source(session, "value") == "value = ( ^2 )")
    #expect(history.undo(both.id).succeeded)
    #expect(source(session, "value") == "value = ( ^1 )" && source(session, "other") == "other = ( ^self value )")
    #expect(history.entry(both.id)?.state == .takenBack)
  }

  @Test func theProgramsOwnAcceptsAreTakenBackByNumber() throws {
    let session = try session(), history = session.runtime.history
    _ = try accept(session, .method("Main", "other = ( ^2 )"))
    _ = try session.calls.evaluation("Main compile: 'value = ( ^7 )'")
    let own = try #require(history.entries().last)
    #expect(own.author == "program")
    #expect(history.undo().succeeded && source(session, "other") == "other = ( ^self value )")
    #expect(source(session, "value") == "value = ( ^7 )")
    #expect(history.undo(own.id).succeeded && source(session, "value") == "value = ( ^1 )")
  }

  // MARK: Refusals

  @Test func whatWasChangedSinceIsNotLost() throws {
    let session = try session(), history = session.runtime.history
    let first = try accept(session, .method("Main", "value = ( ^2 )"))
    let second = try accept(session, .method("Main", "value = ( ^3 )"))
    let refused = history.undo(first.id)
    let error = try #require(refused.errors.first)
    #expect(error.code == .changedSince && error.name == "Main>>value" && refused.errors.count == 1)
    #expect(error.remedy?.contains("accept \(second.id)") == true, "\(error)")
    #expect(source(session, "value") == "value = ( ^3 )")
    #expect(history.undo(second.id).succeeded && history.undo(first.id).succeeded)
    #expect(source(session, "value") == "value = ( ^1 )")
  }

  @Test func fieldsThatOthersUse() throws {
    let session = try session(), history = session.runtime.history
    let field = try accept(session, .addField(className: "Main", isClassSide: false, name: "c"))
    let user = try accept(session, .method("Main", "other = ( c := 1 )"))
    // The method assigns it.
    #expect(!history.undo(field.id).succeeded && shape(session)[1] == "a b c")
    #expect(history.undo(user.id).succeeded && history.undo(field.id).succeeded)
    #expect(shape(session)[1] == "a b")
    // What else became of the fields stays.
    #expect(history.redo(field.id).succeeded)
    _ = try accept(session, .addField(className: "Main", isClassSide: false, name: "d"))
    #expect(history.undo(field.id).succeeded && shape(session)[1] == "a b d")
    _ = try accept(session, .removeField(className: "Main", isClassSide: false, name: "b"))
    #expect(history.undo().succeeded && shape(session)[1] == "a b d")
    let removal = try accept(session, .removeField(className: "Main", isClassSide: false, name: "b"))
    for name in ["e", "b"] { _ = try accept(session, .addField(className: "Main", isClassSide: false, name: name)) }
    #expect(history.undo(removal.id).errors.map(\.code) == [.changedSince])
  }

  @Test func whatThereIsNot() throws {
    let session = try session(), history = session.runtime.history
    for receipt in [history.undo(7), history.redo(7), history.undo(0), history.bringBack(value, .version(9))] {
      #expect(receipt.errors.map(\.code) == [.notKept], "\(receipt)")
    }
    #expect(history.entry(1) == nil && history.entries().isEmpty)
    _ = try accept(session, .method("Main", "value = ( ^1 )"))
    #expect(history.undo(1).errors.map(\.code) == [.nothingToDo])
    #expect(history.undo().errors.map(\.code) == [.nothingToDo])
  }

  // MARK: Versions

  @Test func versionsAreListedComparedAndBroughtBack() throws {
    let session = try session(), history = session.runtime.history
    _ = try accept(session, .method("Main", "value = ( ^2 )"))
    let gone = try accept(session, .removeMethod(value, basedOn: nil), author: "you")
    let again = try accept(session, .method("Main", "value = (\n  ^3\n)"))
    let versions = history.versions(of: value)
    #expect(versions.map(\.place.spelling) == ["v1", "v2", "v1"], "\(versions)")
    #expect(versions.map(\.entry) == [nil, 1, again.id] && versions.map(\.isCurrent) == [false, false, true])
    #expect(history.state(of: value, .before(entry: gone.id))?.text == "value = ( ^2 )")
    #expect(history.state(of: value, .after(entry: gone.id)) == nil)
    let back = history.bringBack(value, .after(entry: 1))
    #expect(back.succeeded && source(session, "value") == "value = ( ^2 )")
    // That is an accept as any other.
    #expect(history.undo().succeeded && source(session, "value") == "value = (\n  ^3\n)")
    for text in ["v3", "12", "-4"] { #expect(VersionPlace(text)?.spelling == text) }
    for text in ["", "v", "x", "--", "v1x"] { #expect(VersionPlace(text) == nil) }
  }

  @Test func differencesOfTexts() {
    let difference = TextDifference("a\nb\nc", "a\nx\nc\nd")
    #expect("\(difference)" == "  a\n- b\n+ x\n  c\n+ d" && !difference.isEmpty)
    #expect("\(TextDifference("", "a"))" == "+ a" && "\(TextDifference("a", ""))" == "- a")
    #expect(TextDifference("a\r\nb", "a\nb").isEmpty)
  }

  // MARK: The change log

  @Test func theHistoryIsThereAgainAfterARestart() throws {
    let log = temporaryPath()
    defer { unlink(log) }
    do {
      let session = try session(log: log)
      _ = try accept(session, .method("Main", "value = ( ^2 )"))
      _ = try accept(
        session, .addField(className: "Main", isClassSide: false, name: "c"), .method("Main", "other = ( ^c )"))
      _ = try accept(session, .method("Main", "value = ( ^3 )"))
      #expect(session.runtime.history.undo().succeeded)
    }
    let again = try session(
      log: log,
      Self.text.replacing("| a b |", with: "| a b c |").replacing("^self value )", with: "^c )").replacing(
        "value = ( ^1 )", with: "value = ( ^2 )"))
    let history = again.runtime.history
    #expect(history.entries().map(\.id) == [1, 2, 3, 4])
    #expect(history.entries().map(\.state) == [.done, .done, .takenBack, .done])
    #expect(history.entry(3)?.receipt?.methods.first?.after == 3)
    #expect(history.versions(of: value).map(\.place.spelling) == ["-1", "1", "3", "v1"])
    // Numbers go on.
    let next = history.redo()
    #expect(next.id == 5 && source(again, "value") == "value = ( ^3 )", "\(next)")
    #expect(
      history.undo(2).succeeded && shape(again)[1] == "a b" && source(again, "other") == "other = ( ^self value )")
    #expect(try ChangeLog.read(log).entries.map(\.accept) == [1, 2, 3, 4, 5, 6])
  }

  @Test func logsOfEarlierVersions() throws {
    let log = temporaryPath()
    defer { unlink(log) }
    let change = #"{"method":{"className":"Main","isClassSide":false,"source":"value = ( ^2 )"}}"#
    // Numbers began again in each session; receipts may be others' some day.
    let lines = [
      #"{"accept":1,"author":"x","changes":[\#(change)],"time":0}"#,
      #"{"accept":2,"author":"x","changes":[\#(change)],"receipt":{"id":2},"replaced":[],"time":0}"#,
      #"{"accept":1,"author":"x","changes":[\#(change)],"time":0}"#,
    ]
    try (lines.joined(separator: "\n") + "\n").write(toFile: log, atomically: true, encoding: .utf8)
    let session = try session(log: log), history = session.runtime.history
    #expect(history.entries().map(\.id) == [1, 2, 3])
    #expect(history.entry(1)?.methods.map(\.after?.text) == ["value = ( ^2 )"])
    #expect(history.undo(1).errors.map(\.code) == [.notKept])
    #expect(try accept(session, .method("Main", "value = ( ^5 )")).id == 4)
    #expect(try ChangeLog.read(log).entries.map(\.accept) == [1, 2, 3, 4])
  }

  @Test func aReplayOfAnotherLogIsOfThisSessionToo() throws {
    let log = temporaryPath()
    defer { unlink(log) }
    do {
      let session = try session(log: log)
      // Numbers of the log and those here are not the same.
      #expect(!session.editor.accept(.method("Main", "value = ( ^ )")).succeeded)
      _ = try accept(session, .method("Main", "value = ( ^2 )"))
      #expect(session.runtime.history.undo().succeeded)
    }
    let other = try session(), history = other.runtime.history
    #expect(try other.editor.replay(log).receipts.allSatisfy(\.succeeded))
    #expect(history.entries().map(\.id) == [1, 2] && history.entry(2)?.takingBack?.entry == 1)
    #expect(history.entry(1)?.state == .takenBack)
    // Its own is there already.
    let own = try session(log: log)
    #expect(own.runtime.history.entries().map(\.id) == [2, 3])
    #expect(try own.editor.replay(log).receipts.allSatisfy(\.succeeded))
    #expect(own.runtime.history.entries().map(\.id) == [2, 3])
  }

  // MARK: Growth

  @Test func memoryIsBounded() throws {
    let log = temporaryPath()
    defer { unlink(log) }
    let session = try session(log: log), history = session.runtime.history
    try session.runtime.perform { _ in
      for i in 1...3000 {
        try #require(session.editor.accept(.method("Main", "value = ( ^\(i + 1) )")).succeeded)
      }
    }
    #expect(session.runtime.acceptHistory.recent.count <= History.entryLimit * 5 / 4)
    // The log has them all.
    #expect(history.entry(10)?.methods.first?.after?.text == "value = ( ^11 )")
    #expect(history.entries(before: 5).map(\.id) == [1, 2, 3, 4])
    #expect(history.entries(before: 2500, limit: 1500).map(\.id) == Array(1000..<2500))
    #expect(history.entries(limit: 3).map(\.id) == [2998, 2999, 3000])
    let again = try self.session(log: log).runtime
    #expect(again.history.entries(limit: 2).map(\.id) == [2999, 3000])
    #expect(again.acceptHistory.recent.count == History.entryLimit)
    // Without a log, older ones are gone, and that is said.
    let kept = History(entryLimit: 100, byteLimit: 10_000)
    let long = String(repeating: "x", count: 1000)
    for i in 1...50 {
      kept.add(
        ChangeLog.Entry(accept: i, author: "", time: 0, changes: [.method("Main", long)], replaced: []))
    }
    #expect(kept.keptBytes <= 10_000 && kept.entry(50) != nil && kept.entry(1) == nil)
    for i in 51...1000 { kept.add(ChangeLog.Entry(accept: i, author: "", time: 0, changes: [])) }
    #expect(kept.recent.count <= 125 && kept.recent.last?.accept == 1000)
  }

  // MARK: A session again

  @Test func aSessionIsMadeAgainFromItsBeginning() throws {
    let log = temporaryPath()
    defer { unlink(log) }
    do {
      let session = try session(log: log)
      _ = try accept(session, .method("Main", "value = ( ^2 )"), .method("Main", "extra = ( ^1 )"))
      _ = try accept(session, .addField(className: "Main", isClassSide: false, name: "c"))
      _ = try accept(session, .classSource("Made = ( one = ( ^1 ) )", file: nil))
      #expect(session.runtime.history.undo(1).succeeded)
    }
    // The files have another text by now.
    let session = try session(
      log: nil,
      Self.text.replacing("| a b |", with: "| a b c |").replacing(
        "value = ( ^1 )", with: "value = ( ^9 ) extra = ( ^8 )"))
    let again = try session.editor.session(log)
    #expect(again.count == 4 && again.pause(before: 0) == 0 && again.pause(before: 1) >= 0)
    #expect(again.takeBack()?.succeeded == true)
    #expect(source(session, "value") == "value = ( ^1 )" && source(session, "extra") == nil)
    #expect(shape(session)[1] == "a b")
    var values: [String?] = []
    for step in 0..<again.count {
      #expect(again.make(step)?.succeeded == true)
      values.append(source(session, "value"))
    }
    #expect(values == ["value = ( ^2 )", "value = ( ^2 )", "value = ( ^2 )", "value = ( ^1 )"])
    #expect(shape(session)[1] == "a b c" && session.inspector.classReport("Made") != nil)
    #expect(session.runtime.history.entries().last?.takingBack != nil)
  }

  @Test func entriesAreValues() throws {
    let session = try session(), history = session.runtime.history
    _ = try accept(session, .method("Main", "value = ( ^2 )"))
    _ = try accept(session, .classSource("Made = ( )", file: nil))
    #expect(history.undo(1).succeeded)
    for entry in history.entries() {
      let copy = try JSONDecoder().decode(HistoryEntry.self, from: JSONEncoder().encode(entry))
      #expect(copy.description == entry.description && copy.methods == entry.methods && copy.changes == entry.changes)
    }
    let texts = history.entries().map { $0.description }
    #expect(texts[0].hasPrefix("1  ") && texts[0].hasSuffix("me: Main>>value (taken back)"), "\(texts)")
    #expect(texts[1].hasSuffix("me: Made (new class)") && texts[2].hasSuffix("undo: takes back 1: Main>>value"))
  }
}
