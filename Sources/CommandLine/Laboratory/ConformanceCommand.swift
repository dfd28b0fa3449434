// `ovid conformance`: everything in an upstream checkout that tests a SOM virtual machine, in three modes and on two
// core libraries, each program in a process of its own.

import ArgumentParser
import Foundation
import Laboratory

struct ConformanceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conformance",
    abstract: "Runs the tests and examples of an upstream SOM checkout, and prints a table.",
    discussion: """
      The checkout is one of https://github.com/SOM-st/SOM; it is only read. Its programs run on its own core library \
      (-cp <checkout>/Smalltalk) and on Ovid's, in the interpreter, with the compiler, and under stress \
      (\(ConformanceMode.stress.description)). The status is 1 if anything fails. What upstream's tests ask and \
      Ovid does not do is in docs/conformance.md.
      """)

  @Argument(help: "The checkout.") var checkout: String
  @Option(help: "Also a checkout of https://github.com/smarr/are-we-fast-yet.") var awfy: String?
  @Option(help: "Only programs whose suite/name contains this.") var filter: String?
  @Option(help: "interpreter, compiled or stress (default: all three).") var mode: String?
  @Option(help: "The core library: upstream or own (default: both).") var library: String?
  @Option(help: "Programs at a time.") var jobs = 2
  @Option(help: "Write the results into this page, after its mark.") var page: String?
  @Flag(help: "Print each program as it ends.") var verbose = false

  func validate() throws {
    guard jobs > 0 else { throw ValidationError("--jobs needs 1 or more.") }
    if let mode, ConformanceMode(rawValue: mode) == nil {
      throw ValidationError("--mode is interpreter, compiled or stress.")
    }
    if let library, ConformanceLibrary(rawValue: library) == nil {
      throw ValidationError("--library is upstream or own.")
    }
  }

  func run() throws {
    try reporting {
      let scratch = "\(NSTemporaryDirectory())ovid-conformance-\(getpid())"
      defer { try? FileManager.default.removeItem(atPath: scratch) }
      let upstream = try UpstreamCheckout(path: checkout, scratch: scratch)
      var tests = try upstream.cases()
      if let awfy {
        let folder = URL(fileURLWithPath: "\(awfy)/benchmarks/SOM").standardizedFileURL.path
        tests += try AreWeFastYet(folder: folder, suite: "Are We Fast Yet").cases()
      }
      if let filter { tests = tests.filter { "\($0.suite)/\($0.name)".contains(filter) } }
      guard !tests.isEmpty else { throw ValidationError("no program of the checkout matches --filter.") }
      let modes = mode.flatMap(ConformanceMode.init).map { [$0] } ?? ConformanceMode.allCases
      let libraries = library.flatMap(ConformanceLibrary.init).map { [$0] } ?? ConformanceLibrary.allCases
      let run = ConformanceRun(checkout: upstream.path, cache: "\(scratch)/code") { result in
        guard verbose else { return }
        print(result.line)
        fflush(nil)
      }
      let start = ContinuousClock.now
      let results = run.results(tests, modes, libraries, jobs: jobs)
      let report = ConformanceReport(
        results: results, modes: modes, seconds: (ContinuousClock.now - start).seconds)
      print(report.text)
      if let page { try report.write(page: page) }
      if report.hasFailed { throw ExitCode(ExitStatus.failure) }
    }
  }
}
