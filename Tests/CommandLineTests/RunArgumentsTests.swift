import Ovid
import Testing

@testable import CommandLine

@Suite struct RunArgumentsTests {
  private func message(_ words: String...) -> String {
    do {
      _ = try RunArguments(words)
      return ""
    } catch { return "\(error)" }
  }

  @Test func flagsStopAtTheProgram() throws {
    let a = try RunArguments(
      ["--jit=off", "-cp", "a:b", "--trace", "gc", "-w", "Main.som", "--stats", "-cp", "x", "--help"])
    #expect(!a.options.jit && a.options.trace == [.gc] && a.isWatching && !a.options.stats && !a.wantsHelp)
    #expect(a.classPath == ["a", "b"])
    #expect(a.program == "Main.som")
    #expect(a.arguments == ["--stats", "-cp", "x", "--help"])
  }

  @Test func environmentCountsLessThanFlags() throws {
    let a = try RunArguments(["--jit=on", "P"], environment: ["OVID_JIT": "off", "OVID_STATS": "on"])
    #expect(a.options.jit && a.options.stats)
  }

  @Test func doubleDashEndsTheFlags() throws {
    let a = try RunArguments(["--", "-odd", "y"])
    #expect(a.program == "-odd" && a.arguments == ["y"])
  }

  @Test func helpBeforeTheProgram() throws {
    #expect(try RunArguments(["--help"]).wantsHelp)
    #expect(try RunArguments(["--jit=off", "-h"]).wantsHelp)
  }

  @Test func malformedFlagsSayWhatToDo() {
    #expect(message("--jitt=off", "P").contains("did you mean --jit"))
    #expect(message("--gc-every", "P").contains("--gc-every=P"))
    #expect(message("-cp").contains("dir:dir"))
    #expect(message("-x", "P").contains("unknown flag -x"))
    #expect(message("--stats-file").contains("name of a file"))
  }

  @Test func programNames() {
    #expect(ProgramName("Hello.som") == ProgramName("Hello"))
    #expect(ProgramName("a/b/Hello.som").folder == "a/b" && ProgramName("a/b/Hello.som").className == "Hello")
    #expect(ProgramName("/Hello.som").folder == "/")
    #expect(ProgramName("Hello").searchPath(["x"]) == [".", "x"])
    #expect(ProgramName("d/Hello").searchPath(["x"]) == ["d", "x"])
  }

  @Test func onlySubcommandsAreCommands() {
    for word in ["run", "demo", "bench", "doctor", "disassemble", "--help", "-h", "--version", "help"] {
      #expect(OvidCommandLine.isCommand(word))
    }
    for word in ["Hello.som", "Demo", "--jit=off", "-cp"] { #expect(!OvidCommandLine.isCommand(word)) }
  }
}
