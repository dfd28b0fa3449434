// Counters of one virtual machine, for `--stats`, tests and the server. A snapshot is a plain value.

import IR

/// What a machine has done since it was made. Times are microseconds, unless their name says otherwise.
public struct Statistics: Sendable, Codable {
  /// Methods that were compiled.
  public var compiles = 0
  /// Loops that were compiled to be entered in the middle.
  public var osrCompiles = 0
  /// Those of both that came from the cache folder.
  public var cachedCompiles = 0
  /// Compilations that failed.
  public var failedCompiles = 0
  /// Those whose result was outdated when it was there.
  public var droppedCompiles = 0
  /// Time in the optimizer.
  public var optimizingMicroseconds = 0
  /// Time in GCC.
  public var generatingMicroseconds = 0
  /// By phase: of the optimizer, the backend (in all compile workers), and what puts code in its place.
  public var optimizing = PhaseTimes()
  /// That, by phases.
  public var generating = PhaseTimes()
  /// The phases of loading what GCC has made.
  public var loading = PhaseTimes()
  /// By the name of the `DeoptReason`.
  public var deoptimizations: [String: Int] = [:]
  /// Units that were made invalid.
  public var invalidations = 0
  /// Units compiled again because what they call had become hot.
  public var reprofiled = 0
  /// How often a loop has entered compiled code.
  public var osrEntries = 0
  /// Methods that were given baseline code, their instructions, the time, and what of that code there is now.
  public var baselineCompiles = 0
  /// Instructions that were made into baseline code.
  public var baselineInstructions = 0
  /// Time for that.
  public var baselineNanoseconds = 0
  /// Bytes of baseline code.
  public var baselineBytes = 0
  /// Frames that were rebuilt for the interpreter.
  public var framesRebuilt = 0
  /// Objects that compiled code had done without, made after all.
  public var objectsRebuilt = 0
  /// Accepts that were made.
  public var accepts = 0
  /// Accepts that were refused.
  public var refusedAccepts = 0
  /// Compiled units that are installed now.
  public var codeUnits = 0
  /// Machine code and data that are mapped now.
  public var codeBytes = 0
  /// Units whose memory was given back.
  public var freedUnits = 0
  /// Method versions there are now, and classes with the shapes they had.
  public var methods = 0
  /// Classes and shapes now.
  public var shapes = 0
  /// How often what edits leave behind was freed, and how much of it.
  public var reclamations = 0
  /// Old versions whose memory was given back.
  public var freedMethods = 0
  /// Shapes that were given up.
  public var freedShapes = 0
  /// Classes that keep unboxed doubles in fields now.
  public var unboxedClasses = 0
  /// Collections.
  public var collections = 0
  /// Of these, in the whole heap.
  public var fullCollections = 0
  /// Time in them.
  public var collectingMicroseconds = 0
  /// Time of the longest.
  public var longestPauseMicroseconds = 0
  /// Polls that somebody has asked for.
  public var polls = 0
  /// Methods that the stress flag has defined again.
  public var redefinitions = 0
  /// Processes of the program that were started, the most at once (the main one included), and how often one took over
  /// from another.
  public var processesStarted = 0
  /// At once.
  public var mostProcesses = 1
  /// Changes from one process to another.
  public var processSwitches = 0
  /// Processes that compiled.
  public var workersStarted = 0
  /// Those of them that crashed, hung or answered nonsense.
  public var workersDied = 0
  /// The most memory that was resident in one of them at once.
  public var workerPeakKilobytes = 0
  /// Of these, what is in the program's process at the same time: the pages of the executable and of libraries.
  public var workerSharedKilobytes = 0

  /// Of a machine that has done nothing.
  public init() {}

  /// Every phase that a unit goes through, in order.
  public var phases: PhaseTimes {
    var all = optimizing
    all.add(generating)
    all.add(loading)
    return all
  }

  var compilingMicroseconds: Int { optimizingMicroseconds + generatingMicroseconds }
  /// Times that compiled code was left, for all reasons.
  public var totalDeoptimizations: Int { deoptimizations.values.reduce(0, +) }

  mutating func count(_ reason: DeoptReason) { deoptimizations["\(reason)", default: 0] += 1 }
}

/// Counters, and what the program takes of memory and processor.
public struct LiveFigures: Sendable, Codable {
  /// Counters.
  public var statistics: Statistics
  /// In use, garbage included.
  public var heapBytes: Int
  /// What the machine's thread has had, in seconds.
  public var processorSeconds: Double
}

extension Statistics: CustomStringConvertible {
  public var description: String {
    var rows: [(String, String)] = [
      ("compiled", "\(compiles) methods, \(osrCompiles) loops (\(cachedCompiles) from the cache)"),
      ("not compiled", "\(failedCompiles) failed, \(droppedCompiles) outdated when they were done"),
      ("compile time", "\(optimizingMicroseconds / 1000) ms optimizing, \(generatingMicroseconds / 1000) ms in GCC"),
    ]
    rows += phases.rows.map { ("  " + $0.name, $0.time) }
    rows += [
      ("compile workers", "\(workersStarted) started, \(workersDied) died, \(workerPeakKilobytes >> 10) MB at most"),
      (
        "code units",
        "\(codeUnits) installed (\(codeBytes / 1024) KB), \(freedUnits) freed, \(invalidations) invalidated, "
          + "\(reprofiled) for a new profile"
      ),
      (
        "baseline code",
        "of \(baselineCompiles) methods, \(baselineInstructions) instructions (\(baselineBytes / 1024) KB) in "
          + "\(baselineNanoseconds / 1000) µs"
      ),
      ("on-stack replacements", "\(osrEntries)"),
      ("deoptimizations", "\(totalDeoptimizations)"),
    ]
    rows += deoptimizations.sorted { $0.value > $1.value }.map { ("  " + $0.key, "\($0.value)") }
    if unboxedClasses > 0 { rows.append(("unboxed doubles", "in fields of \(unboxedClasses) classes")) }
    rows.append(
      (
        "collections",
        "\(collections), \(fullCollections) full; \(collectingMicroseconds / 1000) ms, the longest pause "
          + "\(longestPauseMicroseconds) µs"
      ))
    if processesStarted > 0 {
      rows.append(
        ("processes", "\(processesStarted) started, \(mostProcesses) at most at once, \(processSwitches) switches"))
    }
    rows.append(("accepts", "\(accepts), \(refusedAccepts) refused"))
    if reclamations > 0 {
      rows.append(
        (
          "left by edits",
          "\(freedMethods) method versions and \(freedShapes) shapes freed in \(reclamations) collections; "
            + "\(methods) and \(shapes) are there"
        ))
    }
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { "\($0)\(String(repeating: " ", count: width - $0.count))  \($1)" }.joined(separator: "\n")
  }
}
