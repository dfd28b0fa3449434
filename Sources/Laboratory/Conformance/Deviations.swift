// Where upstream's tests contradict each other, or docs/language.md: what is not expected of Ovid, and why. The table in
// docs/conformance.md is made from this list.

struct ConformanceTest: Sendable {
  var className: String
  var selector: String
}

struct ConformanceDeviation: Sendable {
  var suite: String
  var name: String
  var reason: String
  /// nil: in all.
  var mode: ConformanceMode?
  /// nil: on both.
  var library: ConformanceLibrary?

  func concerns(_ test: ConformanceCase, _ mode: ConformanceMode, _ library: ConformanceLibrary) -> Bool {
    suite == test.suite && name == test.name && self.mode ?? mode == mode && self.library ?? library == library
  }

  static let all: [ConformanceDeviation] =
    integrationTests([
      (["array_at_negative_idx_err"], "language.md has one message for every index that is out of range."),
      (
        ["double2", "double4"],
        "Ask for an Integer from Integer / Double; by language.md, mixed arithmetic answers a Double."
      ),
      (
        [
          "double9", "double_double_div_zero_err1", "double_double_div_zero_err2", "double_double_div_zero_err3",
          "int23",
        ],
        "Ask for an error when a number is divided by 0.0; by language.md only integer zero is one."
      ),
      (
        ["fromstring_double_err"],
        "Asks for an error; by language.md and upstream's double12 the answer is NaN."
      ),
      (
        ["int27", "int28"],
        "Ask for an error; by language.md the root of an integer that is no square is a Double: NaN."
      ),
      (
        ["int29"],
        "Asks that the root of 2^199, which is no square, be an Integer; by language.md it is a Double."
      ),
      (
        ["nested_backtrace1"],
        "Counts columns from 0, from the start of the expression; syntax errors are counted from 1 (call2), and so "
          + "does Ovid, to the selector."
      ),
      (
        ["nested_backtrace2"],
        "As nested_backtrace1; and asks for frames of Boolean>>ifTrue:ifFalse:, which is inlined in bytecode and has "
          + "none."
      ),
      (["obj2"], "Asks for 1 == 1.0; by language.md only integers compare values with ==, and 1.0 is another object."),
      (["remainder_zero"], "Asks for a message of its own; by language.md it is \"Division by zero\"."),
      (["str_escape_unknown"], "Expects a line of source, '\\a'., that is not in the test."),
      (
        ["test_literals_limit_1", "test_literals_limit_2"],
        "Ask for an error where a method has too many literals; Ovid has no such limit."
      ),
      (
        ["vector_core_atput_err", "vector_core_err"],
        "Ask for status 0 after error:; by upstream's error.som and language.md it is 1."
      ),
    ])
    + ["array_literals", "basic_arrays", "instance_fields"].map { name in
      ConformanceDeviation(
        suite: "IntegrationTests", name: name,
        reason: "Prints an Array as 'instance of Array'; Ovid's own library shows the elements.", library: .own)
    } + [
      ConformanceDeviation(
        suite: "Examples/Benchmarks", name: "All",
        reason: "Runs benchmarks at sizes of its own, hours under stress; each of them runs alone at a smaller one.",
        mode: .stress),
      ConformanceDeviation(
        suite: "Examples, programs", name: "GCBench",
        reason: "Allocates millions of objects and has no size to choose; hours under stress.", mode: .stress),
      ConformanceDeviation(
        suite: "Examples/Benchmarks", name: "WhileLoopVAt",
        reason: "Puts at: 1 into an empty Vector, which upstream's own Vector refuses."),
      ConformanceDeviation(
        suite: "Examples, programs", name: "RichardsBenchmarks",
        reason: "Sends RBObject initialize, which upstream has removed; Richards runs the rest of it."),
    ]

  /// Single tests of TestSuite, which its suites are run without on Ovid's own library.
  static let tests = ["DoubleTest", "IntegerTest"].map { ConformanceTest(className: $0, selector: "testRaisedTo") }
  static let reasonOfTests =
    "Asks that a negative or fractional exponent, not supported there, be answered with 1; by docs/library.md the "
    + "number is raised to it."

  private static func integrationTests(_ rows: [([String], String)]) -> [ConformanceDeviation] {
    rows.flatMap { names, reason in
      names.map { ConformanceDeviation(suite: "IntegrationTests", name: $0, reason: reason) }
    }
  }
}
