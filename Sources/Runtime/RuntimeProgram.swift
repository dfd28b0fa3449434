// The optimizer's view of the running program, safe from the compiler thread: structural tables under the
// universe's lock, inline caches by racy reads of aligned words, and never the heap.

import Bytecode
import Foundation
import MachineLayout
import Optimizer
import VM

public final class RuntimeProgram: Program, FactSource, @unchecked Sendable {
  private let universe: Universe
  let feedbackStore = FailureFeedback()
  /// By cell id: class index of the value, and the version it was computed for. Written on the VM thread,
  /// because the class of a heap object is a fact of the heap. Guarded by the universe's lock.
  private var globalKinds: [Int: (classIndex: Int, version: Int)] = [:]
  /// Held while a method is optimized. What edits leave behind is not freed meanwhile: so ids and class indices that
  /// answers contain stay what they were.
  let isBeingRead = NSLock()

  init(universe: Universe) { self.universe = universe }

  // MARK: Methods

  public func facts(_ method: MethodID) -> MethodFacts {
    universe.lock.withLock {
      let info = universe.methods[method.raw]
      let threshold = universe.options.compileThreshold
      let stage = info.stage == 0 ? universe.options.firstThreshold : info.stage
      let counter = Int(Int64(bitPattern: info.method[.counter]))
      let rounds = Int(info.method[.rounds])
      var facts = MethodFacts(
        id: method, name: info.name, holderIndex: info.holderIndex,
        chunk: info.chunk, primitive: info.primitive,
        blocks: info.blocks.map { MethodID($0) }, siteSelectors: info.siteSelectors,
        globalCells: info.globalCells, invocations: rounds * threshold + max(0, stage - counter))
      facts.breakpoints = Set(info.breakpoints.keys)
      return facts
    }
  }

  /// The method that runs when `method` is activated: its twin, once its own bytecode relies on methods that
  /// were redefined.
  private func effective(_ method: Method) -> Int {
    let info = universe.methods[method.id]
    if info.kind == .superseded, let twin = info.twin { return twin }
    return info.id
  }

  public func lookup(classIndex: Int, selector: Int) -> MethodID? {
    currentLookup(classIndex: classIndex, selector: selector).map { MethodID($0) }
  }
  public func currentLookup(classIndex: Int, selector: Int) -> Int? {
    universe.lock.withLock { universe.classes.lookup(classIndex, selector).map(effective) }
  }
  public func lookupSuper(holderIndex: Int, selector: Int) -> MethodID? {
    currentSuperLookup(holderIndex: holderIndex, selector: selector).map { MethodID($0) }
  }
  public func currentSuperLookup(holderIndex: Int, selector: Int) -> Int? {
    universe.lock.withLock {
      universe.classes.lookup(universe.classes[holderIndex].superIndex, selector).map(effective)
    }
  }
  public func selectorID(_ name: String) -> Int { universe.symbols.intern(name) }

  // MARK: Classes and globals

  public func classFacts(_ index: Int) -> ClassFacts {
    universe.lock.withLock {
      let info = universe.classes[index]
      return ClassFacts(
        index: index, classWord: info.classWord.bits, name: info.name, fieldCount: info.bodyWords,
        format: Int(info.format.rawValue), instanceClassIndex: info.isMetaclass ? info.instanceIndex : nil,
        doubleFields: info.doubleFields)
    }
  }
  public func mayUnbox(_ field: FieldPlace) -> Bool {
    universe.unboxedFields.mayUnbox(of: field.classIndex, word: field.word)
  }
  public func isCurrent(classIndex: Int) -> Bool { universe.classes.isCurrent(classIndex) }
  public func globalVersion(cell: Int) -> Int { universe.globals.version(cell) }
  public func globalClass(cell: Int) -> (classIndex: Int, version: Int)? {
    universe.lock.withLock { globalKinds[cell] }
  }
  /// VM thread: looks at the value of a global again.
  func refreshGlobal(_ cell: Int) {
    universe.lock.withLock {
      let value = Value(bits: universe.globals.address(cell)[0])
      globalKinds[cell] =
        value == .none ? nil : (value.classIndex, universe.globals.version(cell))
    }
  }
  /// VM thread: looks at all of them.
  func refreshGlobals() {
    universe.lock.withLock { for cell in 0..<universe.globals.count { refreshGlobal(cell) } }
  }
  /// VM thread: looks at those again that were set, or whose values are of a class that has another index now.
  func refreshGlobals(after effects: Effects) {
    for cell in effects.cells { refreshGlobal(cell) }
    if effects.classes.isEmpty { return }
    let outdated = Set(effects.classes.map(\.old))
    universe.lock.withLock {
      for cell in globalKinds.filter({ outdated.contains($0.value.classIndex) }).keys { refreshGlobal(cell) }
    }
  }

  /// Counts up when class indices get another meaning, and when breakpoints come or go: what is being compiled is outdated.
  var generation: Int { universe.lock.withLock { universe.classes.generation + breakpointChanges.get() } }
  let breakpointChanges = Guarded(0)
  /// That of now; nil if the method is gone.
  func generation(for key: CompileKey) -> Int? {
    universe.lock.withLock { universe.methods.find(key.method) == nil ? nil : generation }
  }

  // MARK: Feedback

  public func feedback(_ method: MethodID, site: Int) -> SiteFeedback {
    let raw = universe.lock.withLock { universe.methods[method.raw].method }
    guard site >= 0, site < Int(raw[.siteCount]), let sites = Words(bitPattern: UInt(raw[.sites])) else {
      return SiteFeedback(entries: [], megamorphic: false)
    }
    let words = sites + site * SendSiteLayout.words
    var entries: [SiteFeedback.Entry] = []
    for i in 0..<SendSiteLayout.entryCount {
      let key = words[SendSiteLayout.entries + 2 * i]
      if words[SendSiteLayout.entries + 2 * i + 1] == 0 { continue }
      // A class whose shape has changed since has no instances any more.
      if !isCurrent(classIndex: Int(key & 0xFFFF_FFFF)) { continue }
      entries.append(SiteFeedback.Entry(classIndex: Int(key & 0xFFFF_FFFF), count: Int(key >> 32)))
    }
    let flags = words[SendSiteLayout.flags]
    let double = WellKnownClass.double.rawValue
    if flags & SiteFlags.sawDouble != 0, !entries.contains(where: { $0.classIndex == double }) {
      entries.append(SiteFeedback.Entry(classIndex: double, count: 1))
    }
    entries.sort { $0.count > $1.count }
    return SiteFeedback(entries: entries, megamorphic: flags & SiteFlags.megamorphic != 0)
  }

  public func failures(_ method: MethodID, pc: Int) -> Set<Int64> {
    feedbackStore.failures(CodePlace(method: method, pc: pc))
  }

  /// What `CallSampler` has found.
  let hotCalls = Guarded<Set<CodePlace>>([])
  public func isHot(_ call: CodePlace) -> Bool { hotCalls.get().contains(call) }

  /// Before versions (ids) are freed.
  func forget(_ dead: Set<Int>) {
    feedbackStore.forget(dead)
    hotCalls.update { calls in calls = calls.filter { !dead.contains($0.method.raw) } }
  }
}

/// Guards that failed: counted per place and reason. Once one has failed often enough it is reported to the
/// optimizer, for good.
final class FailureFeedback: @unchecked Sendable {
  private let lock = NSLock()
  private var counts: [CodePlace: [Int64: Int]] = [:]
  private var given: [CodePlace: Set<Int64>] = [:]

  /// Answers true when the count reaches `limit`: the speculation is given up.
  func record(method: Int, pc: Int, reason: Int64, limit: Int) -> Bool {
    lock.withLock {
      let place = CodePlace(method: MethodID(method), pc: pc)
      counts[place, default: [:]][reason, default: 0] += 1
      guard counts[place]![reason]! >= limit else { return false }
      given[place, default: []].insert(reason)
      return true
    }
  }
  func failures(_ place: CodePlace) -> Set<Int64> { lock.withLock { given[place] ?? [] } }
  /// Those of methods (ids) that are gone.
  func forget(_ dead: Set<Int>) {
    lock.withLock {
      counts = counts.filter { !dead.contains($0.key.method.raw) }
      given = given.filter { !dead.contains($0.key.method.raw) }
    }
  }
  /// Every place with its counts, for statistics.
  var all: [CodePlace: [Int64: Int]] { lock.withLock { counts } }
}
