// The method that a class finds for a selector, through the global cache, (class index, selector id) -> Method, which is
// behind the inline caches. VM thread only.

import MachineLayout

public final class MethodLookup: @unchecked Sendable {
  private let classes: ClassTable
  private let methods: MethodTable
  private let symbols: SymbolTable
  static let size = 4096
  /// Two words each: key, Method address.
  let table: Words
  /// Send sites whose inline caches have entries, by selector id. A list may name a site twice.
  private var filledSites: [Int: [Words]] = [:]
  /// What stands for the absence of selectors, by their ids.
  private var stubs: [Int: Method] = [:]

  init(_ classes: ClassTable, _ methods: MethodTable, _ symbols: SymbolTable) {
    self.classes = classes
    self.methods = methods
    self.symbols = symbols
    table = .allocate(capacity: MethodLookup.size * 2)
    table.initialize(repeating: 0, count: MethodLookup.size * 2)
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
  /// The method that `selector` finds in class `classIndex`.
  public func method(_ classIndex: Int, _ selector: Int) -> Method? {
    let p = table + MethodLookup.slot(classIndex, selector) * 2
    let key = MethodLookup.key(classIndex, selector)
    if p[0] == key { return Method(words(p[1])) }
    guard let method = classes.lookup(classIndex, selector) else { return nil }
    p[0] = key
    p[1] = bits(method.words)
    return method
  }

  /// What a send of `selector` to an instance of class `classIndex` activates.
  func target(_ classIndex: Int, _ selector: Int) -> Method { method(classIndex, selector) ?? stub(selector) }

  /// The stub that stands for the absence of `selector`.
  func stub(_ selector: Int) -> Method {
    if let stub = stubs[selector] { return stub }
    let name = symbols.name(selector)
    let info = methods.add(
      name: "<doesNotUnderstand \(name)>", selector: name, selectorID: selector,
      argumentCount: symbols.argumentCount(selector), holderIndex: 0)
    info.ownEntry = .interpreter(.doesNotUnderstand)
    stubs[selector] = info.method
    return info.method
  }
  var allStubs: [Method] { Array(stubs.values) }

  /// Required when a site's inline cache gets its first entry.
  func noteFilled(_ site: Words) { filledSites[Int(site[SendSiteLayout.selector] >> 16), default: []].append(site) }

  /// Forgets every lookup of `selector`, here and in the inline caches. (Only filled ones are visited: there may be
  /// any number of method versions.)
  func flush(selector: Int) {
    for i in 0..<MethodLookup.size where Int((table[2 * i] & 0xFFFF_FFFF) >> 1) == selector { table[2 * i] = 0 }
    filledSites.removeValue(forKey: selector)?.forEach(MethodLookup.empty)
  }
  /// Forgets every lookup: after a change of a superclass.
  func flushAll() {
    table.update(repeating: 0, count: MethodLookup.size * 2)
    for sites in filledSites.values { sites.forEach(MethodLookup.empty) }
    filledSites = [:]
  }

  /// Classes have got other indices, by the old ones; what their methods are, and how often they were called, stays.
  func renumber(_ indices: [Int: Int]) {
    table.update(repeating: 0, count: MethodLookup.size * 2)
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
    for i in 0..<MethodLookup.size where targets.contains(table[2 * i + 1]) { table[2 * i] = 0 }
    var gone: Set<Words> = []
    for info in dead where info.method.isLinked {
      let sites = words(info.method[.sites])
      for i in 0..<Int(info.method[.siteCount]) { gone.insert(sites + i * SendSiteLayout.words) }
    }
    for (selector, sites) in filledSites {
      var kept = sites
      kept.removeAll { gone.contains($0) }
      if kept.count != sites.count { filledSites[selector] = kept.isEmpty ? nil : kept }
      for site in kept where MethodLookup.names(targets, site) { MethodLookup.empty(site) }
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
