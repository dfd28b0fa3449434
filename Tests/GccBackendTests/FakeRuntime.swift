// A thread of words with C functions behind it that record what compiled code asks of them, and compiled graphs
// to be called with it.

import Foundation
import GccBackend
import IR

#if canImport(Glibc)
  import Glibc
#endif

typealias Words = UnsafeMutablePointer<UInt64>
typealias Entry = @convention(c) (Words, Words, UnsafeMutableRawPointer?) -> UInt64

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
  static let layout = RuntimeLayout(
    limit: 0, poll: 1, allocationTop: 2, allocationLimit: 3, deoptCountdown: 9, unwindTarget: 21,
    unwindValue: 22, deoptimize: 10, entryPoll: 11,
    loopPoll: 12, genericSend: 13, allocateSlow: 14, remember: 15, boxDouble: 16, unwindThroughHome: 17,
    equalStrings: 18, characters: 19, zero: 28, headerOld: 4, headerRemembered: 8, nilWord: Tag.nil,
    falseWord: Tag.false,
    trueWord: Tag.true,
    doubleClassWord: Tag.doubleClassWord, unboxedNil: Tag.unboxedNil)
  static let selfSlot = 20

  let thread = Words.allocate(capacity: 32)
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
  /// Before the slow path of an allocation answers.
  var onAllocate: (FakeRuntime, Words) -> Void = { _, _ in }

  /// What `deoptimize` and `unwindThroughHome` answer.
  static let deoptAnswer: UInt64 = 0xDE0
  static let homeAnswer: UInt64 = 0x400

  /// The one box of 0.0.
  private(set) var zeroBox: UInt64 = 0

  init() {
    thread.initialize(repeating: 0, count: 32)
    stack.initialize(repeating: 0xBAD, count: 1024)
    heap.initialize(repeating: 0xBAD, count: 4096)
    let layout = FakeRuntime.layout
    thread[layout.limit] = UInt64(UInt(bitPattern: stack + 900))
    thread[layout.allocationTop] = UInt64(UInt(bitPattern: heap))
    thread[layout.allocationLimit] = UInt64(UInt(bitPattern: heap + 1024))
    thread[FakeRuntime.selfSlot] = UInt64(UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque()))
    zeroBox = object(at: 3010, classWord: Tag.doubleClassWord, [Tag.int(1), 0])
    heap[3020] = zeroBox
    thread[layout.zero] = UInt64(UInt(bitPattern: heap + 3020))
    installFunctions()
  }

  deinit {
    thread.deallocate()
    stack.deallocate()
    heap.deallocate()
  }

  static func of(_ thread: Words) -> FakeRuntime {
    Unmanaged<FakeRuntime>.fromOpaque(UnsafeRawPointer(bitPattern: UInt(thread[selfSlot]))!)
      .takeUnretainedValue()
  }

  private func installFunctions() {
    let layout = FakeRuntime.layout
    func set<F>(_ slot: Int, _ f: F) { thread[slot] = unsafeBitCast(f, to: UInt64.self) }
    let deoptimize: @convention(c) (Words, Words, Int) -> UInt64 = { t, h, safepoint in
      let me = FakeRuntime.of(t)
      me.log.append("deoptimize")
      me.deoptSafepoint = safepoint
      me.deoptFrame = Array(UnsafeBufferPointer(start: h - 16, count: 128))
      return FakeRuntime.deoptAnswer
    }
    let entryPoll: @convention(c) (Words, Words, UnsafeMutableRawPointer?) -> UInt64 = { t, h, _ in
      FakeRuntime.of(t).log.append("entryPoll")
      return FakeRuntime.of(t).onEntryPoll(FakeRuntime.of(t), h)
    }
    let loopPoll: @convention(c) (Words, Words) -> UInt64 = { t, h in
      FakeRuntime.of(t).log.append("loopPoll")
      return FakeRuntime.of(t).onPoll(FakeRuntime.of(t), h)
    }
    let genericSend: @convention(c) (Words, Words, UInt64) -> UInt64 = { t, h, selector in
      FakeRuntime.of(t).log.append("send \(selector)")
      return FakeRuntime.of(t).onSend(FakeRuntime.of(t), h)
    }
    let allocateSlow: @convention(c) (Words, Words, UInt64, Int) -> UInt64 = { t, h, header, count in
      let me = FakeRuntime.of(t)
      me.log.append("allocateSlow \(count)")
      me.onAllocate(me, h)
      me.heap[2048] = header
      return UInt64(UInt(bitPattern: me.heap + 2048))
    }
    let remember: @convention(c) (Words, UInt64) -> UInt64 = { t, object in
      FakeRuntime.of(t).log.append("remember")
      Words(bitPattern: UInt(object))![0] |= 8
      return 0
    }
    let boxDouble: @convention(c) (Words, Words, Double) -> UInt64 = { t, _, d in
      let me = FakeRuntime.of(t)
      me.log.append("boxDouble")
      return me.box(d)
    }
    let unwindThroughHome: @convention(c) (Words, Words, UInt64) -> UInt64 = { t, _, environment in
      FakeRuntime.of(t).log.append("unwindThroughHome \(String(environment, radix: 16))")
      return FakeRuntime.homeAnswer
    }
    set(layout.deoptimize, deoptimize)
    set(layout.entryPoll, entryPoll)
    set(layout.loopPoll, loopPoll)
    set(layout.genericSend, genericSend)
    set(layout.allocateSlow, allocateSlow)
    set(layout.remember, remember)
    set(layout.boxDouble, boxDouble)
    set(layout.unwindThroughHome, unwindThroughHome)
    let equalStrings: @convention(c) (UInt64, UInt64) -> UInt64 = { a, b in
      let (x, y) = (Words(bitPattern: UInt(a))!, Words(bitPattern: UInt(b))!)
      let words = 3 + (Tag.asInt(x[1]) + 7) / 8
      return (1..<words).allSatisfy { x[$0] == y[$0] } ? 1 : 0
    }
    set(layout.equalStrings, equalStrings)
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
    case .table, .virtual: return 0
    }
  }
}

/// A loaded graph.
final class CompiledGraph {
  let metadata: CodeMetadata
  let image: ObjectImage
  let entry: Entry
  let table: Words

  init(_ path: String, _ metadata: CodeMetadata) throws {
    self.metadata = metadata
    image = try ObjectImage(path: path)
    entry = unsafeBitCast(try image.address(metadata.symbol), to: Entry.self)
    table = try image.address(metadata.tableSymbol).assumingMemoryBound(to: UInt64.self)
    table[1] = 0xC0DE
  }

  /// Compiles graph texts as one batch.
  static func batch(
    _ texts: [String], _ configure: (inout BackendOptions) -> Void = { _ in }
  ) throws -> [CompiledGraph] {
    let graphs = try texts.map { try Graph.parse($0) }
    for g in graphs { try g.verify() }
    let path = NSTemporaryDirectory() + "/ovid-test-\(UUID().uuidString).o"
    defer { unlink(path) }
    var options = BackendOptions(outputPath: path)
    configure(&options)
    let metadata = try GccBackend.compile(graphs, options: options, layout: FakeRuntime.layout)
    return try metadata.map { try CompiledGraph(path, $0) }
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
