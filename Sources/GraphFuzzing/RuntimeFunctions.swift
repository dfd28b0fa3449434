// The functions that a graph calls through its thread's table, for machines without a program. Which words of the
// thread they are in is the machine's layout; what they do is the machine's.

import IR

typealias Words = UnsafeMutablePointer<UInt64>

/// What graphs ask of the machine that runs them; each method stands for the function of that name in
/// `RuntimeLayout`, whose contract is in docs/contracts.md.
protocol RuntimeFunctions: AnyObject {
  func deoptimize(_ frame: Words, _ safepoint: Int) -> UInt64
  func entryPoll(_ frame: Words) -> UInt64
  func loopPoll(_ frame: Words) -> UInt64
  func send(_ callee: Words, _ selector: UInt64) -> UInt64
  func allocate(_ header: UInt64, _ bodyWords: Int, _ frame: Words) -> UInt64
  func remember(_ object: UInt64)
  func box(_ d: Double, _ frame: Words) -> UInt64
  func unwindThroughHome(_ frame: Words, _ environment: UInt64) -> UInt64
  /// A method with `RuntimeThread.methodEntry` is called directly.
  func enter(_ method: UnsafeMutableRawPointer, _ frame: Words) -> UInt64
}

/// The words of a thread, with an owner behind their functions.
final class RuntimeThread {
  let words = Words.allocate(capacity: RuntimeThread.count)
  private unowned let owner: any RuntimeFunctions

  static let count = 64
  /// The last word leads back here: no layout may use it.
  private static let selfSlot = count - 1

  /// Requires: the owner lives as long as anything runs on this thread.
  init(_ layout: RuntimeLayout, owner: any RuntimeFunctions) {
    self.owner = owner
    words.initialize(repeating: 0, count: Self.count)
    words[Self.selfSlot] = UInt64(UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque()))
    install(layout)
  }

  deinit { words.deallocate() }

  private static func owner(_ words: Words) -> any RuntimeFunctions {
    Unmanaged<RuntimeThread>.fromOpaque(UnsafeRawPointer(bitPattern: UInt(words[selfSlot]))!)
      .takeUnretainedValue().owner
  }

  private func install(_ layout: RuntimeLayout) {
    func set<F>(_ slot: Int, _ f: F) { words[slot] = unsafeBitCast(f, to: UInt64.self) }
    let deoptimize: @convention(c) (Words, Words, Int) -> UInt64 = { RuntimeThread.owner($0).deoptimize($1, $2) }
    let entryPoll: @convention(c) (Words, Words, UnsafeMutableRawPointer?) -> UInt64 = { t, h, _ in
      RuntimeThread.owner(t).entryPoll(h)
    }
    let loopPoll: @convention(c) (Words, Words) -> UInt64 = { RuntimeThread.owner($0).loopPoll($1) }
    let genericSend: @convention(c) (Words, Words, UInt64) -> UInt64 = { RuntimeThread.owner($0).send($1, $2) }
    let allocateSlow: @convention(c) (Words, Words, UInt64, Int) -> UInt64 = { t, h, header, count in
      RuntimeThread.owner(t).allocate(header, count, h)
    }
    let remember: @convention(c) (Words, UInt64) -> UInt64 = { t, object in
      RuntimeThread.owner(t).remember(object)
      return 0
    }
    let boxDouble: @convention(c) (Words, Words, Double) -> UInt64 = { RuntimeThread.owner($0).box($2, $1) }
    let unwindThroughHome: @convention(c) (Words, Words, UInt64) -> UInt64 = {
      RuntimeThread.owner($0).unwindThroughHome($1, $2)
    }
    set(layout.deoptimize, deoptimize)
    set(layout.entryPoll, entryPoll)
    set(layout.loopPoll, loopPoll)
    set(layout.genericSend, genericSend)
    set(layout.allocateSlow, allocateSlow)
    set(layout.remember, remember)
    set(layout.boxDouble, boxDouble)
    set(layout.unwindThroughHome, unwindThroughHome)
    set(layout.equalStrings, Self.equalStrings)
  }

  /// Word 0 of a method: what `callMethod` and `callBlock` call.
  static let methodEntry: UInt64 = {
    let enter: Evaluation.Entry = { RuntimeThread.owner($0).enter($2!, $1) }
    return unsafeBitCast(enter, to: UInt64.self)
  }()

  /// Header, counts and bytes, whose last word is filled up with zeros.
  private static let equalStrings: @convention(c) (UInt64, UInt64) -> UInt64 = { a, b in
    let (x, y) = (Words(bitPattern: UInt(a))!, Words(bitPattern: UInt(b))!)
    let words = 3 + (Int(x[1] >> 1) + 7) / 8
    return (1..<words).allSatisfy { x[$0] == y[$0] } ? 1 : 0
  }
}
