// The benchmarks of Are We Fast Yet, and how much of each is one iteration.

public struct SuiteBenchmark: Equatable, Sendable {
  var name: String
  /// How often the workload runs in one iteration, which is what is timed. For CD, Havlak, Mandelbrot and NBody the
  /// suite knows the right result of a few counts only; these are among them.
  var innerIterations: Int

  /// The suite's own counts.
  static let all = [
    SuiteBenchmark(name: "Richards", innerIterations: 100),
    SuiteBenchmark(name: "DeltaBlue", innerIterations: 12_000),
    SuiteBenchmark(name: "Json", innerIterations: 100),
    SuiteBenchmark(name: "CD", innerIterations: 250),
    SuiteBenchmark(name: "Havlak", innerIterations: 1500),
    SuiteBenchmark(name: "Bounce", innerIterations: 1500),
    SuiteBenchmark(name: "List", innerIterations: 1500),
    SuiteBenchmark(name: "Permute", innerIterations: 1000),
    SuiteBenchmark(name: "Queens", innerIterations: 1000),
    SuiteBenchmark(name: "Sieve", innerIterations: 3000),
    SuiteBenchmark(name: "Storage", innerIterations: 1000),
    SuiteBenchmark(name: "Towers", innerIterations: 600),
    SuiteBenchmark(name: "Mandelbrot", innerIterations: 500),
    SuiteBenchmark(name: "NBody", innerIterations: 250_000),
  ]

  /// Smaller ones, with verified results too, to try the harness.
  static var quick: [SuiteBenchmark] {
    all.map { benchmark in
      SuiteBenchmark(
        name: benchmark.name,
        innerIterations: ExampleSizes.areWeFastYet[benchmark.name]?.normal ?? benchmark.innerIterations)
    }
  }

  public struct NoSuchBenchmark: Error, CustomStringConvertible, Equatable {
    let pattern: String
    public var description: String {
      "no benchmark's name contains '\(pattern)'; --only takes a part of one of: "
        + SuiteBenchmark.all.map(\.name).joined(separator: ", ")
    }
  }

  /// Those whose name contains `pattern`, or all of them.
  public static func selected(_ pattern: String?, quick isQuick: Bool) throws(NoSuchBenchmark) -> [SuiteBenchmark] {
    let benchmarks = isQuick ? quick : all
    guard let pattern else { return benchmarks }
    let found = benchmarks.filter { $0.name.lowercased().contains(pattern.lowercased()) }
    guard !found.isEmpty else { throw NoSuchBenchmark(pattern: pattern) }
    return found
  }
}
