import ArgumentParser

struct SoakCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "soak")
  func run() throws {}
}
