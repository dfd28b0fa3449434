// What the bytecode compiler makes of one method or one block: immutable, shared by the virtual machine (which links
// it into raw memory), the optimizer and the disassembler.

import Syntax

public enum Literal: Sendable, Equatable {
  /// A small integer (63 bits).
  case integer(Int)
  /// Decimal text of an integer outside 63 bits, with its sign.
  case bigInteger(String)
  case double(Double)
  case string(String)
  case symbol(String)
  case array([Literal])
}

/// The static part of a send site; the interpreter keeps an inline cache for each.
public struct SendSite: Sendable, Equatable {
  public let selector: String
  /// Without the receiver.
  public let argumentCount: Int
  public init(selector: String, argumentCount: Int) {
    self.selector = selector
    self.argumentCount = argumentCount
  }
}

/// A method that bytecode does not send but stands for (docs/live-editing.md, row 9). Bytecode that relies on one
/// is replaced by its `.generic` variant when somebody redefines the method.
public struct InlinedSelector: Hashable, Sendable {
  public let selector: String
  public init(_ selector: String) { self.selector = selector }
}

/// Which of the two translations of a method a chunk is. Both have the same structure and the same sync
/// points.
public enum BytecodeVariant: Sendable {
  /// Control structures and arithmetic inlined.
  case inlined
  /// Every control structure and operator that is entered is a real send with real blocks; inlined bodies are
  /// kept only for activations that were inside one when they switched.
  case generic
}

/// A place where a live activation can change from one variant to the other: the same `key` exists in both.
public struct SyncPoint: Sendable, Equatable {
  public let key: UInt32
  /// Where to resume.
  public let pc: Int
  /// Registers that hold the pending operands, in evaluation order; equally many in both variants.
  public let operands: [Int16]
  public init(key: UInt32, pc: Int, operands: [Int16]) {
    self.key = key
    self.pc = pc
    self.operands = operands
  }
}

/// Where a source variable lives, by its declaration's identity (the same in both variants).
public enum VariableLocation: Sendable, Equatable {
  case register(Int16)
  /// In the environment held by a register of the frame.
  case environment(register: Int16, index: Int)
}

/// An environment that an activation holds in a hidden register, as far as needed to create it when an
/// activation enters a variant that has more environments than the one it leaves.
public struct HeldEnvironment: Sendable, Equatable {
  /// The hidden register that holds it.
  public let register: Int16
  /// The register that holds its `outer`, or 0.
  public let outer: Int16
  public let variableCount: Int
  /// Generic variants only: the register whose environment stands in variable 0, or 0. (Environments that
  /// only generic variants have form a chain of their own, linked to the real environments by their variable
  /// 0.)
  public let link: Int16
  public init(register: Int16, outer: Int16, variableCount: Int, link: Int16 = 0) {
    self.register = register
    self.outer = outer
    self.variableCount = variableCount
    self.link = link
  }
}

public struct BytecodeChunk: Sendable {
  /// The syntax node of the block, or 0 for a method: the same in both variants.
  public var nodeID: UInt32 = 0
  public var selector: String
  public var isBlock: Bool
  /// Without the receiver; for a block, without the block itself.
  public var argumentCount: Int
  public var instructions: [Instruction]
  public var literals: [Literal]
  public var sites: [SendSite]
  public var globals: [String]
  /// Blocks that `newBlock` creates.
  public var blocks: [BytecodeChunk]
  /// Words from the frame's header to the end of its registers, header included: registers are numbered
  /// -(argumentCount + 1) ... -1 (receiver or block, arguments) and 3 ..< frameSize (locals, then operands),
  /// the outgoing receiver, arguments and callee header of the deepest send included.
  public var frameSize: Int
  /// Registers 3 ..< 3 + localCount are variables and hidden environments; they start as nil.
  public var localCount: Int
  /// For each pc: registers 3 ..< depth[pc] hold values while the instruction runs. The instruction may use
  /// registers from depth[pc] on for an outgoing send.
  public var depth: [UInt16]
  /// For each pc: the send site that feedback and the slow path use, or `noSite`.
  public var siteAtPC: [UInt16]
  /// For each pc: the source range it stands for (UTF-8 offsets in the method's source text's file).
  public var ranges: [SourceRange]
  /// The register that holds this activation's own environment, if a block inside can return from it (`^`).
  public var homeRegister: Int16?
  /// Loop headers, by loop index (operand a of `loopJump`): the pc of the header.
  public var loopHeaders: [Int]
  /// The methods that this chunk and its blocks stand for without sending.
  public var assumptions: Set<InlinedSelector>
  public var variant: BytecodeVariant
  public var syncPoints: [SyncPoint]
  /// Variables in scope, by declaration identity, for switching variants. Hidden
  /// registers (environments, the closed-over environment and self of a block) are there, too, under ids from
  /// `firstHiddenID` on, so that copying all variables by id copies them.
  public var variables: [UInt32: VariableLocation]
  /// The environments of this activation's scopes, outer ones before inner ones.
  public var environments: [HeldEnvironment] = []
  /// True for a block that ends when a `^` in the block of a conditional or a loop in it finds its home gone. (The
  /// blocks of those are blocks of their own in the generic variant.)
  public var isLeftByParts: Bool { variant == .generic && isBlock && blocks.contains { $0.leavesAround } }
  private var leavesAround: Bool {
    instructions.contains { $0.opcode == .returnEscaped } || blocks.contains { $0.leavesAround }
  }
  public static let firstHiddenID: UInt32 = 0x8000_0000

  public static let noSite: UInt16 = 0xFFFF
  /// Words of a frame's header; the first local is register 3.
  public static let headerWords = 3
}
