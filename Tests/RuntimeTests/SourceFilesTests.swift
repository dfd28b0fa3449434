// What an editor accepts is written into the class's file; everything else about the file stays. And what the log
// has acknowledged can be made again.

import Foundation
import Testing

@testable import Runtime

@Suite struct SourceFilesTests {
  private let text = """
    Main = (
      "keep me"   run = ( ^self value )
      value = ( ^1 )
      ----
      "and me"
    )

    """

  private func session(_ configure: (inout Options) -> Void = { _ in }) throws -> Session {
    var options = Tier.interpreter.options
    configure(&options)
    let session = try Session(.interpreter, text, options: options)
    try session.evaluations.load("Main")
    return session
  }
  private func file(_ session: Session) throws -> String {
    try String(contentsOfFile: "\(session.folder)/Main.som", encoding: .utf8)
  }

  @Test func anAcceptIsWrittenIntoItsFile() throws {
    let session = try session()
    let receipt = session.editor.accept(.method("Main", "value = ( ^2 )"))
    #expect(receipt.files == ["\(session.folder)/Main.som"])
    #expect(receipt.description.contains("wrote \(session.folder)/Main.som"))
    #expect(try file(session) == text.replacing("^1", with: "^2"))

    _ = session.editor.accept(
      .method("Main", "other = ( ^3 )"), .addField(className: "Main", isClassSide: false, name: "f"))
    #expect(
      try file(session)
        == text.replacing("^1 )", with: "^2 )\n\n  other = ( ^3 )").replacing("Main = (", with: "Main = (\n  | f |"))
    _ = session.editor.accept(.removeMethod(MethodKey(className: "Main", selector: "other"), basedOn: nil))
    _ = session.editor.accept(.removeField(className: "Main", isClassSide: false, name: "f"))
    #expect(try file(session) == text.replacing("^1", with: "^2"))
    _ = session.runtime.history.bringBack(MethodKey(className: "Main", selector: "value"), .version(1))
    #expect(try file(session) == text)
    #expect(try FileManager.default.contentsOfDirectory(atPath: session.folder) == ["Main.som"])
  }

  @Test func aNewSuperclassIsWrittenToo() throws {
    let session = try session()
    #expect(session.editor.accept(.classSource("Base = ( )", file: nil)).succeeded)
    let receipt = session.editor.accept(.classSource(text.replacing("Main = (", with: "Main = Base ("), file: nil))
    #expect(receipt.succeeded && receipt.files == ["\(session.folder)/Main.som"], "\(receipt)")
    #expect(try file(session) == text.replacing("Main = (", with: "Main = Base ("))
  }

  @Test func theFileOfARemovedClass() throws {
    let session = try session()
    let path = "\(session.folder)/Main.som"
    #expect(session.editor.accept(.method("Main", "value = ( ^2 )")).succeeded)
    let now = try #require(session.inspector.text(ofClass: "Main"))
    #expect(now == text.replacing("^1", with: "^2"))
    let receipt = session.editor.accept(.removeClass("Main"))
    #expect(receipt.deletedFiles == [path] && receipt.description.contains("deleted \(path)"), "\(receipt)")
    #expect(!FileManager.default.fileExists(atPath: path))
    // And back, to the byte.
    let back = session.editor.accept(.classSource(now, file: nil))
    #expect(back.files == [path] && back.restored == ["Main"], "\(back)")
    #expect(try file(session) == now)
    // What this machine has not seen stays.
    let theirs = now + "\"mine\""
    try theirs.write(toFile: path, atomically: true, encoding: .utf8)
    let kept = session.editor.accept(.removeClass("Main"))
    #expect(kept.succeeded && kept.deletedFiles == nil, "\(kept)")
    #expect(kept.fileFailure?.contains("has changed since, so it stays; delete it") == true, "\(kept)")
    #expect(try file(session) == theirs)
    // It does not come back by itself, but by a load.
    #expect(throws: (any Error).self) { try session.calls.evaluation("Main") }
    try session.evaluations.load("Main")
    #expect(try session.calls.evaluation("Main new value").description == "2")
  }

  /// Texts say the names of now, whatever else is in them; what is in the way of a new file stays.
  @Test func theFilesOfARenamedClass() throws {
    let session = try session { $0.writeBack = false }
    #expect(session.editor.accept(.classSource("Below = Main ( b = ( ^1 ) )", file: nil)).succeeded)
    #expect(session.editor.accept(.renameClass("Main", to: "Other")).files == nil)
    #expect(session.editor.accept(.method("Other", "value = ( ^5 )")).succeeded)
    #expect(session.inspector.text(ofClass: "Below") == "Below = Other ( b = ( ^1 ) )")
    #expect(
      session.inspector.text(ofClass: "Other")
        == text.replacing("Main = (", with: "Other = (").replacing("^1", with: "^5"))
    #expect(try file(session) == text)

    let writing = try self.session()
    let other = "\(writing.folder)/Other.som"
    try "Other = ( )".write(toFile: other, atomically: true, encoding: .utf8)
    let taken = writing.editor.accept(.renameClass("Main", to: "Other"))
    #expect(taken.errors.first?.message.contains("there is a class Other already") == true, "\(taken)")
    try FileManager.default.removeItem(atPath: other)
    let theirs = text.replacing("\"keep me\"", with: "\"kept\"")
    try theirs.write(toFile: "\(writing.folder)/Main.som", atomically: true, encoding: .utf8)
    #expect(writing.editor.accept(.renameClass("Main", to: "Other")).deletedFiles == ["\(writing.folder)/Main.som"])
    #expect(try String(contentsOfFile: other, encoding: .utf8) == theirs.replacing("Main = (", with: "Other = ("))
  }

  @Test func whatChangesNothingWritesNothing() throws {
    let session = try session()
    #expect(session.editor.accept(.method("Main", "value = ( ^1 )")).files == nil)
    #expect(session.editor.accept(.method("Main", "value = ( ^")).files == nil)
    // A class without a file: the core library's.
    let receipt = session.editor.accept(.method("Integer", "triple = ( ^self * 3 )"))
    #expect(receipt.succeeded && receipt.files == nil && receipt.fileFailure == nil)
    #expect(try file(session) == text)
  }

  @Test func whatSomebodyElseHasWrittenIntoTheFileStays() throws {
    let session = try session()
    let theirs = text.replacing("\"and me\"", with: "\"and me\" mine = ( ^9 )")
    try theirs.write(toFile: "\(session.folder)/Main.som", atomically: true, encoding: .utf8)
    _ = session.editor.accept(.method("Main", "value = ( ^2 )"))
    #expect(try file(session) == theirs.replacing("^1", with: "^2"))
  }

  @Test func aFileInTheMiddleOfAnEditIsLeftAlone() throws {
    let session = try session()
    let broken = text + "("
    try broken.write(toFile: "\(session.folder)/Main.som", atomically: true, encoding: .utf8)
    let receipt = session.editor.accept(.method("Main", "value = ( ^2 )"))
    #expect(receipt.succeeded && receipt.files == nil)
    #expect(receipt.fileFailure?.contains("the file has errors") == true)
    #expect(try file(session) == broken)
    // One that is gone stays gone.
    try FileManager.default.removeItem(atPath: "\(session.folder)/Main.som")
    #expect(session.editor.accept(.method("Main", "value = ( ^3 )")).fileFailure?.contains("cannot read") == true)
    #expect(!FileManager.default.fileExists(atPath: "\(session.folder)/Main.som"))
  }

  @Test func theProgramsOwnEditsAndSwitchedOffOnesAreNotWritten() throws {
    let session = try session()
    _ = try session.calls.evaluation("Main compile: 'value = ( ^5 )'. Main new value")
    #expect(try file(session) == text)
    let other = try self.session { $0.writeBack = false }
    #expect(other.runtime.editor.accept(.method("Main", "value = ( ^2 )")).files == nil)
    #expect(try file(other) == text)
  }

  @Test func linksAndPermissionsStay() throws {
    let session = try session()
    let path = "\(session.folder)/Main.som"
    try FileManager.default.moveItem(atPath: path, toPath: "\(session.folder)/real")
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "real")
    chmod("\(session.folder)/real", 0o640)
    _ = session.editor.accept(.method("Main", "value = ( ^2 )"))
    #expect(try file(session) == text.replacing("^1", with: "^2"))
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == "real")
    let mode = try FileManager.default.attributesOfItem(atPath: "\(session.folder)/real")[.posixPermissions]
    #expect(mode as? Int == 0o640)
  }

  @Test func twoEditorsAtOnceLeaveTheFileThatTheProgramRuns() async throws {
    let session = try session()
    await withTaskGroup(of: Void.self) { group in
      for editor in 1...8 {
        group.addTask {
          for i in 1...10 {
            _ = session.editor.accept(.method("Main", "value = ( ^\(100 * editor + i) )"))
            _ = session.editor.accept(.method("Main", "m\(editor) = ( ^\(i) )"))
          }
        }
      }
    }
    let key = MethodKey(className: "Main", selector: "value")
    let current = try #require(session.inspector.source(of: key))
    let file = try file(session)
    #expect(file.contains(current))
    for editor in 1...8 { #expect(file.contains("m\(editor) = ( ^10 )")) }
  }

  @Test func whatIsNewerInTheFileStaysAndBothAreTold() throws {
    let session = try session()
    let path = "\(session.folder)/Main.som"
    func save(_ text: String) throws { try text.write(toFile: path, atomically: true, encoding: .utf8) }
    let theirs = text.replacing("^1", with: "^2026").replacing("Main = (", with: "Main = (\n  | theirs |")
    try save(theirs)
    let receipt = session.editor.accept(
      .method("Main", "value = ( ^2 )"), .method("Main", "mine = ( ^3 )"),
      .addField(className: "Main", isClassSide: false, name: "f"))
    #expect(receipt.succeeded && receipt.files == [path])
    #expect(
      receipt.kept == [
        KeptText(place: "the fields of Main", kept: "theirs", other: "f"),
        KeptText(place: "Main>>value", kept: "value = ( ^2026 )", other: "value = ( ^2 )"),
      ])
    #expect(
      receipt.description.contains("Main>>value was edited in its file since, and stays there: value = ( ^2026 )"))
    let written = theirs.replacing("^2026 )", with: "^2026 )\n\n  mine = ( ^3 )")
    #expect(try file(session) == written)
    // It stays newer until this machine has seen it; then the file is written again.
    #expect(session.editor.accept(.method("Main", "value = ( ^4 )")).kept?.count == 1)
    #expect(session.editor.accept(.method("Main", "mine = ( ^5 )")).kept == nil)
    #expect(session.editor.accept(.classSource(try file(session), file: path)).succeeded)
    #expect(session.editor.accept(.method("Main", "value = ( ^6 )")).kept == nil)
    #expect(try file(session) == written.replacing("^3", with: "^5").replacing("^2026", with: "^6"))
    // What somebody else has written already is no difference.
    try save(try file(session).replacing("^6", with: "^7"))
    #expect(session.editor.accept(.method("Main", "value = ( ^7 )")).kept == nil)
    // What the program does to itself was never to be in the file.
    _ = try session.calls.evaluation("Main compile: 'value = ( ^8 )'")
    #expect(session.editor.accept(.method("Main", "value = ( ^9 )")).kept == nil)
    #expect(try file(session).contains("value = ( ^9 )"))
    // Removed there, or here.
    try save(try file(session).replacing("  mine = ( ^5 )\n", with: ""))
    #expect(session.editor.accept(.method("Main", "mine = ( ^10 )")).kept?.first?.kept == nil)
    #expect(try !file(session).contains("mine"))
    try save(try file(session).replacing("^9", with: "^2027"))
    let removal = session.editor.accept(.removeMethod(MethodKey(className: "Main", selector: "value"), basedOn: nil))
    #expect(removal.kept == [KeptText(place: "Main>>value", kept: "value = ( ^2027 )", other: nil)])
    #expect(try file(session).contains("^2027"))
  }

  @Test func aFileKeepsItsLineEnds() throws {
    let session = try session()
    let path = "\(session.folder)/Main.som"
    let theirs = text.replacing("\n", with: "\r\n")
    try theirs.write(toFile: path, atomically: true, encoding: .utf8)
    // Other line ends are no other methods.
    #expect(session.editor.accept(.classSource(theirs, file: path)).methods.allSatisfy { $0.before == $0.after })
    let receipt = session.editor.accept(.method("Main", "value = (\n  ^'a\nb'\n)"))
    #expect(receipt.files == [path] && receipt.kept == nil)
    let written = theirs.replacing("value = ( ^1 )", with: "value = (\r\n  ^'a\nb'\r\n)")
    #expect(try file(session) == written)
    #expect(session.editor.accept(.classSource(written, file: path)).methods.allSatisfy { $0.before == $0.after })
  }

  @Test func nothingIsWrittenThroughALinkThatSomebodyHasPrepared() throws {
    let session = try session()
    // The name of a temporary file cannot be guessed; those that are there are not used.
    let victim = "\(session.folder)/victim"
    try "untouched".write(toFile: victim, atomically: true, encoding: .utf8)
    for name in [".Main.som.\(getpid())", ".Main.som.ovid-1"] {
      #expect(symlink(victim, "\(session.folder)/\(name)") == 0)
    }
    #expect(session.editor.accept(.method("Main", "value = ( ^2 )")).files != nil)
    #expect(try String(contentsOfFile: victim, encoding: .utf8) == "untouched")
  }

  @Test func whatAKillHasLeftIsRemovedAtTheNextStart() throws {
    let session = try session()
    let left = "\(session.folder)/.Main.som.ovid-left", used = "\(session.folder)/.Main.som.ovid-used"
    let others = ["\(session.folder)/.Main.som.swp", "\(session.folder)/Main.som.ovid-mine"]
    for path in [left, used] + others { try "x".write(toFile: path, atomically: true, encoding: .utf8) }
    let descriptor = open(used, O_RDONLY)
    #expect(flock(descriptor, LOCK_EX) == 0)
    defer { close(descriptor) }
    try Runtime(options: session.runtime.options, classPath: [session.folder]).boot()
    let names = Set(try FileManager.default.contentsOfDirectory(atPath: session.folder))
    #expect(names == ["Main.som", ".Main.som.ovid-used", ".Main.som.swp", "Main.som.ovid-mine"])
  }

  @Test func aFileOfSomebodyElseStaysTheirs() throws {
    let session = try session()
    let path = "\(session.folder)/Main.som"
    // Only root can give files away.
    guard geteuid() == 0 else { return }
    #expect(chown(path, 1234, 1235) == 0 && chmod(path, 0o664) == 0)
    #expect(session.editor.accept(.method("Main", "value = ( ^2 )")).files == [path])
    var info = stat()
    #expect(stat(path, &info) == 0 && info.st_uid == 1234 && info.st_gid == 1235 && info.st_mode & 0o7777 == 0o664)
  }

  @Test func theLogMakesEveryAcknowledgedAcceptAgain() throws {
    let log = NSTemporaryDirectory() + "ovid-log-\(UUID().uuidString)"
    defer { unlink(log) }
    do {
      let first = try session { $0.changeLog = log }
      _ = first.runtime.editor.accept(.method("Main", "value = ( ^2 )"), .method("Main", "more = ( ^1 )"))
      _ = first.runtime.editor.accept(.method("Main", "value = ( ^"))
      _ = try first.runtime.calls.evaluation("Main compile: 'value = ( ^self more + 6 )'. Main addField: #f")
    }
    let size = try #require(FileManager.default.attributesOfItem(atPath: log)[.size] as? Int)
    let second = try session { $0.changeLog = log }
    let report = try second.runtime.editor.replay(log)
    #expect(report.receipts.map(\.succeeded) == [true, true, true] && report.kept.isEmpty && !report.endsTorn)
    #expect(try second.runtime.calls.evaluation("Main new run").description == "7")
    #expect(try FileManager.default.attributesOfItem(atPath: log)[.size] as? Int == size)
    // A crash in the middle of a line costs that line, which nobody has acknowledged.
    #expect(truncate(log, off_t(size - 10)) == 0)
    let third = try session()
    let cut = try third.runtime.editor.replay(log)
    #expect(cut.receipts.count == 2 && cut.endsTorn)
    #expect(try third.runtime.calls.evaluation("Main new run").description == "7")
    #expect(throws: ChangeLogError.self) { try third.runtime.editor.replay("/nonexistent/log") }
  }

  @Test func aLogIsNotAppendedToItselfHoweverItIsNamed() throws {
    let log = NSTemporaryDirectory() + "ovid-log-\(UUID().uuidString)"
    defer {
      unlink(log)
      unlink(log + ".link")
    }
    let session = try session { $0.changeLog = log }
    _ = session.editor.accept(.method("Main", "value = ( ^2 )"))
    #expect(symlink(log, log + ".link") == 0)
    let before = try String(contentsOfFile: log, encoding: .utf8)
    #expect(try session.editor.replay(log + ".link").receipts.count == 1)
    #expect(try String(contentsOfFile: log, encoding: .utf8) == before)
    // What others accept meanwhile is logged all the same, as is a replay of another log.
    _ = session.editor.accept(.method("Main", "value = ( ^3 )"))
    #expect(try ChangeLog.read(log).entries.count == 2)
  }

  /// A session whose folder another one's log is replayed over.
  private func replay(_ log: String, over text: String) throws -> (Session, ReplayReport) {
    let session = try session()
    try text.write(toFile: "\(session.folder)/Main.som", atomically: true, encoding: .utf8)
    let fresh = Runtime(options: session.runtime.options, classPath: [session.folder])
    try fresh.boot()
    try fresh.evaluations.load("Main")
    let report = try fresh.editor.replay(log)
    #expect(report.receipts.allSatisfy { $0.succeeded })
    return (session, report)
  }

  @Test func aReplayLeavesWhatWasEditedSince() throws {
    let log = NSTemporaryDirectory() + "ovid-log-\(UUID().uuidString)"
    defer { unlink(log) }
    let session = try session { $0.changeLog = log }
    for i in 2...4 { _ = session.editor.accept(.method("Main", "value = ( ^\(i) )")) }
    _ = session.editor.accept(
      .method("Main", "more = ( ^1 )"), .addField(className: "Main", isClassSide: false, name: "f"))
    let written = try file(session)
    // The file as it was before, as it was left, and as it was on the way: nothing is newer than the log.
    for old in [text, written, text.replacing("^1", with: "^3")] {
      let (session, report) = try replay(log, over: old)
      #expect(report.kept.isEmpty)
      #expect(try file(session) == written)
    }
    // Edited since, with the log's other methods; with line ends of another kind; removed.
    let (edited, report) = try replay(log, over: text.replacing("^1", with: "^2026"))
    #expect(
      report.kept == [
        KeptText(
          place: "Main>>value", kept: "value = ( ^2026 )", other: "value = ( ^4 )")
      ])
    #expect(try file(edited) == written.replacing("^4", with: "^2026"))
    let (removed, second) = try replay(log, over: text.replacing("  value = ( ^1 )\n", with: ""))
    #expect(second.kept.map(\.kept) == [nil])
    #expect(try !file(removed).contains("value ="))
    #expect(try replay(log, over: written.replacing("\n", with: "\r\n")).1.kept.isEmpty)
  }

  @Test func aReplayReadsSavedFilesAgain() throws {
    let log = NSTemporaryDirectory() + "ovid-log-\(UUID().uuidString)"
    defer { unlink(log) }
    let session = try session { $0.changeLog = log }
    let path = "\(session.folder)/Main.som"
    let saved = text.replacing("^1", with: "^2")
    try saved.write(toFile: path, atomically: true, encoding: .utf8)
    #expect(session.editor.accept(.classSource(saved, file: path)).succeeded)
    #expect(session.editor.accept(.classSource("Typed = ( a = ( ^1 ) b = ( ^2 ) )", file: nil)).succeeded)
    _ = session.editor.accept(.method("Main", "more = ( ^1 )"))
    let newer = saved.replacing("^2", with: "^2026")
    let (other, report) = try replay(log, over: newer)
    #expect(report.kept.isEmpty && report.receipts.count == 3)
    #expect(try file(other) == newer.replacing("^2026 )", with: "^2026 )\n\n  more = ( ^1 )"))
  }
}
