// A machine for graphs without a program: the words of a thread with functions behind them, a stack, and a heap in
// which everything moves. What calls answer and do is drawn from a script, the same for every form of a graph; what
// polls and allocations do is not, since passes may change their number.

import IR

/// A form of a graph that can be run: evaluated, or compiled.
struct RunnableGraph {
  enum Form {
    case evaluated(EvaluableGraph)
    case native(Evaluation.Entry)
  }
  let form: Form
  let metadata: CodeMetadata
  let argumentCount: Int
  /// The data table: its header and no entries, or those of the object.
  let table: Words
}

final class GraphMachine {
  static let layout = RuntimeLayout(
    limit: 0, poll: 1, allocationTop: 2, allocationLimit: 3, deoptCountdown: 4, unwindTarget: 5, unwindValue: 6,
    deoptimize: 10, entryPoll: 11, loopPoll: 12, genericSend: 13, allocateSlow: 14, remember: 15, boxDouble: 16,
    unwindThroughHome: 17, equalStrings: 18, characters: 19, zero: 20, headerOld: 4, headerRemembered: 8,
    nilWord: 0x04, falseWord: 0x0C, trueWord: 0x14, doubleClassWord: 2 | 3 << 24, unboxedNil: 0x7FF4_0000_4E69_6C00)

  private lazy var runtime = RuntimeThread(Self.layout, owner: self)
  var thread: Words { runtime.words }
  let stack = Words.allocate(capacity: 1 << 15)
  var heap = GraphHeap()

  /// The original, which is the program, and the form that runs instead of it.
  var original: RunnableGraph?
  var places: [Int: (block: BlockID, position: Int)] = [:]
  var running: RunnableGraph?
  var script = GraphScript(seed: 0)
  /// What happened, in order.
  var events: [String] = []
  /// The pc at which a guard of the original failed at last.
  private(set) var leftAt: Int?
  /// A requirement of an operation did not hold.
  private(set) var hasFailed = false
  private var sends = 0
  private var polls = 0
  private var noise = GraphRandom(seed: 0)

  init() { stack.initialize(repeating: 0, count: 1 << 15) }

  deinit {
    stack.deallocate()
    heap.deallocate()
  }

  // MARK: Running

  /// Everything observable of one run.
  func run(_ graph: RunnableGraph, script: GraphScript, noise seed: UInt64) -> String {
    self.script = script
    noise = GraphRandom(seed: seed)
    events = []
    leftAt = nil
    hasFailed = false
    sends = 0
    polls = 0
    let isOriginal = seed == 0
    running = isOriginal ? nil : graph
    heap.build(script)
    graph.table[0] = 0
    graph.table[1] = isOriginal ? 1 : 3
    thread[Self.layout.limit] = noise.chance(5) && !isOriginal ? 0 : .max
    thread[Self.layout.poll] = 1
    thread[Self.layout.deoptCountdown] = noise.chance(50) && !isOriginal ? UInt64(1 + noise.below(30)) : 0
    refill()
    thread[Self.layout.zero] = UInt64(UInt(bitPattern: heap.zeroCell))
    let frame = stack + 64
    let arguments = script.arguments(heap)
    for (i, a) in arguments.enumerated() { frame[i - arguments.count] = a }
    frame[0] = 1
    frame[1] = 0
    frame[2] = 0
    let answer = call(graph, frame)
    events.append(answer == 0 ? "unwinds" : "answers \(heap.text(answer))")
    return events.joined(separator: "\n") + "\n" + heap.contents()
  }

  private func call(_ graph: RunnableGraph, _ frame: Words) -> UInt64 {
    switch graph.form {
    case .evaluated(let code):
      Evaluation(code, thread: thread, frame: frame, table: graph.table, host: self).run(method: nil)
    case .native(let entry): entry(thread, frame, nil)
    }
  }

  private func code(_ frame: Words) -> RunnableGraph? { frame[1] == 1 ? original : running }

  /// Half of the time every allocation takes the slow path.
  private func refill() {
    thread[Self.layout.allocationTop] = heap.top
    thread[Self.layout.allocationLimit] = noise.chance(50) ? 0 : heap.limit
  }

  /// Moves everything that can be reached from the frame of a safepoint.
  private func collect(_ frame: Words) {
    guard let code = code(frame), code.metadata.safepoints.indices.contains(Int(frame[2])) else { return }
    heap.top = thread[Self.layout.allocationTop]
    let slots = code.metadata.safepoints[Int(frame[2])].liveSlots
    let arguments = (0...code.argumentCount).map { $0 - code.argumentCount - 1 }
    heap.collect((slots + arguments).map { frame + $0 })
    refill()
  }
}

extension GraphMachine: RuntimeFunctions {
  func send(_ callee: Words, _ word: UInt64) -> UInt64 {
    let count = Int(word & 0xFFFF)
    let given = (0...count).map { heap.text(callee[$0 - count - 1]) }
    events.append("send \(word >> 16) \(given.joined(separator: " "))")
    sends += 1
    var random = script.random(forSend: sends)
    heap.disturb(&random)
    let answer = script.value(&random)
    let unwinds = random.chance(1)
    let sender = Words(bitPattern: UInt(callee[0] & ~1))!
    if noise.chance(30) { collect(sender) }
    if noise.chance(5) { running?.table[0] = 1 }
    return unwinds ? 0 : heap.word(answer)
  }

  func loopPoll(_ frame: Words) -> UInt64 {
    polls += 1
    if polls > 20_000 {
      events.append("does not end")
      return 0
    }
    if noise.chance(10) { collect(frame) }
    if noise.chance(2) { running?.table[0] = 1 }
    return noise.chance(4) && frame[1] != 1 ? 2 : 1
  }

  func entryPoll(_ frame: Words) -> UInt64 {
    thread[Self.layout.limit] = .max
    if noise.chance(30) { running?.table[0] = 1 }
    return 1
  }

  func allocate(_ header: UInt64, _ bodyWords: Int, _ frame: Words) -> UInt64 {
    collect(frame)
    return heap.allocate(header, bodyWords, &thread[Self.layout.allocationTop])
  }

  func remember(_ object: UInt64) { heap.object(object)[0] |= Self.layout.headerRemembered }

  func box(_ d: Double, _ frame: Words) -> UInt64 {
    if noise.chance(20) { collect(frame) }
    let address = heap.allocate(UInt64(Self.layout.doubleClassWord) << 32, 2, &thread[Self.layout.allocationTop])
    let object = Words(bitPattern: UInt(address))!
    object[1] = 3
    object[2] = d.bitPattern
    return address
  }

  /// Goes on in the original, or, from there, ends: then the program has left what is compiled.
  func deoptimize(_ frame: Words, _ index: Int) -> UInt64 {
    guard let code = code(frame), let original, code.metadata.safepoints.indices.contains(index),
      let state = code.metadata.safepoints[index].frames.last
    else {
      events.append("no state \(index)")
      return Self.layout.nilWord
    }
    let reader = StateReading(frame: frame, table: code.table)
    let values = state.registers.map { ($0.register, reader.read($0.location)) }
    if frame[1] == 1 {
      leftAt = state.pc
      let registers = values.map { "\($0)=\(heap.text($1))" }.sorted().joined(separator: " ")
      events.append("leaves at \(state.pc): \(registers)")
      return Self.layout.nilWord
    }
    guard case .evaluated(let program) = original.form, let place = places[state.pc] else {
      events.append("no place \(state.pc)")
      return Self.layout.nilWord
    }
    for word in 3..<program.metadata.frameSize { frame[word] = Self.layout.nilWord }
    for (register, value) in values {
      let v = GraphGenerator.value(ofRegister: register)
      let type = program.graph[v].type
      guard let word = value.word(as: type, heap, &thread[Self.layout.allocationTop]) else {
        events.append("register \(register) is no \(type) at \(state.pc)")
        return Self.layout.nilWord
      }
      frame[program.word(of: v)] = word
    }
    thread[Self.layout.deoptCountdown] = 0
    frame[1] = 1
    frame[2] = UInt64(program.metadata.safepoints.count)
    return Evaluation(program, thread: thread, frame: frame, table: original.table, host: self)
      .resume(in: place.block, at: place.position)
  }

  // No graph here has a home, or calls directly.
  func unwindThroughHome(_ frame: Words, _ environment: UInt64) -> UInt64 { 0 }
  func enter(_ method: UnsafeMutableRawPointer, _ frame: Words) -> UInt64 { 0 }
}

extension GraphMachine: EvaluationHost {
  func content(of object: UInt64, word: Int) -> WordContent? { heap.content(of: object, word: word) }
  func count(of object: UInt64) -> Int? { heap.count(of: object) }
  func failed(_ fault: EvaluationFault, frame: Words) {
    hasFailed = true
    events.append("\(fault)")
  }
}
