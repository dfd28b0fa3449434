import Testing

@testable import CommandLine

@Suite struct BenchCommandTests {
  @Test func optionsOfTheSuiteNeedTheSuite() {
    #expect(throws: (any Error).self) { try BenchCommand.parse(["--html", "x"]) }
    #expect(throws: (any Error).self) { try BenchCommand.parse(["--awfy", "x", "--figures"]) }
    #expect(throws: (any Error).self) { try BenchCommand.parse(["--awfy", "x", "--runs", "0"]) }
    let command = try? BenchCommand.parse(["--awfy", "x", "--flag", "--jit=off", "--flag=--uneditable"])
    #expect(command?.suite.flags == ["--jit=off", "--uneditable"])
  }
}
