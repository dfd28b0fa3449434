// The programs of a checkout of the upstream SOM repository that test a virtual machine: TestSuite, the tests of the
// basic interpreter, the integration tests, and SOM in SOM. (What is in Examples is in UpstreamExamples.swift.)

import Foundation
import Syntax

public struct UpstreamCheckout {
  public let path: String
  /// For the programs that are generated around upstream's classes.
  let scratch: String

  struct Problem: Error, CustomStringConvertible { let description: String }

  public init(path: String, scratch: String) throws {
    self.path = URL(fileURLWithPath: path).standardizedFileURL.path
    self.scratch = scratch
    guard FileManager.default.fileExists(atPath: "\(self.path)/TestSuite/TestHarness.som") else {
      throw Problem(
        description: "\(path) has no TestSuite/TestHarness.som: name a checkout of https://github.com/SOM-st/SOM")
    }
    // The examples have links in place of folders if it was made without submodules.
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
  }

  public func cases() throws -> [ConformanceCase] {
    try testSuite() + basicInterpreter() + integrationTests() + somInSom() + examples()
  }

  /// Names of the SOM files of a folder, without the suffix.
  func classes(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)")
      .filter { $0.hasSuffix(".som") }.map { String($0.dropLast(4)) }.sorted()
  }

  func text(_ file: String) throws -> String { try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8) }

  /// Each suite alone, and all of them in one process. On Ovid's own library, without the tests that are not expected
  /// of it, in a copy.
  private func testSuite() throws -> [ConformanceCase] {
    let own = try trimmedTestSuite()
    func suite(_ name: String, _ arguments: [String], _ printing: [String]) -> [ConformanceCase] {
      [(ConformanceLibrary.upstream, path), (.own, own)].map { library, folder in
        ConformanceCase(
          suite: "TestSuite", name: name, program: "\(folder)/TestSuite/TestHarness.som", arguments: arguments,
          classPath: [], libraries: [library], directory: folder,
          expectation: .success(printing: printing, never: ["Failures:", "Unsupported optional"]))
      }
    }
    let listed = Set(
      try text("TestSuite/TestHarness.som").split { !$0.isLetter && !$0.isNumber }.map(String.init))
    return try classes(in: "TestSuite").filter { $0.hasSuffix("Test") && listed.contains($0) }
      .flatMap { suite($0, [$0], ["Tests passed:"]) }
      + suite("all, optionals included", ["--fail-on-optionals"], ["Number of unsupported optionals: 0"])
  }

  /// A folder with a copy of TestSuite whose classes lack the methods that `ConformanceDeviation.tests` lists.
  private func trimmedTestSuite() throws -> String {
    let folder = "\(scratch)/own"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: "\(path)/TestSuite", toPath: "\(folder)/TestSuite")
    for test in ConformanceDeviation.tests {
      let file = "TestSuite/\(test.className).som"
      let text = try text(file)
      let source = SourceText(name: file, text)
      guard let method = try Parser.parseClass(source).instanceMethods.first(where: { $0.selector == test.selector })
      else { throw Problem(description: "\(file) has no \(test.selector), which docs/conformance.md names") }
      var bytes = Array(text.utf8)
      bytes.removeSubrange(method.range.start..<method.range.end)
      try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(file)"))
    }
    return folder
  }

  /// What the virtual machines' own unit tests ask of TestSuite/BasicInterpreterTests; SOM in SOM has the list.
  private func basicInterpreter() throws -> [ConformanceCase] {
    let row = /c: '(\w+)' +t: '(\w+)' +e: +('\w+'|[^']+?) +t: (\w+)\./
    let tests = try text("SomSom/tests/BasicInterpreterTests.som").split(separator: "\n")
      .filter { !$0.contains("\"self c:") }.compactMap { $0.firstMatch(of: row)?.output }
    guard !tests.isEmpty else {
      throw Problem(description: "SomSom/tests/BasicInterpreterTests.som lists no tests")
    }
    return try Dictionary(grouping: tests) { String($0.1) }.sorted { $0.key < $1.key }.map { name, tests in
      let checks = tests.map { test in
        let value = "(\(name) \(test.2))" + (test.4 == "SClass" ? " name" : "")
        let text = test.4 == "SClass" || test.4 == "SSymbol"
        return
          "    self check: '\(test.2)' that: (\(value))\(text ? " asString" : "") is: (\(test.3))."
      }
      let program = """
        Check\(name) = (
          check: name that: value is: expected = (
            value = expected ifFalse: [ ('WRONG ' + name + ': ' + value asString) println ]
          )
          run = (
        \(checks.joined(separator: "\n"))
            'done' println
          )
        )
        """
      let file = "\(scratch)/Check\(name).som"
      try program.write(toFile: file, atomically: true, encoding: .utf8)
      return ConformanceCase(
        suite: "BasicInterpreterTests", name: name, program: file,
        classPath: ["\(path)/TestSuite/BasicInterpreterTests"], directory: path,
        expectation: .success(printing: ["done"], never: ["WRONG"]))
    }
  }

  private func integrationTests() throws -> [ConformanceCase] {
    // Some name files of the checkout as a virtual machine sees it that has it in its folder `core-lib`.
    let link = "\(scratch)/core-lib"
    if !FileManager.default.fileExists(atPath: link) {
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
    }
    let folder = "IntegrationTests/Tests"
    return try classes(in: folder).map { name in
      do {
        let expectation = try IntegrationExpectation(source: text("\(folder)/\(name).som"))
        let folders = (expectation.classPath ?? []).filter { !$0.hasSuffix("/Smalltalk") }
        return ConformanceCase(
          suite: "IntegrationTests", name: name, program: "\(path)/\(folder)/\(name).som", classPath: folders,
          directory: scratch, expectation: .comment(expectation))
      } catch { throw Problem(description: "\(folder)/\(name).som: \(error)") }
    }
  }

  static let somSomFolders = ["compiler", "interpreter", "primitives", "vm", "vmobjects"]

  /// SOM in SOM: its own tests, and TestSuite on top of it, one process for each suite.
  private func somInSom() throws -> [ConformanceCase] {
    let folders =
      ["\(path)/TestSuite", "\(path)/SomSom/tests"] + Self.somSomFolders.map { "\(path)/SomSom/src/\($0)" }
    let guests = try text("SomSom/tests/SomTests.som").matches(of: /(test\w+) += +\( self doTest:/)
      .map { String($0.output.1) }
    let own = ["EmptyTest", "FrameTests", "LexerTests", "ParserTests", "BasicInterpreterTests"]
    return try own.map { ($0, "\($0) tests") }.map { try somSom($0.0, $0.1, folders) }
      + guests.map { try somSom("SomTests \($0)", "(Vector new, (SomTests for: #\($0)))", folders) }
  }

  private func somSom(_ name: String, _ tests: String, _ folders: [String]) throws -> ConformanceCase {
    let program = "Run" + name.filter(\.isLetter)
    try """
    \(program) = (
      name = ( ^'\(name)' )
      tests = ( ^\(tests) )
      run = (
        | runner |
        runner := TestRunner new.
        runner initializeOn: self.
        runner run.
        runner hasFailures ifTrue: [ system exit: 1 ]
      )
    )
    """.write(toFile: "\(scratch)/\(program).som", atomically: true, encoding: .utf8)
    return ConformanceCase(
      suite: "SomSom", name: name, program: "\(scratch)/\(program).som", classPath: folders, directory: path,
      expectation: .success(printing: ["Tests passed:"], never: ["Failures:"]), timeout: 180)
  }
}
