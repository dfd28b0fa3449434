// `ovid doctor`: whether this machine has what Ovid can use, and the command that installs what is missing.

import ArgumentParser
import Foundation
import Ovid

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Checks libgccjit, its tools and folders; says how to install what is missing.")

  func run() throws {
    var isFine = true
    for finding in Diagnosis.all() {
      print("\(finding.isFine ? "ok     " : "MISSING") \(finding.subject): \(finding.detail)")
      if let remedy = finding.remedy { print("        \(remedy)") }
      isFine = isFine && (finding.isFine || !finding.concernsCompiling)
    }
    print(
      isFine
        ? "Hot methods are compiled. Try: ovid demo live-edit"
        : "Programs run, but what is hot in them is not compiled until this is mended.")
    if !isFine { throw ExitCode(ExitStatus.failure) }
  }
}

/// The checks of `ovid doctor`, as data.
struct Diagnosis: Equatable {
  var subject: String
  var isFine: Bool
  var detail: String
  var remedy: String?
  /// Without it, what is hot is not compiled.
  var concernsCompiling = true

  static func all() -> [Diagnosis] {
    let room = temporaryFolder()
    return [library(), tool("as", package: "binutils"), room] + (room.isFine ? [compiling()] : [])
      + [baselineCode(), cacheFolder(), lineEditing()]
  }

  private static func install(_ packages: String) -> String {
    "install it with: apt-get update && apt-get install -y \(packages)   (or: make setup)"
  }

  private static func library() -> Diagnosis {
    let state = CompilerSupport.probe()
    switch state {
    case .found(let version):
      return Diagnosis(subject: "libgccjit", isFine: true, detail: "of GCC \(version)")
    case .missing(let reason):
      return Diagnosis(
        subject: "libgccjit", isFine: false, detail: reason, remedy: install("libgccjit-12-dev gcc-12"))
    }
  }

  private static func tool(_ name: String, package: String) -> Diagnosis {
    for folder in (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":") {
      let path = "\(folder)/\(name)"
      if access(path, X_OK) == 0 { return Diagnosis(subject: name, isFine: true, detail: path) }
    }
    return Diagnosis(
      subject: name, isFine: false, detail: "not on PATH, and libgccjit calls it", remedy: install(package))
  }

  /// GCC and the assembler write files, and nothing is compiled without room for them.
  private static func temporaryFolder() -> Diagnosis {
    let (folder, room, needed) = CompilerSupport.temporaryFiles()
    guard let room, room < needed else {
      return Diagnosis(subject: "temporary files", isFine: true, detail: "there is room in \(folder)")
    }
    return Diagnosis(
      subject: "temporary files", isFine: false,
      detail: "\(folder) has room for \(room >> 10) KB; compiling may need \(needed >> 10)",
      remedy: "remove what is not needed there, or set TMPDIR to another folder")
  }

  private static func lineEditing() -> Diagnosis {
    guard let problem = LineEditing.problem else {
      return Diagnosis(subject: "libedit", isFine: true, detail: "for the prompt (ovid repl)")
    }
    return Diagnosis(
      subject: "libedit", isFine: false, detail: "\(problem); the prompt (ovid repl) has no history and completion",
      remedy: install("libedit2"), concernsCompiling: false)
  }

  /// Compiles one small loop, end to end, and looks whether it ran compiled.
  private static func compiling() -> Diagnosis {
    do {
      var options = Options()
      options.compileNow = true
      let vm = try VirtualMachine(
        options: options, capabilities: .all, output: .captured(by: OutputCapture()),
        compileWorker: CompileWorker.ownCommand)
      let answer = try vm.evaluate("| n | n := 0. 1 to: 100000 do: [ :i | n := n + i ]. ^n")
      let statistics = vm.statistics()
      guard answer.value == .integer(5_000_050_000) else {
        return Diagnosis(subject: "compiling", isFine: false, detail: "a test loop answered \(answer)")
      }
      let count = statistics.compiles + statistics.osrCompiles
      guard count > 0 else {
        return Diagnosis(
          subject: "compiling", isFine: false, detail: "a test loop was interpreted only",
          remedy: "ovid run --trace=compile <program> says why")
      }
      return Diagnosis(subject: "compiling", isFine: true, detail: "a test loop ran as machine code")
    } catch {
      return Diagnosis(subject: "compiling", isFine: false, detail: "\(error)")
    }
  }

  private static func baselineCode() -> Diagnosis {
    Diagnosis(
      subject: "baseline code", isFine: CompilerSupport.hasStencils,
      detail: CompilerSupport.hasStencils
        ? "what is warm runs as such until it is compiled (--baseline=off: is interpreted)"
        : "its stencils do not come with Ovid for this processor; what is warm is interpreted until GCC has made them",
      concernsCompiling: false)
  }

  private static func cacheFolder() -> Diagnosis {
    func diagnosis(_ detail: String, remedy: String? = nil) -> Diagnosis {
      Diagnosis(
        subject: "code cache", isFine: remedy == nil, detail: detail, remedy: remedy, concernsCompiling: false)
    }
    do {
      let use = try CacheUse()
      switch use {
      case .used, .notThereYet: return diagnosis("\(use)")
      case .none: return diagnosis("none, compiled code lives as long as its program: \(use)")
      case .unusable: return diagnosis("\(use)", remedy: "set OVID_CACHE_DIR to a folder of your own")
      }
    } catch { return diagnosis("none: \(error)") }
  }
}
