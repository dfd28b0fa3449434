// A thread as small as secondary threads are, for what must not depend on a large stack.

import Foundation

private final class Box<T>: @unchecked Sendable { var value: T? }

/// Runs on a thread with a stack of 512 KiB.
public func onSmallStack<T: Sendable>(_ body: @escaping @Sendable () -> T) -> T {
  let box = Box<T>()
  let done = DispatchSemaphore(value: 0)
  let thread = Thread {
    box.value = body()
    done.signal()
  }
  thread.stackSize = 512 << 10
  thread.start()
  done.wait()
  return box.value!
}
