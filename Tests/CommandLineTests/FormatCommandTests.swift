// Files that `ovid format` replaces, and those it must leave alone.

import Foundation
import Testing

@testable import CommandLine

@Suite struct FormatCommandTests {
  private let folder: String

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("ovid-format-\(UUID())").path
    try FileManager.default.createDirectory(atPath: "\(folder)/deep", withIntermediateDirectories: true)
  }

  private func write(_ text: String, _ name: String) throws -> String {
    try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
    return "\(folder)/\(name)"
  }

  private func run(_ arguments: String...) -> Bool {
    do {
      let command = try FormatCommand.parse(arguments)
      try command.run()
      return true
    } catch { return false }
  }

  @Test func replacesAndKeepsPermissions() throws {
    let path = try write("A=(a=(^1))", "A.som")
    chmod(path, 0o640)
    let other = try write("B=()", "deep/B.som")
    #expect(!run("--check", folder))
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "A=(a=(^1))")
    #expect(run(folder))
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "A = (\n    a = ( ^1 )\n)\n")
    #expect(try String(contentsOfFile: other, encoding: .utf8) == "B = ( )\n")
    var info = stat()
    #expect(stat(path, &info) == 0 && info.st_mode & 0o777 == 0o640)
    #expect(run("--check", folder))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["A.som", "deep"])
  }

  @Test func aLinkStaysALink() throws {
    let path = try write("A=()", "A.som")
    try FileManager.default.createSymbolicLink(atPath: "\(folder)/L.som", withDestinationPath: path)
    #expect(run("\(folder)/L.som"))
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/L.som") == path)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "A = ( )\n")
  }

  @Test func errorsLeaveTheFile() throws {
    let bad = try write("A=(a=(^)", "A.som")
    let good = try write("B=()", "B.som")
    #expect(!run(folder))
    #expect(try String(contentsOfFile: bad, encoding: .utf8) == "A=(a=(^)")
    // The others are formatted all the same.
    #expect(try String(contentsOfFile: good, encoding: .utf8) == "B = ( )\n")
    #expect(!run("\(folder)/Missing.som"))
    #expect(!run())
  }
}
