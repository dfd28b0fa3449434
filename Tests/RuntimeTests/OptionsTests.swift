import Testing

@testable import Runtime

@Suite struct OptionsTests {
  @Test func flagsStopAtTheProgram() throws {
    var options = Options()
    let rest = try options.parse(
      ["--jit=off", "--stats", "--trace=gc,deopt", "--gc-every", "3", "--heap-limit=64m", "Main", "--stats=off"])
    #expect(rest == ["Main", "--stats=off"])
    #expect(!options.jit && options.stats && options.gcEvery == 3 && options.heapLimit == 64 << 20)
    #expect(options.trace == [.gc, .deopt])
  }

  @Test func environmentAndFlagsRoundTrip() throws {
    let options = try Options(environment: ["OVID_JIT": "off", "OVID_COMPILE_THRESHOLD": "7", "HOME": "/"])
    #expect(options.flags == ["--jit=off", "--compile-threshold=7"])
    var again = Options()
    #expect(try again.parse(options.flags) == [])
    #expect(again.flags == options.flags)
  }

  @Test func errorsSayWhatToDo() {
    var options = Options()
    func message(_ arguments: String...) -> String {
      do {
        _ = try options.parse(arguments)
        return ""
      } catch { return "\(error)" }
    }
    #expect(message("--jitt=off") == "unknown option --jitt; did you mean --jit?")
    #expect(message("--gc-every=x") == "--gc-every=x: expected a number from 0 to 2147483647")
    #expect(message("--gc-every").hasPrefix("--gc-every needs a value: --gc-every=N"))
    #expect(message("--trace=comp") == "--trace=comp: expected some of compile,deopt,invalidate,osr,gc, or all")
    #expect(message("--heap-limit=99999999999999999999g").contains("expected a size"))
  }

  @Test func dumpRequests() {
    #expect(DumpRequest("A>>at:put:") == DumpRequest(method: "A>>at:put:"))
    #expect(DumpRequest("A>>run:build") == DumpRequest(method: "A>>run", pass: "build"))
    #expect(DumpRequest("A>>at:put:/build") == DumpRequest(method: "A>>at:put:", pass: "build"))
    #expect(DumpRequest("A>>/") == DumpRequest(method: "A>>/"))
  }

  @Test func everyRowIsDocumentedOnce() {
    #expect(Set(Options.table.map(\.name)).count == Options.table.count)
    let text = Options.documentation()
    for row in Options.table { #expect(text.contains("--\(row.name)") && text.contains(row.environmentVariable)) }
  }
}
