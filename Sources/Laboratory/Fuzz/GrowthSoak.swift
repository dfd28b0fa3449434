// The same kind of edit again and again, made to a running program: what an accept costs and what the machine keeps
// must not depend on how many came before.

import Foundation
import Ovid

public enum SoakEdits: String, CaseIterable, Sendable {
  /// The demo's loop, each time when it is fast again (`EditLatencies`).
  case loop
  /// One method, each time by a text that was never there.
  case replaced
  /// One method, by two texts in turn.
  case alternating
  /// A field that comes and goes.
  case fields
  /// A class that is put below one class and another in turn.
  case superclasses
  /// A new subclass each time; these stay.
  case subclasses
}

public final class GrowthSoak: Sendable {
  private let edits: SoakEdits
  private let vm: VirtualMachine
  private let output = OutputCapture()

  public init(_ edits: SoakEdits, _ options: Options) throws {
    self.edits = edits
    vm = try VirtualMachine(
      options: options, capabilities: .all, output: .captured(by: output), compileWorker: CompileWorker.ownCommand)
    for text in Self.program { try accept(.classSource(text, file: nil)) }
  }

  private static let program = [
    """
    Soak = (
      | sum moved mine |
      run = ( sum := 0. moved := Moved new. moved got: 3. [ self isRunning ] whileTrue: [ self turn ] )
      isRunning = ( ^true )
      turn = ( mine := self value: sum. sum := (mine + moved got) % 1000 )
      value: x = ( ^x )
    )
    """,
    "Left = ( | got | got = ( ^got ) got: x = ( got := x ) )",
    "Right = ( | other got | got = ( ^got ) got: x = ( got := x ) )",
    "Moved = Left ( )",
  ]

  private func change(_ i: Int) -> Change {
    switch edits {
    case .loop, .replaced: .method("Soak", "value: x = ( | add | add := [ :y | y + \(i) ]. ^add value: x )")
    case .alternating: .method("Soak", "value: x = ( ^x + \(i % 2) )")
    case .fields:
      i % 2 == 1
        ? .addField(className: "Soak", isClassSide: false, name: "extra")
        : .removeField(className: "Soak", isClassSide: false, name: "extra")
    case .superclasses: .classSource("Moved = \(i % 2 == 1 ? "Right" : "Left") ( )", file: nil)
    case .subclasses: .classSource("Soak\(i) = Soak ( )", file: nil)
    }
  }

  private func accept(_ change: Change) throws {
    let receipt = vm.accept(ChangeSet([change], author: "soak"))
    guard receipt.succeeded else { throw StepFailure(description: "\(receipt)\n\(output.error)") }
  }

  /// Says a line after each `every` accepts.
  public func run(accepts: Int, every: Int, say: (String) -> Void) throws {
    let program = Foundation.Thread { [vm] in _ = try? vm.run("Soak") }
    program.start()
    defer { vm.quit(status: 0) }
    say(
      column("accepts", 10)
        + ["time, each", "memory", "versions", "classes", "units"].map { column($0, 12, right: true) }.joined())
    var start = ContinuousClock.now
    for i in 1...accepts {
      try accept(change(i))
      guard i % every == 0 || i == accepts else { continue }
      let time = (ContinuousClock.now - start).milliseconds * 1000 / Double((i - 1) % every + 1)
      let now = vm.statistics()
      let values = [
        "\(Figure.text(time)) µs", "\(ProcessMemory().residentKilobytes >> 10) MB", "\(now.methods)", "\(now.shapes)",
        "\(now.codeUnits)",
      ]
      say(column("\(i)", 10) + values.map { column($0, 12, right: true) }.joined())
      start = .now
    }
  }
}
