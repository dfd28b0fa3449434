import Foundation
import Ovid
import TestThreads
import Testing

@testable import LiveSession

@Suite(.serialized, .ownThread) struct EditingTests {
  private func accept(_ text: String, basedOn: Int? = nil, more: String = "") -> String {
    let base = basedOn.map { #", "basedOn": \#($0)"# } ?? ""
    return #"{"changes": [{"kind": "method", "className": "Flow", "text": "\#(text)"\#(base)}]\#(more)}"#
  }

  @Test func anAcceptIsToldToEverybody() async throws {
    let fixture = try LiveFixture()
    defer { fixture.end() }
    let anna = try await fixture.client(), ben = try await fixture.client("Ben")
    let answer = try await anna.ask("accept", accept("methB = ( ^2 )", basedOn: 1))
    #expect(answer.number("result.receipt.methods.0.after") == 2)
    let told = try await ben.event("accepted")
    #expect(told.text("receipt.author") == "Anna")
    _ = try await ben.event("effect") { $0.number("receipt") == told.number("receipt.id") }
    _ = try await ben.event("settled")
    let method = try await ben.ask("method", #"{"method": "Flow>>methB"}"#)
    #expect(method.text("result.text") == "methB = ( ^2 )" && method.number("result.version") == 2)
  }

  @Test func classFilesAreWrittenAfterTheAnswer() async throws {
    let fixture = try LiveFixture()
    defer { fixture.end() }
    let listener = try await fixture.client()
    let file = try #require(try await listener.ask("class", #"{"name": "Flow"}"#).text("result.class.path"))
    let answer = try await listener.ask("accept", accept("methB = ( ^2 )"))
    #expect(answer["result.receipt.files"] == nil)
    let written = try await listener.event("written")
    #expect(written.number("receipt") == answer.number("result.receipt.id") && written.text("files.0") == file)
    #expect(try String(contentsOfFile: file, encoding: .utf8).contains("methB = ( ^2 )"))
    let entry = try await listener.ask("entry", #"{"entry": 1}"#)
    #expect(entry.text("result.entry.receipt.files.0") == file)
    // So it is when something is taken back, done again, or brought back.
    let rest: [(request: String, parameters: String, text: String)] = [
      ("undo", "{}", "methB = ( ^1 )"), ("redo", "{}", "methB = ( ^2 )"),
      ("revert", #"{"method": "Flow>>methB", "version": "v1"}"#, "methB = ( ^1 )"),
    ]
    for (request, parameters, text) in rest {
      let answer = try await listener.ask(request, parameters)
      #expect(answer.number("result.receipt.id") != nil && answer["result.receipt.files"] == nil, "\(request)")
      let id = answer.number("result.receipt.id")
      let written = try await listener.event("written") { $0.number("receipt") == id }
      #expect(written.text("files.0") == file, "\(request)")
      #expect(try String(contentsOfFile: file, encoding: .utf8).contains(text), "\(request)")
    }
    // Whoever ends the session waits for them.
    _ = try await listener.ask("accept", accept("methB = ( ^3 )"))
    fixture.vm.finishWriting()
    #expect(try String(contentsOfFile: file, encoding: .utf8).contains("methB = ( ^3 )"))
  }

  /// Somebody edits the file, somebody else has a draft, and accepts it: nothing of either is lost.
  @Test func aFileThatIsChangedOnDiskWhileThereIsADraft() async throws {
    let fixture = try LiveFixture()
    defer { fixture.end() }
    let listener = try await fixture.client(), ben = try await fixture.client("Ben")
    let file = try #require(try await listener.ask("class", #"{"name": "Flow"}"#).text("result.class.path"))
    let draft = #"{"place": "Flow>>methB", "text": "methB = ( ^2 )", "basedOn": 1}"#
    _ = try await ben.ask("draft", draft)
    let edited = LiveFixture.flow.replacing("total = ( ^total )", with: "total = ( \"theirs\" ^total )")
      .replacing("methB = ( ^1 )", with: "methB = ( \"theirs, too\" ^1 )")
    try edited.write(toFile: file, atomically: true, encoding: .utf8)
    #expect(try await ben.ask("drafts", "{}").text("result.drafts.0.text") == "methB = ( ^2 )")
    let answer = try await ben.ask("accept", accept("methB = ( ^2 )"))
    #expect(answer.number("result.receipt.id") == 1)
    let written = try await ben.event("written")
    fixture.vm.finishWriting()
    let now = try String(contentsOfFile: file, encoding: .utf8)
    #expect(now.contains("\"theirs\" ^total") && now.contains("\"theirs, too\" ^1"))
    #expect(written.list("kept").count == 1)
    #expect(try await ben.ask("method", #"{"method": "Flow>>methB"}"#).text("result.text") == "methB = ( ^2 )")
  }

  @Test func whatAClientThatIsGoneHasAskedForIsDone() async throws {
    let fixture = try LiveFixture()
    defer { fixture.end() }
    let anna = try await fixture.client(), ben = try await fixture.client("Ben")
    for value in 2...21 { _ = anna.begin("accept", accept("methB = ( ^\(value) )")) }
    let id = anna.begin("evaluate", #"{"text": "[ true ] whileTrue: [ ]"}"#)
    anna.client.disconnect()
    _ = try await ben.event("accepted") { $0.number("receipt.methods.0.after") == 21 }
    #expect(fixture.vm.source(of: MethodKey(className: "Flow", selector: "methB")) == "methB = ( ^21 )")
    // But nothing is begun that nobody could cancel.
    for _ in 0..<400 {
      if try await ben.ask("processes").list("result.processes").count == 1 { return }
      try await Task.sleep(for: .milliseconds(25))
    }
    Issue.record("evaluation \(id) of a client that is gone goes on")
  }

  @Test func aStaleAcceptIsRefusedWithAllThatIsNeeded() async throws {
    let fixture = try LiveFixture()
    defer { fixture.end() }
    let anna = try await fixture.client(), ben = try await fixture.client("Ben")
    _ = try await ben.ask("accept", accept("methB = ( ^2 )", basedOn: 1))
    let stale = try await anna.ask("accept", accept("methB = ( ^3 )", basedOn: 1))
    #expect(stale.text("error.code") == "stale" && stale.text("error.remedy") != nil)
    #expect(stale.text("error.stale.0.base") == "methB = ( ^1 )")
    #expect(stale.text("error.stale.0.theirs") == "methB = ( ^2 )")
    #expect(stale.text("error.stale.0.yours") == "methB = ( ^3 )")
    #expect(stale.text("error.stale.0.author") == "Ben" && stale.number("error.stale.0.found") == 2)
    #expect(stale.list("error.stale.0.difference.lines").count == 2)
    #expect(fixture.vm.version(of: MethodKey(className: "Flow", selector: "methB")) == 2)
    let forced = try await anna.ask("accept", accept("methB = ( ^3 )", basedOn: 1, more: #", "force": true"#))
    #expect(forced.number("result.receipt.methods.0.after") == 3)
    // Removing what has moved on is stale, too; so is a method that somebody else has added.
    let removal = try await anna.ask(
      "accept", #"{"changes": [{"kind": "removeMethod", "method": "Flow>>methB", "basedOn": 2}]}"#)
    #expect(removal.text("error.code") == "stale")
    _ = try await ben.ask("accept", accept("fresh = ( ^1 )", basedOn: 0))
    #expect(try await anna.ask("accept", accept("fresh = ( ^2 )", basedOn: 0)).text("error.code") == "stale")
  }

  @Test func ofTwoAcceptsAtOnceOneIsStale() async throws {
    let fixture = try LiveFixture()
    defer { fixture.end() }
    let anna = try await fixture.client(), ben = try await fixture.client("Ben")
    for version in 1...20 {
      let first = anna.begin("accept", accept("methB = ( ^\(version * 10) )", basedOn: version))
      let second = ben.begin("accept", accept("methB = ( ^\(version * 10 + 1) )", basedOn: version))
      let answers = [try await anna.answer(first), try await ben.answer(second)]
      #expect(answers.filter { $0.text("error.code") == "stale" }.count == 1)
      #expect(answers.filter { $0.number("result.receipt.methods.0.after") == version + 1 }.count == 1)
    }
  }

  @Test func errorsHavePlaces() async throws {
    let fixture = try LiveFixture(starts: false)
    defer { fixture.end() }
    let listener = try await fixture.client()
    let wrong = try await listener.ask("accept", accept("methB = ( ^ )"))
    #expect(wrong.text("error.code") == "syntax" && wrong.number("error.receipt.errors.0.column") == 13)
    _ = try await listener.event("refused")
    #expect(try await listener.ask("accept", #"{"changes": []}"#).text("error.code") == "badParameters")
    let kind = try await listener.ask("accept", #"{"changes": [{"kind": "zork"}]}"#)
    #expect(kind.text("error.code") == "badParameters")
    let incomplete = try await listener.ask("accept", #"{"changes": [{"kind": "method", "text": "a = ( )"}]}"#)
    #expect(incomplete.text("error.message")?.contains("className") == true)
  }

  @Test func classesFieldsAndNames() async throws {
    let fixture = try LiveFixture(starts: false)
    defer { fixture.end() }
    let listener = try await fixture.client()
    let made = try await listener.ask(
      "accept", #"{"changes": [{"kind": "class", "text": "Fresh = ( a = ( ^1 ) )"}]}"#)
    #expect(made.text("result.receipt.loaded.0") == "Fresh")
    let text = try await listener.ask("classText", #"{"name": "Fresh"}"#).text("result.text")!
    _ = try await listener.ask(
      "accept", #"{"changes": [{"kind": "method", "className": "Fresh", "text": "b = ( ^2 )"}]}"#)
    let base = String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
    let stale = try await listener.ask(
      "accept", #"{"changes": [{"kind": "class", "text": "Fresh = ( c = ( ^3 ) )", "basedOnText": \#(base)}]}"#)
    #expect(stale.text("error.code") == "stale" && stale.text("error.stale.0.class") == "Fresh")
    for change in [
      #"{"kind": "addField", "className": "Fresh", "name": "x"}"#,
      #"{"kind": "removeField", "className": "Fresh", "name": "x"}"#,
      #"{"kind": "renameClass", "className": "Fresh", "newName": "Newer"}"#,
      #"{"kind": "removeClass", "className": "Newer"}"#,
    ] {
      let answer = try await listener.ask("accept", #"{"changes": [\#(change)]}"#)
      #expect(answer["error"] == nil, "\(change)")
    }
    #expect(try await listener.ask("class", #"{"name": "Newer"}"#).text("error.code") == "noSuchClass")
  }

  @Test func historyGoesBackAndForth() async throws {
    let fixture = try LiveFixture()
    defer { fixture.end() }
    let listener = try await fixture.client()
    _ = try await listener.ask("accept", accept("methB = ( ^2 )"))
    _ = try await listener.ask("accept", accept("methB = ( ^3 )"))
    #expect(try await listener.ask("undo").number("result.receipt.methods.0.after") == 4)
    #expect(fixture.vm.source(of: MethodKey(className: "Flow", selector: "methB")) == "methB = ( ^2 )")
    #expect(try await listener.ask("redo")["error"] == nil)
    #expect(fixture.vm.source(of: MethodKey(className: "Flow", selector: "methB")) == "methB = ( ^3 )")
    let reverted = try await listener.ask("revert", #"{"method": "Flow>>methB", "version": "v1"}"#)
    #expect(reverted["error"] == nil)
    #expect(fixture.vm.source(of: MethodKey(className: "Flow", selector: "methB")) == "methB = ( ^1 )")
    let history = try await listener.ask("history", #"{"limit": 2}"#)
    #expect(history.list("result.entries").count == 2)
    let entry = try await listener.ask("entry", #"{"entry": 1}"#)
    #expect(entry.text("result.entry.author") == "Anna")
    #expect(try await listener.ask("entry", #"{"entry": 99}"#).text("error.code") == "notKept")
    let versions = try await listener.ask("versions", #"{"method": "Flow>>methB"}"#)
    #expect(versions.list("result.versions").count == 6)
    let difference = try await listener.ask(
      "difference", #"{"method": "Flow>>methB", "old": "v1", "new": "v2"}"#)
    #expect(difference.list("result.difference.lines").count == 2)
    #expect(try await listener.ask("undo", #"{"entry": 2}"#).text("error.code") == "changedSince")
  }

  @Test func aDryRunChangesNothing() async throws {
    let fixture = try LiveFixture()
    defer { fixture.end() }
    let listener = try await fixture.client()
    var activations = 0
    // Until the program has come there.
    for _ in 0..<500 where activations == 0 {
      let dry = try await listener.ask("dryRun", accept("methA = ( ^2 )", more: #", "policy": "migrate""#))
      activations = dry.list("result.dryRun.activations").count
      if activations == 0 { try await Task.sleep(for: .milliseconds(20)) }
    }
    #expect(activations == 1)
    #expect(fixture.vm.version(of: MethodKey(className: "Flow", selector: "methA")) == 1)
  }

  @Test func textsAreCheckedCompletedAndFormatted() async throws {
    let fixture = try LiveFixture(starts: false)
    defer { fixture.end() }
    let listener = try await fixture.client()
    let findings = try await listener.ask("check", #"{"className": "Flow", "text": "m = ( | a | ^totl foo )"}"#)
    let codes = findings.list("result.findings").compactMap { ($0 as? [String: Any])?["code"] as? String }
    #expect(codes == ["unused-variable", "unknown-name", "unknown-selector"])
    #expect(
      try await listener.ask("check", #"{"className": "Flow", "text": "m = ( ^total )"}"#).list("result.findings")
        .isEmpty)
    let broken = try await listener.ask("check", #"{"className": "Flow", "text": "m = ( ^"}"#)
    #expect(broken.text("result.findings.0.code") == "syntax")
    let whole = try await listener.ask("check", #"{"text": "New = Flow ( a = ( ^total + zork ) )"}"#)
    #expect(whole.text("result.findings.0.code") == "unknown-name" && whole.list("result.findings").count == 1)

    func items(_ parameters: String) async throws -> [String] {
      try await listener.ask("complete", parameters).list("result.items")
        .compactMap { ($0 as? [String: Any])?["text"] as? String }
    }
    #expect(
      try await items(#"{"className": "Flow", "before": "at: totem put: v = ( | tot | ^to"}"#) == [
        "tot", "totem", "total",
      ])
    #expect(try await items(#"{"className": "Flow", "before": "m = ( #(1) do: [ :each | ea"}"#) == ["each"])
    #expect(try await items(#"{"className": "Flow", "before": "m = ( ^self meth"}"#) == ["methA", "methB"])
    #expect(try await items(#"{"className": "Flow", "before": "m = ( ^Flow cur"}"#) == ["current", "current:"])
    #expect(try await items(#"{"className": "Flow", "before": "m = ( ^Fl"}"#) == ["Flow"])

    let formatted = try await listener.ask("format", #"{"kind": "method", "text": "m   = (  ^1+2   )"}"#)
    #expect(formatted.text("result.text") == "m = ( ^1 + 2 )")
    #expect(
      try await listener.ask("format", #"{"kind": "method", "text": "m = ( ^1 ) n = ( ^2 )"}"#).text("error.code")
        == "syntax")
    #expect(
      try await listener.ask("format", #"{"kind": "class", "text": "A=(  )"}"#).text("result.text")?.hasPrefix("A = (")
        == true)
  }

  /// What send sites have met and what globals are, while the program runs.
  @Test func theProgramKnowsWhatItsNamesHaveBeen() async throws {
    let text = """
      Zoo = (
          | pet |
          run = ( | first | first := Array new: 3. system global: #Chief put: 'Bo'.
              [ true ] whileTrue: [ pet := 'Rex'. pet length. first length. self feed: pet. self feed: #(1 2) ] )
          feed: animal = ( | own | own := animal. ^animal length )
      )
      """
    let fixture = try LiveFixture(["Zoo": text], program: "Zoo")
    defer { fixture.end() }
    let listener = try await fixture.client()
    func kinds(_ name: String, _ selector: String?) async throws -> Set<String> {
      let more = selector.map { #", "selector": "\#($0)""# } ?? ""
      let reply = try await listener.ask("observed", #"{"className": "Zoo", "name": "\#(name)"\#(more)}"#)
      return Set(reply.list("result.kinds").compactMap { ($0 as? [String: Any])?["className"] as? String })
    }
    for _ in 0..<500 {
      if try await kinds("animal", "feed:").count == 2 { break }
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(try await kinds("animal", "feed:") == ["String", "Array"])
    #expect(try await kinds("first", "run") == ["Array"])
    #expect(try await kinds("first", "feed:").isEmpty)
    #expect(try await kinds("pet", "run") == ["String"])
    // In a method that is not there yet, a field is what it was elsewhere.
    #expect(try await kinds("pet", "groom") == ["String"])
    #expect(try await kinds("Chief", nil) == ["String"])
    let chief = try await listener.ask("observed", #"{"name": "Zoo"}"#)
    #expect(chief["result.kinds.0.isClassSide"] as? Bool == true)
    #expect(try await kinds("nothing", "run").isEmpty)
    let items = try await listener.ask("complete", #"{"className": "Zoo", "before": "groom = ( ^pet primSub"}"#)
    #expect(
      items.text("result.items.0.text") == "primSubstringFrom:to:" && items.text("result.items.0.detail") == "String")
  }

  @Test func codeIsFound() async throws {
    let fixture = try LiveFixture(starts: false)
    defer { fixture.end() }
    let listener = try await fixture.client()
    let senders = try await listener.ask("senders", #"{"selector": "methB"}"#)
    #expect(senders.list("result.places").count == 1 && senders.text("result.places.0.method.selector") == "methA")
    let implementors = try await listener.ask("implementors", #"{"selector": "methB"}"#)
    #expect(implementors.text("result.methods.0.className") == "Flow")
    let references = try await listener.ask("references", #"{"name": "Flow"}"#)
    #expect(references.text("result.places.0.method.selector") == "run")
    let search = try await listener.ask("search", #"{"text": "METHB"}"#)
    #expect(search.list("result.methods").count == 1 && search.list("result.places").count == 2)
    #expect(try await listener.ask("search", #"{"text": ""}"#).list("result.classes").isEmpty)
    let inherited = try await listener.ask("method", #"{"method": "Flow>>println"}"#)
    #expect(inherited.text("result.implementation.className") == "Object" && inherited.number("result.version") == 0)
    #expect(try await listener.ask("method", #"{"method": "Flow>>zork"}"#).text("error.code") == "noSuchMethod")
    #expect(try await listener.ask("method", #"{"method": "zork"}"#).text("error.code") == "badParameters")
    let report = try await listener.ask("class", #"{"name": "Flow"}"#)
    #expect(report.text("result.comment") == "A number that flows" && report["result.isLibrary"] as? Bool == false)
    #expect(report.number("result.methods.1.line") == 5)
    #expect(try await listener.ask("class", #"{"name": "Object"}"#)["result.isLibrary"] as? Bool == true)
    #expect(try await listener.ask("lens", #"{"method": "Flow>>methA"}"#).text("result.tier.tier") == "notRun")
  }
}
