// `ovid format`: SOM sources in one layout.

import ArgumentParser
import Foundation
import SourceTools
import Syntax

struct FormatCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "format",
    abstract: "Rewrites SOM sources in one layout.",
    discussion: """
      Comments, parentheses and literals stay as they are. A line break before a statement, a keyword, an operator \
      or a message of a cascade stays a line break; the rest follows from what fits in \
      \(SourceFormatter.lineWidth) columns. The result is parsed again and compared before a file is replaced; a \
      file with syntax errors is not touched.
      """)

  @Flag(help: "Change nothing; list the files that would change, and end with status 1 if there are any.")
  var check = false
  @Flag(help: "Format standard input to standard output.") var stdin = false
  @Argument(help: "Files, and folders to search for *.som.") var paths: [String] = []

  func validate() throws {
    if stdin != paths.isEmpty {
      throw ValidationError("which files? Name files or folders, or give --stdin alone.")
    }
  }

  func run() throws {
    try reporting {
      var failed = false
      if stdin {
        failed = !formatStandardInput()
      } else {
        for path in try SomFiles.find(paths) where try !format(path) { failed = true }
      }
      if failed { throw ExitCode(ExitStatus.failure) }
    }
  }

  /// False if the file is in error or, with --check, not formatted.
  private func format(_ path: String) throws -> Bool {
    do {
      let source = try SomFiles.read(path)
      let text = try SourceFormatter.format(source)
      if Array(text.utf8) == source.bytes { return true }
      print(path)
      if check { return false }
      try SomFiles.replace(path, with: text)
      return true
    } catch {
      complain("\(error)")
      return false
    }
  }

  private func formatStandardInput() -> Bool {
    let source = SourceText(name: "<stdin>", bytes: [UInt8](FileHandle.standardInput.readDataToEndOfFile()))
    do {
      let text = try SourceFormatter.format(source)
      if check { return Array(text.utf8) == source.bytes }
      FileHandle.standardOutput.write(Data(text.utf8))
      return true
    } catch {
      complain("\(error)")
      return false
    }
  }
}
