// One program: what the reference says of it, and what a virtual machine makes of it with some flags.

import Foundation
import Ovid
import Reference
import SourceTools
import VM

/// What can be compared: what a program printed, and its status.
public struct FuzzResult: Equatable, Sendable {
  /// With the message of an error that ended it.
  var output: String
  var status: Int

  public init(output: String, errors: String = "", status: Int) {
    let messages = errors.split(separator: "\n").filter { $0.hasPrefix("ERROR: ") }
    self.output = output + messages.map { $0 + "\n" }.joined()
    self.status = status
  }

  /// The first line in which two results differ.
  public func difference(from expected: FuzzResult) -> String {
    let a = expected.output.split(separator: "\n", omittingEmptySubsequences: false)
    let b = output.split(separator: "\n", omittingEmptySubsequences: false)
    for i in 0..<max(a.count, b.count) where i >= a.count || i >= b.count || a[i] != b[i] {
      return
        "line \(i + 1) is \(i < b.count ? "'\(b[i])'" : "missing"), expected \(i < a.count ? "'\(a[i])'" : "nothing")"
    }
    return "status \(status), expected \(expected.status)"
  }
}

/// Flags of the virtual machine, as they are written on the command line.
public struct FuzzFlags: Equatable, Sendable, CustomStringConvertible {
  var words: [String]
  public var description: String { words.joined(separator: " ") }

  public init(_ words: [String]) { self.words = words }

  /// No flag of the virtual machine: what somebody at a debugger does meanwhile is decided by this seed.
  private static let stepping = "--step-through="
  public var steps: UInt64? {
    words.lazy.compactMap { $0.hasPrefix(Self.stepping) ? UInt64($0.dropFirst(Self.stepping.count)) : nil }.first
  }
  func stepping(seed: UInt64, debuggable: Bool) -> FuzzFlags {
    FuzzFlags(words + (debuggable ? ["--debuggable"] : []) + ["\(Self.stepping)\(seed)"])
  }

  public var options: Options {
    get throws {
      var options = Options()
      // One process for all programs: its parent notices when it crashes.
      options.compileIn = .process
      options.writeBack = false
      _ = try options.parse(words.filter { !$0.hasPrefix(Self.stepping) })
      return options
    }
  }

  /// Ways of interpreting that the seed decides.
  static func interpreted(_ random: inout SeededRandom) -> FuzzFlags {
    var words = ["--jit=off"]
    switch random.pick(6) {
    case 0: words.append("--gc-every=\(random.one(of: [13, 61, 257]))")
    case 1: words.append("--redefine-every=\(random.one(of: [97, 211]))")
    case 2: words.append("--gc-steps=\(random.one(of: [1, 3, 17]))")
    default: break
    }
    return FuzzFlags(words)
  }

  /// Ways of running baseline code; every third time what is hot is compiled, too.
  static func baseline(_ random: inout SeededRandom) -> FuzzFlags {
    let threshold = random.one(of: [250, 1_000_000_000, 1_000_000_000])
    var words = [
      "--baseline-threshold=\(random.one(of: [1, 3, 3, 20]))", "--optimization-level=0", "--compile-now",
      "--compile-threshold=\(threshold)",
    ]
    switch random.pick(6) {
    case 0: words.append("--gc-every=\(random.one(of: [13, 61, 257]))")
    case 1: words.append("--redefine-every=\(random.one(of: [7, 97, 211]))")
    case 2: words.append("--deopt-every=\(random.one(of: [7, 13, 101]))")
    case 3: words.append("--gc-steps=\(random.one(of: [1, 3, 17]))")
    default: break
    }
    return FuzzFlags(words)
  }

  /// Ways of compiling, most of them synchronously, so that a seed can be repeated.
  static func compiled(_ random: inout SeededRandom) -> FuzzFlags {
    // Compiling costs most: what gets hot enough is to be little, mostly.
    let threshold = random.one(of: [50, 250, 250, 250, 600, 600, 600, 600])
    var words = ["--optimization-level=0", "--compile-threshold=\(threshold)"]
    if random.chance(3) { words.append("--baseline=off") }
    if !random.chance(8) { words.append("--compile-now") }
    switch random.pick(6) {
    case 0: words.append("--deopt-every=\(random.one(of: [7, 13, 101]))")
    case 1: words.append("--gc-every=\(random.one(of: [61, 257]))")
    case 2: words.append("--redefine-every=\(random.one(of: [101, 503]))")
    case 3: words.append("--deopt-limit=\(random.one(of: [1, 20]))")
    case 4: words.append("--gc-steps=\(random.one(of: [1, 3, 17]))")
    default: break
    }
    return FuzzFlags(words)
  }
}

extension FuzzFlags {
  /// When processes lose their turns: what the seed decides.
  static func taking(turns random: inout SeededRandom) -> [String] {
    switch random.pick(10) {
    case 0...5: ["--preempt-every=\(random.one(of: [1, 2, 3, 7, 31]))"]
    case 6...8: ["--time-slice=0"]
    default: []
    }
  }
}

extension FuzzProgram {
  private static let acceptsFile = "accepts.json"

  /// Its files in a folder, which must be empty.
  func write(to folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    if !accepts.isEmpty {
      try JSONEncoder().encode(accepts).write(to: URL(fileURLWithPath: "\(folder)/\(Self.acceptsFile)"))
    }
    // Without Foundation, which waits until the disk has them.
    for (name, text) in files {
      let path = "\(folder)/\(name).som"
      guard let file = fopen(path, "w") else { throw SomFiles.Problem(description: "cannot write \(path)") }
      let isWritten = fputs(text, file) >= 0
      guard fclose(file) == 0, isWritten else { throw SomFiles.Problem(description: "cannot write \(path)") }
    }
  }

  /// A program's file and the classes beside it.
  public init(folder: String) throws {
    files = [:]
    if let data = FileManager.default.contents(atPath: "\(folder)/\(Self.acceptsFile)") {
      accepts = try JSONDecoder().decode([[FuzzChange]].self, from: data)
    }
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasSuffix(".som") {
      files[String(name.dropLast(4))] = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
    }
  }
}

/// What a virtual machine has made of a program.
public struct FuzzRun {
  public let result: FuzzResult
  let statistics: Statistics
  /// What it has printed on standard error.
  let errors: String
  /// What a debugger did meanwhile, by name.
  let debugging: [String: Int]
}

/// Runs programs in this process.
public struct FuzzCase {
  static let library = ReferenceLibrary { CoreLibrary.source(of: $0) }
  /// Activations of the reference need stack; only what is used becomes memory.
  private static let stackSize = 1 << 30

  /// What the one rule says; `limit` is set if it says nothing.
  public static func reference(_ program: FuzzProgram, main: String = FuzzProgram.main, steps: Int) -> ReferenceOutcome
  {
    let box = Box()
    do throws(NativeThread.Failure) {
      try NativeThread.start("ovid reference", stackBytes: stackSize) {
        let files = program.files.mapValues { Array($0.utf8) }
        box.outcome = ReferenceMachine(
          files: files, accepts: program.accepts.map { $0.map(\.forReference) }, library: library, steps: steps,
          recursion: FuzzProgram.recursion
        ).run(main)
        box.done.signal()
      }
      box.done.wait()
    } catch { box.outcome.limit = "no thread: \(error)" }
    return box.outcome
  }

  private final class Box: @unchecked Sendable {
    var outcome = ReferenceOutcome()
    let done = DispatchSemaphore(value: 0)
  }

  /// What a virtual machine makes of the program in `folder`. `steps`: somebody steps through it meanwhile.
  public static func run(
    folder: String, main: String = FuzzProgram.main, accepts: [[FuzzChange]] = [], _ options: Options,
    steps: UInt64? = nil
  ) throws -> FuzzRun {
    let editor = FuzzEditor(accepts)
    let machine = try VirtualMachine(
      options: options, classPath: [folder],
      capabilities: .all,
      output: .redirected(out: { editor.note($0, isError: false) }, error: { editor.note($0, isError: true) }))
    editor.start(machine)
    defer { editor.stop() }
    let debugger = try steps.map {
      FuzzDebugger(machine, try FuzzProgram(folder: folder), seed: $0, options)
    }
    debugger?.start()
    var status = 1, failure = ""
    do { status = try machine.run(main) } catch { failure = "\(error)\n" }
    debugger?.stop()
    if let problem = debugger?.problem { failure += "debugger: \(problem)\n" }
    return FuzzRun(
      result: FuzzResult(output: editor.output + failure, errors: editor.errors, status: status),
      statistics: machine.statistics(), errors: editor.errors, debugging: debugger?.counts ?? [:])
  }
}

extension FuzzChange {
  fileprivate var forReference: ReferenceChange {
    className.map { .method(className: $0, isClassSide: isClassSide, source: text) } ?? .classText(text)
  }
}
