// System: globals, class loading, output, time, memory, the end of the program.

import Foundation

let systemRows: [PrimitiveRow] = [
  PrimitiveRow("System", "global:", systemGlobal),
  PrimitiveRow("System", "global:put:", systemGlobalPut),
  PrimitiveRow("System", "hasGlobal:", systemHasGlobal),
  PrimitiveRow("System", "load:", systemLoad),
  PrimitiveRow("System", "loadFile:", systemLoadFile),
  PrimitiveRow("System", "exit:", systemExit),
  PrimitiveRow("System", "printString:", systemPrintString),
  PrimitiveRow("System", "printNewline", systemPrintNewline),
  PrimitiveRow("System", "errorPrint:", systemErrorPrint),
  PrimitiveRow("System", "errorPrintln:", systemErrorPrintln),
  PrimitiveRow("System", "printStackTrace", systemPrintStackTrace),
  PrimitiveRow("System", "time", systemTime),
  PrimitiveRow("System", "ticks", systemTicks),
  PrimitiveRow("System", "fullGC", systemFullGC),
  PrimitiveRow("System", "gcStats", systemGCStatistics),
  PrimitiveRow("System", "totalCompilationTime", systemTotalCompilationTime),
]

// MARK: Globals

extension Universe {
  fileprivate func symbolText(_ value: Value) -> String? { symbolID(value).map(symbols.name) }
  fileprivate func notASymbol(_ h: Words, _ value: Value) -> UInt64 {
    let found = classes[value.classIndex].name
    return raise(.wrongArgument("Expected instance of 'Symbol' but got instance of '\(found)'."), h)
  }
}

private func systemGlobal(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t)
  guard let name = universe.symbolText(argument1(h)) else { return universe.notASymbol(h, argument1(h)) }
  let value = universe.global(name)
  return value == .none ? Value.nil.bits : value.bits
}

private func systemGlobalPut(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t)
  guard let name = universe.symbolText(first2(h)) else { return universe.notASymbol(h, first2(h)) }
  universe.setGlobal(name, second2(h))
  return receiver2(h).bits
}

private func systemHasGlobal(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t)
  guard let name = universe.symbolText(argument1(h)) else { return universe.notASymbol(h, argument1(h)) }
  return Value(universe.global(name) != .none).bits
}

/// The class of that name, loaded if it is not; nil if the class path has none.
private func systemLoad(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t)
  guard let name = universe.symbolText(argument1(h)) else { return universe.notASymbol(h, argument1(h)) }
  do {
    return universe.classes.object(try universe.loadClass(name).index).bits
  } catch {
    return error == .unknownClass(name) ? Value.nil.bits : universe.raise(.load(error), h)
  }
}

private func systemLoadFile(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t)
  guard let path = universe.string(argument1(h)) else {
    return universe.wrongArgument(h, m, needs: "a path", not: argument1(h))
  }
  guard let bytes = try? SourceFile.read(path) else { return Value.nil.bits }
  return universe.answer(universe.makeString(String(decoding: bytes, as: UTF8.self), h))
}

private func systemExit(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t)
  guard argument1(h).isInteger else {
    return universe.wrongArgument(h, m, needs: "an exit status", not: argument1(h))
  }
  return universe.exit(status: argument1(h).integer, h)
}

// MARK: Output

private func systemPrintString(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t)
  guard universe.isString(argument1(h)) else {
    return universe.wrongArgument(h, m, needs: "a string", not: argument1(h))
  }
  universe.output.print(bytes: UnsafeRawBufferPointer(universe.bytes(argument1(h))))
  return h[-2]
}

private func systemPrintNewline(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Universe.of(t).output.print("\n")
  return h[-1]
}

private func systemErrorPrint(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t)
  guard let text = universe.string(argument1(h)) else {
    return universe.wrongArgument(h, m, needs: "a string", not: argument1(h))
  }
  universe.output.printError(text)
  return h[-2]
}

private func systemErrorPrintln(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t)
  guard let text = universe.string(argument1(h)) else {
    return universe.wrongArgument(h, m, needs: "a string", not: argument1(h))
  }
  universe.output.printError(text + "\n")
  return h[-2]
}

private func systemPrintStackTrace(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t)
  universe.output.printError(universe.traceback(words(h[0] & ~1)))
  return h[-1]
}

// MARK: Time and memory

private func systemTime(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Value(integer: Universe.of(t).microsecondsSinceStart / 1000).bits
}

private func systemTicks(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Value(integer: Universe.of(t).microsecondsSinceStart).bits
}

extension Universe {
  var microsecondsSinceStart: Int {
    let elapsed = (ContinuousClock.now - startTime).components
    return Int(elapsed.seconds) * 1_000_000 + Int(elapsed.attoseconds / 1_000_000_000_000)
  }
}

private func systemFullGC(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Universe.of(t).heap.collectFull(frame: h, moveEverything: false)
  return Value.true.bits
}

/// Number of collections, milliseconds spent in them, bytes allocated.
private func systemGCStatistics(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t), statistics = universe.heap.statistics
  let bytes = statistics.allocatedBytes + Int(t[Thread.Slot.allocationTop.rawValue] - bits(universe.heap.nursery.start))
  let row = [statistics.count, Int(statistics.nanoseconds / 1_000_000), bytes]
  return universe.answer(
    universe.makeArray(row.count, h) { words in
      for (i, n) in row.enumerated() { words[i] = Value(integer: n).bits }
    })
}

private func systemTotalCompilationTime(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Value(integer: Universe.of(t).hooks.totalCompilationTime?() ?? 0).bits
}
