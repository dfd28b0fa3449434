import Foundation
import Ovid
import Testing

@Suite(.serialized) struct CapabilityTests {
  private let folder: String
  private let outside: String

  init() throws {
    let base = FileManager.default.temporaryDirectory.appendingPathComponent("ovid-caps-\(UUID())").path
    folder = base + "/inside"
    outside = base + "/outside"
    for path in [folder, outside] {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    try "secret".write(toFile: outside + "/secret.txt", atomically: true, encoding: .utf8)
    try "public".write(toFile: folder + "/public.txt", atomically: true, encoding: .utf8)
    try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: outside)
    try FileManager.default.createSymbolicLink(atPath: folder + "/new", withDestinationPath: outside + "/made.txt")
  }

  private func make(_ capabilities: Capabilities) throws -> VirtualMachine {
    try VirtualMachine(capabilities: capabilities, output: .captured(by: OutputCapture()))
  }

  /// The class of the error that an expression ends with; nil: it does not.
  private func refusal(_ vm: VirtualMachine, _ text: String) -> String? {
    do throws(VirtualMachineError) { _ = try vm.value(of: text, limits: CallLimits(seconds: 10)) } catch {
      if case .failed(let failure) = error { return failure.className }
      return "\(error)"
    }
    return nil
  }

  /// One expression for each primitive that reaches out of the machine.
  private var attempts: [(text: String, given: Capabilities)] {
    let file = folder + "/public.txt"
    return [
      ("(File at: '\(file)') contents", Capabilities(files: .folders(reading: [folder]))),
      ("(File at: '\(file)') size", Capabilities(files: .folders(reading: [folder]))),
      ("(File at: '\(file)') kind", Capabilities(files: .folders(reading: [folder]))),
      ("(File at: '\(folder)') entries", Capabilities(files: .folders(reading: [folder]))),
      ("system loadFile: '\(file)'", Capabilities(files: .folders(reading: [folder]))),
      ("(File at: '\(folder)/w.txt') contents: 'x'", Capabilities(files: .folders(writing: [folder]))),
      ("(File at: '\(folder)/w.txt') append: 'x'", Capabilities(files: .folders(writing: [folder]))),
      ("(File at: '\(folder)/w.txt') rename: '\(folder)/v.txt'", Capabilities(files: .folders(writing: [folder]))),
      ("(File at: '\(folder)/v.txt') delete", Capabilities(files: .folders(writing: [folder]))),
      ("(File at: '\(folder)/f') makeFolder", Capabilities(files: .folders(writing: [folder]))),
      ("system microsecondClock", Capabilities(time: true)),
      ("system timeZoneOffsetAt: 0", Capabilities(time: true)),
      ("DateAndTime now", Capabilities(time: true)),
      ("system sleep: 1", Capabilities(time: true)),
      ("(Delay forMilliseconds: 1) wait", Capabilities(time: true)),
      ("[ 3 ] fork", Capabilities(processes: true)),
      ("[ 3 ] newProcess resume", Capabilities(processes: true)),
      ("system readLine", Capabilities(standardInput: true)),
    ]
  }

  @Test func nothingIsAllowedThatIsNotGiven() throws {
    let none = try make(.none)
    for (text, given) in attempts {
      #expect(refusal(none, text) == "NotPermitted", "\(text)")
      if !given.standardInput { #expect(refusal(try make(given), text) == nil, "\(text)") }
    }
    #expect(refusal(none, "system exit: 3") == "NotPermitted")
    #expect(refusal(try make(Capabilities(exit: true)), "system exit: 3") == "\(VirtualMachineError.exit(status: 3))")
    // Computing is, and so are programs that handle what they may not do.
    #expect(refusal(none, "Random new next. system ticks. Date year: 2026 month: 1 day: 1") == nil)
    #expect(refusal(none, "Object compile: 'extra = ( ^1 )'. nil extra") == nil)
    #expect(
      try none.value(of: "[ system exit: 3 ] on: NotPermitted do: [ :e | e messageText ]").read(String.self)
        == "System>>exit:: this machine was not made to let its program end itself with a status")
  }

  @Test func aProgramDoesNotGetOut() throws {
    let vm = try make(Capabilities(files: .folders(reading: [folder])))
    let writer = try make(Capabilities(files: .folders(writing: [folder])))
    for path in [
      "\(outside)/secret.txt", "\(folder)/../outside/secret.txt", "\(folder)/link/secret.txt", "/etc/passwd",
      "\(folder)/link/../outside/secret.txt", "/proc/self/environ", "\(folder)x", "\(outside)", "",
    ] {
      #expect(refusal(vm, "(File at: '\(path)') contents") == "NotPermitted", "\(path)")
      #expect(refusal(vm, "File read: '\(path)'") == "NotPermitted", "\(path)")
      #expect(refusal(vm, "system loadFile: '\(path)'") == "NotPermitted", "\(path)")
      #expect(refusal(writer, "(File at: '\(path)') contents: 'x'") == "NotPermitted", "\(path)")
    }
    #expect(refusal(vm, "(File at: '\(folder)/public.txt') contents: 'x'") == "NotPermitted")
    #expect(refusal(writer, "(File at: '\(folder)/new') contents: 'x'") == "NotPermitted")
    #expect(refusal(writer, "(File at: '\(folder)/public.txt') rename: '\(outside)/p.txt'") == "NotPermitted")
    #expect(refusal(writer, "(File at: '\(outside)/secret.txt') rename: '\(folder)/s.txt'") == "NotPermitted")
    // By other ways to a primitive.
    #expect(refusal(vm, "File perform: #read: withArguments: (Array with: '/etc/passwd')") == "NotPermitted")
    #expect(
      refusal(
        vm,
        "(File class methods detect: [ :m | m signature = #read: ] ifNone: [ nil ]) invokeOn: File with: (Array with: '/etc/passwd')"
      ) != nil)
    #expect(refusal(vm, "File class compile: 'slurp: p = primitive'") != nil)
    #expect(refusal(vm, "system load: #'../outside/secret'") == nil)
    #expect(!FileManager.default.fileExists(atPath: outside + "/made.txt"))
    #expect(try String(contentsOfFile: outside + "/secret.txt", encoding: .utf8) == "secret")
  }

  /// An accept rewrites no file unless that was asked for.
  @Test func filesAreWrittenOnlyWhenAsked() throws {
    let path = folder + "/Server.som"
    let text = "Server = ( greeting = ( ^1 ) )\n"
    for (capabilities, isWritten) in [(Capabilities.none, false), (Capabilities(writesClasses: true), true)] {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      let vm = try VirtualMachine(
        classPath: [folder], capabilities: capabilities, output: .captured(by: OutputCapture()))
      try vm.load("Server")
      #expect(vm.accept("greeting = ( ^2 )", in: "Server").succeeded)
      vm.finishWriting()
      #expect((try String(contentsOfFile: path, encoding: .utf8) != text) == isWritten)
    }
  }
}
