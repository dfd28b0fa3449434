// All method versions by id. Raw Methods live at stable addresses for the life of the virtual machine.

import Foundation

public final class MethodTable: @unchecked Sendable {
  private let lock: NSRecursiveLock
  @exclusivity(unchecked) private var infos: [MethodInfo] = []
  /// Heap objects of class Method or Primitive, by method id.
  let objects = RootTable()
  /// Stubs for message not understood, by selector id.
  var notUnderstood: [Int: Method] = [:]

  init(lock: NSRecursiveLock) { self.lock = lock }

  public var count: Int { lock.withLock { infos.count } }
  public subscript(_ id: Int) -> MethodInfo { lock.withLock { infos[id] } }
  public subscript(_ method: Method) -> MethodInfo { self[method.id] }

  func add(name: String, selector: String, selectorID: Int, argumentCount: Int, holderIndex: Int) -> MethodInfo {
    let words = Words.allocate(capacity: Method.wordCount)
    words.initialize(repeating: 0, count: Method.wordCount)
    let method = Method(words)
    method[.selector] = UInt64(selectorID)
    method[.argumentCount] = UInt64(bitPattern: Int64(argumentCount))
    method[.holder] = UInt64(holderIndex)
    let info = MethodInfo(method: method, name: name, selector: selector, holderIndex: holderIndex)
    lock.withLock {
      method[.id] = UInt64(infos.count)
      infos.append(info)
    }
    return info
  }
  /// VM thread only.
  func forEach(_ body: (MethodInfo) -> Void) {
    for info in infos { body(info) }
  }
}
