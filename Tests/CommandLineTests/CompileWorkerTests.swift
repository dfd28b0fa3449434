// The compile worker as programs have it: the executable, and what is left of it when one of the two is killed.

import Foundation
import GccBackend
import IR
import Testing

@testable import CommandLine
@testable import Laboratory
@testable import Runtime

/// Compiles in a worker of the built executable, which has a fault if the tests want that.
private func generator(
  fault: String = "", _ limits: WorkerGenerator.Limits = WorkerGenerator.Limits()
) throws -> (generator: WorkerGenerator, files: ObjectFiles) {
  let executable = try #require(BuiltExecutable.path)
  let files = try ObjectFiles(folder: nil) { _ in }
  let command = ["/usr/bin/env", "OVID_WORKER_FAULT=\(fault)", executable, "compile-worker"]
  return (WorkerGenerator(command: command, folder: files.scratch, limits: limits), files)
}

/// A unit that answers a small integer, named by its method number.
private func unit(_ n: Int) throws -> Graph {
  try Graph.parse(
    "graph \"Test>>answer\(n)\" arguments 0\nentry b0\nb0:\n v1 = constInt<\(n)>\n v2 = tagInt v1\n return v2\n")
}

/// A process that runs while a test looks at it.
private final class Running {
  let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private let errors = Pipe()
  private let folder: String

  init(_ source: String, _ flags: [String], fault: String) throws {
    folder = NSTemporaryDirectory() + "ovid-program-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try source.write(toFile: folder + "/Main.som", atomically: true, encoding: .utf8)
    process.executableURL = URL(fileURLWithPath: try #require(BuiltExecutable.path))
    process.arguments = ["--no-cache"] + flags + [folder + "/Main.som"]
    process.environment = ProcessInfo.processInfo.environment.merging(["OVID_WORKER_FAULT": fault]) { $1 }
    process.standardInput = input
    process.standardOutput = output
    process.standardError = errors
    try process.run()
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Fields 3 (the state) and following of /proc/…/stat.
  static func state(of process: Int32) -> [Substring]? {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return nil }
    return text.split(separator: ")").last?.split(separator: " ")
  }

  /// The worker, once it is in that state.
  func worker(in wanted: Set<Substring>) throws -> Int32 {
    let end = Date(timeIntervalSinceNow: 60)
    while Date() < end {
      for name in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
        guard let number = Int32(name), let state = Self.state(of: number), state.count > 1,
          Int32(state[1]) == process.processIdentifier, wanted.contains(state[0]), Self.words(of: number).count == 3
        else { continue }
        return number
      }
      usleep(5000)
    }
    throw CompileFailure("there is no worker")
  }

  /// The words that a process was started with: of the worker the executable, compile-worker, its folder; between fork
  /// and exec those of the machine.
  static func words(of process: Int32) -> [String] {
    let text = (try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8)) ?? ""
    let words = text.split(separator: "\0").map(String.init)
    return words.contains("compile-worker") ? words : []
  }

  /// Whether the process ends soon, and is waited for. Who has no parent any more depends on the system's first process
  /// for that: for them it counts that they are dead.
  static func isGone(_ process: Int32, evenIfUnwaited: Bool = false) -> Bool {
    let end = Date(timeIntervalSinceNow: 20)
    while Date() < end {
      guard let state = state(of: process), !evenIfUnwaited || state.first != "Z" else { return true }
      usleep(5000)
    }
    return false
  }

  /// Waits for the end of the process, which its input has, too.
  func finish() -> (status: Int32, output: String, errors: String) {
    try? input.fileHandleForWriting.close()
    let out = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let err = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, out, err)
  }
}

/// Two methods that become hot one after the other, and are inlined nowhere.
private let program = """
  Main = (
    run = ( ((self first: 2000) + (self second: 2000)) println )
    first: n = ( n = 0 ifTrue: [ ^0 ]. ^1 + (self first: n - 1) )
    second: n = ( n = 0 ifTrue: [ ^0 ]. ^2 + (self second: n - 1) )
    wait = ( system readLine )
  )
  """

@Suite(.enabled(if: GccBackend.unavailability == nil && BuiltExecutable.path != nil))
struct CompileWorkerTests {
  private static let flags = ["--compile-now", "--compile-threshold=50", "--trace=compile", "--stats"]

  /// GCC crashes in one unit of a batch: it is found, and the others are compiled.
  @Test(arguments: ["crash", "garble"]) func aCrashCostsOneUnitOfItsBatch(_ fault: String) throws {
    let (generator, files) = try generator(fault: "\(fault):Test>>answer2")
    let stages = CompilerStages(
      prepare: { generator.prepare() },
      optimize: { OptimizedUnit(graph: try unit($0.method), dependencies: [], inlined: []) },
      text: { $0.text },
      generate: { graphs, path in try generator.compile(graphs, BackendOptions(outputPath: path)) })
    let results = Compiler(stages: stages, files: files).compile([1, 2, 3].map { CompileKey(method: $0) })
    let found = results.map { result in
      switch result.outcome {
      case .success(let compiled): compiled.unit.graph.name
      case .failure(let failure): failure.description
      }
    }
    let why =
      fault == "crash"
      ? "the compile worker was ended by signal 6 (Aborted)"
      : "the compile worker answered nonsense (an answer for 0 units of 1)"
    #expect(found == ["Test>>answer1", why, "Test>>answer3"])
    #expect(generator.figures.died == 2 && generator.figures.started == 3)
    #expect(generator.figures.peakKilobytes > 1000)
  }

  /// The kernel kills somebody when it has no memory left.
  @Test func noUnitSuffersFromTheEndOfAnIdleWorker() throws {
    let (generator, files) = try generator()
    for n in 1...3 {
      #expect(try generator.compile([unit(n)], BackendOptions(outputPath: files.scratchPath())).count == 1)
      let worker = try #require(generator.workerID)
      #expect(kill(worker, SIGKILL) == 0)
      #expect(Running.isGone(worker))
    }
    #expect(generator.figures.started == 3 && generator.figures.died == 2)
  }

  /// Requests come when the worker is there, when it is gone, and while it is about to go.
  @Test func anIdleWorkerEndsAndComesBack() throws {
    let (generator, files) = try generator(WorkerGenerator.Limits(idleSeconds: 0.2))
    for n in 1...12 {
      #expect(try generator.compile([unit(n)], BackendOptions(outputPath: files.scratchPath())).count == 1)
      let worker = try #require(generator.workerID)
      if n % 3 == 0 { #expect(Running.isGone(worker)) } else { usleep(UInt32(285_000 + 2000 * n)) }
      if n % 2 == 0 { generator.prepare() }
    }
    #expect(generator.figures.started >= 4 && generator.figures.died == 0)
  }

  @Test func aWorkerWithoutALimitStays() throws {
    let (generator, files) = try generator(WorkerGenerator.Limits(idleSeconds: nil))
    #expect(try generator.compile([unit(1)], BackendOptions(outputPath: files.scratchPath())).count == 1)
    usleep(600_000)
    #expect(try generator.compile([unit(2)], BackendOptions(outputPath: files.scratchPath())).count == 1)
    #expect(generator.figures.started == 1 && generator.figures.died == 0)
  }

  /// GCC ends its process when it does not like something: its words arrive, and the next unit is compiled.
  @Test func gccsOwnEndIsAnError() throws {
    let (generator, files) = try generator()
    var options = BackendOptions(outputPath: files.scratchPath())
    options.compilerOptions = ["-fplugin=/nonexistent.so"]
    let failure = #expect(throws: CompileFailure.self) { try generator.compile([unit(1)], options) }
    #expect(failure?.extent == .unit && failure?.description.contains("nonexistent") == true, "\(failure!)")
    #expect(try generator.compile([unit(1)], BackendOptions(outputPath: files.scratchPath())).count == 1)
  }

  @Test func aWorkerIsReplacedInTime() throws {
    for limits in [WorkerGenerator.Limits(requests: 2), WorkerGenerator.Limits(residentKilobytes: 1)] {
      let (generator, files) = try generator(limits)
      for n in 1...4 {
        let path = files.scratchPath()
        #expect(try generator.compile([unit(n)], BackendOptions(outputPath: path)).count == 1)
        // What it has made is there though the worker is not any more.
        #expect(access(path, R_OK) == 0)
      }
      #expect(generator.figures.died == 0)
      #expect(generator.figures.started == (limits.requests == 2 ? 3 : 5))
    }
  }

  @Test func theProgramGoesOnWhenTheWorkerIsKilled() throws {
    let run = try Running(program, Self.flags, fault: "stop:Main>>first:")
    let worker = try run.worker(in: ["T"])
    #expect(kill(worker, SIGKILL) == 0)
    let (status, output, errors) = run.finish()
    #expect(status == 0 && output == "6000\n")
    #expect(
      errors.contains("ovid: the compile worker was ended by signal 9 (Killed); another one takes its place\n"))
    #expect(errors.contains("Main>>first: has to wait: the compile worker was ended by signal 9 (Killed)"))
    #expect(errors.contains("[compile] Main>>second:: "))
    #expect(errors.contains("2 started, 1 died"))
    #expect(Running.isGone(worker))
  }

  /// A machine that ends by itself, and one that is killed, while its worker does not answer.
  @Test(arguments: [false, true]) func noWorkerIsLeftBehind(_ isKilled: Bool) throws {
    let source =
      isKilled ? program : program.replacingOccurrences(of: "println", with: "println. self wait")
    let run = try Running(
      source, ["--compile-threshold=50"] + (isKilled ? ["--compile-now"] : []), fault: "hang:Main>>first:")
    let worker = try run.worker(in: ["S"])
    let folder = try #require(Running.words(of: worker).last)
    if isKilled {
      kill(run.process.processIdentifier, SIGKILL)
    } else {
      let (status, output, _) = run.finish()
      #expect(status == 0 && output == "6000\n")
    }
    #expect(Running.isGone(worker, evenIfUnwaited: true))
    #expect(access(folder, F_OK) != 0)
    run.process.waitUntilExit()
  }

  @Test func libgccjitStaysOutOfTheProgramsProcess() throws {
    let run = try Running(program, Self.flags, fault: "stop:Main>>second:")
    let worker = try run.worker(in: ["T"])
    func maps(_ process: Int32) -> String {
      (try? String(contentsOfFile: "/proc/\(process)/maps", encoding: .utf8)) ?? ""
    }
    #expect(maps(worker).contains("libgccjit"))
    #expect(!maps(run.process.processIdentifier).contains("libgccjit"))
    kill(worker, SIGKILL)
    #expect(run.finish().output == "6000\n")
  }
}

extension CodeGenerator {
  fileprivate func compile(_ graphs: [Graph], _ options: BackendOptions) throws(CompileFailure) -> [CodeMetadata] {
    var times = PhaseTimes()
    return try compile(graphs, options, times: &times)
  }
}
