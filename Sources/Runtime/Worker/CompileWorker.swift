// The worker's side: reads requests from its standard input, a socket, and answers each, until the machine is gone.

import Foundation
import GccBackend
import IR
import VM

/// The process that GCC runs in: what its `main` calls, and the words that start it.
public enum CompileWorker {
  /// The command of an executable that is its own worker, as `ovid` is: its `main` calls `run` with the word after these.
  public static let ownCommand = ["/proc/self/exe", "compile-worker"]
  /// Seconds until the first request; the requests say how long it is to wait for the next.
  static let patience = 10.0
  /// The exit status of a worker that nobody has wanted anything of for so long. It has read nothing of a request then.
  static let restStatus: Int32 = 75

  /// The whole process; `folder` is the machine's, for temporary files. Answers the exit status, or nil if there is no
  /// machine at standard input.
  public static func run(folder: String) -> Int32? {
    var status = stat()
    guard fstat(0, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
    closeInherited()
    // What a crash leaves there goes with the machine.
    setenv("TMPDIR", folder, 1)
    try? Data("ovid-compiler".utf8).write(to: URL(fileURLWithPath: "/proc/self/comm"))
    // GCC and the assembler must not find the socket.
    let descriptor = fcntl(0, F_DUPFD_CLOEXEC, 3)
    let nothing = open("/dev/null", O_RDONLY)
    guard descriptor >= 0, nothing >= 0 else { return 1 }
    dup2(nothing, 0)
    close(nothing)
    let channel = MessageChannel(descriptor: descriptor)
    do throws(NativeThread.Failure) {
      try NativeThread.start("ovid-compiler", stackBytes: CompilerThread.stackSize) {
        // A socket that was closed is the other thread's business.
        let status = serve(channel, fault: WorkerFault())
        if status != 0 { _exit(status) }
      }
    } catch {
      try? channel.send(
        WorkerHello(problem: "no thread for the compiler in its worker process: \(error)", isPassing: true), within: 10)
    }
    _ = channel.isClosed(within: -1)
    // The machine may have been killed. Nothing else than its folder is to be removed, whoever has started us.
    if folder.contains("/ovid-") { try? FileManager.default.removeItem(atPath: folder) }
    // A compile that nobody waits for is not finished; nor is the assembler.
    if getpgrp() == getpid() { kill(0, SIGKILL) }
    return 0
  }

  /// What the machine has left open is not ours: somebody may wait for the end of a pipe.
  private static func closeInherited() {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? [] {
      if let descriptor = Int32(name), descriptor > 2 { close(descriptor) }
    }
  }

  /// Answers the exit status: 0 if the other side has closed the socket between two requests, or `restStatus`.
  static func serve(_ channel: MessageChannel, fault: WorkerFault?) -> Int32 {
    do throws(MessageChannel.Failure) {
      // This loads libgccjit.
      try channel.send(WorkerHello(version: GccBackend.compilerVersion, problem: GccBackend.unavailability))
      ProcessMemory.forgetStart(libraries: true)
      var isFirst = true
      var patience: Double? = Self.patience
      while try channel.hasMessage(within: patience) {
        let bytes = try channel.receive()
        guard let request = try? JSONDecoder().decode(WorkerRequest.self, from: Data(bytes)) else {
          try channel.send(WorkerAnswer.misunderstood("\(bytes.count) bytes that are no request"))
          continue
        }
        patience = request.patience
        let answer = answer(to: request, fault)
        // Libraries bind their functions when these are called first.
        if isFirst { ProcessMemory.forgetStart(libraries: true) }
        isFirst = false
        try channel.send(answer)
      }
      return restStatus
    } catch {
      if case .closed = error { return 0 }
      return 1
    }
  }

  private static func answer(to request: WorkerRequest, _ fault: WorkerFault?) -> WorkerAnswer {
    var options = request.options
    options.capturesStandardError = true
    var graphs: [Graph] = []
    for text in request.graphs {
      do throws(IRParseError) {
        graphs.append(try Graph.parse(text))
      } catch {
        return .failed(.invalidGraph("\(error)"))
      }
    }
    if let fault, graphs.contains(where: { $0.name == fault.method }) { return fault.strike() }
    do throws(BackendError) {
      var times = PhaseTimes()
      if request.stencils {
        try GccBackend.compileStencils(options: options, times: &times)
        return .compiled([], times)
      }
      let metadata = try GccBackend.compile(graphs, options: options, times: &times)
      return .compiled(metadata, times)
    } catch {
      return .failed(error)
    }
  }
}

/// For tests: `OVID_WORKER_FAULT=crash:Class>>selector` makes the worker abort when that method is to be compiled;
/// `hang` never answers, `stop` waits to be killed like a process that was stopped, `garble` answers nonsense.
struct WorkerFault: Sendable {
  private enum Kind: String { case crash, hang, stop, garble }
  private let kind: Kind
  let method: String

  init?(_ text: String? = ProcessInfo.processInfo.environment["OVID_WORKER_FAULT"]) {
    guard let parts = text?.split(separator: ":", maxSplits: 1), parts.count == 2,
      let kind = Kind(rawValue: String(parts[0]))
    else { return nil }
    self.kind = kind
    method = String(parts[1])
  }

  func strike() -> WorkerAnswer {
    switch kind {
    case .crash: abort()
    case .hang: while true { pause() }
    // Another thread may be the one that stops first.
    case .stop: while true { kill(getpid(), SIGSTOP) }
    // Metadata of no unit: as wrong as bytes that are no answer, which the channel's tests send.
    case .garble: return .compiled([], PhaseTimes())
    }
  }
}
