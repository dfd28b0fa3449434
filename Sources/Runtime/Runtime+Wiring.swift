// Who does what the virtual machine and compiled code ask of the runtime.

import IR
import MachineLayout
import VM

extension Runtime {
  /// What the virtual machine asks.
  func connectHooks() {
    // Frames of compiled code.
    universe.hooks.wordsInUse = { [unowned self] in installed.wordsInUse($0) }
    universe.hooks.liveSlots = { [unowned self] in installed.liveSlots($0) }
    universe.hooks.activations = { [unowned self] frame in
      installed.code(frame)?.activations(frame, methods: universe.methods) ?? []
    }
    universe.hooks.unallocatedBlocks = { [unowned self] frame in
      installed.code(frame)?.unallocatedBlocks(frame) ?? []
    }
    universe.hooks.argument = { [unowned self] frame, number, register in
      installed.code(frame)?.argument(register, of: number, frame) ?? .value(.nil)
    }
    universe.hooks.nativeStackChanged = { [unowned self] in deoptimizer.begin($0) }
    universe.hooks.resumed = { [unowned self] in
      tiering.resume()
      settling.resume()
    }
    universe.hooks.restart = { [unowned self] in deoptimizer.restart($0) }
    universe.hooks.extraRoots.append { [unowned self] in installed.visitRoots($0) }
    // What edits leave behind.
    universe.hooks.methodsInFrame = { [unowned self] in installed.methods(inFrame: $0) }
    universe.hooks.methodsInCode = { [unowned self] in installed.methods(inCodeOf: $0) }
    universe.hooks.classesInCode = { [unowned self] in installed.classesInRetiredCode }
    universe.hooks.reclaimed.append { [unowned self] in
      installed.forget($0)
      tiering.forget($0)
      effectWatch.forget($0)
      program.forget($0)
    }
    accepts.debugger = debugger
    accepts.policies = Policies(universe, debugger)
    debugger.probation = makeProbation()
    // What the program does.
    universe.hooks.changed.append { [unowned self] in programEdits.changed($0) }
    universe.hooks.edit = { [unowned self] in programEdits.make($0, policy: $1, $2) }
    universe.hooks.totalCompilationTime = { [unowned self] in counters.figures.compilingMicroseconds / 1000 }
    universe.hooks.poll = { [unowned self] in poll($0) }
    universe.output.requestFlush = { [weak self] in
      self?.isFlushDue.set(true)
      self?.interrupt()
      self?.vmThread.wake()
    }
  }

  /// What the machine's thread tells.
  func connectThread() {
    vmThread.began = { [unowned self] in deoptimizer.begin(NativeStack()) }
    // After a job: whoever waited for that may have let go of this machine already.
    vmThread.idle = { [weak self] in _ = self.map { $0.poll($0.universe.bottomFrame, isIdle: true) } }
    vmThread.resumes = { [unowned self] in
      leftProcesses.begin()
      universe.resumeProcesses()
      tiering.resume()
      settling.resume()
    }
    vmThread.ends = { [unowned self] in
      leftProcesses.note()
      settling.poll(universe.bottomFrame, isIdle: true)
    }
    // They run as long as somebody holds this machine, and until this returns.
    vmThread.background = { [weak self] in
      self.flatMap { runtime in
        withExtendedLifetime(runtime) {
          runtime.settling.resume()
          defer { runtime.settling.poll(runtime.universe.bottomFrame, isIdle: true) }
          return runtime.leftProcesses.run()
        }
      }
    }
    vmThread.wants = { [weak self] isWanted in
      guard let universe = self?.universe else { return }
      universe.wantMainProcess(isWanted)
      if isWanted { universe.requestPoll() }
    }
  }

  /// Puts this runtime's functions into the thread's table; the rest is the VM's own.
  func connectFunctions() {
    typealias Deoptimize = @convention(c) (Words, Words, Int) -> UInt64
    typealias HotEntry = @convention(c) (Words, UnsafeMutableRawPointer) -> Void
    typealias HotLoop = @convention(c) (Words, Words, UnsafeMutableRawPointer, Int) -> UInt64
    let deoptimize: Deoptimize = { thread, frame, index in
      let deoptimizer = Runtime.of(thread).deoptimizer
      return index & CodeMetadata.unwinding == 0
        ? deoptimizer.deoptimize(frame, index) : deoptimizer.unwind(frame, index & ~CodeMetadata.unwinding)
    }
    let hotEntry: HotEntry = { Runtime.of($0).tiering.hotEntry(Method($1)) }
    let hotLoop: HotLoop = { Runtime.of($0).tiering.hotLoop($1, Method($2), $3) }
    let thread = universe.thread
    thread[.runtime] = UInt64(UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque()))
    thread[.deoptimize] = UInt64(UInt(bitPattern: unsafeBitCast(deoptimize, to: UnsafeRawPointer.self)))
    thread[.hotEntry] = UInt64(UInt(bitPattern: unsafeBitCast(hotEntry, to: UnsafeRawPointer.self)))
    thread[.hotLoop] = UInt64(UInt(bitPattern: unsafeBitCast(hotLoop, to: UnsafeRawPointer.self)))
  }
}

extension Runtime {
  /// The runtime whose thread words these are.
  static func of(_ thread: Words) -> Runtime {
    let raw = UnsafeRawPointer(bitPattern: UInt(thread[Thread.Slot.runtime.rawValue])).unsafelyUnwrapped
    return Unmanaged<Runtime>.fromOpaque(raw).takeUnretainedValue()
  }
}
