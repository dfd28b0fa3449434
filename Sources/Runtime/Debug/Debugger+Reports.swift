// Making reports of what is on a stack.

import Bytecode
import IR
import MachineLayout
import VM

extension Debugger {
  static let gone = DebugError(.gone, "The process has gone on since; ask for its stack again.")
  static func noProcess(_ id: Int) -> DebugError { DebugError(.noProcess, "There is no process \(id) any more.") }
  static func noBreakpoint(_ id: Int) -> DebugError { DebugError(.gone, "There is no breakpoint \(id).") }

  // MARK: Finding what requests name

  func currentStop(_ process: Int) throws(DebugError) -> DebugStop {
    if let stop = stops[process]?.last { return stop }
    if universe.processes.contains(where: { $0.id == process }) {
      throw DebugError(.notStopped, "Process \(process) runs; pause it first.")
    }
    throw Self.noProcess(process)
  }

  private func stop(_ process: Int, _ number: Int) throws(DebugError) -> DebugStop {
    guard let stop = stops[process]?.first(where: { $0.number == number }) else { throw Self.gone }
    return stop
  }

  func entry(_ id: ActivationID) throws(DebugError) -> (DebugStop, StackEntry) {
    let stop = try stop(id.process, id.stop)
    let entries = entries(from: stop.top)
    guard entries.indices.contains(id.index) else { throw Self.gone }
    return (stop, entries[id.index])
  }

  func value(_ id: ValueID) throws(DebugError) -> (ValueKeeper, Value) {
    let keeper = id.process == 0 ? try kept.find(id.stop) : try stop(id.process, id.stop)
    guard let value = keeper.value(id.index) else { throw Self.gone }
    return (keeper, value)
  }

  // MARK: Reporting

  /// Whether people want to see it: it is no machinery, and has a text.
  func isShown(_ entry: StackEntry) -> Bool {
    entry.info.definition?.isPrimitive == false && !universe.isMachinery(entry.info)
  }

  func report(_ stop: DebugStop) -> StopReport {
    let entries = entries(from: stop.top)
    return StopReport(
      process: stop.process, number: stop.number, reason: stop.reason, message: stop.message,
      errorClass: stop.errorClass, breakpoints: stop.breakpoints,
      activation: entries.firstIndex(where: isShown).map { report(entries[$0], $0, stop) },
      answered: stop.answered.flatMap(stop.value).map { report($0, stop) }, depth: entries.count,
      evaluations: evaluationCount(stop.process))
  }

  func report(_ value: Value, _ stop: ValueKeeper) -> ValueReport {
    let parts = universe.parts(of: value)
    return ValueReport(
      text: universe.briefText(value), className: universe.className(of: value),
      id: ValueID(process: stop.process, stop: stop.number, index: stop.keep(value)),
      childCount: parts.fieldNames.count + parts.elementCount)
  }

  /// Which of the parts of a value are among `path`: the same objects, and not only equal ones. Values of the path that are not
  /// kept any more are none.
  func markKnown(_ children: inout [VariableReport], _ keeper: ValueKeeper, _ path: [ValueID]) {
    var places: [UInt64: Int] = [:]
    for (place, id) in path.enumerated() {
      if let (_, value) = try? value(id) { places[value.bits] = place }
    }
    for i in children.indices {
      // What has no parts is no structure.
      guard let part = children[i].value, part.childCount > 0, let id = part.id, let found = keeper.value(id.index)
      else { continue }
      children[i].above = places[found.bits]
    }
  }

  private func report(_ word: StateWord, _ entry: StackEntry, _ stop: DebugStop) -> ValueReport {
    switch word {
    case .value(let value): return report(value, stop)
    case .double(let d): return report(d)
    case .virtual(let n):
      let name = entry.safepoint.map { Int($0.virtuals[n].classWord & 0xFF_FFFF) }.map { universe.classes[$0].name }
      return ValueReport(text: "a \(name ?? "object")", className: name ?? "Object", id: nil, childCount: 0)
    }
  }

  func report(_ entry: StackEntry, _ index: Int, _ stop: DebugStop) -> ActivationReport {
    let root = universe.root(of: entry.info)
    // Before a statement all of it counts, and not what its first instruction is for.
    let isBefore = index == 0 && (stop.reason == .breakpoint || stop.reason == .step)
    let range =
      (isBefore ? entry.info.statementPlaces[entry.pc] : nil)
      ?? entry.info.chunk.flatMap { entry.pc < $0.ranges.count ? $0.ranges[entry.pc] : nil }
      ?? entry.info.definition?.patternRange
    let isEvaluation = entry.info.source?.name == StatementEvaluator.sourceName
    // What nobody has ever installed, such as an input of a prompt, is not gone.
    let installed =
      universe.classes[root.holderIndex].methods[root.method.selector].map { universe.methods[$0].version }
      ?? (root.isReplaced ? nil : root.version)
    return ActivationReport(
      id: ActivationID(process: stop.process, stop: stop.number, index: index),
      name: isEvaluation ? "evaluation" : entry.info.name,
      method: universe.key(root.selector, in: root.holderIndex),
      isBlock: entry.info.outer != nil, version: root.version,
      installedVersion: installed,
      place: range.flatMap { range in entry.info.source.map { SourcePlace(range, in: $0) } },
      start: range?.start ?? 0, end: range?.end ?? 0, receiver: report(entry.activation.receiver, stop),
      isCompiled: entry.code != nil, isMachinery: !isShown(entry), restartObstacle: restartObstacle(entry),
      returnObstacle: returnObstacle(entry))
  }

  func returnObstacle(_ entry: StackEntry) -> String? {
    if entry.info.definition?.isPrimitive != false { return "\(entry.info.name) is a primitive" }
    if let safepoint = entry.safepoint, !canUnwind(safepoint) {
      return "\(entry.info.name) runs compiled code that can only go on; run with --debuggable"
    }
    return nil
  }
  /// Whether its compiled code asks when a call is left; see `FrameState.protects`.
  private func canUnwind(_ safepoint: Safepoint) -> Bool {
    isDebuggable
      || safepoint.frames.contains { frame in
        guard let chunk = universe.methods[frame.method].chunk else { return false }
        return chunk.protection(at: frame.originPC) != nil || chunk.isLeftByParts
      }
  }
  private func restartObstacle(_ entry: StackEntry) -> String? {
    returnObstacle(entry) ?? (universe.isMachinery(entry.info) ? "\(entry.info.name) is the machine's own" : nil)
  }

  /// What an activation is to start again with.
  func method(toRestart entry: StackEntry, installed: Bool) throws(DebugError) -> MethodInfo {
    guard installed, entry.info.outer == nil else { return entry.info }
    let root = universe.root(of: entry.info)
    guard let method = universe.classes[root.holderIndex].methods[root.method.selector] else {
      throw DebugError(.refused, "\(root.name) was removed; restart it in its own version.")
    }
    let info = universe.methods[method]
    if info.id == root.id { return entry.info }
    guard info.primitive == nil, info.definition?.isPrimitive == false else {
      throw DebugError(.refused, "\(info.name) is a primitive now; restart it in its own version.")
    }
    do { try universe.variants.link(info) } catch { throw DebugError(.text, error.report) }
    return info.kind == .superseded ? universe.methods[universe.variants.twin(of: method)] : info
  }

  // MARK: Variables

  func variables(of entry: StackEntry, _ stop: DebugStop) -> [VariableReport] {
    var result = Scopes(universe: universe, entry: entry).variables().map { variable in
      VariableReport(
        name: variable.name, kind: variable.kind, value: variable.value.map { report($0, entry, stop) },
        note: variable.value == nil
          ? entry.code == nil || isDebuggable
            ? "it has no value here" : "compiled code has it elsewhere; run with --debuggable" : nil)
    }
    let receiver = entry.activation.receiver
    for (i, name) in universe.parts(of: receiver).fieldNames.enumerated() {
      result.append(VariableReport(name: name, kind: .field, value: report(universe.field(i, of: receiver), stop)))
    }
    return result
  }

  func children(of value: Value, _ first: Int, _ count: Int, _ stop: ValueKeeper) -> [VariableReport] {
    let parts = universe.parts(of: value)
    let fields = parts.fieldNames.count
    let from = min(max(0, first), fields + parts.elementCount)
    return (from..<min(from + max(0, min(count, 10_000)), fields + parts.elementCount)).map { i in
      if i < fields {
        return VariableReport(
          name: parts.fieldNames[i], kind: .field, value: report(universe.field(i, of: value), stop))
      }
      return VariableReport(
        name: "\(i - fields + 1)", kind: .element, value: report(universe.element(i - fields, of: value), stop))
    }
  }

  private func report(_ part: ObjectPart, _ stop: ValueKeeper) -> ValueReport {
    switch part {
    case .value(let value): report(value, stop)
    case .double(let d): report(d)
    }
  }

  /// A double that is in no word of its own.
  private func report(_ d: Double) -> ValueReport {
    ValueReport(text: "\(d)", className: "Double", id: nil, childCount: 0)
  }
}
