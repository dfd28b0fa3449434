// What belongs to a process, and not to the machine.

import Foundation
import Syntax
import Testing

@testable import VM

@Suite struct ProcessTests {
  private static let program = """
    Two = (
      run = (
        | waits p |
        waits := Semaphore new.
        p := [
          system errorPrint: 'begin'. waits wait.
          system errorPrint: 'first'.
          system errorPrint: 'end' ] fork.
        Processor yield.
        system errorPrint: 'main'.
        [ system errorPrint: 'second' ] fork join.
        waits signal.
        p join.
        [ system errorPrint: 'third' ] fork join
      )
    )
    """

  /// That an overflow of the native stack is being handled is the process's, which may wait meanwhile; and who has to know
  /// the bounds of a stack knows it, too.
  @Test func anOverflowIsHandledByItsProcess() throws {
    final class Seen {
      var flags: [String: Bool] = [:]
      var stacks: [UInt64: Set<Bool>] = [:]
      weak var universe: Universe?
      func note(_ text: String) {
        switch text {
        case "begin": universe?.handlesNativeOverflow = true
        case "end": universe?.handlesNativeOverflow = false
        default: flags[text] = universe?.handlesNativeOverflow
        }
      }
    }
    let (flags, stacks) = try LargeStack.run {
      Result {
        let seen = Seen()
        let universe = Universe(output: Output(error: { seen.note(String(decoding: $0, as: UTF8.self)) }))
        seen.universe = universe
        universe.hooks.nativeStackChanged = { seen.stacks[$0.low, default: []].insert(universe.handlesNativeOverflow) }
        universe.registerPrimitives()
        universe.compileMethods()
        try universe.boot()
        let source = SourceText(name: "Two.som", Self.program)
        try universe.define(ClassSource(definition: try Parser.parseClass(source), source: source, path: nil))
        #expect(universe.run("Two") == 0)
        return (seen.flags, seen.stacks)
      }
    }.get()
    #expect(flags == ["first": true, "main": false, "second": false, "third": false])
    // The main process's has never been handling one; the first process's both.
    #expect(stacks.values.contains([false]) && stacks.values.contains([false, true]))
  }
}
