// From compile keys to loaded objects: optimizes each unit, looks it up in the cache, and compiles what is left
// together. Runs on the compiler thread, or with --compile-now on the program's.

import Foundation
import GccBackend
import IR
import Synchronization

public final class Compiler: Sendable {
  private let stages: CompilerStages
  private let files: ObjectFiles
  /// The worker has died of these, perhaps: they are compiled alone.
  private let suspects = Mutex<Set<CompileKey>>([])

  public init(stages: CompilerStages, files: ObjectFiles) {
    self.stages = stages
    self.files = files
  }

  func removeScratch() { files.removeScratch() }

  /// A compile will follow.
  func prepare() { stages.prepare() }

  /// Why nothing can be compiled now, as far as it shows at a glance. Not if there is a cache, which may have everything.
  func lackOfRoom() -> CompileFailure? {
    if files.cache != nil { return nil }
    return stages.folders(files.scratch).first { !TemporaryFiles.hasRoom(in: $0) }
      .map { CompileFailure(.noRoom(folder: $0)) }
  }

  /// The stencils of baseline code: those of the cache, or `making` them; else nil.
  func stencils(making: Bool) throws -> StencilLibrary? {
    guard let make = stages.stencils else { return nil }
    if let cached = files.find(text: stages.stencilText), let library = try? StencilLibrary(object: cached.object) {
      return library
    }
    guard making else { return nil }
    let path = files.scratchPath()
    try make(path)
    let nothing = CodeMetadata(symbol: "", tableSymbol: "", tableCount: 0, frameSize: 0, safepoints: [])
    defer { files.writeCache() }
    return try StencilLibrary(
      object: files.take(scratch: path, texts: [stages.stencilText], metadata: [nothing]))
  }

  private typealias Pending = (index: Int, unit: OptimizedUnit, text: String, optimizing: Int)
  /// Nodes that are compiled together, unless one unit alone has more.
  static let groupLimit = 300

  /// One result for each key, in order.
  public func compile(_ keys: [CompileKey]) -> [CompileResult] {
    var results: [CompileKey: CompileResult] = [:]
    compile(keys) { for r in $0 { results[r.key] = r } }
    return keys.compactMap { results[$0] }
  }

  /// The same, with the results as soon as they are there: small units need not wait for large ones.
  public func compile(_ keys: [CompileKey], each deliver: ([CompileResult]) -> Void) {
    // A filled cache may have everything.
    var isPrepared = files.cache == nil
    if isPrepared { stages.prepare() }
    var results: [CompileResult?] = Array(repeating: nil, count: keys.count)
    var pending: [Pending] = []
    for (i, key) in keys.enumerated() {
      let start = Clock.microseconds()
      do {
        var unit = try stages.optimize(key)
        if let evaluate = stages.evaluate {
          let (metadata, image) = try evaluate(unit.graph)
          results[i] = CompileResult(
            key: key,
            outcome: .success(
              CompiledUnit(
                unit: unit, metadata: metadata, object: image, optimizing: Clock.microseconds() - start, generating: 0,
                isCached: false)))
          continue
        }
        let text = unit.times.measure("text") { [graph = unit.graph] in stages.text(graph) }
        let spent = Clock.microseconds() - start
        if let cached = files.find(text: text), let object = try? ObjectImage(bytes: cached.object) {
          results[i] = CompileResult(
            key: key,
            outcome: .success(
              CompiledUnit(
                unit: unit, metadata: cached.metadata, object: object, optimizing: spent, generating: 0,
                isCached: true)))
        } else {
          pending.append((i, unit, text, spent))
          if !isPrepared { stages.prepare() }
          isPrepared = true
        }
      } catch {
        results[i] = CompileResult(key: key, outcome: .failure(Self.failure(error)))
      }
    }
    let done = results.compactMap { $0 }
    if !done.isEmpty { deliver(done) }
    for group in groups(pending, keys) {
      var results: [CompileResult?] = Array(repeating: nil, count: keys.count)
      generate(group, keys, &results)
      deliver(results.compactMap { $0 })
      files.writeCache()
    }
  }

  /// Loops that are running first, each on its own: somebody waits for them. Then the rest, small ones first; what
  /// is compiled in one group pays for GCC's start and the assembler once.
  private func groups(_ pending: [Pending], _ keys: [CompileKey]) -> [[Pending]] {
    let sized = pending.map { (item: $0, nodes: $0.unit.graph.nodeCount) }
      .sorted { ($0.nodes, $0.item.index) < ($1.nodes, $1.item.index) }
    let suspects = suspects.withLock { $0 }
    func isAlone(_ item: Pending) -> Bool { keys[item.index].osrPC != nil || suspects.contains(keys[item.index]) }
    var result: [[Pending]] = []
    for (item, _) in sized where isAlone(item) { result.append([item]) }
    let alone = result.count
    var size = 0
    for (item, nodes) in sized where !isAlone(item) {
      if result.count == alone || size + nodes > Self.groupLimit {
        result.append([])
        size = 0
      }
      result[result.count - 1].append(item)
      size += nodes
    }
    return result
  }

  private func generate(
    _ pending: [Pending], _ keys: [CompileKey],
    _ results: inout [CompileResult?]
  ) {
    if pending.isEmpty { return }
    let start = Clock.microseconds()
    do {
      let path = files.scratchPath()
      let metadata = try stages.generate(pending.map(\.unit.graph), path)
      let object = try ObjectImage(
        bytes: files.take(scratch: path, texts: pending.map(\.text), metadata: metadata))
      let share = (Clock.microseconds() - start) / pending.count
      for (item, metadata) in zip(pending, metadata) {
        results[item.index] = CompileResult(
          key: keys[item.index],
          outcome: .success(
            CompiledUnit(
              unit: item.unit, metadata: metadata, object: object, optimizing: item.optimizing,
              generating: share, isCached: false)))
      }
    } catch {
      // One bad unit must not take the others with it.
      let failure = Self.failure(error)
      if pending.count > 1, failure.extent == .unit || failure.extent == .worker {
        for item in pending { generate([item], keys, &results) }
        return
      }
      for item in pending {
        let key = keys[item.index]
        if failure.extent == .worker { suspects.withLock { _ = $0.insert(key) } }
        results[item.index] = CompileResult(key: key, outcome: .failure(failure))
      }
    }
  }

  private static func failure(_ error: any Error) -> CompileFailure {
    switch error {
    case let failure as CompileFailure: failure
    // A file is gone that was just written, or cannot be: somebody tidies up.
    case is ObjectFileError: CompileFailure("\(error)", extent: .moment)
    case let failure as ObjectImageError where failure.isPassing: CompileFailure("\(error)", extent: .moment)
    default: CompileFailure("\(error)")
    }
  }
}
