// The breakpoints of a machine: where they are, and how they follow their statements from version to version.

import Optimizer
import Syntax
import VM

/// VM thread.
final class BreakpointTable {
  /// A statement of a method, by what can be found again in another version.
  fileprivate struct Anchor {
    let key: MethodKey
    /// The statements of the version that it was found in, and which it is; nil: where the method begins.
    let statements: [String]
    let index: Int?
    /// The version that it is placed in now.
    var method: Int?
  }
  struct Entry {
    var breakpoint: Breakpoint
    var hits = 0
    fileprivate var anchor: Anchor?
    fileprivate var message: String?
    /// By method or block (id): the places in its code. Versions that were replaced keep theirs.
    fileprivate var places: [Int: Set<Int>] = [:]
    fileprivate var range: SourceRange?
  }

  private let universe: Universe
  private let program: RuntimeProgram
  private let installed: InstalledCode
  private let tiering: Tiering
  private let changed: (BreakpointReport) -> Void
  private(set) var entries: [Int: Entry] = [:]
  private var last = 0
  /// What places in code are for besides, by method or block.
  private var others: [Purpose: [Int: Set<Int>]] = [:]
  enum Purpose {
    /// A step is under way.
    case step
    /// Activations go over to another version.
    case migrating
  }

  init(_ machine: Machine, _ tiering: Tiering, changed: @escaping (BreakpointReport) -> Void) {
    universe = machine.universe
    program = machine.program
    installed = machine.installed
    self.tiering = tiering
    self.changed = changed
  }

  // MARK: Setting them

  func add(_ breakpoint: Breakpoint) -> BreakpointReport {
    last += 1
    entries[last] = Entry(breakpoint: breakpoint)
    place(last)
    return report(last)!
  }

  /// Nil: there is none.
  func change(_ id: Int, to breakpoint: Breakpoint) -> BreakpointReport? {
    guard let old = entries[id] else { return nil }
    let touched = Set(old.places.keys)
    if old.breakpoint.place == breakpoint.place {
      entries[id]!.breakpoint = breakpoint
    } else {
      entries[id] = Entry(breakpoint: breakpoint)
      place(id)
    }
    apply(touched)
    return report(id)
  }

  func remove(_ id: Int) -> Bool {
    guard let old = entries.removeValue(forKey: id) else { return false }
    apply(Set(old.places.keys))
    return true
  }
  func removeAll() { for id in Array(entries.keys) { _ = remove(id) } }

  func noteHit(_ id: Int) -> Int {
    entries[id]?.hits += 1
    return entries[id]?.hits ?? 0
  }

  /// From now on these are the places for something else.
  func set(_ places: [Int: Set<Int>], for purpose: Purpose) {
    let touched = Set(others[purpose, default: [:]].keys).union(places.keys)
    others[purpose] = places
    apply(touched)
  }

  /// Those at this place of a method or block, in order.
  func ids(at pc: Int, in method: Int) -> [Int] {
    entries.filter { $0.value.breakpoint.isEnabled && $0.value.places[method]?.contains(pc) == true }.keys.sorted()
  }

  func report(_ id: Int) -> BreakpointReport? {
    guard let entry = entries[id] else { return nil }
    var report = BreakpointReport(
      id: id, breakpoint: entry.breakpoint, isVerified: entry.message == nil && !entry.places.isEmpty,
      method: entry.anchor?.key, message: entry.message, hits: entry.hits)
    if let range = entry.range, let source = entry.anchor?.method.flatMap(universe.methods.find)?.source {
      report.place = SourcePlace(range, in: source)
    }
    return report
  }

  // MARK: Placing them

  /// After any change of the program.
  func follow() {
    for id in entries.keys.sorted() {
      let before = report(id)
      let isPlaced = entries[id]?.anchor.map { anchor in
        anchor.method != nil && anchor.method == info(anchor.key)?.id
      }
      if isPlaced != true { place(id) }
      if let now = report(id), now != before { changed(now) }
    }
  }

  /// A method has got bytecode: perhaps the other variant of one that has breakpoints.
  func linked(_ info: MethodInfo) {
    guard let original = info.original else { return }
    for (id, entry) in entries where entry.anchor?.method == original { place(id) }
  }

  /// Before versions (ids) are freed.
  func forget(_ dead: Set<Int>) {
    for id in entries.keys { entries[id]!.places = entries[id]!.places.filter { !dead.contains($0.key) } }
    others = others.mapValues { places in places.filter { !dead.contains($0.key) } }
  }

  private func info(_ key: MethodKey) -> MethodInfo? { universe.method(key).map { universe.methods[$0] } }

  private func place(_ id: Int) {
    guard entries[id] != nil else { return }
    do throws(DebugError) {
      if entries[id]!.anchor == nil { entries[id]!.anchor = try anchor(entries[id]!.breakpoint.place) }
      try place(id, at: entries[id]!.anchor!)
      entries[id]!.message = nil
    } catch {
      entries[id]!.message = error.message
      entries[id]!.range = nil
    }
  }

  private func place(_ id: Int, at anchor: Anchor) throws(DebugError) {
    guard let info = info(anchor.key) else { throw DebugError(.gone, "\(anchor.key) is not there any more") }
    let statements = try statements(of: info)
    var range: SourceRange?
    if let index = anchor.index {
      let new = StatementMatching(from: anchor.statements, to: texts(statements, info)).newIndex
      guard new.indices.contains(index), let now = new[index] else {
        entries[id]!.anchor!.method = nil
        throw DebugError(.gone, "its statement is gone from \(anchor.key)")
      }
      range = statements[now].range
    }
    entries[id]!.anchor!.method = info.id
    entries[id]!.range = range ?? info.definition?.patternRange
    var touched: Set<Int> = []
    for part in universe.withBlocksAndTwin(info) {
      let isMethod = part.outer == nil
      guard let pc = range.map(part.firstPC) ?? (isMethod ? part.entryPC : nil) else { continue }
      entries[id]!.places[part.id] = [pc]
      touched.insert(part.id)
    }
    apply(touched)
  }

  private func statements(of info: MethodInfo) throws(DebugError) -> [Statement] {
    guard let definition = info.definition, !definition.isPrimitive else {
      throw DebugError(.refused, "\(info.name) is a primitive: it has no statements")
    }
    do { try universe.variants.link(info) } catch { throw DebugError(.text, error.report) }
    return definition.statements
  }
  private func texts(_ statements: [Statement], _ info: MethodInfo) -> [String] {
    statements.map { statement in info.source.map { $0[statement.range] } ?? "" }
  }

  private func anchor(_ place: Breakpoint.Place) throws(DebugError) -> Anchor {
    switch place {
    case .entry(let key): return try anchor(try found(key), key, line: nil)
    case .methodLine(let key, let line):
      let info = try found(key)
      let first = info.definition.flatMap { info.source?.position(of: $0.range.start).line } ?? 1
      return try anchor(info, key, line: first + line - 1)
    case .fileLine(let file, let line):
      guard let (info, key) = method(in: file, line) else {
        throw DebugError(.gone, "no loaded class has a method at \(file), line \(line)")
      }
      return try anchor(info, key, line: line)
    case .signal:
      let key = MethodKey(className: "Exception", selector: "signal")
      return try anchor(try found(key), key, line: nil)
    }
  }

  private func found(_ key: MethodKey) throws(DebugError) -> MethodInfo {
    if let info = info(key) { return info }
    let isThere = universe.classes.named(key.className)?.isLoaded == true
    throw DebugError(
      .gone, isThere ? "\(key.holderName) has no method \(key.selector)" : "no class \(key.className) is loaded")
  }

  /// `line`: in the source that the method comes from.
  private func anchor(_ info: MethodInfo, _ key: MethodKey, line: Int?) throws(DebugError) -> Anchor {
    let statements = try statements(of: info)
    guard let line, let source = info.source else {
      return Anchor(key: key, statements: [], index: nil, method: nil)
    }
    func lineOf(_ statement: Statement) -> Int { source.position(of: statement.range.start).line }
    // Those without an instruction are never come by.
    let parts = universe.withBlocksAndTwin(info)
    let candidates = statements.indices.filter { i in parts.contains { $0.firstPC(of: statements[i].range) != nil } }
    guard
      let index = candidates.filter({ lineOf(statements[$0]) >= line }).min(by: {
        (lineOf(statements[$0]), $0) < (lineOf(statements[$1]), $1)
      })
    else { throw DebugError(.gone, "\(key) has no statement on or after that line") }
    return Anchor(key: key, statements: texts(statements, info), index: index, method: nil)
  }

  private func method(in file: String, _ line: Int) -> (MethodInfo, MethodKey)? {
    let name = file.split(separator: "/").last.map(String.init) ?? file
    for holder in universe.classes.infos.compactMap({ $0 }) where holder.isCurrent && holder.isLoaded {
      for selector in holder.selectors {
        guard let info = holder.methods[selector].map({ universe.methods[$0] }), let source = info.source,
          source.name == file || source.name.split(separator: "/").last.map(String.init) == name,
          let range = info.definition?.range,
          (source.position(of: range.start).line...source.position(of: range.end).line).contains(line)
        else { continue }
        return (info, universe.key(universe.symbols.name(selector), in: holder.index))
      }
    }
    return nil
  }

  // MARK: In the code

  /// Brings the code of these methods and blocks up to date. What was compiled of them is made again: it leaves for the
  /// interpreter at breakpoints.
  private func apply(_ methods: Set<Int>) {
    for id in methods.sorted() {
      guard let info = universe.methods.find(id), info.method.isLinked else { continue }
      var places = Set(others.values.flatMap { $0[id] ?? [] })
      for entry in entries.values where entry.breakpoint.isEnabled { places.formUnion(entry.places[id] ?? []) }
      guard universe.lock.withLock({ info.setBreakpoints(places) }) else { continue }
      program.breakpointChanges.update { $0 += 1 }
      for code in installed.units(containing: [id]) {
        tiering.invalidate(code, because: "breakpoints in \(info.name)", .changed)
      }
    }
  }
}

extension SourcePlace {
  init(_ range: SourceRange, in source: SourceText) {
    let (line, column) = source.position(of: range.start)
    self.init(file: source.name, line: line, column: column, text: source.line(line) ?? "")
  }
}
