// The project's benchmark programs at their ordinary sizes. Each compares its result with the one that is known to be
// right, and ends with an error if they differ.

import Foundation
import Testing

@testable import CommandLine
@testable import Laboratory

@Suite(.serialized) struct BenchmarkProgramTests {
  private static let folder =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path + "/Benchmarks"
  private static let programs = (try? BenchmarkRunner(folder: folder, runs: 1).programs()) ?? []
  /// The sizes are for the release executable, which `make test` names.
  private static let isRelease = ProcessInfo.processInfo.environment["OVID_EXECUTABLE"] != nil

  private func runner(folder: String) throws -> BenchmarkRunner {
    BenchmarkRunner(
      folder: folder, runs: 1, executable: try #require(BuiltExecutable.path, "ovid is not built"))
  }

  @Test func programsAreFound() {
    #expect(Self.programs.contains("Fibonacci") && Self.programs.contains("Richards"))
    #expect(Self.programs.count > 20)
  }

  /// Twice: the second time, much of it is compiled.
  @Test(.enabled(if: isRelease), arguments: programs) func answersWhatIsExpected(_ program: String) throws {
    #expect(try runner(folder: Self.folder).ovid(program, iterations: 2).count == 2)
  }

  /// What a program has in a folder of its own is found; a wrong result is no measurement.
  @Test func wrongResultsAreRefused() throws {
    let folder = NSTemporaryDirectory() + "ovid-benchmarks-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: "\(folder)/Small", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.copyItem(
      atPath: "\(Self.folder)/Benchmark.som", toPath: "\(folder)/Benchmark.som")
    let program = "Small = Benchmark ( size = ( ^3 ) expected = ( ^6 ) benchmark: n = ( ^SmallTwice of: n ) )"
    try program.write(toFile: "\(folder)/Small.som", atomically: true, encoding: .utf8)
    let helper = "SmallTwice = ( ---- of: n = ( ^n + n ) )"
    try helper.write(toFile: "\(folder)/Small/SmallTwice.som", atomically: true, encoding: .utf8)
    let runner = try runner(folder: folder)
    #expect(try runner.programs() == ["Small"])
    #expect(try runner.ovid("Small", iterations: 3).count == 3)
    try program.replacing("^6", with: "^7")
      .write(toFile: "\(folder)/Small.som", atomically: true, encoding: .utf8)
    let failure = #expect(throws: BenchmarkRunner.Failure.self) {
      try runner.ovid("Small", iterations: 3)
    }
    #expect(failure?.description.contains("Small answered 6, not 7") == true)
  }
}
