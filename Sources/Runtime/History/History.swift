// The accepts that were made, in order: the last ones in memory, and all of them in the change log, if there is one.
// The log is the history: after a restart its entries are here again.

import Foundation

/// Any thread.
final class History: @unchecked Sendable {
  /// How many entries are kept in memory, and how many bytes of their texts.
  static let entryLimit = 1000
  static let byteLimit = 16 << 20

  private let lock = NSLock()
  private let entryLimit: Int
  private let byteLimit: Int
  /// Ascending.
  private var entries: [ChangeLog.Entry] = []
  private var byteCount = 0
  /// The last lines of the log as it was opened, which nobody has asked for yet.
  private var unread: [(number: Int, line: Data)] = []
  private var log: ChangeLog?
  /// Of the last entry, also one that is not kept.
  private(set) var lastNumber = 0
  /// Of the last entry that was in the log when it was opened.
  private(set) var lastNumberOfEarlierSessions = 0

  init(entryLimit: Int = entryLimit, byteLimit: Int = byteLimit) {
    self.entryLimit = entryLimit
    self.byteLimit = byteLimit
  }

  /// Goes on where a log ends, which this machine appends to. Before there is a program.
  func continueLog(_ log: ChangeLog) {
    self.log = log
    var bytes = 0, first = 0
    log.forEachLine { number, line in
      unread.append((number, Data(line)))
      bytes += line.count
      lastNumber = number
      while unread.count - first > entryLimit || bytes > byteLimit && unread.count - first > 1 {
        bytes -= unread[first].line.count
        first += 1
      }
      if first > entryLimit {
        unread.removeFirst(first)
        first = 0
      }
      return true
    }
    unread.removeFirst(first)
    lastNumberOfEarlierSessions = lastNumber
  }

  /// Another accept was made. VM thread.
  func add(_ entry: ChangeLog.Entry) {
    lock.withLock {
      readUnread()
      entries.append(entry)
      byteCount += entry.byteCount
      lastNumber = entry.accept
      if entries.count > entryLimit + entryLimit / 4 { drop(entries.count - entryLimit) }
      while byteCount > byteLimit, entries.count > 1 { drop(max(1, entries.count / 8)) }
    }
  }

  private func drop(_ count: Int) {
    byteCount -= entries.prefix(count).reduce(0) { $0 + $1.byteCount }
    entries.removeFirst(count)
  }

  /// What became of an accept after its entry was written.
  func complete(_ receipt: Receipt) {
    lock.withLock {
      guard let place = entries.lastIndex(where: { $0.accept == receipt.id }) else { return }
      entries[place].receipt = receipt
    }
  }

  /// Requires the lock.
  private func readUnread() {
    if unread.isEmpty { return }
    for (number, line) in unread {
      guard var entry = ChangeLog.entry(line) else { continue }
      entry.accept = number
      entries.append(entry)
      byteCount += entry.byteCount
    }
    unread = []
  }

  // MARK: Reading

  /// Those that are in memory, oldest first.
  var recent: [ChangeLog.Entry] {
    lock.withLock {
      readUnread()
      return entries
    }
  }

  /// Bytes of the texts that are kept.
  var keptBytes: Int { lock.withLock { byteCount } }

  /// An entry; nil if there is none of that number, or it is kept neither in memory nor in a log.
  func entry(_ number: Int) -> ChangeLog.Entry? {
    if let entry = recent.first(where: { $0.accept == number }) { return entry }
    var found: ChangeLog.Entry?
    log?.forEachLine { candidate, line in
      if candidate == number { found = ChangeLog.entry(line) }
      return candidate < number
    }
    found?.accept = number
    return found
  }

  /// Up to `limit` entries before one, oldest first.
  func entries(before number: Int, limit: Int) -> [ChangeLog.Entry] {
    let recent = recent.filter { $0.accept < number }
    if recent.count >= limit { return recent.suffix(limit) }
    let first = recent.first?.accept ?? number
    var older: [(number: Int, line: Data)] = []
    let missing = limit - recent.count
    log?.forEachLine { candidate, line in
      if candidate >= first { return false }
      if older.count == 2 * missing { older.removeFirst(missing) }
      older.append((candidate, Data(line)))
      return true
    }
    return older.suffix(missing).compactMap { candidate, line in
      var entry = ChangeLog.entry(line)
      entry?.accept = candidate
      return entry
    } + recent
  }
}
