// A machine that records what compiled code asks of it, with a layout of its own: the backend must take none for granted.

import Foundation
import GccBackend
import IR

@testable import GraphFuzzing

enum Tag {
  static let `nil`: UInt64 = 0x04
  static let `false`: UInt64 = 0x0C
  static let `true`: UInt64 = 0x14
  static func int(_ i: Int) -> UInt64 { UInt64(bitPattern: Int64(i)) << 1 | 1 }
  static func asInt(_ w: UInt64) -> Int { Int(Int64(bitPattern: w) >> 1) }
  static let unboxedNil: UInt64 = 0x7FF4_0000_4E69_6C00
  static let doubleClassWord: UInt32 = 2 | 3 << 24

  // Written anew here, so that the backend is checked against a second opinion.
  static func double(_ d: Double) -> UInt64? {
    let b = d.bitPattern
    let top = (b >> 60) & 7
    guard top == 3 || top == 4 else { return nil }
    let sign = b >> 63, rest = b & (1 << 60 - 1)
    return rest << 3 | (top == 4 ? 1 << 63 : 0) | sign << 2 | 2
  }
}

final class FakeRuntime {
  /// Its own numbers, none of them the machine's but where compiled code could not know better.
  static let layout = {
    var layout = RuntimeLayout()
    (layout.limit, layout.poll, layout.allocationTop, layout.allocationLimit) = (0, 1, 2, 3)
    (layout.deoptCountdown, layout.unwindTarget, layout.unwindValue) = (9, 21, 22)
    (layout.deoptimize, layout.entryPoll, layout.loopPoll, layout.genericSend) = (10, 11, 12, 13)
    (layout.allocateSlow, layout.remember, layout.boxDouble, layout.unwindThroughHome) = (14, 15, 16, 17)
    (layout.equalStrings, layout.characters, layout.zero, layout.processMark) = (18, 19, 28, 29)
    (layout.headerOld, layout.headerRemembered) = (4, 8)
    (layout.nilWord, layout.falseWord, layout.trueWord) = (Tag.nil, Tag.false, Tag.true)
    (layout.doubleClassWord, layout.unboxedNil) = (Tag.doubleClassWord, Tag.unboxedNil)
    return layout
  }()

  private lazy var runtime = RuntimeThread(Self.layout, owner: self)
  var thread: Words { runtime.words }
  let stack = Words.allocate(capacity: 1024)
  let heap = Words.allocate(capacity: 4096)
  /// The functions called, in order.
  var log: [String] = []
  /// The safepoint of the last deoptimization, and a copy of the frame from 16 words below H.
  var deoptSafepoint: Int?
  var deoptFrame: [UInt64] = []
  var onSend: (FakeRuntime, Words) -> UInt64 = { _, _ in Tag.nil }
  var onPoll: (FakeRuntime, Words) -> UInt64 = { _, _ in 1 }
  var onEntryPoll: (FakeRuntime, Words) -> UInt64 = { _, _ in 1 }
  var onCall: (FakeRuntime, UnsafeMutableRawPointer, Words) -> UInt64 = { _, _, _ in Tag.nil }
  /// Before the slow path of an allocation answers.
  var onAllocate: (FakeRuntime, Words) -> Void = { _, _ in }

  /// What `deoptimize` and `unwindThroughHome` answer.
  static let deoptAnswer: UInt64 = 0xDE0
  static let homeAnswer: UInt64 = 0x400

  /// The one box of 0.0.
  private(set) var zeroBox: UInt64 = 0

  init() {
    stack.initialize(repeating: 0xBAD, count: 1024)
    heap.initialize(repeating: 0xBAD, count: 4096)
    let layout = FakeRuntime.layout
    thread[layout.limit] = UInt64(UInt(bitPattern: stack + 900))
    thread[layout.allocationTop] = UInt64(UInt(bitPattern: heap))
    thread[layout.allocationLimit] = UInt64(UInt(bitPattern: heap + 1024))
    zeroBox = object(at: 3010, classWord: Tag.doubleClassWord, [Tag.int(1), 0])
    heap[3020] = zeroBox
    thread[layout.zero] = UInt64(UInt(bitPattern: heap + 3020))
  }

  deinit {
    stack.deallocate()
    heap.deallocate()
  }

  func box(_ d: Double) -> UInt64 {
    heap[3000] = UInt64(Tag.doubleClassWord) << 32
    heap[3001] = Tag.int(1)
    heap[3002] = d.bitPattern
    return UInt64(UInt(bitPattern: heap + 3000))
  }

  /// An object at heap word `at` (from 1100 to 2000).
  func object(at: Int, classWord: UInt32, header: UInt64 = 0, _ body: [UInt64]) -> UInt64 {
    heap[at] = UInt64(classWord) << 32 | header
    for (i, w) in body.enumerated() { heap[at + 1 + i] = w }
    return UInt64(UInt(bitPattern: heap + at))
  }

  var header: Words { stack + 32 }

  /// Calls with receiver and arguments.
  func call(_ code: CompiledGraph, _ arguments: [UInt64]) -> UInt64 {
    let h = header
    for (i, a) in arguments.enumerated() { h[i - arguments.count] = a }
    h[0] = 1
    h[1] = 0x1110
    h[2] = 0xBAD
    return code.entry(thread, h, nil)
  }

  func call(_ code: CompiledGraph, ints: Int...) -> UInt64 { call(code, [Tag.nil] + ints.map(Tag.int)) }

  /// What the deoptimizer would find at a location. Raw values as bits.
  func value(_ l: Location) -> UInt64 {
    switch l {
    case .tagged(let i), .int(let i), .float(let i), .bool(let i): return deoptFrame[16 + i]
    case .immediate(let w), .doubleConstant(let w): return w
    case .table, .processMark, .virtual: return 0
    }
  }
}

extension FakeRuntime: RuntimeFunctions {
  func deoptimize(_ frame: Words, _ safepoint: Int) -> UInt64 {
    log.append("deoptimize")
    deoptSafepoint = safepoint
    deoptFrame = Array(UnsafeBufferPointer(start: frame - 16, count: 128))
    return FakeRuntime.deoptAnswer
  }
  func entryPoll(_ frame: Words) -> UInt64 {
    log.append("entryPoll")
    return onEntryPoll(self, frame)
  }
  func loopPoll(_ frame: Words) -> UInt64 {
    log.append("loopPoll")
    return onPoll(self, frame)
  }
  func send(_ callee: Words, _ selector: UInt64) -> UInt64 {
    log.append("send \(selector)")
    return onSend(self, callee)
  }
  func allocate(_ header: UInt64, _ bodyWords: Int, _ frame: Words) -> UInt64 {
    log.append("allocateSlow \(bodyWords)")
    onAllocate(self, frame)
    heap[2048] = header
    return UInt64(UInt(bitPattern: heap + 2048))
  }
  func remember(_ object: UInt64) {
    log.append("remember")
    Words(bitPattern: UInt(object))![0] |= 8
  }
  func box(_ d: Double, _ frame: Words) -> UInt64 {
    log.append("boxDouble")
    return box(d)
  }
  func unwindThroughHome(_ frame: Words, _ environment: UInt64) -> UInt64 {
    log.append("unwindThroughHome \(String(environment, radix: 16))")
    return FakeRuntime.homeAnswer
  }
  func enter(_ method: UnsafeMutableRawPointer, _ frame: Words) -> UInt64 {
    log.append("callee")
    return onCall(self, method, frame)
  }
}

extension CompiledGraph {
  /// Compiles graph texts as one batch.
  static func batch(
    _ texts: [String], _ configure: (inout BackendOptions) -> Void = { _ in }
  ) throws -> [CompiledGraph] {
    let codes = try compile(try texts.map { try Graph.parse($0) }, FakeRuntime.layout, configure)
    for code in codes { code.table[1] = 0xC0DE }
    return codes
  }

  static func one(
    _ text: String, _ configure: (inout BackendOptions) -> Void = { _ in }
  ) throws -> CompiledGraph {
    try batch([text], configure)[0]
  }

  /// Values of the registers of the innermost frame of the last deoptimization.
  func registers(_ r: FakeRuntime) -> [Int: UInt64] {
    guard let i = r.deoptSafepoint else { return [:] }
    let pairs = metadata.safepoints[i].frames.last!.registers.map { ($0.register, r.value($0.location)) }
    return Dictionary(uniqueKeysWithValues: pairs)
  }
}
