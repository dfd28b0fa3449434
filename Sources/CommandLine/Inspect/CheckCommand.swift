// `ovid check`: what is wrong, or looks wrong, in SOM sources, without running them.

import ArgumentParser
import Foundation
import SourceTools
import Syntax
import VM

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Reports errors and suspicious places in SOM sources.",
    discussion: """
      Errors: what does not parse or compile, superclasses that are not found, names that are no variable, field, \
      class or global. Warnings: variables and fields that nothing uses, selectors that no class implements \
      (of the checked files, their folders, the class path and the core library), statements after a ^, methods \
      and variables defined twice. The status is 1 if there are errors.
      """)

  @Option(name: [.customLong("cp", withSingleDash: true), .long], help: "Folders to search for classes.")
  var classpath: String?
  @Flag(help: "Warnings count as errors.") var strict = false
  @Flag(help: "Print a JSON array, for editors.") var json = false
  @Argument(help: "Files, and folders to search for *.som.") var paths: [String]

  func run() throws {
    try reporting {
      let files = try SomFiles.find(paths)
      let folders = classpath.map { $0.split(separator: ":").map(String.init) } ?? []
      let checker = Checker(known: Self.known(classPath: folders, files: files))
      var report: [JSONFinding] = []
      var errors = 0, warnings = 0
      for path in files {
        let (source, findings) = examine(path, checker)
        for finding in findings {
          if finding.severity == .error { errors += 1 } else { warnings += 1 }
          if json { report.append(finding.json(in: source)) } else { print(finding.text(in: source)) }
        }
      }
      if json {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(report), as: UTF8.self))
      } else {
        print(Self.summary(files.count, errors, warnings))
      }
      if errors > 0 || (strict && warnings > 0) { throw ExitCode(ExitStatus.failure) }
    }
  }

  static func known(classPath: [String], files: [String]) -> KnownClasses {
    KnownClasses(classPath: classPath, files: files, library: library, helpers: helpers)
  }

  /// What is there besides the files: the bundled library, and what a test case tells its results to.
  static var library: [SourceText] {
    CoreLibrary.classNames.compactMap { name in
      CoreLibrary.source(of: name).map { SourceText(name: name, bytes: $0) }
    }
  }
  static var helpers: [SourceText] { [SourceText(name: "TestDriver", bytes: PackageResources.TestDriver_som)] }

  private func examine(_ path: String, _ checker: Checker) -> (SourceText, [Finding]) {
    do throws(SomFiles.Problem) {
      let source = try SomFiles.read(path)
      return (source, checker.check(source))
    } catch {
      let nothing = SourceText(name: path, "")
      return (nothing, [Finding(.error, .unreadable, error.description, at: SourceRange(0, 0))])
    }
  }

  static func summary(_ files: Int, _ errors: Int, _ warnings: Int) -> String {
    func count(_ n: Int, _ word: String) -> String { "\(n) \(word)\(n == 1 ? "" : "s")" }
    return "\(count(files, "file")): \(count(errors, "error")), \(count(warnings, "warning"))"
  }
}
