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

  /// What is said last counts, and flags more than the environment; only commands keep code unasked.
  @Test func theFolderOfCompiledCode() throws {
    func folder(_ environment: [String: String], _ flags: [String] = [], keepsCode: Bool = true) throws -> String {
      var options = try Options(environment: environment.merging(["HOME": "/usr"]) { $1 }, keepsCode: keepsCode)
      #expect(try options.parse(flags) == [])
      let path = options.noCache ? nil : options.cacheDirectory
      return (path ?? "none") + (options.cacheIsUsual && path != nil ? ", usual" : "")
    }
    #expect(try folder([:]) == "/usr/.cache/ovid, usual")
    #expect(try folder([:], keepsCode: false) == "none")
    #expect(try folder(["OVID_CACHE_DIR": "/c"]) == "/c")
    #expect(try folder(["OVID_CACHE_DIR": ""]) == "none")
    #expect(try folder(["OVID_CACHE_DIR": "/c", "OVID_NO_CACHE": "on"]) == "none")
    #expect(try folder(["OVID_NO_CACHE": "on"], ["--cache-dir=/c"]) == "/c")
    #expect(try folder(["OVID_NO_CACHE": "on"], ["--no-cache=off"]) == "/usr/.cache/ovid, usual")
    #expect(try folder(["OVID_CACHE_DIR": "/c"], ["--no-cache"]) == "none")
    #expect(try folder([:], ["--no-cache", "--cache-dir=/c"]) == "/c")
    #expect(try folder([:], ["--cache-dir=/c", "--no-cache"]) == "none")
    #expect(try folder([:], ["--cache-dir="]) == "none")
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
