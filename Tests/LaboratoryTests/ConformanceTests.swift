// How the conformance run reads and compares expectations.

import Foundation
import Testing

@testable import Laboratory

@Suite struct ConformanceTests {
  private func expectation(_ comment: String) throws -> IntegrationExpectation {
    try IntegrationExpectation(source: "\"\n\(comment)\n\"\nX = ( run = ( 'a \"quoted\" string' println ) )")
  }

  private func outcome(_ output: String, _ errors: String = "", status: Int32 = 0) -> ChildProcess.Outcome {
    ChildProcess.Outcome(output: output, errors: errors, status: status, signal: nil, wallMilliseconds: 1)
  }

  @Test func readsTheFirstComment() throws {
    let found = try expectation(
      "VM:\n  status: error\n  custom_classpath: a:b/c\n  stdout:\n    1\n\n    x: y\n  stderr: once")
    #expect(found.status == .error)
    #expect(found.output == ["1", "", "x: y"])
    #expect(found.errors == ["once"])
    #expect(found.classPath == ["a", "b/c"])
    #expect(try expectation("VM:\n  status: 42").status == .exactly(42))
    #expect(throws: IntegrationExpectation.NoExpectation.self) { try expectation("only a comment") }
    #expect(throws: IntegrationExpectation.NoExpectation.self) { try IntegrationExpectation(source: "X = ()") }
  }

  @Test(arguments: [
    (["a", "b"], "a\n  b  \n\n", true),
    (["a", "b"], "a\nb\nc", false),
    (["a", "b"], "a", false),
    (["..."], "", true),
    (["...", "b"], "a\nb\nb", true),
    (["...", "b"], "b\nc", false),
    (["a", "...", "c", "..."], "a\nc\nd", true),
    (["...file.som', line 3:"], "ovid: File '/x/file.som', line 3:", true),
    (["...file.som', line 3:"], "file.som', line 3: more", false),
    (["inf..."], "infinity", true),
    (["...Boolean.som..."], "in Boolean.som, line", true),
    (["...Boolean.som..."], "in False.som, line", false),
    ([], "", true),
    ([], "a", false),
  ])
  func matches(_ pattern: [String], _ text: String, _ isMatch: Bool) {
    #expect(IntegrationExpectation.matches(pattern, IntegrationExpectation.lines(text)) == isMatch)
  }

  @Test func judgesStatusAndBothStreams() throws {
    let error = try expectation("VM:\n  status: error\n  stderr:\n    ...\n    Division by zero.")
    #expect(error.problem(outcome("", "Traceback\n  x\nDivision by zero.\n", status: 1)) == nil)
    #expect(error.problem(outcome("", "Traceback\nDivision by zero.\n"))?.contains("status 0") == true)
    #expect(error.problem(outcome("", "Traceback\n", status: 1))?.contains("'Division by zero.'") == true)
    let output = try expectation("VM:\n  stdout: 5")
    #expect(output.problem(outcome("5\n", "anything")) == nil)
    #expect(output.problem(outcome("6\n"))?.contains("found '6'") == true)
  }

  @Test func missingCheckoutIsASentence() {
    #expect(throws: UpstreamCheckout.Problem.self) { try UpstreamCheckout(path: "/nowhere", scratch: "/tmp") }
  }

  @Test func childrenRunInTheFolderTheyAreGiven() throws {
    let found = try ChildProcess.run("/bin/pwd", [], directory: "/")
    #expect(found.output == "/\n")
  }

  @Test func findsBenchmarksThroughTheirSuperclasses() throws {
    let root = "\(NSTemporaryDirectory())ovid-benchmarks-\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: root) }
    try FileManager.default.createDirectory(atPath: "\(root)/Inner", withIntermediateDirectories: true)
    for (file, text) in [
      ("Benchmark", "Benchmark = ( verifyResult: r = ( self error: '' ) )"),
      ("Sort", "Sort = Benchmark ( verifyResult: r = ( ^true ) )"), ("Inner/Bubble", "Bubble = Sort ()"),
      ("Inner/Plain", "Plain = Benchmark ( benchmark = () )"), ("Other", "Other = ( run = () )"),
    ] { try text.write(toFile: "\(root)/\(file).som", atomically: true, encoding: .utf8) }
    let found = try BenchmarkFolder(root).benchmarks
    #expect(found.map(\.name) == ["Bubble", "Plain"])
    #expect(found.map(\.isVerified) == [true, false])
    #expect(found.first?.folder == "\(root)/Inner")
  }
}
