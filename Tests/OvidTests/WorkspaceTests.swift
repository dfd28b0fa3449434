// Inputs that share variables, as at a prompt.

import Foundation
import Ovid
import Synchronization
import Testing

@Suite(.serialized) struct WorkspaceTests {
  private let output = OutputCapture()

  private func machine(_ flags: [String] = []) throws -> VirtualMachine {
    var options = Options()
    _ = try options.parse(flags)
    return try VirtualMachine(options: options, capabilities: .all, output: .captured(by: output))
  }

  private let hasCompiler = if case .found = CompilerSupport.probe() { true } else { false }

  /// The value's text, or what else became of the input.
  private func text(_ answer: WorkspaceAnswer) -> String {
    switch answer {
    case .nothing: "nothing"
    case .value(let result): result.description
    case .accepted(let receipt): receipt.succeeded ? "accepted" : "not accepted"
    case .incomplete: "incomplete"
    case .refused(let errors): "refused: \(errors[0])"
    case .failed: "failed"
    case .interrupted: "interrupted"
    case .exit(let status): "exit \(status)"
    }
  }

  @Test(arguments: [["--jit=off"], ["--compile-now"], ["--compile-now", "--gc-every=20", "--deopt-every=7"]])
  func variablesPersist(_ flags: [String]) throws {
    let vm = try machine(flags)
    let workspace = vm.makeWorkspace()
    func run(_ input: String) -> String { text(vm.evaluate(input, in: workspace)) }
    #expect(run("x := 3 + 4") == "7")
    #expect(run("x * 2") == "14")
    #expect(run("y := z := x + 1. z") == "8")
    #expect(run("counter := [ x := x + 1 ]. counter value. counter value") == "9")
    #expect(run("x") == "9")
    #expect(run("n := 0. 1 to: 3000 do: [ :i | n := n + i ]. n") == "4501500")
    #expect(run("[ n > 10 ] whileTrue: [ n := n - 10 ]. n") == "10")
    #expect(run("| x | x := 'local'. x") == "local")
    #expect(run("x") == "9")
    #expect(run("a := Array new: 3. a at: 1 put: a. (a at: 1) == a") == "true")
    #expect(run("system fullGC. (a at: 1) == a") == "true")
    #expect(vm.variables(of: workspace) == ["x", "y", "z", "counter", "n", "a"])
    #expect(vm.className(ofVariable: "a", in: workspace) == "Array")
    // Another workspace knows nothing of them.
    let other = vm.makeWorkspace()
    #expect(text(vm.evaluate("x := 'other'", in: other)) == "other")
    #expect(run("x") == "9")
    let counts = vm.statistics()
    func has(_ flag: String) -> Bool { hasCompiler && flags.contains(flag) }
    #expect(has("--compile-now") == (counts.osrEntries > 0), "\(counts)")
    #expect(has("--deopt-every=7") == (counts.deoptimizations["stress"] != nil), "\(counts)")
  }

  @Test func blocksOutliveRedefinedOperators() throws {
    let vm = try machine()
    let workspace = vm.makeWorkspace()
    func run(_ input: String) -> String { text(vm.evaluate(input, in: workspace)) }
    #expect(run("w := 0. step := [ w := w + 1. later isNil ifTrue: [ w ] ifFalse: [ later ] ]") != "failed")
    #expect(run("later := 5. w") == "0")
    #expect(vm.accept("+ x = ( ^40 )", in: "Integer").succeeded)
    #expect(run("w := w + 1. w") == "40")
  }

  @Test func selfIsNilAndThereIsNoSuper() throws {
    let vm = try machine()
    let workspace = vm.makeWorkspace()
    #expect(text(vm.evaluate("self", in: workspace)) == "nil")
    #expect(text(vm.evaluate("[ self ] value isNil", in: workspace)) == "true")
    #expect(text(vm.evaluate("super foo", in: workspace)).hasPrefix("refused: 1:1: there is no super"))
    #expect(text(vm.evaluate("self := 3", in: workspace)).hasPrefix("refused"))
  }

  @Test func globalsAndClassesAreNoVariables() throws {
    let vm = try machine()
    let workspace = vm.makeWorkspace()
    for name in ["Object", "Vector", "system", "nil", "true"] {
      #expect(text(vm.evaluate("\(name) := 3", in: workspace)).hasPrefix("refused"), "\(name)")
    }
    #expect(vm.variables(of: workspace).isEmpty)
    // What is refused declares nothing.
    #expect(text(vm.evaluate("fresh := 3. Object := 4", in: workspace)).hasPrefix("refused"))
    #expect(vm.variables(of: workspace).isEmpty)
    // A class takes the name of a variable.
    #expect(text(vm.evaluate("Thing := 3", in: workspace)) == "3")
    #expect(text(vm.evaluate("Thing = ( name = ( ^'thing' ) )", in: workspace)) == "accepted")
    #expect(text(vm.evaluate("Thing new name", in: workspace)) == "thing")
    #expect(vm.variables(of: workspace).isEmpty)
  }

  @Test func howInputsEnd() throws {
    let vm = try machine()
    let workspace = vm.makeWorkspace()
    func run(_ input: String) -> String { text(vm.evaluate(input, in: workspace)) }
    #expect(run(" \"nothing\" ") == "nothing")
    #expect(run("3 + ") == "incomplete")
    #expect(run("3 + ]").hasPrefix("refused: 1:5:"))
    #expect(run("self error: 'on purpose'") == "failed")
    #expect((output.out + output.error).contains("on purpose") && output.error.contains("input, line 1"))
    #expect(run("3 zork") == "failed")
    #expect(run("3 / 0") == "failed")
    #expect(run("zork") == "failed")
    #expect(run("Error new signal: 'uncaught'") == "failed")
    #expect(run("d := [ :n | (d value: n + 1) + 1 ]. d value: 1") == "failed")
    #expect(output.error.contains("Stack overflow"))
    #expect(run("system exit: 7") == "exit 7")
    #expect(run("[ system exit: 8 ] value") == "exit 8")
    #expect(run("[ :x | ^x ] value: 5") == "5")
    #expect(run("Loose = ( asString = ( ^self error: 'no text' ) )") == "accepted")
    #expect(run("Loose new") == "failed")
    #expect(run("6 * 7") == "42")
  }

  @Test(arguments: [["--jit=off"], [], ["--compile-now"]])
  func interruptsWhatRuns(_ flags: [String]) throws {
    let vm = try machine(flags)
    let workspace = vm.makeWorkspace()
    func interrupted(_ input: String) -> String {
      let result = Mutex("")
      let done = DispatchSemaphore(value: 0)
      let before = vm.statistics().osrEntries
      output.clear()
      Thread {
        let answer = self.text(vm.evaluate("'on' println. " + input, in: workspace))
        result.withLock { $0 = answer }
        done.signal()
      }.start()
      // It runs, and where there is a compiler, in compiled code.
      let deadline = Date(timeIntervalSinceNow: 60)
      func wait(until holds: () -> Bool) {
        while !holds() && Date() < deadline { usleep(1000) }
        #expect(holds(), "\(input)")
      }
      wait { output.out.contains("on") }
      if hasCompiler && flags != ["--jit=off"] { wait { vm.statistics().osrEntries > before } }
      vm.interrupt()
      return done.wait(timeout: .now() + 60) == .success ? result.withLock { $0 } : "not interrupted"
    }
    #expect(
      text(vm.evaluate("Sub = ( down: n = ( ^n = 0 ifTrue: [ 0 ] ifFalse: [ self down: n - 1 ] ) )", in: workspace))
        == "accepted")
    #expect(interrupted("[ true ] whileTrue: [ ]") == "interrupted")
    #expect(interrupted("i := 0. [ true ] whileTrue: [ i := i + 1 ]") == "interrupted")
    #expect(interrupted("s := Sub new. [ true ] whileTrue: [ s down: 5000 ]") == "interrupted")
    #expect(interrupted("[ [ true ] whileTrue: [ s down: 10 ] ] on: Error do: [ :e | 'caught' ]") == "interrupted")
    // Its handlers are gone.
    #expect(text(vm.evaluate("3 / 0", in: workspace)) == "failed")
    #expect(output.error.contains("Interrupted"))
    #expect(text(vm.evaluate("i > 0", in: workspace)) == "true")
    // Interrupting what does not run interrupts nothing.
    vm.interrupt()
    #expect(text(vm.evaluate("6 * 7", in: workspace)) == "42")
  }

  @Test func manyVariables() throws {
    let vm = try machine(["--jit=off"])
    let workspace = vm.makeWorkspace()
    let assignments = (1...4096).map { "v\($0) := \($0)" }
    for part in stride(from: 0, to: 4096, by: 256) {
      #expect(
        text(vm.evaluate(assignments[part..<part + 256].joined(separator: ". "), in: workspace)) == "\(part + 256)")
    }
    #expect(text(vm.evaluate("v4097 := 1", in: workspace)).contains("4096 variables"))
    #expect(text(vm.evaluate("v1 + v4096", in: workspace)) == "4097")
  }

  @Test func classesMethodsAndTiers() throws {
    let vm = try machine(["--compile-threshold=50"])
    let workspace = vm.makeWorkspace()
    let receipt = vm.evaluate(
      "Shape = ( | side | side = ( ^side ) area = ( ^self side * self side ) side: n = ( side := n ) ---- of: n = ( ^self new side: n ) )",
      in: workspace)
    guard case .accepted(let receipt) = receipt else {
      Issue.record("not accepted")
      return
    }
    #expect(receipt.loaded == ["Shape"] && receipt.description.contains("Shape is a new class"))
    let report = try #require(vm.classReport("Shape"))
    #expect(report.superclass == "Object" && report.fields == ["side"])
    #expect(report.selectors == ["side", "area", "side:"] && report.classSelectors == ["of:"])
    #expect(
      vm.classReport("NoSuch") == nil && vm.classReport("Object")?.subclasses.contains { $0.hasPrefix("<") } == false)
    #expect(vm.classNames().contains("Shape") && !vm.classNames().contains { $0.hasPrefix("<") })
    #expect(vm.selectors(understoodBy: "Shape").isSuperset(of: ["area", "println"]))
    #expect(vm.selectors(understoodBy: "Shape", classSide: true).isSuperset(of: ["of:", "name"]))
    #expect(vm.selectors(understoodBy: nil).contains("area"))
    let side = MethodKey(className: "Shape", selector: "side")
    #expect(vm.implementation(of: MethodKey(className: "Shape", selector: "println"))?.className == "Object")
    #expect(vm.tier(of: side)?.tier == .notRun)
    #expect(vm.tier(of: MethodKey(className: "Shape", selector: "no")) == nil)
    #expect(vm.tier(of: MethodKey(className: "Object", selector: "class"))?.tier == .primitive)
    _ = vm.evaluate("s := Shape of: 3. s area", in: workspace)
    #expect(vm.tier(of: side)?.tier == .interpreted)
    guard case .found = CompilerSupport.probe() else { return }
    let deadline = Date(timeIntervalSinceNow: 60)
    repeat {
      _ = vm.evaluate("1 to: 20000 do: [ :i | s area ]", in: workspace)
    } while vm.tier(of: side)?.inlined.isEmpty != false && Date() < deadline
    let tier = try #require(vm.tier(of: side))
    #expect(tier.inlined.contains { $0.caller == "Shape>>area" }, "\(tier)")
    #expect("\(tier)".contains("inlined in Shape>>area, line 1"))
  }
}
