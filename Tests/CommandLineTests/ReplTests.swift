// The prompt without a terminal: inputs, commands, what they print, and the exit status.

import Foundation
import Ovid
import Testing

@testable import CommandLine

/// Lines from a list; notes what was remembered.
private final class ListedLines: LineSource {
  var lines: [InputLine]
  var prompts: [String] = []
  var history: [String] = []
  init(_ lines: [InputLine]) { self.lines = lines }
  func next(prompt: String) -> InputLine {
    prompts.append(prompt)
    return lines.isEmpty ? .end : lines.removeFirst()
  }
  func remember(_ entry: String) { history.append(entry) }
}

@Suite(.serialized) struct ReplTests {
  private struct Result {
    var out: String
    var error: String
    var status: Int32
    var history: [String]
    var prompts: [String]
  }

  private func session(
    _ lines: [InputLine], interactive: Bool = false, loading: [String] = [], replaying log: String? = nil
  ) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ovid-repl-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let descriptors = ["out", "error"].map { open("\(folder)/\($0)", O_RDWR | O_CREAT, 0o600) }
    defer { for descriptor in descriptors { close(descriptor) } }
    let console = Console(output: descriptors[0], errorOutput: descriptors[1])
    var options = Options()
    options.jit = false
    let vm = try VirtualMachine(
      options: options, classPath: [folder], capabilities: .all, output: console.programOutput)
    let source = ListedLines(lines)
    let repl = ReplSession(vm: vm, console: console, lines: source, isInteractive: interactive)
    let status = repl.run(loading: loading, replaying: log)
    return Result(
      out: try String(contentsOfFile: "\(folder)/out", encoding: .utf8),
      error: try String(contentsOfFile: "\(folder)/error", encoding: .utf8), status: status, history: source.history,
      prompts: source.prompts)
  }
  private func session(_ lines: String..., interactive: Bool = false) throws -> Result {
    try session(lines.map { .text($0) }, interactive: interactive)
  }

  @Test func valuesArePrinted() throws {
    let result = try session(
      "x := 3 + 4", "x * 2", "'it\\'s'", "#foo:bar:", "#'a b'", "nil", "", "\"comment\"", "'a' print", "'b' println")
    #expect(result.out == "7\n14\n'it\\'s'\n#foo:bar:\n#'a b'\nnil\na\n'a'\nb\n'b'\n")
    #expect(result.error.isEmpty && result.status == 0)
  }

  @Test func inputsGoOnOverLines() throws {
    let result = try session("(3 +", "4", ") * 2", "'one", "two' length", "#(1", "2) length", "5", interactive: true)
    #expect(result.out.contains("14\n") && result.out.contains("7\n2\n5\n"))
    let prompt = ReplSession.prompt, goesOn = ReplSession.continuationPrompt
    #expect(result.prompts == [prompt, goesOn, goesOn, prompt, goesOn, prompt, goesOn, prompt, prompt])
    // One entry each, unless a line ends in a string.
    #expect(result.history == ["(3 + 4 ) * 2", "'one", "two' length", "#(1 2) length", "5"])
    #expect(result.status == 0)
  }

  @Test func errorsShowTheirPlace() throws {
    let result = try session("3 + ]", "(1", "  2 )", "y zork", "6 * 7")
    #expect(result.error.contains("  3 + ]\n      ^\nexpected"))
    #expect(result.error.contains("    2 )\n    ^\nline 2: expected"))
    #expect(result.error.contains("Traceback") && result.out.hasSuffix("42\n"))
    #expect(result.status == 1)
  }

  @Test func classesAndMethods() throws {
    let result = try session(
      "Counter = (", "  | n |", "  n = ( ^n )", "  increment = ( n := (n isNil ifTrue: [ 0 ] ifFalse: [ n ]) + 1 )",
      ")",
      "c := Counter new. c increment; increment. c n", ":accept Counter", "double = (", "  ^n * 2", ")", "c double",
      ":accept Counter class fresh = ( ^self new increment )", "Counter fresh n", ":source Counter>>double",
      ":source Counter class>>fresh", ":source Counter>>println", ":browse Counter", ":tier Counter>>double")
    for text in [
      "Counter is a new class", "\n2\n", "Counter>>double none → v1", "\n4\n", "\n1\n", "double = (\n  ^n * 2\n)",
      "fresh = ( ^self new increment )", "inherited: Object>>println", "Counter = Object\n  | n |\n  n\n  increment",
      "  ----\n  fresh", "Counter>>double v1 is interpreted",
    ] { #expect(result.out.contains(text), "\(text) in \(result.out)") }
    #expect(result.status == 0, "\(result.error)")
    #expect(result.history.contains(":accept Counter double = ( ^n * 2 )"))
  }

  @Test func undo() throws {
    let result = try session(
      "T = ( a = ( ^1 ) b = ( ^2 ) )", ":accept T", "a = ( ^10 )", ":accept T b = ( ^20 )", ":accept T c = ( ^30 )",
      "(T new a) + (T new b) + (T new c)", ":undo", "T new respondsTo: #c", ":undo T>>a", "(T new a) + (T new b)",
      ":undo", "(T new a) + (T new b)", ":redo", "(T new a) + (T new b)", ":undo 3", ":undo T>>zork", ":redo 77",
      ":redo T>>zork", ":undo zork", "T new b")
    #expect(result.out.contains("60\n") && result.out.contains("false\n"))
    for text in ["21\n", "\n3\n", "\n21\n"] { #expect(result.out.contains(text), "\(text) in \(result.out)") }
    #expect(result.out.hasSuffix("\n2\n"))
    for text in [
      "there is no accept that has changed T>>zork to take back", "there is no accept 77 in the history",
      "no accept that has changed T>>zork was taken back", "zork: expected the number of an accept, or Class>>selector",
    ] { #expect(result.error.contains(text), "\(text) in \(result.error)") }
  }

  /// What follows a receipt is for people.
  @Test func epiloguesComeBeforeTheNextInput() throws {
    let lines = ["T = ( a = ( ^1 ) )", ":accept T a = ( ^2 )", "T new a", "3"].map { InputLine.text($0) }
    let result = try session(lines, interactive: true)
    let out = try #require(result.out.range(of: "accept 2: settled"))
    #expect(result.out[out.upperBound...].contains("\n2\naccept 2: T>>a ran first"), "\(result.out)")
    #expect(try !session(lines).out.contains("settled"))
  }

  @Test func history() throws {
    let result = try session(
      ":history", "T = ( | x | a = ( ^1 ) )", ":accept T a = ( ^2 )", "T = ( | x y | a = ( ^2 ) )", ":history",
      ":history 2", ":diff 2", ":diff 3", ":versions T>>a", ":diff T>>a", ":diff T>>a v2 v1", ":diff T>>a v2",
      ":revert T>>a v1",
      "T new a", ":revert T>>a 2", "T new a", ":revert T>>a", ":revert T>>a v9", ":revert x", ":diff T>>a v9",
      ":diff T>>b", ":diff 9", ":diff x", ":history x", ":history 9", ":versions x", ":versions T>>b")
    for text in [
      "nothing was accepted yet\naccept 1: T is a new class", "workspace: T (new class)\n2  ", "prompt: T>>a\n3  ",
      "workspace: fields of T\n2  ",
      "prompt: T>>a\naccept 2: T>>a v1 → v2", "T>>a\n- a = ( ^1 )\n+ a = ( ^2 )\n",
      "T\n  below Object\n- | x |\n+ | x y |\nv1\nv2, accept 2 of prompt, current\n- a = ( ^1 )\n+ a = ( ^2 )\n",
      "- a = ( ^2 )\n+ a = ( ^1 )\n  a = ( ^2 )\naccept 4: T>>a v2 → v3", "\n1\naccept 5", "\n2\n",
    ] { #expect(result.out.contains(text), "\(text) in \(result.out)") }
    for text in [
      ":revert needs a method and one version", "T>>a has no version 9; the last 100 versions are kept",
      "x: expected Class>>selector and versions", "T>>a has no version 9\n", "T>>b has no versions",
      "there is no accept 9",
      "x: expected the number of an accept, as :history shows it", "x: expected Class>>selector, for example",
    ] { #expect(result.error.contains(text), "\(text) in \(result.error)") }
  }

  /// A primitive under another selector than its own comes back as itself, not as its text.
  @Test func undoOfAMovedPrimitive() throws {
    let result = try session(
      "m := Integer methods. p := 0. q := 0",
      "1 to: m length do: [ :i | (m at: i) signature = #sqrt ifTrue: [ p := i ]. "
        + "(m at: i) signature = #asDouble ifTrue: [ q := i ] ]",
      "Integer methods at: p put: (m at: q). 16 sqrt", ":accept Integer sqrt = ( ^#none )", "16 sqrt", ":undo",
      "16 sqrt")
    #expect(result.out.contains("#none\n") && result.out.hasSuffix("16.0\n"), "\(result.out)")
    #expect(result.error == "")
  }

  @Test func badCommands() throws {
    let result = try session(
      ":zork", ":", ":s", ":source Counter", ":source Zork>>a", ":source Object>>zork", ":browse Zork", ":accept Zork",
      ":accept Object a = ( ^ ] )", ":help me", ":load nowhere.som", ":load Zork", ":undo x", ":tier", "'still here'")
    for text in [
      "no command :zork", "no command :;", ":source needs", "expected Class>>selector", "No class Zork",
      "Object has no method zork", "refused", ":help takes nothing", "nowhere.som: No such file", ":tier needs",
    ] { #expect(result.error.contains(text), "\(text) in \(result.error)") }
    #expect(result.out == "'still here'\n" && result.status == 1)
  }

  @Test func exitsAndQuits() throws {
    #expect(try session("system exit: 7", "'not reached'").status == 7)
    #expect(try session("1", ":quit", "2").out == "1\n")
    #expect(try session("1", ":q").status == 0)
    #expect(try session("self error: 'x'", ":quit").status == 1)
    #expect(try session("self error: 'x'", ":quit", interactive: true).status == 0)
  }

  @Test func whatEndsTooEarly() throws {
    let result = try session("x := 1", "(x + ")
    #expect(result.out == "1\n" && result.error.contains("(x + \n") && result.error.contains("found end of input"))
    #expect(result.status == 1)
    // At a terminal, Ctrl-D drops the input first.
    let typed = try session([.text("(3"), .end, .text("5"), .text("(4"), .interrupted, .text("6")], interactive: true)
    #expect(typed.out.contains("\n5\n") && typed.out.hasSuffix("6\n\n") && typed.status == 0)
    #expect(try session(":accept Object", "a = (").status == 1)
  }

  @Test func badInput() throws {
    let result = try session([
      .unusable("this line is not UTF-8 text"), .text("\u{0}"), .text("\u{7}\u{1b}[31m"), .text("ж := 3. ж + 1"),
      .text("😀"),
      .text(String(repeating: "(", count: 100_000)), .interrupted, .text(String(repeating: "[", count: 3000)),
      .interrupted,
      .text("'" + String(repeating: "x", count: 1_000_000) + "' length"), .text("6 * 7"),
    ])
    #expect(result.error.contains("not UTF-8") && result.error.contains("zero byte"))
    #expect(result.out.contains("4\n") && result.out.contains("1000000\n") && result.out.hasSuffix("42\n"))
    #expect(result.error.contains("too deeply nested"))
    #expect(result.status == 1)
  }

  @Test func inputsThatNeverEndAreDropped() throws {
    let line = InputLine.text(String(repeating: "(", count: 60) + "\"" + String(repeating: "x", count: 1 << 20))
    let result = try session(Array(repeating: line, count: 16) + [.text("6 * 7")])
    #expect(result.error.contains("is dropped") && result.out == "42\n")
  }

  @Test func longInputsAreParsedOnceTheyAreWhole() throws {
    let methods = (0..<20_000).map { InputLine.text("  m\($0) = ( ^\($0) )") }
    let result = try session([.text("Big = (")] + methods + [.text(")"), .text("Big new m19999")])
    #expect(result.out.hasSuffix("19999\n") && result.status == 0)
  }

  @Test func filesAreLoaded() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ovid-load-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try "Sub = Base ( a = ( ^self b + 1 ) )".write(toFile: folder + "/Sub.som", atomically: true, encoding: .utf8)
    try "Base = ( b = ( ^1 ) )".write(toFile: folder + "/Base.som", atomically: true, encoding: .utf8)
    try "Bad = ( b = ( ^1 + ) )".write(toFile: folder + "/Bad.som", atomically: true, encoding: .utf8)
    let result = try session(
      [.text("Sub new a"), .text(":load \(folder)/Bad.som"), .text(":load \(folder)"), .text(":load Vector")],
      loading: [folder + "/Sub.som"])
    #expect(result.out.contains("Sub is a new class") && result.out.contains("\n2\n"))
    #expect(result.error.contains("Bad = ( b = ( ^1 + ) )\n") && result.error.contains("^\nexpected"))
  }

  @Test func logsAreReplayed() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ovid-replay-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let log = folder + "/log"
    func logged(_ className: String, _ source: String) -> String {
      #"{"accept":1,"author":"x","time":0,"changes":[{"method":{"className":"\#(className)","isClassSide":false,"#
        + #""source":"\#(source)"}}]}"# + "\n"
    }
    try (logged("Late", "a = ( ^2 )") + logged("Late", "b = ( ^40 )")).write(
      toFile: log, atomically: true, encoding: .utf8)
    try "Late = ( a = ( ^1 ) )".write(toFile: folder + "/Late.som", atomically: true, encoding: .utf8)
    let input = [InputLine.text("Late new a + Late new b")]
    let good = try session(input, loading: [folder + "/Late.som"], replaying: log)
    #expect(good.out.hasSuffix("\n42\n") && good.error.isEmpty && good.status == 0, "\(good)")
    // What cannot be replayed is said, and counts like an input that failed.
    try logged("Late", "a = ( ^ )").write(toFile: log, atomically: true, encoding: .utf8)
    let refused = try session([.text("6 * 7")], loading: [folder + "/Late.som"], replaying: log)
    #expect(refused.error.contains("refused") && refused.out.hasSuffix("\n42\n") && refused.status == 1)
    let missing = try session([.text("6 * 7")], replaying: folder + "/nowhere")
    #expect(missing.error.contains("nowhere") && missing.out == "42\n" && missing.status == 1)
  }
}

@Suite struct ReplPartsTests {
  @Test func plainLines() {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    let lines = PlainLines(descriptor: ends[0])
    let bytes: [UInt8] = Array("one\r\n\ntwo".utf8) + [0xFF, 0x0A] + Array("three".utf8)
    #expect(bytes.withUnsafeBytes { write(ends[1], $0.baseAddress, $0.count) } == bytes.count)
    close(ends[1])
    #expect(lines.next(prompt: "") == .text("one"))
    #expect(lines.next(prompt: "") == .text(""))
    #expect(lines.next(prompt: "") == .unusable("this line is not UTF-8 text"))
    #expect(lines.next(prompt: "") == .text("three"))
    #expect(lines.next(prompt: "") == .end)
    close(ends[0])
  }

  @Test func aLineWithoutEndIsNotKept() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("ovid-lines-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try (Data(repeating: 0x61, count: PlainLines.limit + 100_000) + Data("\nnext\n".utf8)).write(
      to: URL(fileURLWithPath: path))
    let descriptor = open(path, O_RDONLY)
    defer { close(descriptor) }
    let lines = PlainLines(descriptor: descriptor)
    guard case .unusable(let reason) = lines.next(prompt: "") else {
      Issue.record("the long line was taken")
      return
    }
    #expect(reason.contains("bytes"))
    #expect(lines.next(prompt: "") == .text("next"))
  }

  @Test func carets() {
    func report(_ source: String, line: Int, column: Int) -> String {
      CaretReport.text([AcceptError(change: 0, line: line, column: column, message: "oops")], in: source)
    }
    #expect(report("abc", line: 1, column: 2) == "  abc\n   ^\noops")
    #expect(report("abc", line: 1, column: 9) == "  abc\n     ^\noops")
    #expect(report("a\n\tb", line: 2, column: 2) == "   b\n   ^\nline 2: oops")
    #expect(report("a", line: 7, column: 1) == "7:1: oops")
    let long = report(String(repeating: "x", count: 500) + "!", line: 1, column: 501)
    #expect(long.contains("…") && long.split(separator: "\n")[0].count < 90)
    #expect(
      long.split(separator: "\n")[0].firstIndex(of: "!").map { long.distance(from: long.startIndex, to: $0) }
        == long.split(separator: "\n")[1].count - 1)
  }

  @Test func historyFileFollowsXDG() {
    #expect(HistoryFile(environment: ["HOME": "/home/a"])?.path == "/home/a/.local/state/ovid/history")
    #expect(HistoryFile(environment: ["HOME": "/home/a", "XDG_STATE_HOME": "/s"])?.path == "/s/ovid/history")
    #expect(
      HistoryFile(environment: ["HOME": "/home/a", "XDG_STATE_HOME": "rel"])?.path
        == "/home/a/.local/state/ovid/history")
    #expect(HistoryFile(environment: [:]) == nil)
  }

  @Test func completion() throws {
    let vm = try VirtualMachine(capabilities: .all, output: .captured(by: OutputCapture()))
    let workspace = vm.makeWorkspace()
    _ = vm.evaluate("Gadget = ( whirl = ( ^1 ) from: a upTo: b = ( ^a ) ---- blank = ( ^self new ) )", in: workspace)
    _ = vm.evaluate("gadget := Gadget new. gander := 1", in: workspace)
    let completer = Completer(vm: vm, workspace: workspace)
    func tab(_ text: String) -> Completion { completer.complete(text, text.utf8.count) }
    #expect(tab("Gadg") == Completion(insertion: "et"))
    #expect(tab("ga") == Completion(alternatives: ["gadget", "gander"]))
    #expect(tab("gad").insertion == "get")
    #expect(tab("gadget wh").insertion == "irl")
    #expect(tab("gadget from: 1 up").insertion == "To: ")
    #expect(tab("Gadget bl").insertion == "ank")
    // The class side has no whirl, and an integer neither.
    #expect(tab("Gadget whi") == Completion())
    #expect(tab("gander whi") == Completion())
    #expect(tab("3 whir").insertion == "l")
    #expect(tab("x := Gadg").insertion == "et")
    #expect(tab(":bro").insertion == "wse")
    #expect(tab(":browse Gadg").insertion == "et")
    #expect(tab(":source Gadget>>wh").insertion == "irl")
    #expect(tab(":source Gadget class>>bla").insertion == "nk")
    // Bundled, and not loaded yet.
    #expect(tab("SortedColl").insertion == "ection")
    #expect(tab("zork") == Completion())
    #expect(completer.complete("Gadg println", 4).insertion == "et")
  }
}
