// Looking at a machine from outside, at a safepoint of whatever runs: compiled code, sources, every stage of a
// method.

import Bytecode
import Foundation
import GccBackend
import IR
import Optimizer
import VM

/// One installed unit of compiled code.
public struct CodeReport: Sendable, Hashable, Codable {
  public struct InlinedSend: Sendable, Hashable, Codable {
    /// The method whose source has the send, its line there, and what was inlined.
    public var caller: String
    public var line: Int
    public var callee: String
  }
  /// `Class>>selector`, with the line of the loop if it is entered in the middle.
  public var name: String
  public var inlined: [InlinedSend]
  public var compileMicroseconds: Int
  public var isFromCache: Bool
  /// Times that an activation of it fell back into the interpreter.
  public var deoptimizations: Int
}

/// A method at every stage, as text. A stage that does not exist (of a primitive, or without libgccjit) is nil.
public struct Disassembly: Sendable, Hashable {
  public var method: String
  public var source: String?
  public var bytecode: String?
  public var ir: String?
  public var assembly: String?
  /// How long the phases of compiling it took.
  public var times: String?
  /// Why IR or assembly are missing.
  public var note: String?
}

/// Work for the VM thread's next safepoint.
final class Inspections: Sendable {
  private let waiting = Guarded<[@Sendable () -> Void]>([])
  func add(_ job: @escaping @Sendable () -> Void) { waiting.update { $0.append(job) } }
  func run() {
    for job in waiting.takeAll() { job() }
  }
}

extension Runtime {
  /// Runs `body` on the VM thread at the next safepoint of the running program, or at once if none runs, and
  /// waits for it. `body` must not run code of the program.
  public func inspect<T>(_ body: @escaping (Runtime) -> T) -> T {
    if vmThread.isCurrent { return body(self) }
    nonisolated(unsafe) var result: T?
    nonisolated(unsafe) let body = body
    let done = DispatchSemaphore(value: 0)
    inspections.add { [self] in
      result = body(self)
      done.signal()
    }
    interrupt()
    vmThread.wake()
    done.wait()
    return result!
  }

  /// The installed units, oldest first.
  public func codeReports() -> [CodeReport] {
    inspect { runtime in
      runtime.installed.inOrder.map { code in
        CodeReport(
          name: code.name,
          inlined: code.inlined.map { send in
            CodeReport.InlinedSend(
              caller: runtime.universe.methods[send.caller].name,
              line: runtime.installed.line(send.caller, send.callSite),
              callee: runtime.universe.methods[send.method].name)
          },
          compileMicroseconds: code.compileMicroseconds, isFromCache: code.isCached,
          deoptimizations: code.deoptimizations)
      }
    }
  }

  /// The text of a method's current version; nil if the class (loaded or not) has none. Any thread.
  public func source(of key: MethodKey) -> String? {
    universe.lock.withLock { current(key)?.sourceText }
  }

  /// Requires the universe's lock.
  private func current(_ key: MethodKey) -> MethodInfo? {
    guard let info = universe.classes.named(key.holderName) else {
      return nil
    }
    return info.methods[universe.symbols.intern(key.selector)].map { universe.methods[$0] }
  }

  /// A method of a loaded class at every stage; nil if there is no such method. Blocks; not while a program runs.
  public func disassemble(_ key: MethodKey) throws -> Disassembly? {
    try perform { [self] universe in
      guard let info = universe.lock.withLock({ current(key) }) else { return nil }
      var result = Disassembly(method: info.name)
      result.source = info.sourceText
      if info.primitive != nil {
        result.note = "\(info.name) is a primitive: there is no bytecode to compile."
        return result
      }
      // Methods are compiled to bytecode when they first run.
      if info.chunk == nil { try universe.link(info.method) }
      result.bytecode = info.chunk?.disassembly
      addCompiledStages(info, &result)
      return result
    }
  }

  /// Compiles aside, without installing anything.
  private func addCompiledStages(_ info: MethodInfo, _ result: inout Disassembly) {
    let stages = compiling.standardStages()
    do {
      let unit = try stages.optimize(CompileKey(method: info.id))
      result.ir = unit.graph.text
      var times = unit.times
      defer { result.times = times.description }
      result.assembly = try compiling.assembly(of: unit.graph, times: &times)
    } catch {
      result.note = "not compiled: \(error)"
    }
  }
}
