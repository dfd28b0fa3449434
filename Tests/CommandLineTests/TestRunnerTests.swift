// The parts of `ovid test` that take texts apart. scripts/test-command-line runs the whole.

import Testing

@testable import CommandLine

@Suite struct TestRunnerTests {
  @Test(arguments: [
    ("A = ( )", "A", nil), ("\"a = (\" A = B (", "A", "B"), ("\n\tFooTest = TestCase (\n| a |", "FooTest", "TestCase"),
  ])
  func headers(source: String, name: String, superclass: String?) {
    let header = ClassHeader(source)
    #expect(header?.name == name)
    #expect(header?.superclass == superclass)
  }

  @Test(arguments: ["", "A", "A = ", "A = B", "= B (", "\"A = B (", "A B = ("])
  func noHeaders(source: String) { #expect(ClassHeader(source) == nil) }

  @Test(arguments: [
    (nil, true), ("Foo", true), ("#testBar", true), ("*", true), ("Foo*", true), ("*Bar", true), ("F*>>*Bar", true),
    ("Bar*", false), ("*Foo", false), ("testBaz", false), ("FooTest>>#testBar*testBar", false),
  ])
  func filters(pattern: String?, matches: Bool) {
    #expect(TestFilter(pattern: pattern).matches("FooTest>>#testBar") == matches)
  }

  /// However the output is cut into pieces.
  @Test(arguments: [1, 2, 3, 7, 1000]) func records(step: Int) {
    let text = Array("before@T@ begin testA\nhello\n@T@x@T@ fail\nwhy\n@T@ more\n@T@ end\n@T@ done\n".utf8)
    var reader = TestRecordReader(token: "@T@ ")
    for i in stride(from: 0, to: text.count, by: step) {
      _ = reader.append(text[i..<min(i + step, text.count)], at: 1.5)
    }
    #expect(
      reader.finish() == [
        TestRecord(kind: .none, body: "before"),
        TestRecord(kind: .begin, argument: "testA", body: "hello\n@T@x", seconds: 1.5),
        TestRecord(kind: .fail, body: "why\n", seconds: 1.5), TestRecord(kind: .more, seconds: 1.5),
        TestRecord(kind: .end, seconds: 1.5), TestRecord(kind: .done, seconds: 1.5),
      ])
  }

  @Test func muchOutputIsKeptInPart() {
    var reader = TestRecordReader(token: "@T@ ")
    let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
    for _ in 0..<20 {
      let told = reader.append(chunk[...], at: 0)
      #expect(!told)
    }
    let told = reader.append(Array("@T@ done\n".utf8)[...], at: 0)
    #expect(told)
    let records = reader.finish()
    #expect(records.map(\.kind) == [.none, .done])
    #expect(records[0].body.utf8.count == TestProcess.outputLimit)
  }

  private static let trace = """
    Traceback (most recent call at bottom):
      TestDriver>>run:, /tmp/ovid-test-x/TestDriver.som, line 20, column 12:
        self runTest: each
      TestCase>>run:, TestCase.som, line 30, column 7:
        [ [ self setUp ] ]
      block in FooTest>>testBar, a/FooTest.som, line 5, column 9:
        x removeFirst
      OrderedCollection>>removeFirst, OrderedCollection.som, line 12, column 3:
        self isEmpty ifTrue: [ ^self signalEmpty ].
      Exception>>signal, Exception.som, line 5, column 5:
        ^self
    the message
    """

  @Test func traces() {
    let trace = TestTrace(Self.trace)
    #expect(trace.frames.count == 5)
    #expect(
      trace.place
        == TestTrace.Frame(
          file: "a/FooTest.som", line: 5, method: "block in FooTest>>testBar", source: "x removeFirst"))
    #expect(trace.inner.map(\.method) == ["OrderedCollection>>removeFirst"])
    #expect(trace.rest == "the message")
    #expect(TestTrace("no trace").place == nil)
    #expect(TestTrace("").rest == "")
  }

  @Test func aProcessThatDiesFailsItsTest() {
    var outcome = TestOutcome("FooTest", "testBar", .plain)
    outcome.take(TestRecord(kind: .begin, argument: "testBar", body: "printed\n" + Self.trace))
    outcome.died(.status(1))
    #expect(outcome.verdict == .failed)
    #expect(outcome.failures.map(\.message) == ["the message"])
    #expect(outcome.output.trimmed == "printed")

    var crashed = TestOutcome("FooTest", "testBar", .plain)
    crashed.died(.signal(11))
    #expect(crashed.failures[0].message.hasPrefix("the test crashed: signal 11"))
  }

  @Test func junitIsEscaped() {
    var outcome = TestOutcome("FooTest", "test<&>", .plain)
    outcome.take(TestRecord(kind: .fail, body: "\"1\" < 2\u{1}"))
    var report = TestReport()
    outcome.seconds = 0.25
    _ = report.add(TestRunner.Result(className: "FooTest", mode: .plain, outcomes: [outcome], seconds: 0.5))
    #expect(report.junit.contains("skipped=\"0\" time=\"0.500\">"))
    #expect(report.junit.contains("name=\"test&lt;&amp;&gt;\" time=\"0.250\">"))
    #expect(report.junit.contains("message=\"&quot;1&quot; &lt; 2\u{FFFD}\""))
    #expect(report.summary == "0 passed, 1 failed")
    #expect(!report.isSuccess)
  }
}
