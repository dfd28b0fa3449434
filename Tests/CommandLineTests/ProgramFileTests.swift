import Foundation
import Testing

@testable import CommandLine
@testable import SourceTools

@Suite struct ProgramFileTests {
  private let folder: String

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("ovid-files-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private func problem(_ name: String, _ content: Data?) throws -> String {
    let path = "\(folder)/\(name)"
    if let content { try content.write(to: URL(fileURLWithPath: path)) }
    do {
      try ProgramFile.check(ProgramName(path), written: path)
      return ""
    } catch { return "\(error)" }
  }

  @Test func badFilesAreNamedAsWhatTheyAre() throws {
    #expect(try problem("Good.som", Data("Good = ()".utf8)) == "")
    #expect(try problem("Missing.som", nil).contains("No such file"))
    #expect(try problem("Empty.som", Data()).contains("is empty"))
    #expect(try problem("Blank.som", Data(" \n\t".utf8)).contains("is empty"))
    #expect(try problem("Binary.som", Data([0x7f, 0x45, 0x4c, 0x46, 0, 1])).contains("not text"))
    #expect(try problem("Latin.som", Data([0x41, 0xff, 0xfe, 0x42])).contains("not text"))
    try FileManager.default.createDirectory(atPath: "\(folder)/Folder.som", withIntermediateDirectories: true)
    #expect(try problem("Folder.som", nil).contains("is a folder"))
    let huge = "\(folder)/Huge.som"
    #expect(FileManager.default.createFile(atPath: huge, contents: nil))
    truncate(huge, SomFiles.byteLimit + 1)
    #expect(try problem("Huge.som", nil).contains("bytes"))
  }

  @Test func aBareNameIsLeftToTheClassPath() throws {
    try ProgramFile.check(ProgramName("NowhereToBeFound"), written: "NowhereToBeFound")
  }

  @Test func savedFilesAreSeenOnceTheyAreWhole() throws {
    let path = "\(folder)/Watched.som"
    try "Watched = ()".write(toFile: path, atomically: true, encoding: .utf8)
    let seen = DispatchSemaphore(value: 0)
    let texts = Texts()
    let watcher = try watch { text in
      texts.add(text)
      seen.signal()
    }
    defer { watcher.stop() }
    try "Watched = ( run = ( ^1 ) )".write(toFile: path, atomically: true, encoding: .utf8)
    #expect(seen.wait(timeout: .now() + 10) == .success)
    try "Watched = ( run = ( ^2 ) )".write(toFile: path, atomically: false, encoding: .utf8)
    #expect(seen.wait(timeout: .now() + 10) == .success)
    #expect(texts.all == ["Watched = ( run = ( ^1 ) )", "Watched = ( run = ( ^2 ) )"])
  }

  /// So that the receipt of the edit that ended a program is printed before the process ends.
  @Test func stoppingAWatcherWaitsForItsReport() throws {
    let began = DispatchSemaphore(value: 0)
    let texts = Texts()
    let watcher = try watch { text in
      began.signal()
      usleep(300_000)
      texts.add(text)
    }
    try "Slow = ()".write(toFile: "\(folder)/Slow.som", atomically: true, encoding: .utf8)
    #expect(began.wait(timeout: .now() + 10) == .success)
    watcher.stop()
    #expect(texts.all == ["Slow = ()"])
    watcher.stop()
  }

  private func watch(_ saved: @escaping (String) -> Void) throws -> FileWatcher {
    try FileWatcher(
      folders: [folder],
      handler: FileWatcher.Handler(
        saved: { files, _ in
          for file in files { saved(file.text) }
          return [:]
        }, deleted: { _ in }))
  }

  private final class Texts: @unchecked Sendable {
    private let lock = NSLock()
    private var list: [String] = []
    func add(_ text: String) { lock.withLock { list.append(text) } }
    var all: [String] { lock.withLock { list } }
  }
}
