import Foundation
import Ovid
import Testing

private final class Turtle: SwiftObject, @unchecked Sendable {
  var x = 0.0
  var name: String
  nonisolated(unsafe) static var alive = 0
  init(_ name: String) {
    self.name = name
    Turtle.alive += 1
  }
  deinit { Turtle.alive -= 1 }
}

private struct Broken: Error, CustomStringConvertible, Equatable {
  let description: String
}

@Suite(.serialized) struct SwiftClassTests {
  private func turtles(_ options: Options = Options()) throws -> (vm: VirtualMachine, output: OutputCapture) {
    let (vm, output) = try machine(options: options)
    try vm.define("Turtle", Turtle.self) {
      $0.create("named:") { (name: String) in Turtle(name) }
      $0.method("forward:") { (turtle: Turtle, steps: Double) in turtle.x += steps }
      $0.method("add:to:") { (_: Turtle, a: Int, b: Int) in a + b }
      $0.method("fail") { (_: Turtle) throws -> Int in throw Broken(description: "the leg") }
      $0.method("meet:") { (turtle: Turtle, other: Turtle) in other === turtle ? "me" : other.name }
      $0.method("twice:") { (_: Turtle, block: Value) in try block.call().read(Int.self) + block.call().read(Int.self) }
      $0.method("try:") { (_: Turtle, block: Value) throws -> String in
        do { return try block.call().read() } catch VirtualMachineError.failed(let error) { return error.className }
      }
      $0.asyncMethod("later:") { (_: Turtle, ms: Int) async throws -> String in
        try await Task.sleep(for: .milliseconds(ms))
        return "later"
      }
      $0.property("x", \.x)
      $0.property("name", \.name)
      $0.source = "    hop = ( self forward: 1; forward: 1 )\n"
    }
    return (vm, output)
  }

  @Test func methodsAreClosures() throws {
    let (vm, _) = try turtles()
    let value = try vm.value(of: "Turtle named: 'Tina'")
    try value.send("forward:", 3)
    try value.send("forward:", 1.5)
    try value.send("hop")
    #expect(try value.send("x").read(Double.self) == 6.5)
    #expect(try value.read(Turtle.self).x == 6.5)
    try value.send("x:", 1.0)
    #expect(try vm.value(of: "[ :t | t x + 1 ]").call(value).read(Double.self) == 2)
    #expect(try value.send("add:to:", 3, 4).read(Int.self) == 7)
    #expect(try value.send("meet:", value).read(String.self) == "me")
    let other = Turtle("Otto")
    #expect(try value.send("meet:", other).read(String.self) == "Otto")
    #expect(try value.send("twice:", vm.value(of: "[ 21 ]")).read(Int.self) == 42)
    // An edit takes the place of a method in Swift.
    #expect(vm.accept("add: a to: b = ( ^a * b )", in: "Turtle").succeeded)
    #expect(try value.send("add:to:", 3, 4).read(Int.self) == 12)
  }

  @Test func wrongArgumentsAreErrorsOfTheProgram() throws {
    let (vm, _) = try turtles()
    #expect(
      try vm.value(of: "[ (Turtle named: 'T') forward: 'far' ] on: WrongArgument do: [ :e | e messageText ]")
        .read(String.self) == "Turtle>>forward:: a number was expected, not 'far', as argument 1")
    #expect(try vm.value(of: "[ Turtle named: 3 ] on: WrongArgument do: [ :e | #wrong ]").read(String.self) == "wrong")
    #expect(
      try vm.value(of: "[ (Turtle named: 'T') meet: 3 ] on: WrongArgument do: [ :e | #wrong ]").read(String.self)
        == "wrong")
  }

  @Test func errorsCrossBothWays() throws {
    let (vm, output) = try turtles()
    #expect(
      try vm.value(of: "[ (Turtle named: 'T') fail ] on: SwiftError do: [ :e | e messageText + e typeName ]")
        .read(String.self) == "the legBroken")
    let failure = programError { _ = try vm.value(of: "(Turtle named: 'T') fail") }
    #expect(failure?.className == "SwiftError")
    #expect(failure?.underlying as? Broken == Broken(description: "the leg"))
    // An error of the program is an error of Swift, and goes on as the same one.
    #expect(try vm.value(of: "(Turtle named: 'T') try: [ 3 / 0 ]").read(String.self) == "ZeroDivide")
    #expect(
      try vm.value(of: "[ (Turtle named: 'T') twice: [ 3 / 0 ] ] on: ZeroDivide do: [ :e | #outer ]").read(String.self)
        == "outer")
    #expect(
      try vm.value(
        of: "[ (Turtle named: 'T') twice: [ KeyNotFound new signal: 'k' ] ] on: KeyNotFound do: [ :e | e messageText ]"
      )
      .read(String.self) == "k")
    // What leaves the Swift code by `^` does.
    #expect(
      vm.accept(
        ChangeSet([.classSource("Leaves = ( go = ( (Turtle named: 'T') try: [ ^#left ]. ^#stayed ) )", file: nil)])
      ).succeeded)
    #expect(try vm.value(of: "Leaves new go").read(String.self) == "left")
    #expect(output.error == "")
  }

  @Test func asyncMethodsSuspendTheirProcessOnly() throws {
    let (vm, output) = try turtles()
    #expect(try vm.value(of: "(Turtle named: 'T') later: 20").read(String.self) == "later")
    _ = try vm.value(
      of:
        "| t p | t := Turtle named: 'T'. p := [ (t later: 100) println ] fork. Processor yield. 'first' println. p join"
    )
    #expect(output.out == "first\nlater\n")
    #expect(throws: VirtualMachineError.limitExceeded(.seconds(0.1))) {
      try vm.value(of: "(Turtle named: 'T') later: 100000", limits: CallLimits(seconds: 0.1))
    }
  }

  @Test func objectsAreReleased() throws {
    let before = Turtle.alive
    var options = Options()
    options.gcEvery = 0
    let (vm, _) = try turtles(options)
    _ = try vm.value(of: "1 to: 100 do: [ :i | Turtle named: 'T' ]. system fullGC")
    func isGone() throws -> Bool {
      _ = try vm.value(of: "system fullGC. 3")
      return Turtle.alive == before
    }
    #expect(try wait(until: isGone))
    let value = try vm.value(of: "Turtle named: 'Held'")
    _ = try vm.value(of: "system fullGC")
    #expect(Turtle.alive == before + 1)
    // (A macro would keep the object.)
    let wasThere = try vm.release(value.read(Turtle.self))
    #expect(wasThere)
    #expect(Turtle.alive == before)
    #expect(programError { try value.send("x") }?.message.contains("was released") == true)
  }

  @Test(arguments: ["--jit=off", "--compile-now"]) func compiledCodeCallsOut(_ flag: String) throws {
    var options = Options()
    _ = try options.parse([flag])
    let (vm, _) = try turtles(options)
    #expect(
      try vm.value(of: "| t n | t := Turtle named: 'T'. n := 0. 1 to: 50000 do: [ :i | n := t add: n to: i ]. n")
        .read(Int.self) == 1_250_025_000)
  }

  @Test func collectionsDuringCallsOut() throws {
    var options = Options()
    options.gcEvery = 20
    let (vm, _) = try turtles(options)
    #expect(
      try vm.value(
        of: "| t | t := Turtle named: 'T'. (1 to: 200) inject: 0 into: [ :n :i | n + (t twice: [ i asString length ]) ]"
      )
      .read(Int.self) == 984)
  }
}
