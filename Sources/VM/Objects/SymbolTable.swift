// Interned selectors and symbols: dense ids for strings. The symbols' heap objects are made on demand by the
// universe and rooted here. Ids may be asked for from any thread.

import Foundation

public final class SymbolTable: @unchecked Sendable {
  private let lock = NSLock()
  private var ids: [String: Int] = [:]
  private var names: [String] = []
  private var counts: [Int] = []
  /// Heap objects by id; `none` until first used. VM thread only.
  let objects = RootTable()

  /// The id of `name`, the same for equal names for the life of the virtual machine.
  public func intern(_ name: String) -> Int {
    lock.withLock {
      if let id = ids[name] { return id }
      let id = names.count
      ids[name] = id
      names.append(name)
      counts.append(SymbolTable.argumentCount(of: name))
      return id
    }
  }
  public func name(_ id: Int) -> String { lock.withLock { names[id] } }
  /// Arguments that a message with this selector takes.
  public func argumentCount(_ id: Int) -> Int { lock.withLock { counts[id] } }
  public var count: Int { lock.withLock { names.count } }

  public static func argumentCount(of name: String) -> Int {
    guard let first = name.utf8.first else { return 0 }
    if "~&|*/\\+=><,@%-".utf8.contains(first) { return 1 }
    return name.utf8.reduce(0) { $0 + ($1 == UInt8(ascii: ":") ? 1 : 0) }
  }
}

/// Ids of the selectors that the virtual machine itself sends.
public struct WellKnownSelectors: Sendable {
  public let doesNotUnderstand, unknownGlobal, escapedBlock, run, runWithArguments, new, value, initialize, restart: Int
  public let beginProcess: Int

  init(_ symbols: SymbolTable) {
    doesNotUnderstand = symbols.intern("doesNotUnderstand:arguments:")
    unknownGlobal = symbols.intern("unknownGlobal:")
    escapedBlock = symbols.intern("escapedBlock:")
    run = symbols.intern("run")
    runWithArguments = symbols.intern("run:")
    new = symbols.intern("new")
    value = symbols.intern("value")
    initialize = symbols.intern("initialize:")
    restart = symbols.intern("restart")
    beginProcess = symbols.intern("beginProcess")
  }
}
