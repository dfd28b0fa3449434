// Counters of one virtual machine, for `--stats`, tests and the server. A snapshot is a plain value.

import IR

public struct Statistics: Sendable, Codable {
  public var compiles = 0
  public var osrCompiles = 0
  public var cachedCompiles = 0
  public var failedCompiles = 0
  public var droppedCompiles = 0
  public var optimizingMicroseconds = 0
  public var generatingMicroseconds = 0
  /// By phase: of the optimizer, the backend (in all compile workers), and what puts code in its place.
  public var optimizing = PhaseTimes()
  public var generating = PhaseTimes()
  public var loading = PhaseTimes()
  /// By the name of the `DeoptReason`.
  public var deoptimizations: [String: Int] = [:]
  public var invalidations = 0
  /// Units compiled again because what they call had become hot.
  public var reprofiled = 0
  public var osrEntries = 0
  /// Methods that were given baseline code, their instructions, the time, and what of that code there is now.
  public var baselineCompiles = 0
  public var baselineInstructions = 0
  public var baselineNanoseconds = 0
  public var baselineBytes = 0
  public var framesRebuilt = 0
  public var objectsRebuilt = 0
  public var accepts = 0
  public var refusedAccepts = 0
  public var codeUnits = 0
  /// Machine code and data that are mapped now.
  public var codeBytes = 0
  public var freedUnits = 0
  /// Method versions there are now, and classes with the shapes they had.
  public var methods = 0
  public var shapes = 0
  /// How often what edits leave behind was freed, and how much of it.
  public var reclamations = 0
  public var freedMethods = 0
  public var freedShapes = 0
  /// Classes that keep unboxed doubles in fields now.
  public var unboxedClasses = 0
  public var collections = 0
  /// Of these, in the whole heap.
  public var fullCollections = 0
  public var collectingMicroseconds = 0
  public var longestPauseMicroseconds = 0
  public var polls = 0
  public var redefinitions = 0
  /// Processes of the program that were started, the most at once (the main one included), and how often one took over
  /// from another.
  public var processesStarted = 0
  public var mostProcesses = 1
  public var processSwitches = 0
  /// Processes that compiled.
  public var workersStarted = 0
  /// Those of them that crashed, hung or answered nonsense.
  public var workersDied = 0
  /// The most memory that was resident in one of them at once.
  public var workerPeakKilobytes = 0
  /// Of these, what is in the program's process at the same time: the pages of the executable and of libraries.
  public var workerSharedKilobytes = 0

  public init() {}

  /// Every phase that a unit goes through, in order.
  public var phases: PhaseTimes {
    var all = optimizing
    all.add(generating)
    all.add(loading)
    return all
  }

  var compilingMicroseconds: Int { optimizingMicroseconds + generatingMicroseconds }
  public var totalDeoptimizations: Int { deoptimizations.values.reduce(0, +) }

  mutating func count(_ reason: DeoptReason) { deoptimizations["\(reason)", default: 0] += 1 }
}

/// Counters, and what the program takes of memory and processor.
public struct LiveFigures: Sendable, Codable {
  public var statistics: Statistics
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
