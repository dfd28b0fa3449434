// From compile keys to loaded objects: optimizes each unit, looks it up in the cache, and compiles what is left
// together. Runs on the compiler thread, or with --compile-now on the program's.

import Foundation
import IR

public final class Compiler: Sendable {
  private let stages: CompilerStages
  private let files: ObjectFiles

  public init(stages: CompilerStages, files: ObjectFiles) {
    self.stages = stages
    self.files = files
  }

  func removeScratch() { files.removeScratch() }

  /// One result for each key, in order.
  public func compile(_ keys: [CompileKey]) -> [CompileResult] {
    var results: [CompileResult?] = Array(repeating: nil, count: keys.count)
    var pending: [(index: Int, unit: OptimizedUnit, text: String, optimizing: Int)] = []
    for (i, key) in keys.enumerated() {
      let start = Clock.microseconds()
      do {
        let unit = try stages.optimize(key)
        let text = stages.text(unit.graph)
        let spent = Clock.microseconds() - start
        if let cached = files.find(text: text), let object = try? files.load(cached: cached.path) {
          results[i] = CompileResult(
            key: key,
            outcome: .success(
              CompiledUnit(
                unit: unit, metadata: cached.metadata, object: object, optimizing: spent, generating: 0,
                isCached: true)))
        } else {
          pending.append((i, unit, text, spent))
        }
      } catch {
        results[i] = CompileResult(key: key, outcome: .failure(Self.failure(error)))
      }
    }
    generate(pending, keys, &results)
    return results.compactMap { $0 }
  }

  private func generate(
    _ pending: [(index: Int, unit: OptimizedUnit, text: String, optimizing: Int)], _ keys: [CompileKey],
    _ results: inout [CompileResult?]
  ) {
    if pending.isEmpty { return }
    let start = Clock.microseconds()
    do {
      let path = files.scratchPath()
      let metadata = try stages.generate(pending.map(\.unit.graph), path)
      files.keep(path: path, texts: pending.map(\.text), metadata: metadata)
      let object = try files.load(scratch: path)
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
      if pending.count > 1, !Self.failure(error).isFinal {
        for item in pending { generate([item], keys, &results) }
        return
      }
      for item in pending {
        results[item.index] = CompileResult(key: keys[item.index], outcome: .failure(Self.failure(error)))
      }
    }
  }

  private static func failure(_ error: any Error) -> CompileFailure {
    (error as? CompileFailure) ?? CompileFailure("\(error)")
  }
}

/// Time for latencies and statistics.
enum Clock {
  static func microseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000 + time.tv_nsec / 1000
  }
}
