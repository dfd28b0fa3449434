// Objects of the machine that Swift code holds: the words of a table that the collector knows.

import Foundation
import MachineLayout
import VM

/// The words. Objects are added, read and visited on the VM thread; they are given up on any.
final class ValueTable: @unchecked Sendable {
  private static let chunkSize = 1024
  @exclusivity(unchecked) private var chunks: [Words] = []
  @exclusivity(unchecked) private var free: [Int] = []
  /// Given up, and not free yet.
  private let released = Guarded<[Int]>([])

  deinit { for chunk in chunks { chunk.deallocate() } }

  func add(_ value: VM.Value) -> Int {
    if free.isEmpty { collectReleased() }
    if free.isEmpty { grow() }
    let index = free.removeLast()
    word(index)[0] = value.bits
    return index
  }

  func value(_ index: Int) -> VM.Value { VM.Value(bits: word(index)[0]) }

  /// Any thread.
  func release(_ index: Int) { released.update { $0.append(index) } }

  /// How many objects are held.
  var count: Int {
    collectReleased()
    return chunks.count * Self.chunkSize - free.count
  }

  func forEachRoot(_ visit: (Words) -> Void) {
    collectReleased()
    for chunk in chunks { for i in 0..<Self.chunkSize { visit(chunk + i) } }
  }

  private func word(_ index: Int) -> Words { chunks[index / Self.chunkSize] + index % Self.chunkSize }

  private func collectReleased() {
    for index in released.takeAll() {
      word(index)[0] = VM.Value.nil.bits
      free.append(index)
    }
  }

  private func grow() {
    let chunk = Words.allocate(capacity: Self.chunkSize)
    chunk.initialize(repeating: VM.Value.nil.bits, count: Self.chunkSize)
    let first = chunks.count * Self.chunkSize
    chunks.append(chunk)
    free = Array((first..<first + Self.chunkSize).reversed())
  }
}

/// The machine that values belong to. They do not keep it.
final class MachineLink: @unchecked Sendable {
  private weak var held: Runtime?
  init(_ runtime: Runtime) { held = runtime }
  /// Whoever uses it holds it so long. Throws if the machine is gone.
  func runtime() throws(VirtualMachineError) -> Runtime {
    guard let runtime = held, !runtime.calls.isClosed else { throw .machineIsGone }
    return runtime
  }
}

/// One object that Swift code holds, until nobody has this any more. Any thread.
final class ObjectRoot: Sendable {
  let link: MachineLink
  private let table: ValueTable
  private let index: Int

  /// VM thread.
  init(_ value: VM.Value, _ calls: Calls) {
    link = calls.link
    table = calls.roots
    index = table.add(value)
  }
  deinit { table.release(index) }

  /// VM thread.
  var value: VM.Value { table.value(index) }
}
