// Who makes machine code of graphs: GCC in this process, or in a worker process (`WorkerGenerator`).

import GccBackend
import IR

protocol CodeGenerator: AnyObject, Sendable {
  /// A compile will follow: begins with what takes time, and does not wait for it.
  func prepare()
  /// GCC's major version, or why nothing can be compiled here.
  func compilerVersion() throws(CompileFailure) -> Int
  /// Where temporary files are written to, given the folder for object files.
  func folders(scratch: String) -> [String]
  /// Makes one object file of all graphs, and answers their metadata in the same order; adds the times of the backend's
  /// phases.
  func compile(
    _ graphs: [Graph], _ options: BackendOptions, times: inout PhaseTimes
  ) throws(CompileFailure) -> [CodeMetadata]
  /// Makes the object file of the stencils of baseline code.
  func compileStencils(_ options: BackendOptions, times: inout PhaseTimes) throws(CompileFailure)
  /// Nothing is compiled from now on; a compile that is under way may fail. Any thread.
  func end()
  var figures: WorkerFigures { get }
}

/// What there is to tell of worker processes.
struct WorkerFigures: Sendable {
  var started = 0
  /// Not ended by the machine.
  var died = 0
  /// The most memory that one of them had resident at once.
  var peakKilobytes = 0
  /// What the last one has in memory together with this process.
  var sharedKilobytes = 0
}

/// For a host that has no worker to start, and to debug the backend.
final class InProcessGenerator: CodeGenerator {
  func prepare() {}
  func folders(scratch: String) -> [String] { [TemporaryFiles.folder, scratch] }

  func compilerVersion() throws(CompileFailure) -> Int {
    if let reason = GccBackend.unavailability { throw CompileFailure(reason, extent: .process) }
    return GccBackend.compilerVersion ?? 0
  }

  func compile(
    _ graphs: [Graph], _ options: BackendOptions, times: inout PhaseTimes
  ) throws(CompileFailure) -> [CodeMetadata] {
    do throws(BackendError) {
      return try GccBackend.compile(graphs, options: options, times: &times)
    } catch {
      throw CompileFailure(error)
    }
  }

  func compileStencils(_ options: BackendOptions, times: inout PhaseTimes) throws(CompileFailure) {
    do throws(BackendError) { try GccBackend.compileStencils(options: options, times: &times) } catch {
      throw CompileFailure(error)
    }
  }

  func end() {}
  var figures: WorkerFigures { WorkerFigures() }
}

extension CompileFailure {
  init(_ error: BackendError) {
    switch error {
    case .unavailable(let reason): self.init(reason, extent: .process)
    case .noRoom(let folder):
      let remedy = folder == TemporaryFiles.folder ? "make room or set TMPDIR" : "make room"
      self.init("\(error); \(remedy)", extent: .moment)
    case .passing: self.init("\(error)", extent: .moment)
    case .killed: self.init("\(error)", extent: .worker)
    case .invalidGraph, .compilation: self.init("\(error)")
    }
  }
}
