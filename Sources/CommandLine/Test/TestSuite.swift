// The tests of one class under one mode: as many processes as it takes. A process whose test fails to come to its
// end is given up, and the tests after it run in another.

import Foundation
import Laboratory

struct TestSuite {
  let testClass: TestClass
  let mode: TestMode
  let runner: TestRunner

  /// Why a class could not be asked for its tests.
  struct Broken: Error, CustomStringConvertible { let description: String }

  /// The selectors of its tests.
  func list() throws -> [String] {
    let process = try start([])
    guard process.ending == .done else {
      let said = TestTrace(process.records.map(\.body).joined())
      let why = said.rest.isEmpty ? "loading it \(process.ending.description)" : said.rest
      throw Broken(description: why.hasPrefix("ERROR: ") ? String(why.dropFirst(7)) : why)
    }
    return process.records.filter { $0.kind == .test }.map(\.argument)
  }

  func run(_ selectors: [String]) throws -> [TestOutcome] {
    var results: [TestOutcome] = []
    var left = selectors[...]
    while !left.isEmpty {
      let batch = runner.isolates ? left.prefix(1) : left
      let outcomes = outcomes(of: try start(Array(batch)), batch)
      results += outcomes
      left = left.dropFirst(outcomes.count)
    }
    return results
  }

  private func start(_ selectors: [String]) throws -> TestProcess {
    let token = "@ovid-test-\(UInt64.random(in: .min ... .max))@ "
    let path = ([testClass.folder] + runner.classPath).joined(separator: ":")
    return try TestProcess(
      ["run"] + mode.flags + ["-cp", path, runner.driver, token, testClass.name] + selectors,
      token: token, timeout: runner.timeout)
  }

  /// One for each test that was begun, and at least one.
  private func outcomes(of process: TestProcess, _ selectors: ArraySlice<String>) -> [TestOutcome] {
    var results: [TestOutcome] = []
    var isRunning = false
    // When the test began that runs; between two, when the last one ended.
    var start = 0.0
    for record in process.records {
      switch record.kind {
      case .begin:
        results.append(TestOutcome(testClass.name, record.argument, mode))
        isRunning = true
        start = record.seconds
        results[results.count - 1].take(record)
      case .end:
        isRunning = false
        results[results.count - 1].seconds = record.seconds - start
        start = record.seconds
      default: if isRunning { results[results.count - 1].take(record) }
      }
    }
    if process.ending == .done {
      // Tests that the class no longer has, now that it runs.
      for name in selectors.dropFirst(results.count) {
        var missing = TestOutcome(testClass.name, name, mode)
        missing.take(TestRecord(kind: .fail, body: "the class has no such test any more"))
        results.append(missing)
      }
      return results
    }
    if !isRunning {
      guard let next = selectors.dropFirst(results.count).first else { return results }
      results.append(TestOutcome(testClass.name, next, mode))
      results[results.count - 1].output = process.records.last?.body ?? ""
    }
    results[results.count - 1].seconds = process.seconds - start
    results[results.count - 1].died(process.ending)
    results[results.count - 1].locate(testClass.file)
    return results
  }
}
