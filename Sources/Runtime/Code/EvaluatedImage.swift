// --compile-in=evaluator: graphs are not compiled but evaluated, on the same frames, with the same deoptimizer. So
// optimizer and frame states are tested without GCC, and after each pass (docs/ir-evaluator.md).

import IR
import MachineLayout
import VM

final class EvaluatedImage: CodeImage, @unchecked Sendable {
  let code: EvaluableGraph
  private let table: Words
  let size: Int

  init(_ graph: Graph) throws(IRVerificationError) {
    code = try EvaluableGraph(graph, RuntimeLayout())
    let count = CodeMetadata.tableHeaderWords + graph.table.count
    size = 8 * count
    table = .allocate(capacity: count)
    table.initialize(repeating: 0, count: count)
  }

  static func make(_ graph: Graph) throws -> (metadata: CodeMetadata, image: any CodeImage) {
    let image = try EvaluatedImage(graph)
    return (image.code.metadata, image)
  }

  deinit { table.deallocate() }

  func address(_ symbol: String) -> UnsafeMutableRawPointer {
    switch symbol {
    case EvaluableGraph.tableSymbol: UnsafeMutableRawPointer(table)
    case EvaluableGraph.loopSymbol: unsafeBitCast(evaluateLoop, to: UnsafeMutableRawPointer.self)
    default: unsafeBitCast(evaluateMethod, to: UnsafeMutableRawPointer.self)
    }
  }
}

/// The function of every evaluated method: which graph it is, the method says.
private let evaluateMethod: NativeEntry = { thread, frame, method in
  Runtime.of(thread).evaluate(CompileKey(method: Method(method).id), frame, method)
}
/// The function of every evaluated loop: which one it is, the interpreter's frame says.
private let evaluateLoop: NativeEntry = { thread, frame, method in
  Runtime.of(thread).evaluate(CompileKey(method: Method(method).id, osrPC: Frame(frame).pc), frame, method)
}

extension Runtime: EvaluationHost {
  fileprivate func evaluate(_ key: CompileKey, _ frame: Words, _ method: UnsafeMutableRawPointer) -> UInt64 {
    guard let unit = installed.current(key), let image = unit.object as? EvaluatedImage else {
      return universe.raise(.other("internal error: there is no graph to evaluate"), frame)
    }
    // It needs more of the native stack than machine code, for which the limit of the VM stack is enough.
    if key.osrPC == nil, !deoptimizer.hasRoom {
      frame[2] = UInt64(bitPattern: Int64(CodeMetadata.noRegisters))
      return universe.raise(.stackOverflow, frame)
    }
    // The activation may outlive its unit.
    return withExtendedLifetime(unit) {
      Evaluation(image.code, thread: universe.thread.words, frame: frame, table: unit.table, host: self)
        .run(method: method)
    }
  }

  public func content(of object: UInt64, word: Int) -> WordContent? {
    let object = Value(bits: object).object
    let info = universe.classes[object.classIndex]
    switch ObjectFormat(rawValue: object.classWord.formatBits) {
    case .fields: return word < info.bodyWords ? .tagged : nil
    case .mixed:
      if word >= info.bodyWords { return nil }
      return info.doubleFields >> UInt64(word) & 1 != 0 ? .double : .tagged
    case .indexable: return word < info.bodyWords + object[0].integer ? .tagged : nil
    case .bytes:
      if word < StringLayout.firstWord { return .tagged }
      return word < StringLayout.firstWord + (object[0].integer + 7) / 8 ? .raw : nil
    case .words: return word == 0 ? .tagged : word <= object[0].integer ? .raw : nil
    case nil: return nil
    }
  }

  public func count(of object: UInt64) -> Int? {
    let object = Value(bits: object).object
    switch ObjectFormat(rawValue: object.classWord.formatBits) {
    case .indexable, .bytes: return object[0].integer
    default: return nil
    }
  }

  public func failed(_ fault: EvaluationFault, frame: Words) {
    universe.output.printError("ovid: internal error: \(fault)\n")
    _ = universe.terminate(status: Self.evaluationFailed, because: .error)
  }
  /// The status of a program of which a graph was wrong.
  private static let evaluationFailed = 70
}
