// Canvases, as somebody outside sees them who shows frames and sends what a person does.

import Foundation
import Ovid
import Synchronization
import Testing

@Suite(.serialized) struct CanvasTests {
  private func machine(_ options: Options = Options()) throws -> (vm: VirtualMachine, output: OutputCapture) {
    let output = OutputCapture()
    return (try VirtualMachine(options: options, capabilities: .all, output: .captured(by: output)), output)
  }

  @Test func framesAreHandedOut() throws {
    let (vm, _) = try machine()
    let frames = Mutex<[[UInt8]]>([])
    #expect(vm.lastFrame == nil)
    vm.onFrame { frame in frames.withLock { $0.append(frame) } }
    _ = try vm.evaluate(
      "| c | c := Canvas width: 30 height: 20. 3 timesRepeat: [ c circleX: 1 y: 2 radius: 3; present ]")
    let seen = frames.withLock { $0 }
    #expect(seen.map(\.count) == [29, 29, 29])
    #expect(seen.map { $0[12] } == [1, 2, 3])
    #expect(vm.lastFrame == seen.last)
    vm.onFrame(nil)
    _ = try vm.evaluate("(Canvas width: 30 height: 20) present")
    #expect(frames.withLock { $0.count } == 3)
    // Who comes later sees what is shown.
    #expect(vm.lastFrame?.count == 16 && vm.lastFrame?[8] == 2)
  }

  @Test func pointerAndKeys() throws {
    let (vm, _) = try machine()
    vm.canvasEvent(CanvasEvent(.pointerMove, x: 1))
    let workspace = vm.makeWorkspace()
    func value(_ text: String) -> String {
      guard case .value(let value) = vm.evaluate(text, in: workspace) else { return "no value" }
      return value.description
    }
    _ = value("c := Canvas width: 30 height: 20. c present")
    vm.canvasEvent(CanvasEvent(.pointerDown, x: 12.5, y: 7, button: 2))
    vm.canvasEvent(CanvasEvent(.keyDown, canvas: 1, key: "ArrowLeft"))
    // No such canvas, no such place.
    vm.canvasEvent(CanvasEvent(.pointerMove, canvas: 7, x: 1, y: 1))
    vm.canvasEvent(CanvasEvent(.pointerMove, x: .nan, y: 1))
    #expect(value("c pointer") == "12.5 @ 7.0")
    #expect(value("c buttons") == "#(2)")
    #expect(value("c isPointerDown") == "true")
    #expect(value("c keys") == "#('ArrowLeft')")
    #expect(value("c isKeyDown: #ArrowLeft") == "true")
    #expect(value("c nextEvent") == "a CanvasEvent(pointerDown 12.5 @ 7.0)")
    #expect(value("c nextEvent") == "a CanvasEvent(keyDown 'ArrowLeft')")
    #expect(value("c nextEvent") == "nil")
    vm.canvasEvent(CanvasEvent(.pointerUp, x: 1, y: 2, button: 2))
    vm.canvasEvent(CanvasEvent(.keyUp, key: "ArrowLeft"))
    #expect(value("c isPointerDown or: [ c isKeyDown: #ArrowLeft ]") == "false")
    #expect(value("(c eventsDo: [ :e | ]) pointer") == "1.0 @ 2.0")
  }

  /// One process waits, another one goes on; the event wakes the one that waits, long before its time is over.
  @Test(arguments: [true, false]) func waitingForAnEvent(othersRun: Bool) throws {
    let (vm, output) = try machine()
    let done = DispatchSemaphore(value: 0)
    let others = othersRun ? "[ [ true ] whileTrue: [ ] ] forkAt: 30." : ""
    Thread.detachNewThread {
      _ = try? vm.evaluate(
        """
        | c |
        c := Canvas new.
        [ (Delay forMilliseconds: 3600000) wait ] fork.
        \(others)
        'waits' println.
        c waitForEvent key println.
        (c nextEventWithin: 3600000) key println
        """)
      done.signal()
    }
    let end = Date(timeIntervalSinceNow: 60)
    while output.out != "waits\n", Date() < end { usleep(2000) }
    vm.canvasEvent(CanvasEvent(.keyDown, canvas: 1, key: "a"))
    while output.out != "waits\na\n", Date() < end { usleep(2000) }
    vm.canvasEvent(CanvasEvent(.keyUp, canvas: 1, key: "a"))
    #expect(done.wait(timeout: .now() + 60) == .success)
    #expect(output.out == "waits\na\na\n")
    vm.quit()
  }

  /// What a page sends may leave out what it does not need.
  @Test func eventsAsJSON() throws {
    let decoder = JSONDecoder()
    let short = try decoder.decode(CanvasEvent.self, from: Data(#"{"kind":"keyDown","key":"a","more":1}"#.utf8))
    #expect(short == CanvasEvent(.keyDown, key: "a"))
    let event = CanvasEvent(.pointerUp, canvas: 3, x: 1.5, y: 2, button: 1)
    #expect(try decoder.decode(CanvasEvent.self, from: JSONEncoder().encode(event)) == event)
    #expect(throws: (any Error).self) {
      try decoder.decode(CanvasEvent.self, from: Data(#"{"kind":"shout"}"#.utf8))
    }
  }

  /// Compiled code calls the same primitives.
  @Test func compiledCodeDraws() throws {
    var options = Options()
    options.compileThreshold = 50
    let (vm, _) = try machine(options)
    let text = """
      | c sum |
      c := Canvas new.
      sum := 0.
      1 to: 300 do: [ :i |
        1 to: 200 do: [ :j | c circleX: j y: i radius: 1.5 ].
        [ c circleX: nil y: 1 radius: 1 ] on: WrongArgument do: [ :e | sum := sum + 1 ].
        c present ].
      Array with: sum with: c frameNumber with: c lastFrame length
      """
    #expect(try vm.evaluate(text).description == "#(300 300 200)")
  }

  /// The programs that are to be watched draw, and go on drawing with each of the edits that they suggest.
  @Test(arguments: [
    (
      "Flow",
      [
        "methB = ( ^2 )", "methB = ( ^count / 20000000 % 8 )", "methB = ( ^(count // 30000000) sin + 2 )",
        "extra = ( ^3 )", "methB = ( ^self extra + 1 )", "drops = ( ^200 )", "water = ( ^#magenta )",
      ]
    ),
    (
      "Pendulums",
      [
        "gravity = ( ^-9.81 )", "gravity = ( ^0 )", "friction = ( ^-0.2 )", "color: i = ( ^#white )",
        "color: i = ( ^Color hue: i * 9 saturation: 0.7 brightness: 1 )", "trailLength = ( ^120 )",
      ]
    ),
    (
      "Flock",
      [
        "cohesion = ( ^-0.002 )", "alignment = ( ^0.3 )", "separation = ( ^6 )", "sight = ( ^20 )",
        "topSpeed = ( ^6.0 )", "color: direction = ( ^#white )", "size = ( ^20 )",
      ]
    ),
  ])
  func examplesDraw(_ name: String, _ edits: [String]) throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Examples/Live")
    var options = Options()
    options.writeBack = false
    let output = OutputCapture()
    let vm = try VirtualMachine(
      options: options, classPath: [folder.path], capabilities: .all, output: .captured(by: output))
    let shown = Mutex(0)
    vm.onFrame { _ in shown.withLock { $0 += 1 } }
    #expect(try vm.run(name, arguments: ["4"]) == 0)
    for edit in edits {
      #expect(vm.accept(edit, in: name).succeeded, "\(edit)")
      #expect(try vm.run(name, arguments: ["2"]) == 0, "\(edit): \(output.error)")
    }
    #expect(output.error == "")
    #expect(shown.withLock { $0 } == 4 + 2 * edits.count)
    #expect((vm.lastFrame?.count ?? 0) > 500)
  }
}
