// The options of a virtual machine: one row each (name, type, default, help, environment variable). Command-line
// flags, environment and documentation derive from `Options.table`.

import Optimizer

/// What `--trace` can print, one line an event, on standard error.
public enum TraceTopic: String, Sendable, Codable, CaseIterable {
  /// What is compiled; why compiled code is left; what edits make invalid; loops that enter compiled code; collections.
  case compile, deopt, invalidate, osr, gc
}

/// A method, and for IR dumps optionally one pass, as `--dump-ir` and `--dump-asm` name them.
public struct DumpRequest: Sendable, Hashable {
  /// `Class>>selector`, `*` for every method.
  public var method: String
  /// nil: after the last pass.
  public var pass: String?

  public init(method: String, pass: String? = nil) {
    self.method = method
    self.pass = pass
  }

  public func matches(_ name: String) -> Bool { method == "*" || method == name }
}

/// Where GCC runs.
public enum CompilerPlace: String, Sendable, Codable, CaseIterable {
  /// In a process of its own, if the host has one to start: then its crashes cost the unit at hand only.
  case worker
  /// In the host's process.
  case process
  /// Nowhere: graphs are evaluated as they are, to test the optimizer.
  case evaluator
}

/// Every setting of a virtual machine. Defaults are the values of `Options()`.
public struct Options: Sendable {
  // Tiers.
  /// Compiles what is hot; without, everything is interpreted, whatever `baseline` is.
  public var jit = true
  /// Calls and loop turns after which a method is compiled.
  public var compileThreshold = 1000
  /// Runs what is warm as baseline code.
  public var baseline = true
  /// Calls after which that begins.
  public var baselineThreshold = 20
  /// The program waits for each compilation.
  public var compileNow = false
  /// The process in which GCC runs.
  public var compileIn = CompilerPlace.worker
  /// Seconds without work until that process ends; 0: it stays.
  public var workerIdle = 10
  /// Compiled code cannot be invalidated: accepts are refused. For measurements.
  public var uneditable = false
  /// Compiled code can be looked at and unwound to in full.
  public var debuggable = false
  /// How often a place is left before the method is compiled without it.
  public var deoptLimit = 4
  /// How often a method is compiled anew.
  public var recompileLimit = 8
  /// Methods that GCC compiles in one go.
  public var batchLimit = 8
  /// Of GCC: 0 to 3.
  public var optimizationLevel = 1
  /// How many of the optimizer's passes are done.
  public var passes = Optimizer.passCount
  // Memory.
  /// Bytes that the heap may have.
  public var heapLimit = 4 << 30
  /// Collect a large old space in steps.
  public var incrementalGC = false
  /// Bytes for new objects.
  public var nurserySize = 8 << 20
  /// Bytes of the main process's stack.
  public var stackLimit = 32 << 20
  // Processes of the program.
  /// Bytes of the stack of each other process.
  public var processStackLimit = 8 << 20
  /// Milliseconds.
  public var timeSlice = 10
  /// How much the machine's thread gives way to others, 0 to 19.
  public var niceness = 0
  // Files.
  /// The folder in which compiled code is kept; nil: none is.
  public var cacheDirectory: String? = nil
  /// Nobody has named that folder: it is where commands keep code by themselves, and nothing is said if it is of no use.
  public var cacheIsUsual = false
  /// Compiled code is kept nowhere.
  public var noCache = false
  /// The file in which accepts are kept; nil: they are not.
  public var changeLog: String? = nil
  /// Whether accepts are written into class files; only with `Capabilities.writesClasses`.
  public var writeBack = true
  // Seeing inside.
  /// What is told on the error output.
  public var trace: Set<TraceTopic> = []
  /// Methods whose graphs are printed.
  public var dumpIR: DumpRequest? = nil
  /// Methods whose machine code is printed.
  public var dumpAsm: DumpRequest? = nil
  /// Prints `Statistics` at the end.
  public var stats = false
  /// Errors in the words of upstream's implementation.
  public var upstreamWording = false
  // Stress.
  /// For tests: so many safepoints until compiled code is left; 0: it is not.
  public var deoptEvery = 0
  /// For tests: so many safepoints until a method is defined again; 0: never.
  public var redefineEvery = 0
  /// For tests: so many allocations until everything moves; 0: never.
  public var gcEvery = 0
  /// For tests: so many allocations until the next step of a collection that never ends; 0: never.
  public var gcSteps = 0
  /// For tests: so many safepoints until another process has its turn; 0: never.
  public var preemptEvery = 0

  /// The defaults.
  public init() {}
}

extension Options {
  /// One row for each option, in the order in which help lists them.
  public static let table: [OptionRow] = [
    .flag("jit", \.jit, "compile hot methods; off: interpret everything"),
    .count(
      "compile-threshold", \.compileThreshold, 1...Int(Int32.max),
      "calls and iterations after which a method is compiled"),
    .flag(
      "baseline", \.baseline,
      "run what is warm by baseline code, made of it at once, until it is compiled; off: interpret it until then"),
    .count(
      "baseline-threshold", \.baselineThreshold, 1...Int(Int32.max),
      "calls and iterations after which a method has baseline code"),
    .flag("compile-now", \.compileNow, "compile on the program's own thread and wait for it (for tests)"),
    .choice(
      "compile-in", \.compileIn,
      "where GCC runs: in a worker process, or in the program's, which its crashes end; evaluator: not at all, what is "
        + "hot is evaluated operation by operation, slowly (for tests)"),
    .count(
      "worker-idle", \.workerIdle, 0...86_400,
      "seconds without work after which the worker process ends, until there is some again; 0: it stays"),
    .flag(
      "uneditable", \.uneditable, code: .value,
      "compile without polls and validity checks: edits no longer reach running loops (for measuring only)"),
    .flag(
      "debuggable", \.debuggable,
      "compile so that a debugger can look at and restart whatever waits in compiled code (`ovid debug` does)"),
    .count(
      "deopt-limit", \.deoptLimit, 1...1_000_000,
      "failures of one guard after which its code is compiled again without that speculation"),
    .count(
      "recompile-limit", \.recompileLimit, 1...1_000_000,
      "speculations of a method that fail within a minute or so before it is left to the interpreter for a minute"),
    .count("batch-limit", \.batchLimit, 1...1024, "methods that are compiled together at most"),
    .count(
      "optimization-level", \.optimizationLevel, 0...3, code: .value,
      "GCC's -O; with 1, small units are compiled with 2"),
    .count("passes", \.passes, 0...Optimizer.passCount, "passes of the optimizer that are run (to find a wrong one)"),
    .size("heap-limit", \.heapLimit, (4 << 20)...(1 << 46), "bytes of objects at most"),
    .flag(
      "incremental-gc", \.incrementalGC,
      "collect many old objects in steps: shorter pauses, somewhat more time and memory; not tried enough to be the default"
    ),
    .size("nursery-size", \.nurserySize, (64 << 10)...(1 << 34), "bytes of the nursery"),
    .size("stack-limit", \.stackLimit, (1 << 20)...(1 << 36), "bytes of frames at most"),
    .size(
      "process-stack-limit", \.processStackLimit, (1 << 20)...(1 << 36),
      "the same for each process that a program starts"),
    .count(
      "time-slice", \.timeSlice, 0...60_000,
      "milliseconds after which another process of the same priority has its turn; 0: when the one that runs waits"),
    .count(
      "nice", \.niceness, 0...19,
      "how much the program gives way to everything else on this computer, as nice(1) counts it"),
    .text(
      "cache-dir", \.namedCacheDirectory, "FOLDER",
      "where compiled code is kept between runs; without, in ovid in the user's cache folder (`ovid cache` says where)"),
    .flag("no-cache", \.noCache, "keep compiled code nowhere, and load none"),
    .text("change-log", \.changeLog, "FILE", "where accepted changes are logged"),
    .flag("write-back", \.writeBack, "write what an editor accepts into the class's file"),
    .topics("trace", \.trace, "print these events on standard error"),
    .dump("dump-ir", \.dumpIR, "print the IR of a method (`*`: all), after one pass or the last"),
    .dump("dump-asm", \.dumpAsm, "print the machine code of a method (`*`: all)"),
    .flag("stats", \.stats, "print counters and the time of each compiler phase at the end"),
    .flag(
      "upstream-wording", \.upstreamWording,
      "print upstream's words for a wrong argument after Ovid's (for upstream's integration tests)"),
    .count(
      "deopt-every", \.deoptEvery, 0...Int(Int32.max), code: .presence("1"),
      "stress: every N-th safepoint and guard deoptimizes"),
    .count(
      "redefine-every", \.redefineEvery, 0...Int(Int32.max),
      "stress: at every N-th poll, redefine a random method as it is"),
    .count(
      "preempt-every", \.preemptEvery, 0...Int(Int32.max),
      "stress: poll at every chance; another process has its turn at every N-th"),
    .count("gc-every", \.gcEvery, 0...Int(Int32.max), "stress: collect, move and poison at every N-th allocation"),
    .count(
      "gc-steps", \.gcSteps, 0...Int(Int32.max),
      "stress: collect old space all the time, a little at every N-th allocation, and poison what is swept"),
  ]

  /// `cacheDirectory` if somebody has named it.
  private var namedCacheDirectory: String? {
    get { cacheIsUsual ? nil : cacheDirectory }
    set {
      cacheDirectory = newValue
      cacheIsUsual = false
      noCache = false
    }
  }

  /// The row of an option, or an error that names the closest one.
  static func row(_ name: String) throws(OptionError) -> OptionRow {
    if let row = table.first(where: { $0.name == name }) { return row }
    let close = table.map { ($0.name, editDistance($0.name, name)) }.min { $0.1 < $1.1 }
    throw .unknown(name: name, suggestion: close.flatMap { $0.1 <= 3 ? $0.0 : nil })
  }

  /// Sets one option from text. A flag without a value is switched on.
  public mutating func set(_ name: String, _ value: String?) throws(OptionError) {
    let row = try Self.row(name)
    guard let text = value ?? row.impliedValue else { throw .missingValue(row: row) }
    guard row.parse(&self, text) else { throw .badValue(row: row, found: text) }
  }

  /// Options set in the environment (`OVID_JIT=off`, …). Code is kept in the user's cache folder if `keepsCode` and nobody
  /// says otherwise.
  public init(environment: [String: String], keepsCode: Bool = false) throws(OptionError) {
    self.init()
    if keepsCode {
      cacheDirectory = CacheFolder.usualPath(environment: environment)
      cacheIsUsual = cacheDirectory != nil
    }
    for row in Self.table {
      guard let text = environment[row.environmentVariable] else { continue }
      guard row.parse(&self, text) else { throw .badEnvironment(row: row, found: text) }
    }
  }

  /// Takes the options that stand before the first argument that is not a `--name[=value]` of the table, and
  /// answers the rest. `--name value` is understood too, for options that need a value.
  public mutating func parse(_ arguments: [String]) throws(OptionError) -> [String] {
    var i = 0
    while i < arguments.count, arguments[i].hasPrefix("--"), arguments[i].count > 2 {
      let text = arguments[i].dropFirst(2)
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let row = try Self.row(String(parts[0]))
      var value = parts.count > 1 ? String(parts[1]) : nil
      if value == nil, row.impliedValue == nil {
        i += 1
        guard i < arguments.count else { throw .missingValue(row: row) }
        value = arguments[i]
      }
      try set(row.name, value)
      i += 1
    }
    return Array(arguments[i...])
  }

  /// The options as a table of text, for `--help` and the documentation.
  public static func documentation() -> String {
    let defaults = Options()
    let left = table.map { "--\($0.name)\($0.argument)" }
    let width = left.map(\.count).max() ?? 0
    return zip(table, left).map { row, flag in
      "\(flag)\(String(repeating: " ", count: width - flag.count))  \(row.help) "
        + "[\(row.print(defaults)); \(row.environmentVariable)]"
    }.joined(separator: "\n")
  }

  /// Every option that differs from its default, as flags: another process started with them behaves the same.
  public var flags: [String] {
    let defaults = Options()
    return Self.table.compactMap { row in
      let text = row.print(self)
      return text == row.print(defaults) ? nil : "--\(row.name)=\(text)"
    }
  }
}

/// Edits (insert, delete, replace) between two names.
private func editDistance(_ a: String, _ b: String) -> Int {
  let a = Array(a), b = Array(b)
  var row = Array(0...b.count)
  for i in 0..<a.count {
    var diagonal = row[0]
    row[0] = i + 1
    for j in 0..<b.count {
      let next = min(row[j] + 1, row[j + 1] + 1, diagonal + (a[i] == b[j] ? 0 : 1))
      diagonal = row[j + 1]
      row[j + 1] = next
    }
  }
  return row[b.count]
}
