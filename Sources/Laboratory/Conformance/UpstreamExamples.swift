// The programs in Examples of the upstream checkout, and of a checkout of Are We Fast Yet: every class below
// Benchmark, found in the sources, and the programs that stand alone.

import Foundation

extension UpstreamCheckout {
  func examples() throws -> [ConformanceCase] {
    let older = "\(path)/Examples/Benchmarks"
    return try AreWeFastYet(folder: "\(path)/Examples/AreWeFastYet", suite: "Examples/AreWeFastYet").cases()
      + olderBenchmarks(older) + programs(older)
  }

  private func olderBenchmarks(_ folder: String) throws -> [ConformanceCase] {
    try BenchmarkFolder(folder).benchmarks.map { benchmark in
      if !benchmark.isVerified || benchmark.name == "SlopStone" { return try unverified(benchmark, folder) }
      var folders = [benchmark.folder, folder]
      if benchmark.name.hasPrefix("Som") { folders += somSomSources(folder) }
      if benchmark.name == "All" {
        folders += ["TestSuite", "Richards", "DeltaBlue", "NBody", "Json", "GraphSearch", "LanguageFeatures"]
          .map { "\(folder)/\($0)" }
      }
      return ConformanceCase(
        suite: "Examples/Benchmarks", name: benchmark.name, program: "\(folder)/BenchmarkHarness.som",
        arguments: [benchmark.name, "1"], size: ExampleSizes.older[benchmark.name] ?? ConformanceSize(),
        classPath: folders, directory: path,
        expectation: .success(
          printing: ["Total Runtime:"], never: ["incorrect result", "Failures:", "differs from actual"]))
    }
  }

  /// Without a `verifyResult:` (or, SlopStone, with a loop that answers no boolean) the harness calls every run a
  /// failure. It must at least run.
  private func unverified(_ benchmark: BenchmarkFolder.Found, _ folder: String) throws -> ConformanceCase {
    let program = "Run\(benchmark.name)"
    let loop =
      benchmark.isVerified
      ? "benchmark innerBenchmarkLoop: (args at: 2) asInteger"
      : "(args at: 2) asInteger timesRepeat: [ benchmark benchmark ]"
    try """
    \(program) = (
      run: args = (
        | benchmark |
        benchmark := \(benchmark.name) new.
        benchmark oneTimeSetup.
        \(loop).
        'done' println
      )
    )
    """.write(toFile: "\(scratch)/\(program).som", atomically: true, encoding: .utf8)
    return ConformanceCase(
      suite: "Examples/Benchmarks", name: benchmark.name, program: "\(scratch)/\(program).som",
      size: ExampleSizes.older[benchmark.name] ?? ConformanceSize(), classPath: [benchmark.folder, folder],
      directory: path, expectation: .success(printing: ["done"], never: ["Benchmark failed", "ERROR"]))
  }

  /// SomInit and SomParse load the classes of nearly everything.
  private func somSomSources(_ folder: String) -> [String] {
    ["Json", "DeltaBlue", "GraphSearch", "NBody"].map { "\(folder)/\($0)" }
      + ["\(path)/Examples", "\(path)/TestSuite", "\(path)/SomSom/tests"]
      + Self.somSomFolders.map { "\(path)/SomSom/src/\($0)" }
  }

  /// Programs with a `run` of their own.
  private func programs(_ folder: String) -> [ConformanceCase] {
    func program(_ file: String, _ arguments: [String] = [], prints: [String]) -> ConformanceCase {
      let name = String(file.split(separator: "/").last ?? "")
      return ConformanceCase(
        suite: "Examples, programs", name: name, program: "\(path)/Examples/\(file).som", arguments: arguments,
        classPath: [], directory: path, expectation: .success(printing: prints, never: ["ERROR"]))
    }
    return [
      program("Hello", prints: ["Hello, World from SOM"]),
      program("Echo", ["one", "two"], prints: ["one two"]),
      program("Benchmarks/GCBenchmark/GCBench", prints: ["Completed in"]),
      program("Benchmarks/NBody/NBodyBench", ["1000"], prints: ["-0.16907"]),
      program("Benchmarks/Richards/RichardsBenchmarks", prints: ["These results are correct"]),
    ]
  }
}

/// The benchmarks of Are We Fast Yet, upstream's copy or the original.
public struct AreWeFastYet {
  let folder: String
  let suite: String

  public init(folder: String, suite: String) {
    self.folder = folder
    self.suite = suite
  }

  public func cases() throws -> [ConformanceCase] {
    try BenchmarkFolder(folder).benchmarks.map { benchmark in
      ConformanceCase(
        suite: suite, name: benchmark.name, program: "\(folder)/Harness.som", arguments: [benchmark.name, "1"],
        size: ExampleSizes.areWeFastYet[benchmark.name] ?? ConformanceSize(),
        classPath: [benchmark.folder, folder, "\(folder)/Core"], directory: folder,
        expectation: .success(printing: ["Total Runtime:"], never: ["incorrect result", "ERROR"]),
        timeout: benchmark.name == "Havlak" ? 300 : 60)
    }
  }
}

/// The concrete benchmarks below a folder: the classes that inherit from Benchmark.
struct BenchmarkFolder {
  struct Found {
    var name: String
    var folder: String
    /// It, or a class between it and Benchmark, says which results are right.
    var isVerified: Bool
  }

  /// In order of their names.
  let benchmarks: [Found]

  init(_ root: String) throws {
    var classes: [String: (superclass: String, found: Found)] = [:]
    guard let files = FileManager.default.enumerator(atPath: root) else {
      throw UpstreamCheckout.Problem(description: "no folder \(root)")
    }
    for case let file as String in files where file.hasSuffix(".som") {
      let text = try String(contentsOfFile: "\(root)/\(file)", encoding: .utf8)
      let definition = /(?m)^(\w+) = (\w*) ?\(/
      guard let match = text.firstMatch(of: definition)?.output else { continue }
      let folder = "\(root)/\(file)".split(separator: "/", omittingEmptySubsequences: false).dropLast()
      let found = Found(
        name: String(match.1), folder: folder.joined(separator: "/"),
        isVerified: text.contains(/(?:verifyResult|innerBenchmarkLoop): *\w+ *=/))
      classes[found.name] = (String(match.2), found)
    }
    /// nil if it is no benchmark.
    func isVerified(_ name: String) -> Bool? {
      guard let (superclass, found) = classes[name] else { return nil }
      if superclass == "Benchmark" { return found.isVerified }
      return isVerified(superclass).map { $0 || found.isVerified }
    }
    benchmarks = classes.values.compactMap { _, found in
      let isAbstract = found.name == "Sort" || found.name.hasSuffix("Common")
      guard !isAbstract, let isVerified = isVerified(found.name) else { return nil }
      return Found(name: found.name, folder: found.folder, isVerified: isVerified)
    }.sorted { $0.name < $1.name }
  }
}
