// All units of compiled code: installing, entering, invalidating, freeing. VM thread only.

import IR
import Optimizer
import VM

public final class InstalledCode: @unchecked Sendable {
  /// Why a finished compile was not installed.
  enum InstallFailure: Error {
    /// A fact it relies on changed while it was compiled: worth another try.
    case outdated(String)
    case broken(String)
  }

  private let universe: Universe
  private let program: RuntimeProgram
  private(set) var units: [CodeID: CompiledCode] = [:]
  /// Where running activations can enter, by method and loop header.
  private var loops: [CompileKey: CompiledCode] = [:]
  /// Which units contain a method, as root or inlined.
  var containing: [Int: Set<CodeID>] = [:]
  /// Invalidated, but perhaps still running.
  var retired: [CompiledCode] = []
  private var freeThreshold = 8
  private var nextID = 1
  var registry = DependencyRegistry()

  init(universe: Universe, program: RuntimeProgram) {
    self.universe = universe
    self.program = program
  }

  // MARK: Installing

  /// Makes a compiled unit part of the program: new calls of its method (or new entries of its loop) use it.
  func install(_ compiled: CompiledUnit, _ key: CompileKey) throws -> CompiledCode {
    if let generation = compiled.unit.generation, generation != program.generation {
      throw InstallFailure.outdated("class indices were freed, or breakpoints set")
    }
    if let stale = compiled.unit.dependencies.first(where: { !program.holds($0) }) {
      throw InstallFailure.outdated(describe(stale))
    }
    let info = universe.methods[key.method]
    for method in [key.method] + compiled.unit.inlined.map(\.method)
    where universe.methods[method].kind == .superseded {
      throw InstallFailure.outdated("\(universe.methods[method].name) relies on a redefined method")
    }
    let code: CompiledCode
    do {
      code = try CompiledCode(
        id: CodeID(nextID), name: name(of: key), argumentCount: info.method.argumentCount, key: key,
        compiled: compiled, protects: { universe.methods[$0].method.mayProtect })
      try fill(code, compiled.unit.graph.table)
    } catch {
      throw InstallFailure.broken("\(error)")
    }
    nextID += 1
    if let previous = current(key) { invalidate(previous) }
    units[code.id] = code
    registry.add(code.dependencies, of: code.id)
    for method in code.methods { containing[method, default: []].insert(code.id) }
    if key.osrPC != nil {
      loops[key] = code
    } else {
      info.compiledEntry = code.entry
    }
    return code
  }

  private func fill(_ code: CompiledCode, _ entries: [TableEntry]) throws {
    guard entries.count + CodeMetadata.tableHeaderWords <= max(code.metadata.tableCount, entries.count + 2) else {
      throw ObjectFileError(description: "the data table is too small")
    }
    code.table[0] = 0
    code.table[1] = code.frameWord
    for (i, entry) in entries.enumerated() {
      let word: UInt64
      switch entry {
      case .literal(let method, let index, _):
        let raw = universe.methods[method].method
        guard index >= 0, index < Int(raw[.literalCount]), let literals = Words(bitPattern: UInt(raw[.literals]))
        else { throw ObjectFileError(description: "method \(method) has no literal \(index)") }
        word = literals[index]
      case .method(let id, _): word = UInt64(UInt(bitPattern: universe.methods[id].method.words))
      case .methodValue(let id, _): word = UInt64(UInt(bitPattern: universe.methods[id].method.words)) | 1
      case .selector(let id, let count, _): word = UInt64(id) << 16 | UInt64(count)
      case .cell(let id, _): word = UInt64(UInt(bitPattern: universe.globals.address(id)))
      }
      code.table[CodeMetadata.tableHeaderWords + i] = word
    }
  }

  // MARK: Finding

  /// The valid code of a key.
  func current(_ key: CompileKey) -> CompiledCode? {
    if key.osrPC != nil { return loops[key] }
    let entry = universe.methods[key.method].compiledEntry
    return containing[key.method]?.lazy.compactMap { self.units[$0] }
      .first { $0.key == key && $0.entry == entry }
  }
  subscript(_ id: CodeID) -> CompiledCode? { units[id] }
  /// Oldest first.
  var inOrder: [CompiledCode] { units.values.sorted { $0.id < $1.id } }
  /// Every valid unit that contains one of these methods.
  func units(containing methods: some Sequence<Int>) -> [CompiledCode] {
    Set(methods.flatMap { containing[$0] ?? [] }).sorted().compactMap { units[$0] }
  }
  /// The code of a compiled frame.
  func code(_ frame: Words) -> CompiledCode? { CodeHeader(frame: Frame(frame))?.code }

  // MARK: Invalidating

  /// New calls no longer enter it; live frames leave it at their next safepoint.
  func invalidate(_ code: CompiledCode) {
    guard code.state == .installed else { return }
    code.state = .invalidated
    code.table[0] = 1
    leave(code)
    registry.drop(code.id)
    for method in code.methods {
      containing[method]?.remove(code.id)
      if containing[method]?.isEmpty == true { containing[method] = nil }
    }
    units[code.id] = nil
    retired.append(code)
  }

  private func leave(_ code: CompiledCode) {
    if code.key.osrPC != nil {
      if loops[code.key] === code { loops[code.key] = nil }
      return
    }
    let info = universe.methods[code.key.method]
    if info.compiledEntry == code.entry { info.compiledEntry = nil }
  }

  /// Bytes of machine code and data that are mapped, invalidated code that may still run included.
  var byteCount: Int {
    var sizes: [ObjectIdentifier: Int] = [:]
    for code in Array(units.values) + retired { sizes[ObjectIdentifier(code.object)] = code.object.size }
    return sizes.values.reduce(0, +)
  }

  // MARK: Frames and roots

  /// Frames of compiled code, innermost first.
  func compiledFrames(from top: Words) -> [(frame: Words, code: CompiledCode)] {
    var result: [(Words, CompiledCode)] = []
    universe.forEachStack(running: top) { frames in
      for frame in frames { if let header = CodeHeader(frame: frame) { result.append((frame.words, header.code)) } }
    }
    return result
  }

  /// Unmaps invalidated code that no frame runs, if there is enough of it or it `isDue`. Requires: no compiled function
  /// is between its entry and the moment when its frame names it (no entry poll is under way beside the current one).
  func freeUnused(from top: Words, isDue: Bool = false) -> Int {
    // Walking a deep stack at every poll would be slow; what is left waits for twice as many.
    guard isDue || retired.count >= freeThreshold else { return 0 }
    defer { freeThreshold = max(8, 2 * retired.count) }
    let live = Set(compiledFrames(from: top).map { ObjectIdentifier($0.code) })
    // A process may have lost its turn at the entry of a method: its top frame does not name the code yet.
    var entered: Set<Int> = []
    universe.forEachStack(running: top) { frames in
      if let frame = frames.current, !frame.isCompiled { entered.insert(frame.method.id) }
    }
    let before = retired.count
    retired.removeAll {
      !live.contains(ObjectIdentifier($0)) && $0.nativeActivations == 0 && !entered.contains($0.key.method)
    }
    return before - retired.count
  }
  var retiredCount: Int { retired.count }

  /// Visits the heap constants of all code that may still run.
  func visitRoots(_ visit: (Words) -> Void) {
    for code in units.values { for word in code.rootWords { visit(code.table + word) } }
    for code in retired { for word in code.rootWords { visit(code.table + word) } }
  }

  func liveSlots(_ frame: Words) -> (argumentCount: Int, slots: [Int]) {
    guard let header = CodeHeader(frame: Frame(frame)) else { return (0, []) }
    return (header.argumentCount, header.liveSlots(Int(truncatingIfNeeded: frame[2])).map { Int($0) })
  }

  /// The outgoing area may begin after this many words. Values stored for a deoptimization lie above the frame
  /// proper, and are roots as long as its safepoint is current.
  func wordsInUse(_ frame: Words) -> Int {
    guard let header = CodeHeader(frame: Frame(frame)) else { return Frame.headerWords }
    let last = header.liveSlots(Int(truncatingIfNeeded: frame[2])).max().map { Int($0) + 1 } ?? 0
    return max(header.frameSize, last)
  }

  // MARK: Text

  /// `Class>>selector`, with `, loop at line n` for on-stack replacement.
  private func name(of key: CompileKey) -> String {
    universe.methods[key.method].name + (key.osrPC.map { ", loop at line \(line(key.method, $0))" } ?? "")
  }

  /// After a class has got another name.
  func refreshNames() {
    for code in units.values { code.name = name(of: code.key) }
  }

  /// The source line of a pc, counted in the method's file, from 1.
  func line(_ method: Int, _ pc: Int) -> Int {
    let raw = universe.methods[method].method
    return universe.traceEntry(Activation(method: raw, pc: pc, receiver: .nil))?.line ?? 0
  }

  /// A fact that no longer holds.
  func describe(_ dependency: Dependency) -> String { describe(dependency, "was") }
  /// A fact that holds.
  func state(_ dependency: Dependency) -> String { describe(dependency, "is") }

  private func describe(_ dependency: Dependency, _ verb: String) -> String {
    func name(_ method: Int?) -> String {
      method.map { universe.methods.find($0)?.name ?? "a replaced method" } ?? "nothing"
    }
    func className(_ index: Int) -> String { universe.classes.infos[index]?.name ?? "a changed class" }
    switch dependency {
    case .lookup(let classIndex, let selector, let method):
      return "#\(universe.symbols.name(selector)) in \(className(classIndex)) \(verb) \(name(method))"
    case .superLookup(let holder, let selector, let method):
      return "#\(universe.symbols.name(selector)) above \(className(holder)) \(verb) \(name(method))"
    case .shape(let index): return "the shape of \(className(index))"
    case .global(let cell, _): return "the global \(universe.globals.name(cell)) \(verb) constant"
    }
  }
}
