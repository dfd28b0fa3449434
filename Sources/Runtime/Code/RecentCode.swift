// What this machine has compiled lately, by the text it was made from: an edit that is taken back, or made once more,
// finds its code here. Used by one compiler at a time.

import IR

struct RecentCode {
  private var entries: [String: (code: StoredCode, use: Int)] = [:]
  private var uses = 0
  private var bytes = 0
  /// Bytes of texts and objects that are kept at most.
  let limit: Int

  init(limit: Int = 4 << 20) { self.limit = limit }

  mutating func find(text: String) -> StoredCode? {
    guard let entry = entries[text] else { return nil }
    uses += 1
    entries[text]?.use = uses
    return entry.code
  }

  mutating func keep(_ object: [UInt8], texts: [String], metadata: [CodeMetadata]) {
    for (text, metadata) in zip(texts, metadata) {
      remove(text)
      uses += 1
      entries[text] = (StoredCode(object: object, metadata: metadata), uses)
      bytes += text.utf8.count + object.count
    }
    while bytes > limit, let oldest = entries.min(by: { $0.value.use < $1.value.use })?.key { remove(oldest) }
  }

  private mutating func remove(_ text: String) {
    guard let old = entries.removeValue(forKey: text) else { return }
    bytes -= text.utf8.count + old.code.object.count
  }
}
