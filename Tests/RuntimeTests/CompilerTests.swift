import Foundation
import GccBackend
import IR
import Testing
import VM

@testable import Runtime

/// A unit that answers a small integer, named by its method number.
func constantGraph(_ n: Int) -> Graph {
  var graph = Graph(name: "Test>>answer\(n)", argumentCount: 0)
  let b = graph.addBlock()
  let state = graph.addState(
    FrameState(frames: [VirtualFrame(method: n, pc: 0, originPC: 0, registers: [])]))
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
      return try GccBackend.compile(graphs, options: BackendOptions(outputPath: path))
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
      return try unit.object.address(unit.metadata.tableSymbol)
    }
    #expect(try table(first[0]) != table(again[0]))
  }

  @Test func whatWasCompiledLatelyIsFoundWithoutAFolder() throws {
    let generated = Counter()
    let compiler = Compiler(stages: stages(generated), files: try ObjectFiles(folder: nil) { _ in })
    let key = [CompileKey(method: 1)]
    #expect(names(compiler.compile(key)) == ["Test>>answer1"])
    #expect(names(compiler.compile(key)) == ["cached Test>>answer1"])
    #expect(generated.value == 1)
  }

  @Test func recentCodeIsBounded() {
    var recent = RecentCode(limit: 1000)
    let metadata = CodeMetadata(symbol: "f", tableSymbol: "t", tableCount: 0, frameSize: 3, safepoints: [])
    for i in 1...5 {
      recent.keep([UInt8](repeating: UInt8(i), count: 290), texts: ["text\(i)"], metadata: [metadata])
      _ = recent.find(text: "text1")
    }
    // The one that was used each time stayed, and the last ones.
    #expect((1...5).filter { recent.find(text: "text\($0)") != nil } == [1, 4, 5])
  }

  /// A file that somebody truncated, changed or replaced is not loaded; the code is made again.
  @Test func aDamagedCacheIsIgnored() throws {
    let path = folder()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let generated = Counter()
    func compile() throws -> [String] {
      names(
        Compiler(stages: stages(generated), files: try ObjectFiles(folder: path) { _ in })
          .compile([CompileKey(method: 1)]))
    }
    func damage(_ suffix: String, _ change: (inout Data) -> Void) throws {
      for name in try FileManager.default.contentsOfDirectory(atPath: path) where name.hasSuffix(suffix) {
        let url = URL(fileURLWithPath: "\(path)/\(name)")
        var data = try Data(contentsOf: url)
        change(&data)
        try data.write(to: url)
      }
    }
    #expect(try compile() == ["Test>>answer1"])
    #expect(try compile() == ["cached Test>>answer1"])
    try damage(".o") { $0[$0.count / 2] ^= 1 }
    #expect(try compile() == ["Test>>answer1"])
    #expect(try compile() == ["cached Test>>answer1"])
    try damage(".o") { $0.removeLast(100) }
    #expect(try compile() == ["Test>>answer1"])
    try damage(".json") { $0.removeLast(10) }
    #expect(try compile() == ["Test>>answer1"])
    try damage(".json") { $0 = Data("{\"object\":\"../../etc/passwd\"}".utf8) }
    #expect(try compile() == ["Test>>answer1"])
    #expect(try compile() == ["cached Test>>answer1"])
  }

  /// Whatever bit of an index or an object changes: either the code is found as it was written, or not at all.
  @Test func everythingThatIsLoadedIsChecked() throws {
    let path = folder()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let cache = try CacheFolder(path: path)
    let metadata = CodeMetadata(
      symbol: "f", tableSymbol: "t", tableCount: 7, frameSize: 123,
      safepoints: [
        Safepoint(
          frames: [FrameDescription(method: 45, pc: 67, originPC: 66, registers: [])],
          virtuals: [VirtualDescription(classWord: 89, fields: [.tagged(-1), .immediate(12)])], liveSlots: [3, 4],
          reason: 1)
      ])
    let object = [UInt8](0..<200)
    cache.keep(object, texts: ["text"], metadata: [metadata])
    func found() -> Bool? {
      guard let code = cache.find(text: "text") else { return nil }
      return code.object == object && code.metadata == metadata
    }
    #expect(found() == true)
    var ignored = 0
    for name in try FileManager.default.contentsOfDirectory(atPath: path) {
      let url = URL(fileURLWithPath: "\(path)/\(name)")
      let good = try [UInt8](Data(contentsOf: url))
      for place in good.indices {
        for bit in 0..<8 {
          var bad = good
          bad[place] ^= 1 << bit
          try Data(bad).write(to: url)
          chmod(url.path, 0o600)
          let result = found()
          #expect(result != false, "bit \(bit) of byte \(place) of \(name)")
          if result == nil { ignored += 1 }
        }
      }
      try Data(good).write(to: url)
      chmod(url.path, 0o600)
    }
    #expect(found() == true && ignored > 200 * 8)
  }

  /// Files that somebody else may have written, and what is no file.
  @Test func onlyTheUsersOwnFilesAreLoaded() throws {
    let path = folder()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let cache = try CacheFolder(path: path)
    let metadata = CodeMetadata(symbol: "f", tableSymbol: "t", tableCount: 0, frameSize: 3, safepoints: [])
    cache.keep([1, 2, 3], texts: ["text"], metadata: [metadata])
    // The third says how much was written.
    let files = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.contains(".") }
      .map { "\(path)/\($0)" }
    #expect(files.count == 2)
    for file in files {
      for mode: mode_t in [0o620, 0o602] {
        chmod(file, mode)
        #expect(cache.find(text: "text") == nil)
      }
      chmod(file, 0o644)
      #expect(cache.find(text: "text") != nil)
      let aside = file + "-aside"
      rename(file, aside)
      symlink(aside, file)
      #expect(cache.find(text: "text") == nil)
      unlink(file)
      mkfifo(file, 0o600)
      #expect(cache.find(text: "text") == nil)
      unlink(file)
      mkdir(file, 0o700)
      #expect(cache.find(text: "text") == nil)
      rmdir(file)
      rename(aside, file)
      if geteuid() == 0 {
        chown(file, 1, 1)
        #expect(cache.find(text: "text") == nil)
        chown(file, 0, 0)
      }
      #expect(cache.find(text: "text") != nil)
    }
  }

  @Test func theCacheIsBoundedAndClearedAndLeavesOtherFilesAlone() throws {
    let path = folder()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let cache = try CacheFolder(path: path, limit: 20_000)
    let metadata = CodeMetadata(symbol: "f", tableSymbol: "t", tableCount: 0, frameSize: 3, safepoints: [])
    try Data(count: 30_000).write(to: URL(filePath: path + "/mine.o"))
    for i in 0..<20 { cache.keep([UInt8](repeating: UInt8(i), count: 2000), texts: ["text\(i)"], metadata: [metadata]) }
    #expect(cache.contents().bytes <= 20_000 + 20_000 / 16 + 3000)
    #expect(cache.find(text: "text19")?.object == [UInt8](repeating: 19, count: 2000))
    #expect(cache.find(text: "text0") == nil)
    #expect(cache.clear().units > 0)
    #expect(cache.contents() == CacheFolder.Contents())
    #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["mine.o"])
  }

  @Test func aFolderThatOthersCanWriteIsNotUsed() throws {
    let path = folder()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    chmod(path, 0o777)
    var warnings: [String] = []
    #expect(try ObjectFiles(folder: path) { warnings.append($0) }.cache == nil)
    #expect(warnings.count == 1 && warnings[0].contains("others can write"))
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
    #expect(files.cache == nil)
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
    for n in 1...5 { try thread.submit(CompileKey(method: n), heat: n) }
    thread.waitUntilIdle()
    #expect(Set(thread.takeResults().map(\.key.method)) == Set(1...5))
    #expect(thread.takeResults().isEmpty)
    thread.stop()
    #expect(delivered.value == generated.value && delivered.value >= 1)
  }

  /// As when what it asks holds the last reference to the machine.
  @Test func theThreadMayBeStoppedByItself() throws {
    let own = Guarded<CompilerThread?>(nil)
    let done = DispatchSemaphore(value: 0)
    let thread = CompilerThread(
      compiler: Compiler(stages: stages(Counter()), files: try ObjectFiles(folder: nil) { _ in }), batchLimit: 1,
      deliver: {},
      sample: {
        own.get()?.stop()
        done.signal()
      })
    own.set(thread)
    try thread.submit(CompileKey(method: 1), heat: 1)
    thread.waitUntilIdle()
    thread.sample(after: 0)
    #expect(done.wait(timeout: .now() + 20) == .success)
    own.set(nil)
  }
}
