// The method versions that something may still run or show, by id. Ids are never used again; a version that nothing
// refers to any more is taken out (`Reclaimer`), and its raw Method is freed.

import Foundation

public final class MethodTable: @unchecked Sendable {
  private final class Page {
    static let size = 256
    @exclusivity(unchecked) var infos: [MethodInfo?] = Array(repeating: nil, count: size)
    @exclusivity(unchecked) var used = 0
  }

  private let lock: NSRecursiveLock
  /// By id, in pages; those that have become empty are given back.
  @exclusivity(unchecked) private var pages: [Page?] = []
  @exclusivity(unchecked) private var nextID = 0
  @exclusivity(unchecked) private var liveCount = 0
  /// Versions that were taken out and poisoned: not freed for a while, so that a stale reference to one is noticed.
  private var quarantine: [MethodInfo] = []

  /// For baseline code; see `connect`.
  private let stubs = BaselineStubs()

  init(lock: NSRecursiveLock) { self.lock = lock }

  /// From now on there may be baseline code: it jumps to these addresses to activate methods that have none. VM thread.
  public func connect(interpreted: UInt64, native: UInt64, block: UInt64, threshold: Int) {
    stubs.threshold = threshold
    stubs.interpreted = interpreted
    stubs.native = native
    stubs.block = block
    forEach { $0.updateEntry() }
  }

  /// How many versions there are now.
  public var count: Int { lock.withLock { liveCount } }
  /// Requires: the version has not been taken out.
  public subscript(_ id: Int) -> MethodInfo {
    lock.withLock { pages[id / Page.size].unsafelyUnwrapped.infos[id % Page.size].unsafelyUnwrapped }
  }
  public subscript(_ method: Method) -> MethodInfo { self[method.id] }
  /// Nil if that version is gone. Any thread.
  public func find(_ id: Int) -> MethodInfo? {
    lock.withLock { id >= 0 && id < nextID ? pages[id / Page.size]?.infos[id % Page.size] : nil }
  }

  func add(name: String, selector: String, selectorID: Int, argumentCount: Int, holderIndex: Int) -> MethodInfo {
    let words = Words.allocate(capacity: Method.wordCount)
    words.initialize(repeating: 0, count: Method.wordCount)
    let method = Method(words)
    method[.selector] = UInt64(selectorID)
    method[.argumentCount] = UInt64(bitPattern: Int64(argumentCount))
    method[.holder] = UInt64(holderIndex)
    let info = MethodInfo(method: method, name: name, selector: selector, holderIndex: holderIndex, stubs: stubs)
    lock.withLock {
      let id = nextID
      method[.id] = UInt64(id)
      if id % Page.size == 0 { pages.append(Page()) }
      let page = pages[id / Page.size].unsafelyUnwrapped
      page.infos[id % Page.size] = info
      page.used += 1
      nextID += 1
      liveCount += 1
    }
    return info
  }

  /// VM thread only. `body` must not add versions.
  func forEach(_ body: (MethodInfo) -> Void) {
    for page in pages {
      guard let page else { continue }
      for info in page.infos { if let info { body(info) } }
    }
  }

  /// Takes versions out. Requires: nothing refers to their raw Methods. VM thread.
  func remove(_ dead: [MethodInfo], poisoning: Bool) {
    lock.withLock {
      for info in dead {
        let id = info.id, page = pages[id / Page.size].unsafelyUnwrapped
        page.infos[id % Page.size] = nil
        page.used -= 1
        liveCount -= 1
        // The last page is still being filled.
        if page.used == 0, nextID >= (id / Page.size + 1) * Page.size { pages[id / Page.size] = nil }
      }
    }
    guard poisoning else { return }
    for info in dead { info.poison() }
    quarantine += dead
    if quarantine.count > Self.quarantineLimit { quarantine.removeFirst(quarantine.count - Self.quarantineLimit) }
  }
  private static let quarantineLimit = 2048
}
