// A value behind a lock.

import Foundation

final class Guarded<T>: @unchecked Sendable {
  private let lock = NSLock()
  private var value: T
  init(_ value: T) { self.value = value }
  func update<R>(_ body: (inout T) -> R) -> R { lock.withLock { body(&value) } }
  func set(_ new: T) { update { $0 = new } }
  func get() -> T { update { $0 } }
}

extension Guarded where T == Bool {
  func take() -> Bool {
    update { (value: inout Bool) -> Bool in
      defer { value = false }
      return value
    }
  }
}

extension Guarded {
  func takeAll<Element>() -> [Element] where T == [Element] {
    update { (list: inout [Element]) -> [Element] in
      defer { list = [] }
      return list
    }
  }
}
