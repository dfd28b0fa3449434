import Foundation
import Ovid
import Synchronization
import Testing

@Suite(.serialized) struct VirtualMachineTests {
  private func machine(_ files: [String: String] = [:], options: Options = Options()) throws -> (
    vm: VirtualMachine, output: OutputCapture
  ) {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ovid-test-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, text) in files {
      try text.write(to: folder.appendingPathComponent("\(name).som"), atomically: true, encoding: .utf8)
    }
    let output = OutputCapture()
    return (
      try VirtualMachine(options: options, classPath: [folder.path], capabilities: .all, output: .captured(by: output)),
      output
    )
  }

  @Test func answersAreTyped() throws {
    let (vm, _) = try machine()
    #expect(try vm.evaluate("3 + 4").value == .integer(7))
    #expect(try vm.evaluate("4611686018427387904 * 2").value == .bigInteger("9223372036854775808"))
    #expect(try vm.evaluate("1.5 + 2").value == .double(3.5))
    #expect(try vm.evaluate("'a' + 'b'").value == .string("ab"))
    #expect(try vm.evaluate("#foo").value == .symbol("foo"))
    #expect(try vm.evaluate("3 < 4").value == .boolean(true))
    #expect(try vm.evaluate("nil").value == .nil)
    let object = try vm.evaluate("Object new")
    #expect(object.value == .object && object.className == "Object")
  }

  @Test func descriptionsAreTextsForProgrammers() throws {
    let (vm, _) = try machine([
      "ByAsString": "ByAsString = ( asString = ( ^'by asString' ) )",
      "ByPrintString": "ByPrintString = ( printString = ( ^'by printString' ) )",
      "ByPrintOn": "ByPrintOn = ( printOn: s = ( s << 'by printOn:' ) )",
    ])
    #expect(try vm.evaluate("#(1 'two')").description == "#(1 'two')")
    #expect(try vm.evaluate("Set new add: 1; add: 2; yourself").description == "a Set(1 2)")
    #expect(try vm.evaluate("'text'").description == "text")
    for name in ["ByAsString", "ByPrintString", "ByPrintOn"] {
      let text = "by " + name.dropFirst(2).prefix(1).lowercased() + name.dropFirst(3) + (name == "ByPrintOn" ? ":" : "")
      #expect(try vm.evaluate("\(name) new").description == text)
      #expect(try vm.evaluate("Array with: \(name) new").description == "#(\(text))")
    }
    // A person at a prompt is shown the beginning only, and does not wait for the rest.
    #expect(try vm.evaluate("Array new: 1000").description.count == 4002)
    guard case .value(let shown) = vm.evaluate("Array new: 1000000", in: vm.makeWorkspace()) else {
      Issue.record("no value")
      return
    }
    #expect(shown.description.count == 2003 && shown.description.hasSuffix(" ni..."))
  }

  /// A part of a line comes while the program computes on, on the machine's thread.
  @Test func outputDoesNotWait() throws {
    let (vm, output) = try machine(["Busy": "Busy = ( run = ( 'part' print. [ true ] whileTrue: [ ] ) )"])
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      _ = try? vm.run("Busy")
      done.signal()
    }
    let end = Date(timeIntervalSinceNow: 20)
    while output.out != "part", Date() < end { usleep(5000) }
    #expect(output.out == "part")
    vm.quit()
    done.wait()
  }

  /// What a program leaves behind does not run in the next request; the machine goes on, also after `exit:` elsewhere.
  @Test func processesEndWithTheProgram() throws {
    let (vm, output) = try machine([
      "Leaves": """
      Leaves = (
        run = (
          [ [ [ true ] whileTrue: [ Processor yield ] ] ensure: [ 'ensured' println ] ] fork.
          [ Semaphore new wait ] fork.
          [ (Delay forSeconds: 1000) wait ] fork.
          3 timesRepeat: [ Processor yield ].
          [ 'not begun' println ] forkAt: 1.
          Processor processes size println
        )
      )
      """
    ])
    for _ in 1...3 { #expect(try vm.run("Leaves") == 0) }
    #expect(output.out == "5\n5\n5\n")
    #expect(try vm.evaluate("Processor processes size").value == .integer(1))
    #expect(throws: VirtualMachineError.exit(status: 7)) {
      try vm.evaluate("[ Semaphore new wait ] fork. [ system exit: 7 ] fork. Semaphore new wait")
    }
    #expect(try vm.evaluate("Processor processes size").value == .integer(1))
  }

  /// Until `holds`, for half a minute at most.
  private func wait(until holds: () throws -> Bool) rethrows -> Bool {
    let end = Date(timeIntervalSinceNow: 30)
    while try !holds() {
      if Date() > end { return false }
      usleep(2000)
    }
    return true
  }

  /// What evaluations leave goes on while nothing else is asked of the machine, timers included, and answers at once.
  @Test func processesGoOnBetweenEvaluations() throws {
    let (vm, output) = try machine()
    #expect(
      try vm.evaluate("[ 'begins' println. (Delay forMilliseconds: 30) wait. 'woken' println ] fork. 0").value
        == .integer(0))
    #expect(wait { output.out == "begins\nwoken\n" })
    #expect(try vm.evaluate("Processor processes size").value == .integer(1))
    // Somebody waits for what comes later.
    _ = try vm.evaluate("system global: #queue put: SharedQueue new. [ (system global: #queue) next println ] fork")
    _ = try vm.evaluate("(system global: #queue) nextPut: 'given'")
    #expect(wait { output.out.hasSuffix("woken\ngiven\n") })
    // One that computes for ever is in nobody's way, nor is one that is more urgent and only sleeps.
    _ = try vm.evaluate(
      "system global: #n put: 0. [ [ true ] whileTrue: [ system global: #n put: (system global: #n) + 1 ] ] fork. "
        + "[ [ true ] whileTrue: [ (Delay forMilliseconds: 1) wait ] ] forkAt: 60")
    let first = try #require(try integer(vm, "system global: #n"))
    #expect(try wait { try integer(vm, "system global: #n")! > first })
    #expect(vm.accept(ChangeSet([.method("Object", "answer = ( ^42 )")])).succeeded)
    #expect(try vm.evaluate("nil answer").value == .integer(42))
    #expect(vm.statistics().processesStarted == 4)
    // An error ends its process only.
    _ = try vm.evaluate("[ nil foo ] fork")
    #expect(wait { output.error.contains("foo") })
    #expect(try vm.evaluate("Processor processes size").value == .integer(3))
    vm.quit()
    #expect(try wait { try integer(vm, "Processor processes size") == 1 })
    let last = try integer(vm, "system global: #n")
    #expect(try integer(vm, "system global: #n") == last)
  }

  private func integer(_ vm: VirtualMachine, _ text: String) throws -> Int? {
    if case .integer(let n) = try vm.evaluate(text).value { n } else { nil }
  }

  /// `quit` ends those that sleep, too, and only those that are there; `exit:` in one of them ends all.
  @Test func quitEndsProcessesThatSleep() throws {
    let (vm, output) = try machine()
    _ = try vm.evaluate(
      "[ [ (Delay forSeconds: 1000) wait ] ensure: [ 'never' println ] ] fork. [ Semaphore new wait ] fork")
    #expect(try vm.evaluate("Processor processes size").value == .integer(3))
    vm.quit()
    #expect(try wait { try integer(vm, "Processor processes size") == 1 })
    vm.quit()
    vm.interrupt()
    #expect(try vm.evaluate("3 + 4").value == .integer(7))
    _ = try vm.evaluate("[ Semaphore new wait ] fork. [ (Delay forMilliseconds: 5) wait. system exit: 3 ] fork")
    // An evaluation that is under way then ends, too.
    #expect(wait { (try? integer(vm, "Processor processes size")) == 1 })
    #expect(output.out == "")
  }

  /// An interrupt is for what runs: the process that does ends with a traceback, those that wait stay.
  @Test func interruptEndsTheProcessThatRuns() throws {
    let (vm, output) = try machine()
    _ = try vm.evaluate("[ Semaphore new wait ] fork. [ 'runs' println. [ true ] whileTrue: [ ] ] fork")
    #expect(wait { output.out == "runs\n" })
    vm.interrupt()
    #expect(try wait { try integer(vm, "Processor processes size") == 2 })
    #expect(output.error.contains("Interrupted"))
  }

  /// An evaluation goes on beside what an earlier one has left, and so does what it starts itself, however urgent that is.
  @Test(arguments: [1, 10]) func evaluationsAreNotStarved(_ timeSlice: Int) throws {
    var options = Options()
    options.timeSlice = timeSlice
    let (vm, _) = try machine(options: options)
    // It is not to begin before the evaluation that starts it has ended, which would never end then.
    _ = try vm.evaluate(
      "| s | system global: #start put: (s := Semaphore new). [ s wait. [ true ] whileTrue: [ ] ] forkAt: 60")
    _ = try vm.evaluate("(system global: #start) signal. Processor sleep: 30")
    #expect(try integer(vm, "(1 to: 20000) inject: 0 into: [ :a :b | a + b ]") == 200_010_000)
    #expect(try integer(vm, "([ Processor yield. 5 ] forkAt: 50) join") == 5)
    #expect(try integer(vm, "| s | s := Semaphore new. [ Processor sleep: 5. s signal ] forkAt: 45. s wait. 7") == 7)
    vm.quit()
  }

  /// A machine that nobody holds any more ends, whatever its processes do.
  @Test func aMachineIsReleasedWithItsProcesses() throws {
    final class Probe: Sendable {}
    weak var probe: Probe?
    func begin() throws {
      let (vm, output) = try machine()
      let held = Probe()
      probe = held
      vm.onEvent { _ in _ = held }
      _ = try vm.evaluate("[ 'runs' println. [ true ] whileTrue: [ ] ] fork. [ (Delay forSeconds: 1000) wait ] fork")
      #expect(wait { output.out == "runs\n" })
    }
    try begin()
    #expect(wait { probe == nil })
  }

  /// Where nobody can run, nothing is done: no thread of the machine uses processor time.
  @Test func waitingProcessesCostNothing() throws {
    let (vm, _) = try machine()
    _ = try vm.evaluate("1 to: 100 do: [ :i | [ (Delay forSeconds: 1000) wait ] fork. [ Semaphore new wait ] fork ]")
    #expect(try vm.evaluate("Processor processes size").value == .integer(201))
    // The machine's polls are counted. Looking at them makes some; a time slice would, every 10 ms.
    let before = vm.statistics().polls
    usleep(300_000)
    #expect(vm.statistics().polls - before < 10)
  }

  @Test func errorsAreTyped() throws {
    let (vm, output) = try machine()
    #expect(throws: VirtualMachineError.self) { try vm.evaluate("3 + ") }
    #expect(throws: VirtualMachineError.exit(status: 7)) { try vm.evaluate("system exit: 7") }
    let failure = programError { _ = try vm.evaluate("self error: 'broken'") }
    #expect(failure?.className == "Error" && failure?.message == "broken" && failure?.traceback.isEmpty == false)
    // What the program printed is the program's own.
    #expect(output.out + output.error == "")
    #expect(throws: VirtualMachineError.self) { try vm.load("NoSuchClass") }
    // The machine goes on.
    #expect(try vm.evaluate("1 + 1").description == "2")
  }

  @Test func runsProgramsWithArguments() throws {
    let (vm, output) = try machine([
      "Args": "Args = ( run = ( 'none' println ) run: args = ( args do: [ :a | a println ] ) )",
      "Status": "Status = ( run = ( system exit: 42 ) )",
      "Answer": "Answer = ( run = ( ^99 ) )",
    ])
    #expect(try vm.run("Args") == 0)
    #expect(output.out == "none\n")
    output.clear()
    #expect(try vm.run("Args", arguments: ["x", "--jit=off"]) == 0)
    #expect(output.out == "Args\nx\n--jit=off\n")
    #expect(try vm.run("Status") == 42)
    #expect(try vm.run("Answer") == 0)
  }

  @Test func acceptsFromAnotherThreadWhileAProgramRuns() throws {
    let (vm, output) = try machine([
      "Loop": """
      Loop = (
        | n |
        run = ( n := 0. [ self goOn ] whileTrue: [ n := n + self step ]. 'ended' println )
        goOn = ( ^true )
        step = ( ^1 )
      )
      """
    ])
    let ended = DispatchSemaphore(value: 0)
    let runner = Thread {
      _ = try? vm.run("Loop")
      ended.signal()
    }
    runner.start()
    // Waits until the class is there.
    let deadline = Date(timeIntervalSinceNow: 20)
    while vm.source(of: MethodKey(className: "Loop", selector: "step")) == nil && Date() < deadline {}
    let receipt = vm.accept("step = ( ^2 )", in: "Loop")
    #expect(receipt.succeeded)
    #expect(receipt.methods.map(\.before) == [1] && receipt.methods.map(\.after) == [2])
    #expect(vm.source(of: MethodKey(className: "Loop", selector: "step")) == "step = ( ^2 )")
    let refused = vm.accept("step = ( ^ ", in: "Loop")
    #expect(!refused.succeeded && refused.errors[0].line == 1)
    vm.accept("goOn = ( ^false )", in: "Loop")
    #expect(ended.wait(timeout: .now() + 20) == .success)
    #expect(output.out == "ended\n")
  }

  @Test func quitEndsARunningLoop() throws {
    let (vm, output) = try machine(["Forever": "Forever = ( run = ( 'on' println. [ true ] whileTrue: [ 1 + 1 ] ) )"])
    let status = Mutex<Int?>(nil)
    let ended = DispatchSemaphore(value: 0)
    Thread {
      let result = try? vm.run("Forever")
      status.withLock { $0 = result }
      ended.signal()
    }.start()
    let deadline = Date(timeIntervalSinceNow: 20)
    while !output.out.contains("on") && Date() < deadline { usleep(1000) }
    vm.quit(status: 5)
    #expect(ended.wait(timeout: .now() + 20) == .success)
    #expect(status.withLock { $0 } == 5)
  }

  @Test func anIdleMachineHasNothingToEnd() throws {
    let (vm, output) = try machine(["Count": "Count = ( run = ( 1 to: 100000 do: [ :i | i * i ]. 'done' println ) )"])
    for _ in 1...3 {
      vm.quit(status: 5)
      vm.interrupt()
      #expect(try vm.run("Count") == 0)
      vm.quit(status: 6)
      vm.interrupt()
      Thread.sleep(forTimeInterval: 0.01)
      #expect(try vm.evaluate("(1 to: 100000) inject: 0 into: [ :a :b | b ]").value == .integer(100000))
    }
    #expect(output.out == "done\ndone\ndone\n" && output.error == "")
  }

  @Test(arguments: ["--jit=off", "--compile-now", "--jit=on"]) func interruptReachesWhateverRuns(_ flag: String) throws
  {
    var options = Options()
    _ = try options.parse([flag])
    let (vm, output) = try machine(
      ["Forever": "Forever = ( run = ( 'on' println. [ true ] whileTrue: [ 1 + 1 ] ) )"], options: options)
    let isCompiled = if case .found = CompilerSupport.probe() { flag != "--jit=off" } else { false }
    func interrupted(_ body: @escaping @Sendable () throws -> Int) -> Result<Int, any Error>? {
      let result = Mutex<Result<Int, any Error>?>(nil)
      let ended = DispatchSemaphore(value: 0)
      output.clear()
      let before = vm.statistics().osrEntries
      Thread {
        let answer = Result { try body() }
        result.withLock { $0 = answer }
        ended.signal()
      }.start()
      let deadline = Date(timeIntervalSinceNow: 20)
      while !output.out.contains("on") && Date() < deadline { usleep(1000) }
      // Where there is a compiler, the loop is in compiled code.
      while isCompiled && vm.statistics().osrEntries == before && Date() < deadline { usleep(1000) }
      #expect(!isCompiled || vm.statistics().osrEntries > before)
      vm.interrupt()
      return ended.wait(timeout: .now() + 20) == .success ? result.withLock { $0 } : nil
    }
    #expect(try interrupted { try vm.run("Forever") }?.get() == 1)
    #expect(output.error.contains("Forever>>run") && output.error.hasSuffix("Interrupted.\n"))
    let answer = interrupted {
      _ = try vm.evaluate("'on' println. [ true ] whileTrue: [ 2 + 2 ]")
      return 0
    }
    #expect(throws: VirtualMachineError.interrupted) { try answer?.get() }
    #expect(try vm.evaluate("6 * 7").value == .integer(42))
  }

  /// From an output sink and from an event handler, while a program runs and while none does.
  @Test func callsFromWithinAreErrors() throws {
    final class Calls: Sendable {
      let vm = Mutex<VirtualMachine?>(nil)
      let answers = Mutex<[String]>([])

      func make() {
        guard let vm = vm.withLock({ $0 }) else { return }
        var found: [String] = []
        func note(_ body: () throws(VirtualMachineError) -> Void) {
          do throws(VirtualMachineError) {
            try body()
            found.append("done")
          } catch { if case .calledFromWithin(let operation) = error { found.append(operation) } }
        }
        let key = MethodKey(className: "Main", selector: "run")
        note { () throws(VirtualMachineError) in _ = try vm.evaluate("1000000 factorial") }
        note { () throws(VirtualMachineError) in _ = try vm.run("Main") }
        note { () throws(VirtualMachineError) in try vm.load("Other") }
        note { () throws(VirtualMachineError) in _ = try vm.disassemble(key) }
        note { () throws(VirtualMachineError) in _ = try vm.replay(changeLog: "/dev/null") }
        let receipts = [
          vm.accept("other = ( ^2 )", in: "Main"), vm.removeMethod(key), vm.revert(key, toVersion: 1),
          vm.undo(), vm.redo(),
        ]
        for receipt in receipts {
          found.append(receipt.errors.first?.message.contains("from another thread") == true ? "refused" : "accepted")
        }
        if case .refused = vm.evaluate("1 + 1", in: vm.makeWorkspace()) { found.append("refused") }
        // What only looks may do so.
        found.append(vm.source(of: key) == nil ? "no source" : "source")
        answers.withLock { $0.append(found.joined(separator: " ")) }
      }
    }
    let calls = Calls()
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ovid-test-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try "Main = ( run = ( 1 to: 3 do: [ :i | i println. self other ]. ^self ) other = ( ^1 ) )"
      .write(to: folder.appendingPathComponent("Main.som"), atomically: true, encoding: .utf8)
    let vm = try VirtualMachine(
      classPath: [folder.path], capabilities: .all,
      output: .redirected(out: { _ in calls.make() }, error: { _ in calls.make() }))
    vm.onEvent { _ in calls.make() }
    calls.vm.withLock { $0 = vm }
    let expected = "evaluate run load disassemble replay refused refused refused refused refused refused source"
    #expect(try vm.run("Main") == 0)
    #expect(calls.answers.withLock { $0 } == [expected, expected, expected])
    #expect(vm.accept("other = ( ^2 )", in: "Main").succeeded)
    let answers = calls.answers.withLock { $0 }
    #expect(answers.count > 3 && Set(answers) == [expected])
    #expect(try vm.evaluate("6 * 7").value == .integer(42))
    calls.vm.withLock { $0 = nil }
  }

  @Test func removedAndRevertedMethods() throws {
    let (vm, _) = try machine(["Thing": "Thing = ( name = ( ^'one' ) )"])
    let key = MethodKey(className: "Thing", selector: "name")
    try vm.load("Thing")
    vm.accept("name = ( ^'two' )", in: "Thing")
    #expect(try vm.evaluate("Thing new name").value == .string("two"))
    #expect(vm.revert(key, toVersion: 1).succeeded)
    #expect(try vm.evaluate("Thing new name").value == .string("one"))
    #expect(vm.removeMethod(key).succeeded)
    #expect(vm.source(of: key) == nil)
    #expect(try vm.evaluate("Thing new respondsTo: #name").value == .boolean(false))
  }

  @Test func removedAndRenamedClasses() throws {
    let (vm, _) = try machine(["Thing": "Thing = ( | a | a = ( ^a ) a: x = ( a := x ) twin = ( ^Thing ) )"])
    try vm.load("Thing")
    _ = try vm.evaluate("system global: #it put: (Thing new a: 3)")
    let renamed = vm.renameClass("Thing", to: "Item")
    #expect(renamed.succeeded && renamed.mentions.map(\.method.selector) == ["twin"], "\(renamed)")
    #expect(vm.classReport("Thing") == nil && vm.classReport("Item")?.fields == ["a"])
    let text = try #require(vm.text(ofClass: "Item"))
    let removed = vm.removeClass("Item")
    #expect(removed.removed.first?.instances == 1, "\(removed)")
    #expect(vm.text(ofClass: "Item") == nil && !vm.classNames().contains("Item"))
    #expect(try vm.evaluate("it a").value == .integer(3))
    let refused = vm.accept("b = ( ^1 )", in: "Item")
    #expect(refused.errors.first?.code == .noSuchClass, "\(refused)")
    let back = vm.accept(ChangeSet([.classSource(text, file: nil)]))
    #expect(back.restored == ["Item"], "\(back)")
    #expect(try vm.evaluate("it class == Item").value == .boolean(true))
    let builtIn = vm.removeClass("Set").errors.first
    #expect(builtIn?.code == .builtIn && builtIn?.remedy != nil && builtIn?.name == "Set")
    // A receipt is a value that can be sent.
    let sent = try JSONDecoder().decode(Receipt.self, from: JSONEncoder().encode(removed))
    #expect(sent.removed == removed.removed)
    let change = Change.renameClass("A", to: "B")
    #expect(try JSONDecoder().decode(Change.self, from: JSONEncoder().encode(change)) == change)
  }

  @Test func history() throws {
    let (vm, _) = try machine(["Thing": "Thing = ( | a | name = ( ^'one' ) )"])
    let key = MethodKey(className: "Thing", selector: "name")
    try vm.load("Thing")
    let text = "Thing = ( | a b | name = ( b := 'two'. ^b ) more = ( ^b ) )"
    let done = vm.accept(ChangeSet([.classSource(text, file: nil)], author: "me"))
    #expect(done.succeeded)
    let undone = vm.undo()
    #expect(undone.succeeded && undone.author == "undo")
    #expect(vm.classReport("Thing")?.fields == ["a"] && vm.classReport("Thing")?.selectors == ["name"])
    #expect(try vm.evaluate("Thing new name").value == .string("one"))
    #expect(vm.history().map(\.id) == [done.id, undone.id])
    #expect(vm.historyEntry(done.id)?.state == .takenBack)
    // What was written into the file, too, is part of the receipt.
    #expect(vm.historyEntry(done.id)?.receipt?.files?.count == 1)
    #expect(vm.redo(done.id, author: "you").author == "you")
    #expect(try vm.evaluate("Thing new name").value == .string("two"))
    #expect(vm.versions(of: key).map(\.version) == [1, 2, 3, 4])
    let difference = vm.difference(of: key, .version(1), .after(entry: done.id))
    #expect(difference?.description == "- name = ( ^'one' )\n+ name = ( b := 'two'. ^b )")
    #expect(vm.difference(of: key, .version(1), .version(9)) == nil)
    #expect(vm.revert(key, to: .before(entry: done.id)).succeeded)
    #expect(try vm.evaluate("Thing new name").value == .string("one"))
    #expect(vm.undo(method: key).succeeded)
    #expect(vm.undo(99).errors.first?.code == .notKept)
    #expect(vm.oldActivations().isEmpty)
  }

  /// Its version is the function, not a text, which says no more than `primitive`.
  @Test func aPrimitiveThatWasMovedUnderASelectorComesBack() throws {
    let (vm, _) = try machine([:])
    let key = MethodKey(className: "Integer", selector: "min:")
    _ = try vm.evaluate(
      """
      | find |
      find := [ :selector |
        (1 to: Integer methods length) detect: [ :i | (Integer methods at: i) signature = selector ] ifNone: [ nil ] ].
      Integer methods at: (find value: #min:) put: (Integer methods at: (find value: #+))
      """)
    #expect(vm.version(of: key) == 2)
    #expect(vm.accept("min: other = ( ^0 )", in: "Integer").succeeded)
    #expect(try vm.evaluate("3 min: 4").value == .integer(0))
    let receipt = vm.revert(key, toVersion: 2)
    #expect(receipt.author == "undo")
    #expect(receipt.methods.map { [$0.before, $0.after] } == [[3, 4]], "\(receipt)")
    #expect(try vm.evaluate("3 min: 4").value == .integer(7))
    #expect(vm.tier(of: key)?.tier == .primitive)
    #expect(vm.source(of: key) == vm.source(of: key, version: 2))
    #expect(vm.source(of: key, version: 3) == "min: other = ( ^0 )")
    // And the machine's own, which the class begins with.
    #expect(vm.revert(key, toVersion: 1).succeeded)
    #expect(try vm.evaluate("3 min: 4").value == .integer(3))
  }

  @Test func disassemblyHasEveryStageThereIs() throws {
    let (vm, _) = try machine([
      "Sum": "Sum = ( to: n = ( | s | s := 0. 1 to: n do: [ :i | s := s + i ]. ^s ) )"
    ])
    try vm.load("Sum")
    let d = try vm.disassemble(MethodKey(className: "Sum", selector: "to:"))
    #expect(d.source?.contains("1 to: n do:") == true)
    #expect(d.bytecode?.isEmpty == false)
    if case .found = CompilerSupport.probe() {
      #expect(d.ir?.isEmpty == false && d.assembly?.contains("ret") == true)
      let phases = d.times?.split(separator: "\n").compactMap { $0.split(separator: " ").first } ?? []
      #expect(phases.first == "build" && phases.suffix(3) == ["lowering", "GCC", "assembler"])
      #expect(phases.contains("valueNumbering"))
    } else {
      #expect(d.note != nil)
    }
    #expect(throws: VirtualMachineError.self) {
      try vm.disassemble(MethodKey(className: "Sum", selector: "no"))
    }
  }

  @Test func machinesDoNotMeet() throws {
    let (one, _) = try machine(["Thing": "Thing = ( name = ( ^'one' ) )"])
    let (two, _) = try machine(["Thing": "Thing = ( name = ( ^'two' ) )"])
    try one.load("Thing")
    try two.load("Thing")
    one.accept("name = ( ^'edited' )", in: "Thing")
    #expect(try one.evaluate("Thing new name").value == .string("edited"))
    #expect(try two.evaluate("Thing new name").value == .string("two"))
  }
}
