// Looks at one method through everything that the runtime knows about its code: installed units, their coverage and
// dependencies, and the history of code. Nothing is kept up for this while the program runs.

import Bytecode
import Optimizer
import VM

/// VM thread, at a safepoint.
struct Lens {
  private let universe: Universe
  private let installed: InstalledCode
  private let history: CodeHistory
  private let info: MethodInfo
  /// The method, its blocks and theirs, in both variants.
  private let parts: [MethodInfo]
  private let ids: Set<Int>
  private let now = Clock.microseconds()

  init(_ info: MethodInfo, _ universe: Universe, _ installed: InstalledCode, _ history: CodeHistory) {
    self.universe = universe
    self.installed = installed
    self.history = history
    self.info = info
    parts = universe.withBlocksAndTwin(info)
    ids = Set(parts.map(\.id))
  }

  func report(note: String?) -> LensReport {
    let codes = installed.units(containing: ids)
    let own = codes.filter { ids.contains($0.key.method) }
    let tier: TierReport.Tier =
      if info.primitive != nil { .primitive } else if !own.isEmpty { .compiled } else {
        info.baseline != nil ? .baseline : info.chunk == nil && info.twin == nil ? .notRun : .interpreted
      }
    let invalidations = history.invalidations(of: info.name)
    let deoptimizations = deoptimizations()
    return LensReport(
      method: info.name, version: info.version, tier: tier, note: note, firstLine: firstLine(of: info),
      lines: lines(codes, deoptimizations), units: own.map(unit), inlinedInto: places(codes),
      deoptimizations: deoptimizations, compileCount: history.compiles(of: ids),
      invalidationCount: invalidations.count,
      invalidations: invalidations.last.map {
        LensReport.Invalidation(unit: $0.code, reason: $0.why, receipt: $0.receipt, age: now - $0.time)
      })
  }

  // MARK: Lines

  /// The line of its file on which a method's text begins. A block counts as part of its method.
  private func firstLine(of info: MethodInfo) -> Int? {
    let home = home(of: info)
    guard let source = home.source, let definition = home.definition else { return nil }
    return source.position(of: definition.range.start).line
  }
  private func home(of info: MethodInfo) -> MethodInfo {
    var home = info
    while let outer = home.outer.flatMap(universe.methods.find) { home = outer }
    return home
  }
  /// Counted in the text of the method.
  private func line(_ info: MethodInfo, _ pc: Int) -> Int {
    max(1, installed.line(info.id, pc) - (firstLine(of: info) ?? 1) + 1)
  }

  private func lines(_ codes: [CompiledCode], _ deoptimizations: [LensReport.Deoptimization]) -> [LensReport.Line] {
    var lines: [Int: LensReport.Line] = [:]
    for part in parts {
      let covering = codes.filter { $0.coverage.methods.contains(part.id) }
      for (number, pcs) in instructions(of: part) {
        let tier = tier(of: pcs, in: part, covering)
        var line =
          lines[number] ?? LensReport.Line(line: number, tier: tier, units: [], inlined: [], deoptimizations: 0)
        if line.tier == .notRun || tier == .compiled { line.tier = tier }
        for code in covering where pcs.contains(where: { code.coverage.contains(method: part.id, pc: $0) }) {
          if !line.units.contains(code.name) { line.units.append(code.name) }
        }
        lines[number] = line
      }
    }
    for code in codes {
      for send in code.inlined where ids.contains(send.caller) {
        let number = line(universe.methods[send.caller], send.callSite), name = universe.methods[send.method].name
        if lines[number]?.inlined.contains(name) == false { lines[number]!.inlined.append(name) }
      }
    }
    for place in deoptimizations {
      lines[place.line]?.deoptimizations += place.count
      // Somebody has been here since.
      if lines[place.line]?.tier == .notRun { lines[place.line]!.tier = withoutCompiling(info) }
    }
    return lines.values.sorted { $0.line < $1.line }.map { line in
      var line = line
      line.inlined.sort()
      return line
    }
  }

  /// `covering`: the units that have code of this part.
  private func tier(of pcs: [Int], in part: MethodInfo, _ covering: [CompiledCode]) -> TierReport.Tier {
    if covering.contains(where: { code in pcs.contains { code.coverage.contains(method: part.id, pc: $0) } }) {
      return .compiled
    }
    if covering.isEmpty { return withoutCompiling(part) }
    // Who is in a loop that was entered in the middle has come through what is before it.
    let loops = covering.map { $0.key.method == part.id ? $0.key.osrPC ?? 0 : 0 }
    return pcs.max()! < loops.min()! ? withoutCompiling(part) : .notRun
  }

  private func withoutCompiling(_ part: MethodInfo) -> TierReport.Tier {
    part.baseline == nil ? .interpreted : .baseline
  }

  /// The instructions of each line that say whether it is compiled: what only loads a value does not, if there is more.
  private func instructions(of part: MethodInfo) -> [Int: [Int]] {
    guard let source = part.source, let chunk = part.chunk, let first = firstLine(of: part) else { return [:] }
    let pcs = chunk.ranges.indices.map {
      (line: max(1, source.position(of: chunk.ranges[$0].start).line - first + 1), pc: $0)
    }
    return Dictionary(grouping: pcs, by: \.line).mapValues { all in
      let pcs = all.map(\.pc)
      let working = pcs.filter { chunk.instructions[$0].opcode?.onlyLoads == false }
      return working.isEmpty ? pcs : working
    }
  }

  // MARK: Code

  private func unit(_ code: CompiledCode) -> LensReport.Unit {
    LensReport.Unit(
      name: code.name, loopLine: code.key.osrPC.map { line(universe.methods[code.key.method], $0) },
      age: now - code.installed, compileTime: code.compileMicroseconds, isFromCache: code.isCached,
      inlined: code.inlined.map { send in
        CodeReport.InlinedSend(
          caller: universe.methods[send.caller].name, line: line(universe.methods[send.caller], send.callSite),
          callee: universe.methods[send.method].name)
      }.sorted { ($0.caller, $0.line, $0.callee) < ($1.caller, $1.line, $1.callee) },
      deoptimizations: code.deoptimizations,
      dependencies: Array(Set(code.dependencies.map(installed.state)).sorted().prefix(200)))
  }

  private func places(_ codes: [CompiledCode]) -> [LensReport.Place] {
    let all = codes.flatMap { code in
      code.inlined.filter { ids.contains($0.method) && !ids.contains($0.caller) && !isPart($0, of: code) }
        .map { send in
          let caller = universe.methods[send.caller]
          return LensReport.Place(
            unit: code.name, caller: home(of: caller).name, line: line(caller, send.callSite),
            isLoop: code.key.osrPC != nil)
        }
    }
    return Set(all).sorted { ($0.unit, $0.caller, $0.line) < ($1.unit, $1.caller, $1.line) }
  }
  /// A block of the method, inlined into something that the method itself has inlined.
  private func isPart(_ send: OptimizedUnit.Inlined, of code: CompiledCode) -> Bool {
    universe.methods[send.method].outer != nil && ids.contains(code.key.method)
  }

  private func words(_ reason: CodeHistory.Reason) -> (name: String, explanation: String) {
    switch reason {
    case .failed(let reason): ("\(reason)", reason.explanation)
    case .othersRan:
      ("othersRan", "others ran at its poll (a process, an edit, a debugger), so what it knew of objects was uncertain")
    }
  }

  private func deoptimizations() -> [LensReport.Deoptimization] {
    var result: [LensReport.Deoptimization] = []
    for (place, count) in history.deoptimizations(in: ids) {
      let line = line(universe.methods[place.method], place.pc)
      let (reason, explanation) = words(place.reason)
      if let i = result.firstIndex(where: { $0.line == line && $0.reason == reason }) {
        result[i].count += count
      } else {
        result.append(
          LensReport.Deoptimization(line: line, reason: reason, explanation: explanation, count: count))
      }
    }
    return result.sorted { ($1.count, $0.line, $0.reason) < ($0.count, $1.line, $1.reason) }
  }
}

extension Opcode {
  /// It puts a value into a register, and nothing else.
  fileprivate var onlyLoads: Bool {
    switch self {
    case .move, .loadLiteral, .loadInteger, .loadNil, .loadTrue, .loadFalse, .loadSelf, .loadField, .loadDoubleField,
      .loadGlobal, .loadBlockEnvironment, .loadOuter, .loadVariable, .newBlock, .newEnvironment, .jump:
      true
    default: false
    }
  }
}
