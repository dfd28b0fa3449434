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
    try session.runtime.load("Main")
    return session
  }
  private func file(_ session: Session) throws -> String {
    try String(contentsOfFile: "\(session.folder)/Main.som", encoding: .utf8)
  }

  @Test func anAcceptIsWrittenIntoItsFile() throws {
    let session = try session()
    let receipt = session.runtime.accept(.method("Main", "value = ( ^2 )"))
    #expect(receipt.files == ["\(session.folder)/Main.som"])
    #expect(receipt.description.contains("wrote \(session.folder)/Main.som"))
    #expect(try file(session) == text.replacing("^1", with: "^2"))

    _ = session.runtime.accept(
      .method("Main", "other = ( ^3 )"), .addField(className: "Main", isClassSide: false, name: "f"))
    #expect(
      try file(session)
        == text.replacing("^1 )", with: "^2 )\n\n  other = ( ^3 )").replacing("Main = (", with: "Main = (\n  | f |"))
    _ = session.runtime.accept(.removeMethod(MethodKey(className: "Main", selector: "other"), basedOn: nil))
    _ = session.runtime.accept(.removeField(className: "Main", isClassSide: false, name: "f"))
    #expect(try file(session) == text.replacing("^1", with: "^2"))
    _ = session.runtime.revert(MethodKey(className: "Main", selector: "value"), toVersion: 1)
    #expect(try file(session) == text)
    #expect(try FileManager.default.contentsOfDirectory(atPath: session.folder) == ["Main.som"])
  }

  @Test func aNewSuperclassIsWrittenToo() throws {
    let session = try session()
    #expect(session.runtime.accept(.classSource("Base = ( )", file: nil)).succeeded)
    let receipt = session.runtime.accept(.classSource(text.replacing("Main = (", with: "Main = Base ("), file: nil))
    #expect(receipt.succeeded && receipt.files == ["\(session.folder)/Main.som"], "\(receipt)")
    #expect(try file(session) == text.replacing("Main = (", with: "Main = Base ("))
  }

  @Test func whatChangesNothingWritesNothing() throws {
    let session = try session()
    #expect(session.runtime.accept(.method("Main", "value = ( ^1 )")).files == nil)
    #expect(session.runtime.accept(.method("Main", "value = ( ^")).files == nil)
    // A class without a file: the core library's.
    let receipt = session.runtime.accept(.method("Integer", "triple = ( ^self * 3 )"))
    #expect(receipt.succeeded && receipt.files == nil && receipt.fileFailure == nil)
    #expect(try file(session) == text)
  }

  @Test func whatSomebodyElseHasWrittenIntoTheFileStays() throws {
    let session = try session()
    let theirs = text.replacing("\"and me\"", with: "\"and me\" mine = ( ^9 )")
    try theirs.write(toFile: "\(session.folder)/Main.som", atomically: true, encoding: .utf8)
    _ = session.runtime.accept(.method("Main", "value = ( ^2 )"))
    #expect(try file(session) == theirs.replacing("^1", with: "^2"))
  }

  @Test func aFileInTheMiddleOfAnEditIsLeftAlone() throws {
    let session = try session()
    let broken = text + "("
    try broken.write(toFile: "\(session.folder)/Main.som", atomically: true, encoding: .utf8)
    let receipt = session.runtime.accept(.method("Main", "value = ( ^2 )"))
    #expect(receipt.succeeded && receipt.files == nil)
    #expect(receipt.fileFailure?.contains("the file has errors") == true)
    #expect(try file(session) == broken)
    // One that is gone stays gone.
    try FileManager.default.removeItem(atPath: "\(session.folder)/Main.som")
    #expect(session.runtime.accept(.method("Main", "value = ( ^3 )")).fileFailure?.contains("cannot read") == true)
    #expect(!FileManager.default.fileExists(atPath: "\(session.folder)/Main.som"))
  }

  @Test func theProgramsOwnEditsAndSwitchedOffOnesAreNotWritten() throws {
    let session = try session()
    _ = try session.runtime.evaluate("Main compile: 'value = ( ^5 )'. Main new value")
    #expect(try file(session) == text)
    let other = try self.session { $0.writeBack = false }
    #expect(other.runtime.accept(.method("Main", "value = ( ^2 )")).files == nil)
    #expect(try file(other) == text)
  }

  @Test func linksAndPermissionsStay() throws {
    let session = try session()
    let path = "\(session.folder)/Main.som"
    try FileManager.default.moveItem(atPath: path, toPath: "\(session.folder)/real")
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "real")
    chmod("\(session.folder)/real", 0o640)
    _ = session.runtime.accept(.method("Main", "value = ( ^2 )"))
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
            _ = session.runtime.accept(.method("Main", "value = ( ^\(100 * editor + i) )"))
            _ = session.runtime.accept(.method("Main", "m\(editor) = ( ^\(i) )"))
          }
        }
      }
    }
    let key = MethodKey(className: "Main", selector: "value")
    let current = try #require(session.runtime.source(of: key))
    let file = try file(session)
    #expect(file.contains(current))
    for editor in 1...8 { #expect(file.contains("m\(editor) = ( ^10 )")) }
  }

  @Test func theLogMakesEveryAcknowledgedAcceptAgain() throws {
    let log = NSTemporaryDirectory() + "ovid-log-\(UUID().uuidString)"
    defer { unlink(log) }
    do {
      let first = try session { $0.changeLog = log }
      _ = first.runtime.accept(.method("Main", "value = ( ^2 )"), .method("Main", "more = ( ^1 )"))
      _ = first.runtime.accept(.method("Main", "value = ( ^"))
      _ = try first.runtime.evaluate("Main compile: 'value = ( ^self more + 6 )'. Main addField: #f")
    }
    let size = try #require(FileManager.default.attributesOfItem(atPath: log)[.size] as? Int)
    let second = try session { $0.changeLog = log }
    let receipts = try second.runtime.replay(log)
    #expect(receipts.map(\.succeeded) == [true, true, true])
    #expect(try second.runtime.evaluate("Main new run").description == "7")
    #expect(try FileManager.default.attributesOfItem(atPath: log)[.size] as? Int == size)
    // A crash in the middle of a line costs that line, which nobody has acknowledged.
    #expect(truncate(log, off_t(size - 10)) == 0)
    let third = try session()
    #expect(try third.runtime.replay(log).count == 2)
    #expect(try third.runtime.evaluate("Main new run").description == "7")
    #expect(throws: ChangeLogError.self) { try third.runtime.replay("/nonexistent/log") }
  }
}
