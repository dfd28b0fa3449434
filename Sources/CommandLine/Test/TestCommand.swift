// `ovid test`: finds classes of tests and runs them, each in a process of its own.

import ArgumentParser
import Foundation
import Laboratory
import Ovid

struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Runs the tests in files and folders.",
    discussion: """
      A test is a method test… of a class below TestCase: the bundled one, or another on the class path that keeps \
      upstream SOM's protocol (run: with a runner). A class runs in a process of its own, which also takes \
      whatever its tests print; a test that crashes, loops or ends the program fails alone. Flags of the virtual \
      machine are taken from the environment (OVID_JIT=off, …).
      """)

  @Argument(help: ArgumentHelp("Files, and folders with all below them (default: .).", valueName: "paths"))
  var paths: [String] = []
  @Option(
    name: [.customLong("cp", withSingleDash: true), .customLong("classpath")],
    help: ArgumentHelp("Folders to search for classes, after the test's own.", valueName: "dir:dir…"))
  var classPath: [String] = []
  @Option(
    help: ArgumentHelp(
      "Only tests whose Class>>#selector contains this; with stars, all of it has to match.", valueName: "pattern"))
  var filter: String?
  @Option(help: ArgumentHelp("Also write the results as JUnit's XML.", valueName: "file")) var junit: String?
  @Option(help: "Seconds that a test may take.") var timeout = 60.0
  @Option(help: "Classes at a time (default: one for each processor).") var jobs: Int?
  @Flag(help: "A process for each test, not only for each class.") var isolate = false
  @Flag(
    help: ArgumentHelp(
      "Also without the compiler, and under stress: \(TestMode.stress.dropFirst().map(\.name).joined(separator: "; "))."
    )
  ) var stress = false

  func validate() throws {
    guard timeout > 0, timeout.isFinite else { throw ValidationError("--timeout needs a number of seconds above 0.") }
    guard jobs.map({ $0 > 0 }) ?? true else { throw ValidationError("--jobs needs 1 or more.") }
  }

  func run() throws {
    try reporting {
      let folders = classPath.flatMap { $0.split(separator: ":").map(String.init) }
      let classes = try TestClasses(paths: paths.isEmpty ? ["."] : paths, classPath: folders).found
      let driver = try DriverFile()
      defer { driver.remove() }
      let runner = TestRunner(
        classPath: folders, modes: stress ? TestMode.stress : [.plain], timeout: timeout, isolates: isolate,
        jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount, filter: TestFilter(pattern: filter),
        driver: driver.path)
      var report = TestReport()
      let count = try runner.run(classes) { result in
        print(report.add(result), terminator: "")
        fflush(nil)
      }
      if let junit {
        do { try report.junit.write(toFile: junit, atomically: true, encoding: .utf8) } catch {
          complain("cannot write \(junit): \(error.localizedDescription)")
          throw ExitCode(ExitStatus.failure)
        }
      }
      if report.passed + report.failed + report.skipped == 0 {
        complain(
          count == 0
            ? "no tests found: the classes have no methods test…"
            : "no test matches --filter \(filter ?? ""); there are \(count)")
        throw ExitCode(ExitStatus.failure)
      }
      print(report.summary)
      if !report.isSuccess { throw ExitCode(ExitStatus.failure) }
    }
  }
}

/// TestDriver.som as a file, for the processes of the tests.
private struct DriverFile {
  let folder: String
  var path: String { folder + "/TestDriver.som" }

  init() throws {
    var template = Array("\(NSTemporaryDirectory())/ovid-test-XXXXXX".utf8CString)
    guard template.withUnsafeMutableBufferPointer({ mkdtemp($0.baseAddress!) }) != nil else {
      throw ChildProcess.StartError(description: "no temporary folder: \(String(cString: strerror(errno)))")
    }
    folder = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    do { try Data(PackageResources.TestDriver_som).write(to: URL(fileURLWithPath: path)) } catch {
      remove()
      throw ChildProcess.StartError(
        description: "cannot write \(path): \(error.localizedDescription) TMPDIR may name another folder.")
    }
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }
}
