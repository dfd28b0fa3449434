// Swift closures that programs evaluate as they evaluate blocks.

import MachineLayout
import VM

/// A closure while a program has it.
final class HostBlock {
  let argumentCount: Int
  let body: (HostCall) throws -> UInt64
  init(_ argumentCount: Int, _ body: @escaping (HostCall) throws -> UInt64) {
    self.argumentCount = argumentCount
    self.body = body
  }
}

/// A Swift closure that programs evaluate like a block: `[ :x | … ]` written in Swift. Give it as an argument.
///
/// It runs on the machine's own thread, as the methods of a `SwiftClass` do.
public struct SwiftBlock: ValueConvertible {
  let block: HostBlock

  /// `value`
  public init<R: ValueConvertible>(_ body: @escaping () throws -> R) {
    block = HostBlock(0) { call in try call.answer(body()) }
  }
  /// `value:`
  public init<A: ValueConvertible, R: ValueConvertible>(_ body: @escaping (A) throws -> R) {
    block = HostBlock(1) { call in try call.answer(body(call.argument(1))) }
  }
  /// `value:with:`
  public init<A: ValueConvertible, B: ValueConvertible, R: ValueConvertible>(_ body: @escaping (A, B) throws -> R) {
    block = HostBlock(2) { call in try call.answer(body(call.argument(1), call.argument(2))) }
  }
  public static func read(_ reader: ValueReader) throws(VirtualMachineError) -> SwiftBlock {
    SwiftBlock(block: try reader.object(HostBlock.self))
  }
  private init(block: HostBlock) { self.block = block }
  public func write(_ writer: ValueWriter) throws(VirtualMachineError) -> ValueWriter.Written {
    try writer.object(block)
  }
  public var programValue: ProgramValue { ProgramValue(.host(HostReference(block))) }
}

extension Calls {
  /// Makes the closures' primitives known. Before `boot`.
  func registerBlocks() {
    for (selector, count) in [("value", 0), ("value:", 1), ("value:with:", 2)] {
      universe.primitives.register(
        hostFunction { call in
          let block = try call.reader(0).object(HostBlock.self)
          guard block.argumentCount == count else {
            throw VirtualMachineError.wrongType(
              "a Swift closure of \(block.argumentCount) arguments was evaluated with \(count)")
          }
          return try block.body(call)
        }, for: "SwiftBlock>>\(selector)")
    }
    universe.primitives.register(
      hostFunction { call in try call.answer(call.reader(0).object(HostBlock.self).argumentCount) },
      for: "SwiftBlock>>numArgs")
  }
}
