// The global lookup cache: (class index, selector id) -> Method, behind the inline caches. VM thread only.

final class LookupCache: @unchecked Sendable {
  static let size = 4096
  /// Two words each: key, Method address.
  let table: Words

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
  func flush(selector: Int) {
    for i in 0..<LookupCache.size where Int((table[2 * i] & 0xFFFF_FFFF) >> 1) == selector { table[2 * i] = 0 }
  }
  func flushAll() { table.update(repeating: 0, count: LookupCache.size * 2) }
}
