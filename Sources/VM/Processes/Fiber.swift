// What a process of the program runs on: a VM stack, a native stack, and what the machine's registers hold for them
// while another one runs. There is one thread for all of them, and one block of thread words (`Thread`): what belongs to
// a stack is exchanged when stacks are.

import CFiber
import Foundation
import MachineLayout

final class Fiber {
  let stack: VMStack
  private let handlers: Handlers
  private(set) var native: NativeStack?
  /// Of both stacks, in one piece, so that the pages of an idle process share a page table: the native one grows down
  /// from where the other begins to grow up. Nil for the program's own, whose native stack is its thread's.
  private var region: UnsafeMutableRawPointer?
  private let regionBytes: Int
  let context: OpaquePointer
  /// The innermost frame, while another fiber runs.
  private(set) var top: Words
  private var saved: Saved

  /// What belongs to a stack; the rest of the machine's state belongs to all.
  private struct Saved {
    var unwindTarget, unwindValue, stackLimit, nativeLimit: UInt64
    var handles: Handles.Storage
    var ending = Ending.exit
    var handlesNativeOverflow = false
  }

  /// The fiber that runs already: of the thread that calls, with the machine's first stack.
  init(stack: VMStack, _ handlers: Handlers) {
    self.stack = stack
    self.handlers = handlers
    region = nil
    regionBytes = 0
    context = Fiber.makeContext()
    top = stack.base
    saved = Saved(unwindTarget: 0, unwindValue: 0, stackLimit: 0, nativeLimit: 0, handles: Handles.Storage(capacity: 0))
  }

  /// A fiber that begins in `entry`, which must not return. Nil: there is no room for its stacks.
  init?(
    _ universe: Universe, bottomMethod: Words, _ entry: @convention(c) (UnsafeMutableRawPointer?) -> Void,
    _ argument: UnsafeMutableRawPointer
  ) {
    let stackBytes = universe.options.processStackBytes
    let nativeBytes = NativeStack.bytes(forFrames: stackBytes)
    regionBytes = nativeBytes + stackBytes + VMStack.reserveBytes
    guard let region = SystemMemory.reserve(regionBytes) else { return nil }
    self.region = region
    stack = VMStack(at: (region + nativeBytes).assumingMemoryBound(to: UInt64.self), bytes: stackBytes)
    stack.begin(bottomMethod)
    handlers = Handlers(universe)
    let native = NativeStack(low: UInt64(UInt(bitPattern: region)), size: UInt64(nativeBytes))
    self.native = native
    context = Fiber.makeContext()
    top = stack.base
    saved = Saved(
      unwindTarget: 0, unwindValue: 0, stackLimit: bits(stack.limit), nativeLimit: native.limit,
      handles: Handles.Storage(capacity: 32))
    ovid_context_prepare(context, region, nativeBytes, entry, argument)
  }

  /// Gives the memory back. Nobody goes on with it, and what waits on its stack is never released.
  func free() {
    ovid_context_free(context)
    saved.handles.free()
    if let region { munmap(region, regionBytes) }
    region = nil
  }

  private static func makeContext() -> OpaquePointer {
    guard let context = ovid_context_make() else { SystemMemory.isExhausted() }
    return context
  }

  /// Gives the machine's registers to `next`, for a switch of contexts. This one's innermost frame is `frame`.
  func giveRegisters(to next: Fiber, _ frame: Words, _ universe: Universe) {
    top = frame
    if region == nil { native = universe.nativeStack ?? NativeStack() }
    leave(universe)
    next.enter(universe)
  }

  private func leave(_ universe: Universe) {
    let thread = universe.thread
    saved.unwindTarget = thread[.unwindTarget]
    saved.unwindValue = thread[.unwindValue]
    saved.stackLimit = thread[.stackLimit]
    saved.nativeLimit = thread[.nativeLimit]
    universe.handles.exchange(&saved.handles)
    saved.ending = universe.ending
    saved.handlesNativeOverflow = universe.handlesNativeOverflow
  }

  private func enter(_ universe: Universe) {
    let thread = universe.thread
    thread[.unwindTarget] = saved.unwindTarget
    thread[.unwindValue] = saved.unwindValue
    thread[.stackBase] = bits(stack.base)
    thread[.stackLimit] = saved.stackLimit
    thread[.nativeLimit] = saved.nativeLimit
    // A request to poll stays one; it may come at this moment, from another thread.
    thread[.limit] = saved.stackLimit
    if thread[.poll] != 0 { thread[.limit] = 0 }
    universe.handles.exchange(&saved.handles)
    universe.handlers = handlers
    universe.ending = saved.ending
    universe.handlesNativeOverflow = saved.handlesNativeOverflow
    universe.stack = stack
    universe.nativeStack = native
    if let native { universe.hooks.nativeStackChanged?(native) }
  }

  /// The roots of a fiber that does not run, beside its frames.
  func forEachSavedRoot(_ visit: (Words) -> Void) {
    withUnsafeMutablePointer(to: &saved.unwindTarget, visit)
    withUnsafeMutablePointer(to: &saved.unwindValue, visit)
    for i in 0..<saved.handles.count { visit(saved.handles.slots + i) }
  }
}
