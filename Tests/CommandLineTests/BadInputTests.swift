// What people and disks do to `ovid run`: every bad file, flag and limit ends in status and message, never in a
// crash, and no file is changed.

import Foundation
import Testing

@testable import CommandLine

@Suite(.serialized) struct BadInputTests {
  private let folder: String

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("ovid-bad-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  /// The exit status of `ovid run flags Name.som` with that source; the file is as it was afterwards.
  private func run(_ name: String, _ source: String, _ flags: [String] = ["--jit=off"]) throws -> Int32 {
    let path = "\(folder)/\(name).som"
    try source.write(toFile: path, atomically: true, encoding: .utf8)
    let status = RunCommand.execute(["--no-cache"] + flags + [path])
    #expect(try String(contentsOfFile: path, encoding: .utf8) == source)
    return status
  }
  private func many(_ n: Int, _ each: (Int) -> String) -> String { (0..<n).map(each).joined(separator: " ") }

  @Test func filesThatAreNoPrograms() throws {
    #expect(try run("Truncated", "Truncated = ( run = ( ") == 1)
    #expect(try run("Comment", "Comment = ( run = ( \"no end ) )") == 1)
    #expect(try run("Text", "Text = ( run = ( 'no end ) )") == 1)
    #expect(try run("Unknown", "Unknown = Nowhere ( run = ( ) )") == 1)
    #expect(try run("Itself", "Itself = Itself ( run = ( ) )") == 1)
    try "Second = First ( )".write(toFile: "\(folder)/Second.som", atomically: true, encoding: .utf8)
    #expect(try run("First", "First = Second ( run = ( ) )") == 1)
  }

  @Test func coreClassesWithFieldsThatTheirInstancesCannotHave() throws {
    try "Boolean = ( | a | a = ( ^a ) )".write(toFile: "\(folder)/Boolean.som", atomically: true, encoding: .utf8)
    #expect(try run("UsesBoolean", "UsesBoolean = ( run = ( true a println ) )") == 1)
  }

  @Test func deepNesting() throws {
    let n = 50_000
    func nested(_ open: String, _ close: String) -> String {
      String(repeating: open, count: n) + "1" + String(repeating: close, count: n)
    }
    #expect(try run("P", "P = ( run = ( \(nested("(", ")")) ) )") == 1)
    #expect(try run("B", "B = ( run = ( \(nested("[", "]")) ) )") == 1)
    #expect(try run("S", "S = ( run = ( 1 \(many(n) { _ in "+ 1" }) ) )") == 1)
    #expect(try run("A", "A = ( run = ( | a | \(many(n) { _ in "a :=" }) 1 ) )") == 1)
  }

  @Test func manyOfEverything() throws {
    #expect(try run("Methods", "Methods = ( \(many(10_000) { "m\($0) = ( ^\($0) )" }) run = ( ^self m9999 ) )") == 0)
    let arguments =
      "Args = ( \(many(300) { "k\($0): a\($0)" }) = ( ^a299 ) "
      + "run = ( (self \(many(300) { "k\($0): \($0)" })) = 299 ifFalse: [ system exit: 3 ] ) )"
    #expect(try run("Args", arguments) == 0)
    #expect(try run("Literals", "Literals = ( run = ( \(many(300) { "'s\($0)' length." }) ) )") == 0)
    #expect(try run("Texts", "Texts = ( run = ( \(many(70_000) { "'s\($0)' length." }) ) )") == 1)
    #expect(try run("Fields", "Fields = ( | \(many(70_000) { "f\($0)" }) | run = ( ) )") == 1)
    #expect(try run("Block", "Block = ( run = ( [ \(many(10) { ":a\($0)" }) | a1 ] println ) )") == 1)
  }

  @Test func flags() {
    for flag in ["--jit=perhaps", "--heap-limit=1", "--heap-limit=x", "--stack-limit=-1", "--nothing", "--trace=zork"] {
      #expect(RunCommand.execute([flag, "\(folder)/Any.som"]) == ExitStatus.usage)
    }
    #expect(RunCommand.execute([]) == ExitStatus.usage)
    #expect(RunCommand.execute(["--no-cache", "\(folder)/Missing.som"]) == 1)
  }

  private static let recursion = """
    f: n = ( ^1 + (self f: n + 1) )
    g: n = ( ^[ :x | 1 + (self g: x + 1) ] value: n )
    e: n = ( ^[ self e: n + 1 ] ensure: [ nil ] )
    p: n = ( ^self perform: #p: withArguments: (Array with: n) )
    try: aBlock = ( aBlock on: Error do: [ :e |
      e messageText = 'Stack overflow' ifTrue: [ ^self ]. system exit: 4 ]. system exit: 5 )
    run = (
      self try: [ self f: 1 ]. self try: [ self g: 1 ]. self try: [ self e: 1 ]. self try: [ self p: 1 ].
      system exit: 9 )
    """

  @Test func stackOverflowIsAnErrorThatCanBeHandled() throws {
    #expect(try run("R", "R = ( \(Self.recursion) )", ["--jit=off", "--stack-limit=1m"]) == 9)
    #expect(try run("C", "C = ( \(Self.recursion) )", ["--stack-limit=1m", "--compile-threshold=10"]) == 9)
  }

  private static let hunger = """
    | keep |
    arrays = ( [ true ] whileTrue: [ keep := Array with: keep with: 1 ] )
    texts = ( | s | s := 'abcdefgh'. [ true ] whileTrue: [ s := s + s ] )
    blocks = ( | s | [ true ] whileTrue: [ | t | t := s. s := [ t ] ] )
    try: aBlock = ( aBlock on: Error do: [ :e |
      keep := nil. e messageText = 'Out of memory' ifTrue: [ ^self ]. system exit: 4 ]. system exit: 5 )
    run = (
      self try: [ self arrays ]. self try: [ self texts ]. self try: [ self blocks ]. self try: [ Array new: 1 << 40 ].
      system exit: 9 )
    """

  @Test func outOfMemoryIsAnErrorThatCanBeHandled() throws {
    let limits = ["--heap-limit=16m", "--nursery-size=1m"]
    #expect(try run("M", "M = ( \(Self.hunger) )", ["--jit=off"] + limits) == 9)
    #expect(try run("N", "N = ( \(Self.hunger) )", ["--compile-now", "--compile-threshold=10"] + limits) == 9)
  }

  @Test func anUnusableCacheFolder() throws {
    let file = "\(folder)/file"
    try "x".write(toFile: file, atomically: true, encoding: .utf8)
    let source = "K = ( run = ( | n | n := 0. 1 to: 20000 do: [ :i | n := n + i ]. system exit: 7 ) )"
    #expect(try run("K", source, ["--cache-dir=\(file)/cache", "--compile-now", "--compile-threshold=10"]) == 7)
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "x")
  }
}
