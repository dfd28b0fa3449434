// `--html`: the comparison as one page that needs nothing else, neither scripts nor other files.

struct SuitePage {
  let report: SuiteReport
  var difference: SuiteDifference?

  func write(_ path: String) throws { try OutputFile.write(html, path) }

  var html: String {
    let charts = SuiteCharts(report: report)
    var parts = [
      "<h1>Ovid on Are We Fast Yet</h1>", "<p>\(Markup.escaped(report.setting))</p>",
      list(report.means.map(\.line)),
    ]
    if report.hasRefusals { parts += ["<p>Refused, and left out of the means:</p>", list(report.refusals)] }
    parts += [
      "<h2>Peak</h2>",
      "<p>\(Markup.escaped(caption))</p>", charts.legend, "<div class=\"wide\">\(charts.bars)</div>",
      "<h2>Warm-up</h2>",
      "<p>The time of each iteration, on a logarithmic scale; thin: one process, thick: their median.</p>",
      charts.legend, charts.curves, "<h2>Speed over time</h2>",
      "<p>In % of each implementation's own peak, from the start of the process on a logarithmic scale; thin: one process, "
        + "thick: the median of all.</p>",
      charts.legend, charts.speeds,
    ]
    parts += [difference?.table.html].compactMap { $0 } + report.tables.map(\.html)
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>Ovid on Are We Fast Yet</title>
      <style>
      \(Self.style)
      </style></head><body>
      \(parts.joined(separator: "\n"))
      </body></html>

      """
  }

  private var caption: String {
    report.peers.first.map {
      "Time of an iteration as a multiple of \($0)'s, on a logarithmic scale; a bar to the left is faster."
    } ?? "Time of an iteration in ms, on a logarithmic scale."
  }

  private func list(_ lines: [String]) -> String {
    lines.isEmpty ? "" : "<ul>" + lines.map { "<li>\(Markup.escaped($0))</li>" }.joined() + "</ul>"
  }

  private static let style = """
    :root { --ink: #1c1c1c; --paper: #fff; --grid: #ddd;
      --c0: #d6336c; --c1: #2f9e44; --c2: #d9780a; --c3: #1c7ed6; --c4: #7048e8; }
    @media (prefers-color-scheme: dark) { :root { --ink: #e6e6e6; --paper: #181818; --grid: #3a3a3a; } }
    body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem;
      color: var(--ink); background: var(--paper); }
    .wide { overflow-x: auto; }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
    th, td { padding: 0.15rem 0.6rem; text-align: right; border-bottom: 1px solid var(--grid); white-space: nowrap; }
    th:first-child, td:first-child { text-align: left; }
    .curves { display: grid; grid-template-columns: repeat(auto-fill, minmax(18rem, 1fr)); gap: 0.5rem; }
    svg { max-width: 100%; height: auto; }
    svg text { font: 11px system-ui, sans-serif; fill: var(--ink); }
    .grid { stroke: var(--grid); } .origin { stroke: var(--ink); }
    polyline { fill: none; stroke-linejoin: round; } .thin { stroke-width: 0.7; opacity: 0.35; }
    .thick { stroke-width: 2; }
    .s0 { fill: var(--c0); color: var(--c0); stroke: var(--c0); }
    .s1 { fill: var(--c1); color: var(--c1); stroke: var(--c1); }
    .s2 { fill: var(--c2); color: var(--c2); stroke: var(--c2); }
    .s3 { fill: var(--c3); color: var(--c3); stroke: var(--c3); }
    .s4 { fill: var(--c4); color: var(--c4); stroke: var(--c4); }
    svg polyline.s0, svg polyline.s1, svg polyline.s2, svg polyline.s3, svg polyline.s4 { fill: none; }
    """
}
