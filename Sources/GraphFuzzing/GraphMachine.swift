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
  let graph: Graph
  /// The data table: its header and an entry for each of the graph's.
  let table: Words
}

final class GraphMachine {
  static let layout = RuntimeLayout()

  private lazy var runtime = RuntimeThread(Self.layout, owner: self)
  var thread: Words { runtime.words }
  let stack = Words.allocate(capacity: 1 << 15)
  var heap = GraphHeap()

  /// The original, which is the program, and the form that runs instead of it.
  private(set) var original: RunnableGraph?
  private(set) var places: [Int: GraphStates.Place] = [:]
  var running: RunnableGraph?
  var script = GraphScript(seed: 0)
  /// What happened, in order.
  var events: [String] = []
  /// The pc at which a guard of the original failed at last.
  var leftAt: Int?
  /// A requirement of an operation did not hold.
  var hasFailed = false
  var sends = 0
  var polls = 0
  var noise = GraphNoise(seed: 0)

  init() { stack.initialize(repeating: 0, count: 1 << 15) }

  deinit {
    stack.deallocate()
    heap.deallocate()
  }

  /// The words of frames that say whose they are (`H[1]`).
  static let originalMark: UInt64 = 1, formMark: UInt64 = 3
  /// A small integer.
  static let processMark: UInt64 = 15

  // MARK: Running

  /// What is run from now on are forms of this graph.
  func enter(_ program: RunnableGraph) {
    original = program
    places = GraphStates.places(program.graph)
  }

  /// Everything observable of one run. Without noise: of the original.
  func run(_ graph: RunnableGraph, script: GraphScript, noise: GraphNoise?) -> String {
    self.script = script
    self.noise = noise ?? GraphNoise(seed: 0)
    events = []
    leftAt = nil
    hasFailed = false
    sends = 0
    polls = 0
    running = noise == nil ? nil : graph
    heap.build(script)
    for code in [original, running] { code.map(fill) }
    graph.table[0] = 0
    graph.table[1] = noise == nil ? Self.originalMark : Self.formMark
    thread[Self.layout.limit] = noise != nil && self.noise.happens(.entryPolls, 5) ? 0 : .max
    thread[Self.layout.poll] = 1
    let countdown = 1 + self.noise.random.below(30)
    thread[Self.layout.deoptCountdown] =
      self.noise.happens(.deoptimizations, 50) && noise != nil ? UInt64(countdown) : 0
    thread[Self.layout.unwindTarget] = 0
    refill()
    thread[Self.layout.processMark] = Self.processMark
    thread[Self.layout.zero] = UInt64(UInt(bitPattern: heap.zeroCell))
    thread[Self.layout.characters] = heap.statics.characters
    let answer = call(graph, prepareFrame())
    if answer == 0 {
      let target = thread[Self.layout.unwindTarget]
      let what = target == 0 ? "" : " to \(heap.text(target)) with \(heap.text(thread[Self.layout.unwindValue]))"
      events.append("unwinds" + what)
    } else {
      events.append("answers \(heap.text(answer))")
    }
    return events.joined(separator: "\n") + "\n" + heap.contents()
  }

  /// With receiver, arguments, and the registers that a loop is entered with.
  private func prepareFrame() -> Words {
    let frame = stack + 64
    let arguments = script.arguments(heap)
    for (i, a) in arguments.enumerated() { frame[i - arguments.count] = a }
    frame[0] = 1
    frame[1] = 0
    frame[2] = 0
    for i in 0..<GraphScript.registerCount { frame[3 + i] = arguments[(i + 1) % arguments.count] }
    return frame
  }

  private func fill(_ code: RunnableGraph) {
    for (i, entry) in code.graph.table.enumerated() {
      let word: UInt64
      switch entry {
      case .literal(_, let index, _): word = heap.statics.strings[index % heap.statics.strings.count]
      case .method(let id, _), .methodValue(let id, _): word = heap.statics.method(id)
      case .selector(let id, let count, _): word = UInt64(id) << 16 | UInt64(count)
      case .cell(let id, _): word = heap.cell(id)
      }
      code.table[CodeMetadata.tableHeaderWords + i] = word
    }
  }

  private func call(_ graph: RunnableGraph, _ frame: Words) -> UInt64 {
    switch graph.form {
    case .evaluated(let code):
      Evaluation(code, thread: thread, frame: frame, table: graph.table, host: self).run(method: nil)
    case .native(let entry): entry(thread, frame, nil)
    }
  }

  func code(_ frame: Words) -> RunnableGraph? { frame[1] == Self.originalMark ? original : running }

  /// Half of the time every allocation takes the slow path.
  private func refill() {
    thread[Self.layout.allocationTop] = heap.top
    thread[Self.layout.allocationLimit] = noise.happens(.slowAllocations, 50) ? 0 : heap.limit
  }

  /// Moves everything that can be reached from the frame of a safepoint.
  func collect(_ frame: Words) {
    guard let code = code(frame), code.metadata.safepoints.indices.contains(Int(frame[2])) else { return }
    heap.top = thread[Self.layout.allocationTop]
    let slots = code.metadata.safepoints[Int(frame[2])].liveSlots
    let arguments = (0...code.graph.argumentCount).map { $0 - code.graph.argumentCount - 1 }
    heap.collect((slots + arguments).map { frame + $0 })
    refill()
  }

  /// Where the original is when the code of a frame is at its safepoint.
  func place(_ frame: Words) -> GraphStates.Place? {
    guard let code = code(frame), code.metadata.safepoints.indices.contains(Int(frame[2])) else { return nil }
    return code.metadata.safepoints[Int(frame[2])].frames.last.flatMap { places[$0.pc] }
  }

  func protects(_ place: GraphStates.Place?) -> Bool {
    guard let original, let place, let v = place.instruction else { return false }
    return GraphStates.protects(v, isAfter: place.isAfter, original.graph)
  }
}

extension GraphMachine: EvaluationHost {
  func content(of object: UInt64, word: Int) -> WordContent? { heap.content(of: object, word: word) }
  func count(of object: UInt64) -> Int? { heap.count(of: object) }
  func failed(_ fault: EvaluationFault, frame: Words) {
    hasFailed = true
    events.append("\(fault)")
  }
}
