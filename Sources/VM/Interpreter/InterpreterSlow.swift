// The interpreter's slow paths: everything that needs the universe. Free functions, so that the interpreter's loop
// holds no reference to a class instance.

import Bytecode
import MachineLayout

private typealias M = Method.Slot

@inline(never)
func rememberSlow(_ thread: Words, _ object: Words) { Universe.of(thread).heap.remember(object) }

// MARK: Sends

/// The target of a site whose first cache entry missed, for class index `index`.
@inline(never)
func siteLookup(_ thread: Words, _ site: Words, _ index: UInt64) -> UInt64 {
  var k = SendSiteLayout.entries
  while k < SendSiteLayout.words {
    let entry = site[k]
    if entry & 0xFFFF_FFFF == index {
      site[k] = entry &+ (1 &<< 32)
      return site[k &+ 1]
    }
    if entry == 0 { break }
    k &+= 2
  }
  let selector = Int(site[0] &>> 16)
  if site[1] & SiteFlags.megamorphic != 0 {
    let table = words(thread[Thread.Slot.lookupCache.rawValue])
    let p = table + MethodLookup.slot(Int(index), selector) &* 2
    if p[0] == MethodLookup.key(Int(index), selector) { return p[1] }
  }
  let universe = Universe.of(thread)
  let method = universe.lookup.target(Int(index), selector)
  if k == SendSiteLayout.entries { universe.lookup.noteFilled(site) }
  if k < SendSiteLayout.words {
    site[k &+ 1] = bits(method.words)
    site[k] = index | 1 << 32
  } else {
    site[1] |= SiteFlags.megamorphic
  }
  return bits(method.words)
}

/// The target of a super send in a method of class `holder`: cached under the holder's index.
@inline(never)
func superLookup(_ thread: Words, _ site: Words, _ holder: UInt64) -> UInt64 {
  let universe = Universe.of(thread)
  let selector = Int(site[0] >> 16)
  let above = universe.classes[Int(holder)].superIndex
  let method = above == 0 ? universe.lookup.stub(selector) : universe.lookup.target(above, selector)
  if site[2] == 0 { universe.lookup.noteFilled(site) }
  site[3] = bits(method.words)
  site[2] = holder | 1 << 32
  return site[3]
}

/// Writes the operands of an operator's slow path where its send has them; answers the callee's header.
@inline(never)
func operatorCallee(_ h: Words, _ method: Words, _ pc: Int, _ x: UInt64, _ y: UInt64) -> Words {
  h[2] = UInt64(UInt(bitPattern: pc))
  let depth = UnsafePointer<UInt16>(bitPattern: UInt(method[M.depth.rawValue])).unsafelyUnwrapped
  let base = h + Int(depth[pc])
  base[0] = x
  base[1] = y
  return base + 2
}

/// The target of an operator's slow path; notes what it saw.
@inline(never)
func operatorLookup(
  _ thread: Words, _ h: Words, _ method: Words, _ pc: Int, _ x: UInt64, _ y: UInt64
) -> UInt64 {
  let siteAtPC = UnsafePointer<UInt16>(bitPattern: UInt(method[M.siteAtPC.rawValue])).unsafelyUnwrapped
  let site = words(method[M.sites.rawValue]) + Int(siteAtPC[pc]) &* SendSiteLayout.words
  let cx = Value(bits: x).classIndex
  let cy = Value(bits: y).classIndex
  if max(cx, cy) == WellKnownClass.double.rawValue { site[1] |= SiteFlags.sawDouble }
  return siteLookup(thread, site, UInt64(cx))
}

/// The core library names a class of its own, which is loaded now if it was not. True: the global can be read.
@inline(never)
func loadLibraryGlobal(_ thread: Words, _ method: Words, _ index: Int) -> Bool {
  let universe = Universe.of(thread)
  return universe.library.loadGlobal(universe.methods[Method(method)].globalCells[index])
}

/// Builds `self unknownGlobal: #Name` above the registers of `h`. The answered frame has its target in word 1.
@inline(never)
func unknownGlobal(_ thread: Words, _ h: Words, _ method: Words, _ index: Int) -> Words {
  let universe = Universe.of(thread)
  let info = universe.methods[Method(method)]
  let name = universe.globals.name(info.globalCells[index])
  let receiver = selfOf(h, method)
  let symbol = universe.symbol(name)
  return build(universe, h, method, receiver, symbol, universe.selectors.unknownGlobal)
}

/// Builds `escapedBlock: block`, sent to the `self` of the method that evaluated the block.
@inline(never)
func escapedBlock(_ thread: Words, _ h: Words, _ method: Words) -> Words {
  let universe = Universe.of(thread)
  let (block, evaluator) = universe.escape(from: h)
  return build(universe, h, method, evaluator, block, universe.selectors.escapedBlock)
}

/// The activation that ends with the answer of `escapedBlock:`, if it is another one than that of `h`; else 0.
@inline(never)
func placeAroundEscaped(_ thread: Words, _ h: Words) -> UInt64 {
  guard let place = Universe.of(thread).activationAround(h) else { return 0 }
  return ActivationToken.make(place.frame, place.number)
}

private func build(
  _ universe: Universe, _ h: Words, _ method: Words, _ receiver: Value, _ argument: Value, _ selector: Int
) -> Words {
  let callee = operatorCallee(h, method, Int(h[2]), receiver.bits, argument.bits)
  let target = universe.lookup.target(receiver.classIndex, selector)
  callee[1] = bits(target.words)
  return callee
}

/// `self` in an interpreted frame: of a block, the one it closed over.
@inline(__always)
func selfOf(_ h: Words, _ method: Words) -> Value {
  let receiver = h[-(Method(method).argumentCount + 1)]
  return Value(bits: method[M.isBlock.rawValue] == 0 ? receiver : words(receiver)[1 + BlockLayout.receiver])
}

// MARK: Allocation

@inline(never)
func newEnvironmentSlow(_ thread: Words, _ h: Words, _ outer: Int, _ count: Int) -> UInt64 {
  let word = ClassWord(index: WellKnownClass.environment.rawValue, format: .indexable)
  guard let p = Universe.of(thread).heap.allocate(word, bodyWords: count + 3, fill: .nil, frame: h) else { return 0 }
  p[0] = Value(integer: count + 2)
  p[EnvironmentLayout.outer] = outer == 0 ? .nil : Value(bits: h[outer])
  p[EnvironmentLayout.home] = Value(bits: thread[Thread.Slot.processMark.rawValue])
  return Value(p).bits
}

@inline(never)
func newBlockSlow(_ thread: Words, _ h: Words, _ method: Words, _ block: Words, _ environment: Int) -> UInt64 {
  let index = WellKnownClass.block1.rawValue + Method(block).argumentCount
  guard
    let p = Universe.of(thread).heap.allocate(
      ClassWord(index: index, format: .fields), bodyWords: BlockLayout.size, frame: h)
  else { return 0 }
  p[BlockLayout.method] = Value(rawAddress: UnsafeMutableRawPointer(block))
  p[BlockLayout.receiver] = selfOf(h, method)
  p[BlockLayout.environment] = environment == 0 ? .nil : Value(bits: h[environment])
  return Value(p).bits
}

// MARK: Entry, loops, polls

/// When a frame does not fit, a poll is due, or a counter ran out: 0 unwind, 1 go on, 2 look at the method again.
@inline(never)
func enterSlow(_ thread: Words, _ callee: Words, _ method: Words) -> UInt64 {
  let universe = Universe.of(thread)
  if thread[Thread.Slot.limit.rawValue] == 0 && !universe.handlePoll(callee) { return 0 }
  // Not `limit`: it may have been set to 0 again.
  if bits(callee) + method[M.frameBytes.rawValue] > thread[Thread.Slot.stackLimit.rawValue] {
    universe.raiseStackOverflow(callee)
    return 0
  }
  if Int64(bitPattern: method[M.counter.rawValue]) <= 0 { universe.hotEntry(Method(method)) }
  return method[M.kind.rawValue] == 0 ? 1 : 2
}

/// 0 unwind, 1 go on. (Compiled code needs to know more: `loopPoll` in RuntimeFunctions.swift.)
@inline(never)
func loopPollSlow(_ thread: Words, _ h: Words) -> UInt64 { Universe.of(thread).handlePoll(h) ? 1 : 0 }

/// The address of code that takes the frame over at the loop header `pc`, or 0.
@inline(never)
func hotLoopSlow(_ thread: Words, _ h: Words, _ method: Words, _ pc: Int) -> UInt64 {
  let hook = thread[Thread.Slot.hotLoop.rawValue]
  if hook == 0 {
    method[M.counter.rawValue] = UInt64(Int64.max)
    return 0
  }
  typealias Function = @convention(c) (Words, Words, UnsafeMutableRawPointer, Int) -> UInt64
  let entry = unsafeBitCast(UInt(hook), to: Function.self)(thread, h, UnsafeMutableRawPointer(method), pc)
  if Int64(bitPattern: method[M.counter.rawValue]) <= 0 {
    method[M.counter.rawValue] = UInt64(max(1, Universe.of(thread).options.compileThreshold))
  }
  return entry
}

/// Frame `h` has come to a breakpoint. The bits of the instruction that it stands over; 0: unwind.
@inline(never)
func breakpointSlow(_ thread: Words, _ h: Words) -> UInt64 {
  let universe = Universe.of(thread)
  let handles = universe.handles
  let mark = handles.count
  defer { handles.pop(to: mark) }
  let method = Frame(h).method, pc = Frame(h).pc
  // What is to be sent is not among the frame's registers at that place, but will be the callee's.
  let operands = universe.methods[method].operandsOfSend(at: pc)
  for register in operands { handles.push(Value(bits: h[register])) }
  guard universe.hooks.reachedBreakpoint?(h) ?? true else { return 0 }
  if Frame(h).method == method, Frame(h).pc == pc {
    for (i, register) in operands.enumerated() { h[register] = handles[mark + i].bits }
  }
  return universe.methods[Frame(h).method].instruction(at: Frame(h).pc).bits
}

extension Universe {
  /// Calls the runtime's hook for a method whose counter ran out, and starts the counter again.
  func hotEntry(_ method: Method) {
    let hook = thread[.hotEntry]
    if hook == 0 {
      method[.counter] = UInt64(Int64.max)
      return
    }
    typealias Function = @convention(c) (Words, UnsafeMutableRawPointer) -> Void
    unsafeBitCast(UInt(hook), to: Function.self)(thread.words, UnsafeMutableRawPointer(method.words))
    if Int64(bitPattern: method[.counter]) <= 0 { method[.counter] = UInt64(max(1, options.compileThreshold)) }
  }

  /// Does what was asked for with `requestPoll`. False: unwind.
  func handlePoll(_ frame: Words) -> Bool {
    handlePollAlone(frame) && (scheduler.isAlone || scheduler.poll(frame))
  }
  /// The same, but the process that runs stays.
  func handlePollAlone(_ frame: Words) -> Bool {
    thread[.poll] = 0
    thread[.limit] = thread[.stackLimit]
    return hooks.poll?(frame) ?? true
  }

  /// Makes the VM thread call `hooks.poll` at its next safepoint. Any thread.
  public func requestPoll() {
    thread.requestPoll()
    scheduler.wake()
  }
  /// The same for those who do not keep the machine.
  public var pollRequests: PollRequests { PollRequests(memory: threadMemory, clock: scheduler.clock) }

  func raiseStackOverflow(_ frame: Words) { raiseUnresumable(.stackOverflow, frame) }
}

/// Makes a program poll, or does nothing if its machine has gone. Any thread. (A weak reference to the machine would do that, too;
/// but where there was one, each retain takes several times as long, as long as the object lives.)
public struct PollRequests: Sendable {
  fileprivate let memory: ThreadMemory
  fileprivate let clock: ProcessClock

  public func request() {
    memory.thread.requestPoll()
    clock.wake()
  }
}

/// Prepares frame `h` to run again from its first instruction.
@inline(never)
func restartFrame(_ thread: Words, _ h: Words, _ method: Words) {
  let home = Int(method[M.homeRegister.rawValue])
  if home != 0, h[home] & 7 == 0, h[home] != 0 {
    words(h[home])[1 + EnvironmentLayout.home] = Value.nil.bits
  }
  for i in 0..<Int(method[M.localCount.rawValue]) { h[Frame.headerWords + i] = Value.nil.bits }
}
