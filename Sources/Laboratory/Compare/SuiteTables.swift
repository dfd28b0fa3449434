// The tables of a comparison, for the terminal, docs/performance.md and the HTML page alike.

extension SuiteReport {
  var tables: [ReportTable] {
    Quantity.allCases.map(table) + [compilerTable, collectorTable].filter { !$0.rows.isEmpty }
  }

  /// Values of all implementations, and Ovid's ratio to each peer, with the means below.
  func table(_ quantity: Quantity) -> ReportTable {
    var lines = rows.map { row in
      ["\(row.benchmark) (\(row.innerIterations))"] + implementations.map { cell(row, quantity, $0.name) }
        + pairs.map { ratio(row, quantity, of: $0.own, to: $0.peer).map { Figure.text($0.ratio) } ?? "–" }
    }
    if pairs.contains(where: { mean(quantity, of: $0.own, to: $0.peer) != nil }) {
      let empty = implementations.map { _ in "" }
      lines.append(
        ["geometric mean"] + empty
          + pairs.map { mean(quantity, of: $0.own, to: $0.peer).map { Figure.text($0.ratio) } ?? "–" })
      lines.append(
        ["95 % interval"] + empty + pairs.map { mean(quantity, of: $0.own, to: $0.peer)?.interval ?? "–" })
    }
    return ReportTable(
      title: quantity.title, note: quantity.note,
      columns: ["benchmark (inner iterations)"] + implementations.map(\.name) + pairs.map { "\($0.own)/\($0.peer)" },
      rows: lines)
  }

  private func cell(_ row: Row, _ quantity: Quantity, _ name: String) -> String {
    guard let result = row[name] else { return "–" }
    if result.refusal != nil { return "refused" }
    let sample = result.sample(quantity)
    if sample.isEmpty { return "–" }
    let spread = quantity == .peak ? " ±" + Figure.text(result.times.spread) + " %" : ""
    return quantity.text(sample.median) + spread
  }

  private var compilerTable: ReportTable {
    let lines = rows.compactMap { row in
      row[ovid]?.compiler.map { figures in
        [
          row.benchmark, "\(figures.methods)", "\(figures.loops)", Figure.text(figures.optimizingMilliseconds),
          Figure.text(figures.generatingMilliseconds), figures.codeKilobytes.map { "\($0)" } ?? "–",
          "\(figures.deoptimizations)", "\(figures.invalidations)",
        ]
      }
    }
    return ReportTable(
      title: "Ovid's compiler",
      note: "Compiled methods and loops, ms of compile time (in the background), KB of mapped machine "
        + "code at the end, deoptimizations and invalidated code units; medians over the processes.",
      columns: ["benchmark", "methods", "loops", "optimizer", "GCC", "code", "deopts", "invalidated"], rows: lines)
  }

  private var collectorTable: ReportTable {
    let lines = rows.compactMap { row in
      row[ovid]?.collector.map { figures in
        [
          row.benchmark, Figure.text(figures.collections), Figure.text(figures.fullCollections),
          Figure.text(figures.milliseconds), Figure.text(figures.milliseconds / max(1, figures.collections)),
          Figure.text(figures.longestPauseMilliseconds),
        ]
      }
    }
    return ReportTable(
      title: "Ovid's collector",
      note: "Collections, and how many of them were of the whole heap; ms of all together, of one in the mean, and "
        + "of the longest pause; medians over the processes.",
      columns: ["benchmark", "collections", "full", "in all", "mean", "longest"], rows: lines)
  }

  /// Each result that was refused, and why.
  var refusals: [String] {
    rows.flatMap { row in
      row.results.compactMap { result in
        result.refusal.map { "\(row.benchmark) on \(result.implementation): \($0)" }
      }
    }
  }

  /// What was run, in two sentences.
  var setting: String {
    "\(date.prefix(10)), \(machine); Are We Fast Yet\(commit.map { " at \($0)" } ?? ""). "
      + "\(runs) process\(runs == 1 ? "" : "es") of \(iterations) iterations for each benchmark and implementation, "
      + "by turns\(load.map { ", beside \($0) busy process\($0 == 1 ? "" : "es")" } ?? ""): "
      + implementations.map { "\($0.name) (\($0.version))" }.joined(separator: ", ") + "."
  }

  /// What is said as soon as a benchmark is done.
  static func line(_ row: Row) -> String {
    let peaks = row.results.map { result in
      let value = result.refusal == nil ? Quantity.peak.text(result.sample(.peak).median) + " ms" : "refused"
      return "\(result.implementation) \(value)"
    }
    return "\(row.benchmark): " + peaks.joined(separator: ", ")
  }

  var text: String {
    var lines = [""] + tables.map { $0.text + "\n" }
    if hasRefusals { lines += ["Refused, and left out of the means:"] + refusals.map { "  " + $0 } + [""] }
    lines += means.map(\.line)
    return lines.joined(separator: "\n")
  }

  // MARK: The page

  static let section = GeneratedSection(command: "ovid bench --awfy … --page")

  func write(page path: String) throws { try Self.section.write(markdown, page: path) }

  var markdown: String {
    var parts = ["\n## Last result", setting]
    if rows.contains(where: { !SuiteBenchmark.all.contains($0.size) }) || rows.count < SuiteBenchmark.all.count {
      parts.append("Not the whole suite, or not at its own sizes: a trial, no result.")
    }
    if hasRefusals {
      parts.append("Refused, and left out of the means:\n\n" + refusals.map { "- " + $0 }.joined(separator: "\n"))
    }
    if !means.isEmpty { parts.append(means.map { "- " + $0.line }.joined(separator: "\n")) }
    return (parts + tables.map(\.markdown)).joined(separator: "\n\n")
  }
}

extension SuiteReport.Row {
  var size: SuiteBenchmark { SuiteBenchmark(name: benchmark, innerIterations: innerIterations) }
}
