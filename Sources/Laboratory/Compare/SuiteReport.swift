// Everything that one comparison on the suite measured, as it is written to a file and read for `--against`.

import Foundation
import Ovid

struct SuiteReport: Codable, Equatable {
  static let formatName = "ovid-awfy-1"

  var format = SuiteReport.formatName
  var machine: String
  var date = ISO8601DateFormatter().string(from: Date())
  /// The commit of the suite's checkout.
  var commit: String?
  /// Iterations in each process, and processes of each implementation and benchmark.
  var iterations: Int
  var runs: Int
  /// Busy processes beside everything; nil in older files.
  var load: Int?
  /// Ovid, then the peers; the ratios that count are those to the first peer.
  var implementations: [Described]
  var rows: [Row] = []
  /// Derived from the rows, when all are there.
  var means: [MeanRatio] = []

  struct Described: Codable, Equatable {
    var name: String
    var version: String
    /// It is Ovid, too, on another core library: its ratios to the peers are shown as Ovid's are. Nil in older files.
    var isOvid: Bool?
  }

  struct Row: Codable, Equatable {
    var benchmark: String
    var innerIterations: Int
    /// In the order of the implementations.
    var results: [Result]

    subscript(name: String) -> Result? { results.first { $0.implementation == name } }
  }

  /// One implementation on one benchmark.
  struct Result: Codable, Equatable {
    var implementation: String
    var processes: [ProcessSample] = []
    /// Why its times do not count, if they do not.
    var refusal: String?

    /// A list for each process, of what one process says about the quantity. Empty if the result is refused.
    func sample(_ quantity: Quantity) -> Sample {
      Sample(processes: refusal == nil ? processes.map(quantity.values).filter { !$0.isEmpty } : [])
    }
    var times: Measurement { Measurement(runs: processes.map(\.times)) }
    /// The medians of what the compiler did.
    var compiler: CompilerFigures? {
      refusal == nil ? CompilerFigures(median: processes.compactMap(\.compiler)) : nil
    }
    /// The medians of what the collector did.
    var collector: CollectorFigures? {
      refusal == nil ? CollectorFigures(median: processes.compactMap(\.collector)) : nil
    }
  }

  var ovid: String { implementations.first?.name ?? "ovid" }
  var peers: [String] { implementations.dropFirst().map(\.name) }
  /// Ovid on other core libraries.
  var variants: [String] { implementations.dropFirst().filter { $0.isOvid == true }.map(\.name) }
  /// Whose ratios are shown: Ovid to all others, and its variants to those that are none.
  var pairs: [(own: String, peer: String)] {
    peers.map { (ovid, $0) }
      + variants.flatMap { own in peers.filter { !variants.contains($0) }.map { (own, $0) } }
  }
  var hasRefusals: Bool { rows.contains { $0.results.contains { $0.refusal != nil } } }

  func write(_ path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try OutputFile.write(String(decoding: try encoder.encode(self), as: UTF8.self) + "\n", path)
  }

  struct ReadProblem: Error, CustomStringConvertible, Equatable { let description: String }

  static func read(_ path: String) throws(ReadProblem) -> SuiteReport {
    let hint = "name a file that `ovid bench --awfy … --json FILE` wrote"
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
      throw ReadProblem(description: "cannot read \(path): \(hint)")
    }
    struct Head: Decodable { var format: String? }
    guard let head = try? JSONDecoder().decode(Head.self, from: data) else {
      throw ReadProblem(description: "\(path) is not JSON: \(hint)")
    }
    guard head.format == formatName else {
      throw ReadProblem(description: "\(path) holds no comparison on Are We Fast Yet (\(formatName)): \(hint)")
    }
    guard let report = try? JSONDecoder().decode(SuiteReport.self, from: data) else {
      throw ReadProblem(description: "\(path) is damaged: \(hint)")
    }
    return report
  }
}

/// What one process showed.
struct ProcessSample: Codable, Equatable {
  /// Microseconds of each iteration, first to last.
  var times: [Double]
  /// Microseconds of the process's time outside of iterations, most of it before the first one; nil in older files.
  var outsideMicroseconds: Double?
  /// The most memory that was resident at once; nil if that is not known (`ChildProcess.Outcome`).
  var peakKilobytes: Int?
  /// Ovid only.
  var compiler: CompilerFigures?
  /// Ovid only; nil in older files.
  var collector: CollectorFigures?
}

/// What the garbage collector did in one process.
struct CollectorFigures: Codable, Equatable {
  var collections: Double
  var fullCollections: Double
  var milliseconds: Double
  var longestPauseMilliseconds: Double

  init(_ statistics: Statistics) {
    collections = Double(statistics.collections)
    fullCollections = Double(statistics.fullCollections)
    milliseconds = Double(statistics.collectingMicroseconds) / 1000
    longestPauseMilliseconds = Double(statistics.longestPauseMicroseconds) / 1000
  }

  fileprivate init?(median all: [CollectorFigures]) {
    if all.isEmpty { return nil }
    collections = all.median(\.collections)
    fullCollections = all.median(\.fullCollections)
    milliseconds = all.median(\.milliseconds)
    longestPauseMilliseconds = all.median(\.longestPauseMilliseconds)
  }
}

/// What the compiler did in one process. Not `Statistics` itself, so that files from before a new counter are read.
struct CompilerFigures: Codable, Equatable {
  var methods: Int
  var loops: Int
  var optimizingMilliseconds: Double
  var generatingMilliseconds: Double
  /// Of what is mapped at the end; nil in older files.
  var codeKilobytes: Int?
  var deoptimizations: Int
  var invalidations: Int

  init(_ statistics: Statistics) {
    methods = statistics.compiles
    loops = statistics.osrCompiles
    optimizingMilliseconds = Double(statistics.optimizingMicroseconds) / 1000
    generatingMilliseconds = Double(statistics.generatingMicroseconds) / 1000
    codeKilobytes = statistics.codeBytes / 1024
    deoptimizations = statistics.totalDeoptimizations
    invalidations = statistics.invalidations
  }

  fileprivate init?(median all: [CompilerFigures]) {
    if all.isEmpty { return nil }
    methods = all.median(\.methods)
    loops = all.median(\.loops)
    optimizingMilliseconds = all.median(\.optimizingMilliseconds)
    generatingMilliseconds = all.median(\.generatingMilliseconds)
    codeKilobytes = all.median { $0.codeKilobytes ?? 0 }
    deoptimizations = all.median(\.deoptimizations)
    invalidations = all.median(\.invalidations)
  }
}

extension Array {
  fileprivate func median(_ value: (Element) -> Double) -> Double { Measurement.quantile(map(value), 0.5) }
  fileprivate func median(_ value: (Element) -> Int) -> Int { Int(median { Double(value($0)) }.rounded()) }
}
