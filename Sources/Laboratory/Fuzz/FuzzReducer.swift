// Makes a program that fails smaller: takes out files, methods, fields, statements and parts of expressions, also in the
// texts of its edits, as long as it still fails. The failure need not stay the same one.

import Foundation
import Syntax

public struct FuzzReducer {
  /// The status of `ovid fuzz --program` where the reference says nothing.
  public static let unknown: Int32 = 2
  /// Its status where the program differs from the reference.
  public static let different: Int32 = 1

  /// Whether a program fails; asked of programs that parse.
  let fails: (FuzzProgram) -> Bool

  public init(fails: @escaping (FuzzProgram) -> Bool) { self.fails = fails }

  /// The smallest program that was found by then and fails.
  public func reduce(_ program: FuzzProgram, until end: Date) -> FuzzProgram {
    guard fails(program) else { return program }
    var best = program
    while true {
      let before = best
      for level in FuzzCuts.Level.allCases {
        var chunk = FuzzCuts(best, level).cuts.count
        // Halves, quarters, … down to one cut at a time.
        while chunk >= 1 {
          best = pass(best, level, chunk, end)
          if Date() > end { return best }
          chunk = chunk == 1 ? 0 : (chunk + 1) / 2
        }
      }
      if best == before { return best }
    }
  }

  /// Tries each run of `chunk` cuts.
  private func pass(_ program: FuzzProgram, _ level: FuzzCuts.Level, _ chunk: Int, _ end: Date) -> FuzzProgram {
    var best = program
    var cuts = FuzzCuts(best, level)
    var i = 0
    while i < cuts.cuts.count, Date() < end {
      let smaller = cuts.applying(i..<min(i + chunk, cuts.cuts.count))
      if smaller != best, smaller.isWellFormed, fails(smaller) {
        best = smaller
        cuts = FuzzCuts(best, level)
      } else {
        i += chunk
      }
    }
    return best
  }

  /// Whether a program fails in a process of its own, with these flags. By the reference it has to end with that status:
  /// what is left out must not make it another error.
  public static func failsInChild(_ program: FuzzProgram, _ flags: FuzzFlags, status: Int) -> Bool {
    let folder = "\(NSTemporaryDirectory())ovid-reduce-\(getpid())"
    try? FileManager.default.removeItem(atPath: folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    guard (try? program.write(to: folder)) != nil else { return false }
    let words = [
      "fuzz", "--program", "\(folder)/\(FuzzProgram.main).som", "--status", "\(status)", "--flags=\(flags)",
    ]
    guard let outcome = try? ChildProcess.run(ChildProcess.own, words, timeout: 30) else { return false }
    return outcome.signal != nil || outcome.hasTimedOut || outcome.status == different
  }
}

extension FuzzProgram {
  fileprivate var isWellFormed: Bool {
    files.allSatisfy { name, text in (try? Parser.parseClass(SourceText(name: name, text))) != nil }
  }
}
