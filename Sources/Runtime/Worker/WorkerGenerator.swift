// Compiles in a worker process: whatever happens to GCC there costs the units at hand, never the program. One worker
// at a time, one request at a time. It is started when the first compile is near, again after it has died, and
// replaced before GCC's leaks add up. It ends by itself when nobody wants anything of it (`CompileWorker.restStatus`).

import Foundation
import GccBackend
import IR

final class WorkerGenerator: CodeGenerator, @unchecked Sendable {
  struct Limits: Sendable {
    /// Until an answer; GCC takes about a second for the largest units.
    var seconds = 60.0
    /// Of one worker.
    var requests = 500
    var residentKilobytes = 400 << 10
    /// In a row, until no other one is started for a while.
    var deaths = 5
    /// Seconds of that while; twice as many after each further death.
    var pause = 60.0
    /// Without a request, until the worker ends by itself; nil: it does not.
    var idleSeconds: Double? = CompileWorker.patience
  }

  private let command: [String]
  /// For temporary files of this machine. The worker removes it if it sees the machine's end.
  private let folder: String
  private let limits: Limits
  /// Told of each death, in words. On any thread.
  private let report: @Sendable (String) -> Void

  /// Held while a worker is talked to.
  private let turn = NSLock()
  // Guarded by `turn`.
  private var worker: (process: WorkerProcess, hello: WorkerHello?, requests: Int)?
  private var deaths = 0
  /// Why nothing is compiled until then, or any more.
  private var pause: (failure: CompileFailure, end: Date)?
  private var final: CompileFailure?

  private struct State {
    /// For those who do not wait for their turn: to kill it, to look at it.
    var process: WorkerProcess?
    var isEnded = false
    var figures = WorkerFigures()

    /// Looks at the worker's memory.
    @discardableResult mutating func note() -> ProcessMemory? {
      guard let process, process.isRunning else { return nil }
      let memory = ProcessMemory(of: "\(process.id)")
      figures.peakKilobytes = max(figures.peakKilobytes, memory.peakKilobytes)
      return memory
    }

    mutating func noteShared() {
      guard let process else { return }
      figures.sharedKilobytes = ProcessMemory.shared(with: process.id)
    }
  }
  private let state = Guarded(State())
  /// After these requests it is looked at what the worker shares with this process: a thing of milliseconds.
  private static let requestsBeforeLook: Set = [1, 2, 20]
  /// After so many a program has begun in earnest, and needs less of our code than before.
  private static let requestsBeforeForgetting = 8

  init(
    command: [String], folder: String, limits: Limits = Limits(),
    report: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.command = command
    self.folder = folder
    self.limits = limits
    self.report = report
  }

  // MARK: CodeGenerator

  func prepare() {
    turn.withLock {
      if let process = worker?.process, process.channel.isClosed(within: 0) { _ = dismissIfRested(process) }
      // Why it cannot be started is told when it is needed.
      if final == nil && pause == nil && worker == nil { _ = try? started() }
    }
  }

  func folders(scratch: String) -> [String] { [scratch] }

  func compilerVersion() throws(CompileFailure) -> Int {
    try withTurn { () throws(CompileFailure) in try greeted().hello.version ?? 0 }
  }

  func compile(
    _ graphs: [Graph], _ options: BackendOptions, times: inout PhaseTimes
  ) throws(CompileFailure) -> [CodeMetadata] {
    let request = WorkerRequest(options: options, graphs: graphs.map(\.text), patience: limits.idleSeconds)
    return try withTurn { () throws(CompileFailure) in try answer(request, &times) }
  }

  func compileStencils(_ options: BackendOptions, times: inout PhaseTimes) throws(CompileFailure) {
    let request = WorkerRequest(options: options, graphs: [], stencils: true, patience: limits.idleSeconds)
    _ = try withTurn { () throws(CompileFailure) in try answer(request, &times) }
  }

  func end() {
    let process = state.update { (state: inout State) -> WorkerProcess? in
      state.isEnded = true
      return state.process
    }
    process?.kill()
    process?.waitForEnding()
  }

  var figures: WorkerFigures {
    state.update { (state: inout State) -> WorkerFigures in
      state.note()
      return state.figures
    }
  }

  /// The process at hand (tests).
  var workerID: pid_t? { state.update { (state: inout State) -> pid_t? in state.process?.id } }

  // MARK: The worker

  private func withTurn<T>(_ body: () throws(CompileFailure) -> T) throws(CompileFailure) -> T {
    turn.lock()
    defer { turn.unlock() }
    if let final { throw final }
    if let pause {
      if Date() < pause.end { throw pause.failure }
      self.pause = nil
    }
    if state.update({ $0.isEnded }) { throw Self.ended }
    return try body()
  }

  /// The worker, started if need be.
  private func started() throws(CompileFailure) -> WorkerProcess {
    if let worker { return worker.process }
    let process: WorkerProcess
    do throws(WorkerProcess.StartError) {
      process = try WorkerProcess(command + [folder], atRest: { ProcessMemory.giveBack() })
    } catch {
      let text = "the compile worker \(command[0]) cannot be started: \(error.description)"
      throw error.isPassing ? CompileFailure(text, extent: .moment) : stopping(text)
    }
    worker = (process, nil, 0)
    ProcessMemory.forgetStart(libraries: false)
    let isEnded = state.update { (state: inout State) -> Bool in
      state.process = process
      state.figures.started += 1
      return state.isEnded
    }
    if isEnded { process.kill() }
    return process
  }

  /// The worker that can compile, and what it has said of itself. One that ends before it has anything to do is
  /// replaced, and no unit suffers.
  private func greeted() throws(CompileFailure) -> (process: WorkerProcess, hello: WorkerHello) {
    while true {
      let process = try started()
      if let hello = worker?.hello {
        if !process.channel.isClosed(within: 0) { return (process, hello) }
        if !dismissIfRested(process) { _ = try lost(process, .closed) }
        continue
      }
      let hello: WorkerHello
      do throws(MessageChannel.Failure) {
        hello = try process.channel.receive(WorkerHello.self, within: limits.seconds)
      } catch {
        _ = try lost(process, error)
        continue
      }
      if let problem = hello.problem {
        let failure = hello.isPassing == true ? CompileFailure(problem, extent: .moment) : stopping(problem)
        dismiss(process)
        throw failure
      }
      worker?.hello = hello
      return (process, hello)
    }
  }

  private func answer(
    _ request: WorkerRequest, _ times: inout PhaseTimes, isSecondTry: Bool = false
  ) throws(CompileFailure) -> [CodeMetadata] {
    let process = try greeted().process
    let answer: WorkerAnswer
    do throws(MessageChannel.Failure) {
      try process.channel.send(request, within: limits.seconds)
      answer = try process.channel.receive(WorkerAnswer.self, within: limits.seconds)
      if case .compiled(let metadata, _) = answer, metadata.count != request.graphs.count {
        throw .garbage("an answer for \(metadata.count) units of \(request.graphs.count)")
      }
    } catch {
      // It was about to end when the request was sent.
      if case .closed = error, !isSecondTry, dismissIfRested(process) {
        return try self.answer(request, &times, isSecondTry: true)
      }
      let complaints = (try? String(contentsOfFile: request.options.standardErrorPath, encoding: .utf8)) ?? ""
      let what = try lost(process, error)
      throw CompileFailure(complaints.isEmpty ? what : "\(what): \(complaints)", extent: .worker)
    }
    deaths = 0
    let resident = state.update { (state: inout State) -> Int in state.note()?.residentKilobytes ?? 0 }
    worker?.requests += 1
    if worker?.requests == Self.requestsBeforeForgetting { ProcessMemory.forgetStart(libraries: false) }
    if Self.requestsBeforeLook.contains(worker?.requests ?? 0) { state.update { $0.noteShared() } }
    if let worker, worker.requests >= limits.requests || resident > limits.residentKilobytes {
      dismiss(process)
      // Somebody may wait for the next compile.
      _ = try? started()
    }
    switch answer {
    case .compiled(let metadata, let spent):
      times.add(spent)
      return metadata
    case .failed(let error): throw CompileFailure(error)
    case .misunderstood(let why): throw CompileFailure("the compile worker did not understand: \(why)")
    }
  }

  /// The worker has died, or is not to be trusted any more: what happened, in words.
  private func lost(
    _ process: WorkerProcess, _ failure: MessageChannel.Failure
  ) throws(CompileFailure) -> String {
    if state.update({ $0.isEnded }) { throw Self.ended }
    let what: String
    switch failure {
    case .late(let seconds): what = "did not answer within \(Int(seconds)) s"
    case .garbage(let found): what = "answered nonsense (\(found))"
    case .closed:
      // It has closed its socket, and is about to end.
      what = process.waitForEnding(seconds: 1) ?? "does not answer any more"
    }
    state.update { $0.figures.died += 1 }
    dismiss(process)
    // What GCC has not finished.
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
    }
    deaths += 1
    if deaths >= limits.deaths {
      let seconds = limits.pause * Double(1 << min(deaths - limits.deaths, 6))
      let failure = CompileFailure(
        "the compile worker failed \(limits.deaths) times in a row or more, and at last \(what); "
          + "it is tried again in \(Int(seconds)) s", extent: .moment)
      pause = (failure, Date(timeIntervalSinceNow: seconds))
      throw failure
    }
    report("the compile worker \(what); another one takes its place")
    return "the compile worker \(what)"
  }

  /// Whether the worker has closed its socket because it had nothing to do: then another one can take its place, and
  /// nothing has happened.
  private func dismissIfRested(_ process: WorkerProcess) -> Bool {
    guard process.hasRested else { return false }
    dismiss(process)
    return true
  }

  private func dismiss(_ process: WorkerProcess) {
    state.update { (state: inout State) in
      state.note()
      state.process = nil
    }
    worker = nil
    process.kill()
    process.waitForEnding()
  }

  private static let ended = CompileFailure("the machine has ended")

  private func stopping(_ text: String) -> CompileFailure {
    let failure = CompileFailure(text, extent: .process)
    final = failure
    return failure
  }
}
