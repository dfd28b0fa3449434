// All suites, some at a time; their results in the order of the classes.

import Foundation
import Laboratory

struct TestRunner: Sendable {
  var classPath: [String]
  var modes: [TestMode]
  var timeout: Double
  /// A process for each test, not for each class.
  var isolates: Bool
  var jobs: Int
  var filter: TestFilter
  /// The path of TestDriver.som.
  var driver: String

  struct Result: Sendable {
    var className: String
    var mode: TestMode
    var outcomes: [TestOutcome] = []
    /// Why the class has no tests to run.
    var problem: String?
    var seconds = 0.0
  }

  /// Calls `finished` with each result, in order. Answers how many tests there were before filtering.
  func run(_ classes: [TestClass], finished: (Result) -> Void) throws -> Int {
    let work = classes.flatMap { test in modes.map { (test, $0) } }
    let board = Board(count: work.count)
    let queue = OperationQueue()
    queue.maxConcurrentOperationCount = jobs
    for (i, (test, mode)) in work.enumerated() {
      queue.addOperation { [self] in
        let start = ContinuousClock.now
        var result = Result(className: test.name, mode: mode)
        var count = 0
        do {
          let suite = TestSuite(testClass: test, mode: mode, runner: self)
          let all = try suite.list()
          count = all.count
          result.outcomes = try suite.run(all.filter { filter.matches("\(test.name)>>#\($0)") })
        } catch {
          result.problem = "\(error)"
        }
        result.seconds = (ContinuousClock.now - start).seconds
        board.put(result, count, at: i)
      }
    }
    for i in work.indices { finished(board.take(i)) }
    return board.total
  }

  /// Where results wait for their turn.
  private final class Board: @unchecked Sendable {
    private let condition = NSCondition()
    private var results: [Result?]
    private(set) var total = 0
    init(count: Int) { results = Array(repeating: nil, count: count) }

    func put(_ result: Result, _ count: Int, at index: Int) {
      condition.withLock {
        results[index] = result
        total += count
        condition.broadcast()
      }
    }
    func take(_ index: Int) -> Result {
      condition.withLock {
        while true {
          if let result = results[index] { return result }
          condition.wait()
        }
      }
    }
  }
}

/// `--filter`: a part of `Class>>#selector`, or a pattern for all of it if there are stars.
struct TestFilter: Sendable {
  var pattern: String?

  func matches(_ name: String) -> Bool {
    guard let pattern else { return true }
    guard pattern.contains("*") else { return name.contains(pattern) }
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
    guard let first = parts.first, let last = parts.last, name.hasPrefix(first) else { return false }
    var rest = name.dropFirst(first.count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let range = rest.firstRange(of: part) else { return false }
      rest = rest[range.upperBound...]
    }
    return rest.hasSuffix(last) && rest.count >= last.count
  }
}
