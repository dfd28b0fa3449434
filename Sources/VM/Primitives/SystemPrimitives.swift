// System: globals, class loading, output, time, memory, the end of the program.

import Foundation

let systemRows: [PrimitiveRow] = [
  PrimitiveRow("System", "global:") { native(systemGlobal, $0, $1, $2) },
  PrimitiveRow("System", "global:put:") { native(systemGlobalPut, $0, $1, $2) },
  PrimitiveRow("System", "hasGlobal:") { native(systemHasGlobal, $0, $1, $2) },
  PrimitiveRow("System", "load:") { native(systemLoad, $0, $1, $2) },
  PrimitiveRow("System", "loadFile:") { native(systemLoadFile, $0, $1, $2) },
  PrimitiveRow("System", "exit:") { native(systemExit, $0, $1, $2) },
  PrimitiveRow("System", "printString:") { native(systemPrintString, $0, $1, $2) },
  PrimitiveRow("System", "printNewline") { native(systemPrintNewline, $0, $1, $2) },
  PrimitiveRow("System", "errorPrint:") { native(systemErrorPrint, $0, $1, $2) },
  PrimitiveRow("System", "errorPrintln:") { native(systemErrorPrintln, $0, $1, $2) },
  PrimitiveRow("System", "printStackTrace") { native(systemPrintStackTrace, $0, $1, $2) },
  PrimitiveRow("System", "time") { native(systemTime, $0, $1, $2) },
  PrimitiveRow("System", "ticks") { native(systemTicks, $0, $1, $2) },
  PrimitiveRow("System", "fullGC") { native(systemFullGC, $0, $1, $2) },
  PrimitiveRow("System", "gcStats") { native(systemGCStatistics, $0, $1, $2) },
  PrimitiveRow("System", "totalCompilationTime") { native(systemTotalCompilationTime, $0, $1, $2) },
]

// MARK: Globals

extension Universe {
  fileprivate func symbolText(_ value: Value) -> String? { symbolID(value).map(symbols.name) }
  fileprivate func notASymbol(_ h: Words, _ value: Value) -> UInt64 {
    let found = classes[value.classIndex].name
    return raise(.wrongArgument("Expected instance of 'Symbol' but got instance of '\(found)'."), h)
  }
}

private func systemGlobal(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let name = universe.symbolText(argument1(h)) else { return universe.notASymbol(h, argument1(h)) }
  let value = universe.global(name)
  return value == .none ? Value.nil.bits : value.bits
}

private func systemGlobalPut(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let name = universe.symbolText(first2(h)) else { return universe.notASymbol(h, first2(h)) }
  universe.setGlobal(name, second2(h))
  return receiver2(h).bits
}

private func systemHasGlobal(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let name = universe.symbolText(argument1(h)) else { return universe.notASymbol(h, argument1(h)) }
  return Value(universe.global(name) != .none).bits
}

/// The class of that name, loaded if it is not; nil if the class path has none.
private func systemLoad(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let name = universe.symbolText(argument1(h)) else { return universe.notASymbol(h, argument1(h)) }
  do {
    return universe.classes.object(try universe.loadClass(name).index).bits
  } catch {
    return error == .unknownClass(name) ? Value.nil.bits : universe.raise(.load(error), h)
  }
}

private func systemLoadFile(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let path = universe.string(argument1(h)) else {
    return universe.wrongArgument(h, m, needs: "a path", not: argument1(h))
  }
  guard let path = universe.options.capabilities.path(path, writing: false) else {
    return universe.notPermitted(h, m, "read the file \(path)")
  }
  guard let bytes = try? SourceFile.read(path) else { return Value.nil.bits }
  return universe.answer(universe.makeString(String(decoding: bytes, as: UTF8.self), h))
}

private func systemExit(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard argument1(h).isInteger else {
    return universe.wrongArgument(h, m, needs: "an exit status", not: argument1(h))
  }
  return universe.exit(status: argument1(h).integer, h, m)
}

// MARK: Output

private func systemPrintString(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard universe.isString(argument1(h)) else {
    return universe.wrongArgument(h, m, needs: "a string", not: argument1(h))
  }
  universe.output.print(bytes: UnsafeRawBufferPointer(universe.bytes(argument1(h))))
  return h[-2]
}

private func systemPrintNewline(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.output.print("\n")
  return h[-1]
}

private func systemErrorPrint(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let text = universe.string(argument1(h)) else {
    return universe.wrongArgument(h, m, needs: "a string", not: argument1(h))
  }
  universe.output.printError(text)
  return h[-2]
}

private func systemErrorPrintln(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let text = universe.string(argument1(h)) else {
    return universe.wrongArgument(h, m, needs: "a string", not: argument1(h))
  }
  universe.output.printError(text + "\n")
  return h[-2]
}

private func systemPrintStackTrace(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  if let sender = Frame(h).sender { universe.output.printError(universe.traceback(sender.words)) }
  return h[-1]
}

// MARK: Time and memory

private func systemTime(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Value(integer: universe.microsecondsSinceStart / 1000).bits
}

private func systemTicks(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Value(integer: universe.microsecondsSinceStart).bits
}

extension Universe {
  var microsecondsSinceStart: Int {
    let elapsed = (ContinuousClock.now - startTime).components
    return Int(elapsed.seconds) * 1_000_000 + Int(elapsed.attoseconds / 1_000_000_000_000)
  }
}

private func systemFullGC(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.heap.collectFull(frame: h, moveEverything: false)
  return Value.true.bits
}

/// Number of collections, milliseconds spent in them, bytes allocated.
private func systemGCStatistics(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let statistics = universe.heap.statistics
  let bytes = statistics.allocatedBytes + universe.heap.nurseryUsedBytes
  let row = [statistics.count, Int(statistics.nanoseconds / 1_000_000), bytes]
  return universe.answer(
    universe.makeArray(row.count, h) { words in
      for (i, n) in row.enumerated() { words[i] = Value(integer: n).bits }
    })
}

private func systemTotalCompilationTime(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Value(integer: universe.hooks.totalCompilationTime?() ?? 0).bits
}
