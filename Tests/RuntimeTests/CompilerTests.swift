import Foundation
import GccBackend
import IR
import Testing
import VM

@testable import Runtime

/// A unit that answers a small integer, named by its method number.
private func constantGraph(_ n: Int) -> Graph {
  var graph = Graph(name: "Test>>answer\(n)", argumentCount: 0)
  let b = graph.addBlock()
  let state = graph.addState(
    FrameState(frames: [IR.VirtualFrame(method: n, pc: 0, originPC: 0, registers: [])]))
  graph.entryState = state
  let v = graph.append(.constTagged, immediate: Int64(bitPattern: Value(integer: n).bits), to: b)
  graph.append(.return, [v], to: b)
  return graph
}

private final class Counter: @unchecked Sendable {
  private let lock = NSLock()
  private var n = 0
  func increment() { lock.withLock { n += 1 } }
  var value: Int { lock.withLock { n } }
}

private func stages(_ generated: Counter, broken: Set<Int> = []) -> CompilerStages {
  CompilerStages(
    optimize: { key in
      if key.method == 99 { throw CompileFailure("too large") }
      return OptimizedUnit(graph: constantGraph(key.method), dependencies: [], inlined: [])
    },
    text: { $0.text },
    generate: { graphs, path in
      generated.increment()
      for graph in graphs where broken.contains(where: { graph.name.hasSuffix("answer\($0)") }) {
        throw CompileFailure("internal compiler error")
      }
      return try GccBackend.compile(graphs, options: BackendOptions(outputPath: path), layout: Runtime.layout)
    })
}

private func names(_ results: [CompileResult]) -> [String] {
  results.map {
    switch $0.outcome {
    case .success(let u): return (u.isCached ? "cached " : "") + u.unit.graph.name
    case .failure(let f): return f.description
    }
  }
}

@Suite(.enabled(if: GccBackend.unavailability == nil)) struct CompilerTests {
  private func folder() -> String { NSTemporaryDirectory() + "ovid-cache-\(UUID().uuidString)" }

  @Test func aBatchIsOneCallAndComesBackFromTheCache() throws {
    let path = folder()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let generated = Counter()
    let keys = [1, 99, 2].map { CompileKey(method: $0) }
    let files = try ObjectFiles(folder: path) { _ in }
    let first = Compiler(stages: stages(generated), files: files).compile(keys)
    #expect(names(first) == ["Test>>answer1", "too large", "Test>>answer2"])
    #expect(generated.value == 1)
    let again = Compiler(stages: stages(generated), files: try ObjectFiles(folder: path) { _ in }).compile(keys)
    #expect(names(again) == ["cached Test>>answer1", "too large", "cached Test>>answer2"])
    #expect(generated.value == 1)
    // Both live at once, and share nothing.
    func table(_ result: CompileResult) throws -> UnsafeMutableRawPointer {
      let unit = try result.outcome.get()
      typealias TableFunction = @convention(c) () -> UnsafeMutableRawPointer
      return unsafeBitCast(try unit.object.address(unit.metadata.tableSymbol), to: TableFunction.self)()
    }
    #expect(try table(first[0]) != table(again[0]))
  }

  @Test func oneBadUnitDoesNotTakeTheOthersWithIt() throws {
    let compiler = Compiler(
      stages: stages(Counter(), broken: [2]), files: try ObjectFiles(folder: nil) { _ in })
    let results = compiler.compile([1, 2, 3].map { CompileKey(method: $0) })
    #expect(names(results) == ["Test>>answer1", "internal compiler error", "Test>>answer3"])
  }

  @Test func anUnwritableFolderCostsOnlyTheCache() throws {
    var warnings: [String] = []
    let files = try ObjectFiles(folder: "/proc/nowhere") { warnings.append($0) }
    #expect(files.folder == nil)
    #expect(warnings.count == 1 && warnings[0].contains("--cache-dir"))
    let results = Compiler(stages: stages(Counter()), files: files).compile([CompileKey(method: 1)])
    #expect(names(results) == ["Test>>answer1"])
  }

  @Test func theThreadDeliversEverything() throws {
    let delivered = Counter()
    let generated = Counter()
    let thread = CompilerThread(
      compiler: Compiler(stages: stages(generated), files: try ObjectFiles(folder: nil) { _ in }),
      batchLimit: 100, deliver: { delivered.increment() })
    for n in 1...5 { thread.submit(CompileKey(method: n), heat: n) }
    thread.waitUntilIdle()
    #expect(Set(thread.takeResults().map(\.key.method)) == Set(1...5))
    #expect(thread.takeResults().isEmpty)
    thread.stop()
    #expect(delivered.value == generated.value && delivered.value >= 1)
  }
}
