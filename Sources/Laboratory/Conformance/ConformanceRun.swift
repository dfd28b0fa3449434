// Runs the programs of a checkout, each in a process of its own.

import Foundation

/// Runs the cases, several at a time, and keeps their results in order.
public final class ConformanceRun: @unchecked Sendable {
  private let checkout: String
  private let cache: String
  private let each: (ConformanceResult) -> Void
  private let lock = NSLock()
  private var next = 0
  private var results: [ConformanceResult?] = []

  /// - Parameters:
  ///   - cache: a folder for compiled code.
  ///   - each: called with each result, one at a time.
  public init(checkout: String, cache: String, each: @escaping (ConformanceResult) -> Void) {
    self.checkout = checkout
    self.cache = cache
    self.each = each
  }

  public func results(
    _ tests: [ConformanceCase], _ modes: [ConformanceMode], _ libraries: [ConformanceLibrary], jobs: Int
  ) -> [ConformanceResult] {
    var work: [(ConformanceCase, ConformanceMode, ConformanceLibrary)] = []
    for mode in modes {
      for test in tests {
        for library in libraries where test.libraries.contains(library) { work.append((test, mode, library)) }
      }
    }
    results = Array(repeating: nil, count: work.count)
    let list = work
    DispatchQueue.concurrentPerform(iterations: jobs) { _ in
      while let i = take(list.count) {
        let result = result(list[i].0, list[i].1, list[i].2)
        lock.withLock {
          results[i] = result
          each(result)
        }
      }
    }
    return results.compactMap { $0 }
  }

  private func take(_ count: Int) -> Int? {
    lock.withLock {
      guard next < count else { return nil }
      defer { next += 1 }
      return next
    }
  }

  private func result(
    _ test: ConformanceCase, _ mode: ConformanceMode, _ library: ConformanceLibrary
  ) -> ConformanceResult {
    if let deviation = ConformanceDeviation.all.first(where: { $0.concerns(test, mode, library) }) {
      return ConformanceResult(test: test, mode: mode, library: library, verdict: .skipped(deviation.reason))
    }
    let words = test.words(mode, library, checkout: checkout, cache: cache)
    let command = (["ovid"] + words).joined(separator: " ")
    do {
      let outcome = try ChildProcess.run(
        ChildProcess.own, words, timeout: test.timeout * (mode == .stress ? 5 : 1), directory: test.directory)
      return ConformanceResult(
        test: test, mode: mode, library: library,
        verdict: test.problem(outcome, library).map { .failed($0) } ?? .passed,
        seconds: outcome.wallMilliseconds / 1000, command: command)
    } catch {
      return ConformanceResult(
        test: test, mode: mode, library: library, verdict: .failed("\(error)"), command: command)
    }
  }
}
