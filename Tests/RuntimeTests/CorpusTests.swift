// The corpus on every tier and under every stress flag: the same output, the same status.

import CorpusSupport
import Foundation
import GccBackend
import Testing
import VM

@testable import Runtime

/// A tier or a stress flag, at its most eager.
struct CorpusMode: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let flags: [String]
  let isCompiled: Bool

  init(_ name: String, _ flags: String...) {
    testDescription = name
    self.flags = flags
    isCompiled = flags.contains("--compile-now")
  }

  static let all: [CorpusMode] = [
    CorpusMode("interpreter", "--jit=off"),
    CorpusMode("compile-now", "--compile-now", "--compile-threshold=2"),
    CorpusMode("background", "--compile-threshold=5"),
    CorpusMode("deopt-every", "--compile-now", "--compile-threshold=2", "--deopt-every=3"),
    CorpusMode("redefine-every", "--compile-now", "--compile-threshold=2", "--redefine-every=1000"),
    CorpusMode("gc-every", "--compile-now", "--compile-threshold=2", "--gc-every=50"),
  ].filter { GccBackend.unavailability == nil || !$0.isCompiled }
    .filter {
      // For looking at one of them.
      ProcessInfo.processInfo.environment["OVID_TEST_MODE"].map([$0.testDescription].contains) ?? true
    }
}

@Suite(.serialized) struct CorpusTests {
  @Test(arguments: CorpusMode.all) func sameEverywhere(_ mode: CorpusMode) throws {
    let compiles = Guarded(0)
    let cache = NSTemporaryDirectory() + "ovid-corpus-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: cache) }
    let report = Corpus.failures(of: Corpus.programs()) { program in
      let transcript = Transcript()
      var options = Options()
      // What programs share (the core library, mostly) is compiled once.
      _ = try options.parse(mode.flags + ["--heap-limit=512m", "--cache-dir=\(cache)"])
      let folder = URL(fileURLWithPath: program.path).deletingLastPathComponent().path
      let runtime = Runtime(
        options: options, classPath: [folder],
        output: Output(
          out: { transcript.append($0, error: false) }, error: { transcript.append($0, error: true) }))
      try runtime.boot()
      if ProcessInfo.processInfo.environment["OVID_TEST_VERBOSE"] != nil { print(mode.testDescription, program) }
      let status = runtime.run(program.name, arguments: [program.name])
      compiles.update { $0 += runtime.statistics.compiles + runtime.statistics.osrCompiles }
      return CorpusOutcome(
        standardOutput: transcript.standardOutput, standardError: transcript.standardError, status: status)
    }
    #expect(report.isEmpty, "\(report)")
    #expect(!mode.isCompiled || compiles.get() > 100)
  }
}
