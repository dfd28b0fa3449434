// The global lookup cache: (class index, selector id) -> Method, behind the inline caches. VM thread only.

final class LookupCache: @unchecked Sendable {
  static let size = 4096
  /// Two words each: key, Method address.
  let table: Words
  /// Send sites whose inline caches have entries, by selector id. A list may name a site twice.
  private var filledSites: [Int: [Words]] = [:]

  init() {
    table = .allocate(capacity: LookupCache.size * 2)
    table.initialize(repeating: 0, count: LookupCache.size * 2)
  }
  deinit { table.deallocate() }

  @inline(__always)
  static func key(_ classIndex: Int, _ selector: Int) -> UInt64 {
    UInt64(UInt(bitPattern: classIndex)) << 32 | UInt64(UInt(bitPattern: selector)) << 1 | 1
  }
  @inline(__always)
  static func slot(_ classIndex: Int, _ selector: Int) -> Int {
    ((classIndex &* 0x9E5B) ^ (selector &* 31)) & (size - 1)
  }
  /// 0 if it is not there.
  @inline(__always)
  func find(_ classIndex: Int, _ selector: Int) -> UInt64 {
    let p = table + LookupCache.slot(classIndex, selector) * 2
    return p[0] == LookupCache.key(classIndex, selector) ? p[1] : 0
  }
  func insert(_ classIndex: Int, _ selector: Int, _ method: Method) {
    let p = table + LookupCache.slot(classIndex, selector) * 2
    p[0] = LookupCache.key(classIndex, selector)
    p[1] = bits(method.words)
  }
  /// Required when a site's inline cache gets its first entry.
  func noteFilled(_ site: Words) { filledSites[Int(site[SendSiteLayout.selector] >> 16), default: []].append(site) }

  /// Forgets every lookup of `selector`, here and in the inline caches. (Only filled ones are visited: there may be
  /// any number of method versions.)
  func flush(selector: Int) {
    for i in 0..<LookupCache.size where Int((table[2 * i] & 0xFFFF_FFFF) >> 1) == selector { table[2 * i] = 0 }
    filledSites.removeValue(forKey: selector)?.forEach(LookupCache.empty)
  }
  /// Forgets every lookup: after a change of a superclass.
  func flushAll() {
    table.update(repeating: 0, count: LookupCache.size * 2)
    for sites in filledSites.values { sites.forEach(LookupCache.empty) }
    filledSites = [:]
  }

  /// Classes have got other indices, by the old ones; what their methods are, and how often they were called, stays.
  func renumber(_ indices: [Int: Int]) {
    table.update(repeating: 0, count: LookupCache.size * 2)
    for site in filledSites.values.joined() {
      for i in 0..<SendSiteLayout.entryCount {
        let entry = site + SendSiteLayout.entries + 2 * i
        if entry[1] == 0 { continue }
        if let new = indices[Int(entry[0] & 0xFFFF_FFFF)] { entry[0] = entry[0] & ~0xFFFF_FFFF | UInt64(new) }
      }
    }
  }

  /// Forgets versions that are about to be freed: those that were found, and the sites that are theirs.
  func forget(_ dead: [MethodInfo]) {
    let targets = Set(dead.map { bits($0.method.words) })
    for i in 0..<LookupCache.size where targets.contains(table[2 * i + 1]) { table[2 * i] = 0 }
    var gone: Set<Words> = []
    for info in dead where info.method.isLinked {
      let sites = words(info.method[.sites])
      for i in 0..<Int(info.method[.siteCount]) { gone.insert(sites + i * SendSiteLayout.words) }
    }
    for (selector, sites) in filledSites {
      var kept = sites
      kept.removeAll { gone.contains($0) }
      if kept.count != sites.count { filledSites[selector] = kept.isEmpty ? nil : kept }
      for site in kept where LookupCache.names(targets, site) { LookupCache.empty(site) }
    }
  }
  private static func names(_ targets: Set<UInt64>, _ site: Words) -> Bool {
    (0..<SendSiteLayout.entryCount).contains { targets.contains(site[SendSiteLayout.entries + 2 * $0 + 1]) }
  }

  private static func empty(_ site: Words) {
    site[SendSiteLayout.flags] &= ~SiteFlags.megamorphic
    (site + SendSiteLayout.entries).update(repeating: 0, count: 2 * SendSiteLayout.entryCount)
  }
}
