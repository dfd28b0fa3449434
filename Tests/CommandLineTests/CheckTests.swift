// What `ovid check` finds in small programs, and what it must not find.

import Foundation
import Syntax
import Testing

@testable import CommandLine
@testable import SourceTools

@Suite struct CheckTests {
  private let folder: String

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("ovid-check-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private func findings(_ files: [String: String], of name: String) throws -> (SourceText, [Finding]) {
    for (name, text) in files {
      try text.write(toFile: "\(folder)/\(name).som", atomically: true, encoding: .utf8)
    }
    let path = "\(folder)/\(name).som"
    let checker = Checker(known: CheckCommand.known(classPath: [], files: [path]))
    let source = try SomFiles.read(path)
    return (source, checker.check(source))
  }

  /// "severity line:column message" of each finding in a class A with these methods.
  private func messages(_ methods: String, _ others: [String: String] = [:]) throws -> [String] {
    let (source, found) = try findings(others.merging(["A": "A = (\n\(methods)\n)"]) { a, _ in a }, of: "A")
    return found.map { finding in
      let (line, column) = source.position(of: finding.range.start)
      return "\(finding.severity) \(line):\(column) \(finding.message)"
    }
  }

  @Test(arguments: [
    ("a = ( | x | ^1 )", ["warning 2:9 x is never used"]),
    ("a = ( | x | x := 1 )", ["warning 2:9 x is assigned, but never read"]),
    ("a = ( | x | x := 1. ^[ x ] )", []),
    ("a = ( ^[ :i | | t | i ] )", ["warning 2:17 t is never used"]),
    ("| f g | a = ( ^f )", ["warning 2:5 field g is never used"]),
    (
      "a = ( ^Vectr new )",
      [
        "error 2:8 Vectr is no variable, argument or field, and no class or global of that name is known; did you mean Vector?"
      ]
    ),
    (
      "a: arg = ( ^agr )",
      [
        "error 2:13 agr is no variable, argument or field, and no class or global of that name is known; did you mean arg?"
      ]
    ),
    ("a = ( ^1 prnitln )", ["warning 2:10 no class implements prnitln; did you mean println?"]),
    ("a = ( ^1 between: 2 andd: 3 )", ["warning 2:10 no class implements between:andd:; did you mean between:and:?"]),
    ("a = ( ^1 perform: #prnitln )", ["warning 2:19 no class implements prnitln; did you mean println?"]),
    (
      "a = ( ^1 perform: #betwen:and: withArguments: #(0 2) )",
      ["warning 2:19 no class implements betwen:and:; did you mean between:and:?"]
    ),
    ("a = ( ^1 println; perform: #zork:zork: inSuperclass: Object )", ["warning 2:28 no class implements zork:zork:"]),
    ("a = ( ^1 perform: #println; perform: #+ withArguments: #(2) )", []),
    ("a: s = ( ^(self perform: s) = (1 respondsTo: #zork) )", []),
    // What starts a program, and what a test tells its reporter.
    ("a: x = ( x run. x run: #(1). x countAssert; passed: 'a'; fail: 'a' because: 'b' )", []),
    // Others have it: self, what is above, and a class by its name do not. A class below may, or code that adds it.
    ("a = ( ^self keysDo: [ :k | k ] )", ["warning 2:13 A does not understand keysDo:"]),
    ("a = ( ^super keysDo: [ :k | k ] )", ["warning 2:14 no class above A implements keysDo:"]),
    ("a = ( ^Array new: 3; asString; keysDo: [ :k | k ] )", ["warning 2:32 Array does not understand keysDo:"]),
    (
      "a = ( A compile: 'late = ( ^1 )'. ^self late; b )\n----\nb = ( ^self name = super name )",
      ["warning 2:47 A does not understand b; did you mean a?"]
    ),
    ("a = ( | Array | Array := 3. ^Array sqrt )", []),
    // A class that answers what it does not implement, on its side.
    (
      "doesNotUnderstand: s arguments: a = ( ^s ) a = ( ^self zork; perform: #zork ) b = ( ^1 zork + super zork )",
      ["warning 2:88 no class implements zork; did you mean fork?"]
    ),
    (
      "doesNotUnderstand: s arguments: a = ( ^s )\n----\na = ( ^self zork )",
      ["warning 4:13 no class implements zork; did you mean fork?"]
    ),
    ("| f g | a = primitive", []),
    ("a = ( ^1. 2 )", ["warning 2:11 nothing after a ^ is ever run"]),
    ("a = ( ^1 ) a = ( ^2 )", ["error 2:12 method #a has already been defined in this class, at line 2"]),
    ("a = ( self := 1 )", ["error 2:7 self cannot be assigned"]),
    (
      "a = ( ^ )\nb = ( ^ )",
      ["error 2:9 expected an expression, found ')'", "error 3:9 expected an expression, found ')'"]
    ),
    (
      "a = ( 1 foo: . [ 2 bar: ] value. ^3 )",
      ["error 2:14 expected an expression, found '.'", "error 2:25 expected an expression, found ']'"]
    ),
  ])
  func oneClass(_ methods: String, _ expected: [String]) throws { #expect(try messages(methods) == expected) }

  @Test func whatIsKnownElsewhere() throws {
    // Fields of the superclass; a selector, and a global, of a neighbour; a class of the folder; compiled methods.
    try "B = ( | f g | useG = ( ^g ) )".write(toFile: "\(folder)/B.som", atomically: true, encoding: .utf8)
    try "C = ( own = ( system global: #Shared put: 1. C compile: 'late = ( ^1 )' ) )".write(
      toFile: "\(folder)/C.som", atomically: true, encoding: .utf8)
    let (_, found) = try findings(["D": "D = B ( a = ( ^f + C new own + Shared + 1 late ) )"], of: "D")
    #expect(found.isEmpty, "\(found)")
    // A field that only the subclass uses.
    let (_, inB) = try findings([:], of: "B")
    #expect(inB.isEmpty, "\(inB)")
  }

  /// Folders that are checked together know each other's classes; each prefers its own.
  @Test func otherFolders() throws {
    let files = [
      "sub/D": "D = E ( a = ( ^f + Shared new ) )", "E": "E = ( | f | )", "sub/Shared": "Shared = ( )",
      "Shared": "Shared = ( )", "F": "F = Shared ( a = ( ^own ) )", "other/Shared": "Shared = ( | own | a = ( ^own ) )",
    ]
    for name in ["sub", "other"] {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
    }
    for (name, text) in files {
      try text.write(toFile: "\(folder)/\(name).som", atomically: true, encoding: .utf8)
    }
    let checker = Checker(known: CheckCommand.known(classPath: [], files: try SomFiles.find([folder])))
    func codes(_ name: String) throws -> [Finding.Code] {
      checker.check(try SomFiles.read("\(folder)/\(name).som")).map(\.code)
    }
    #expect(try codes("sub/D") == [])
    #expect(try codes("F") == [.unknownName])
    // Alone, it does not find the other folder's class.
    let alone = Checker(known: CheckCommand.known(classPath: [], files: ["\(folder)/sub/D.som"]))
    #expect(alone.check(try SomFiles.read("\(folder)/sub/D.som")).contains { $0.code == .unknownSuperclass })
  }

  @Test func aClassThatAnswersForGlobals() throws {
    #expect(try messages("unknownGlobal: name = ( ^name ) a = ( ^Anything )") == [])
  }

  @Test func superclasses() throws {
    let (_, missing) = try findings(["E": "E = Nowhere ( )"], of: "E")
    #expect(missing.map(\.code) == [.unknownSuperclass])
    let (_, misnamed) = try findings(["F": "G = ( )"], of: "F")
    #expect(misnamed.map(\.code) == [.className])
  }

  @Test func excerptAndJSON() throws {
    let (source, found) = try findings(["H": "H = (\n\ta = ( | größe xy | ^größe )\n)"], of: "H")
    let finding = try #require(found.first)
    #expect(found.count == 1)
    #expect(
      finding.text(in: source)
        == "\(folder)/H.som:2:16: warning: xy is never used\n    \ta = ( | größe xy | ^größe )\n    \t              ^~")
    let json = finding.json(in: source)
    #expect(json.line == 2 && json.column == 16 && json.endLine == 2 && json.endColumn == 18)
    #expect(json.code == "unused-variable" && json.severity == "warning")
  }

  /// The project's own sources have nothing to find, not even a warning.
  @Test func coreLibraryAndBenchmarks() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
    let files = try SomFiles.find(["\(root)/Sources/VM/CoreLibrary", "\(root)/Benchmarks"])
    #expect(files.count > 40)
    let checker = Checker(known: CheckCommand.known(classPath: [], files: files))
    for path in files {
      let source = try SomFiles.read(path)
      for finding in checker.check(source) {
        Issue.record("\(finding.text(in: source))")
      }
    }
  }
}
