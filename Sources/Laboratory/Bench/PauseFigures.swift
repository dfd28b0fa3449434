// How long the collector stops a program that has much alive, beside Node.

extension Figures {
  func pauses() {
    pause(megabytes: isQuick ? 20 : 200, limit: 10, hasPeer: true)
    // Node needs minutes for that.
    pause(megabytes: isQuick ? 100 : 1400, limit: 50, hasPeer: false)
  }

  private func pause(megabytes: Int, limit: Double, hasPeer: Bool) {
    figure("longest pause with \(megabytes) MB alive", atMost: limit, unit: " ms") {
      let (times, report) = try runner.lines("Pauses", ["\(megabytes)"], only: "turnover")
      let statistics = report.statistics
      var detail =
        "of \(statistics.collections), \(Figure.text(Double(statistics.collectingMicroseconds) / 1e6)) s together; "
        + "all replaced twice in \(Figure.text(times[0] / 1e6)) s; \(report.peakKilobytes >> 10) MB resident at most"
      if hasPeer { detail += "; " + peer(megabytes) }
      return (Double(statistics.longestPauseMicroseconds) / 1000, detail)
    }
  }

  private func peer(_ megabytes: Int) -> String {
    guard let node = ChildProcess.find("node") else { return "node is not installed" }
    let words = ["--max-old-space-size=\(4 * megabytes + 200)", "\(runner.folder)/peers/pauses.js", "\(megabytes)"]
    do {
      return "node \(Figure.text(try runner.peer(node, words, only: "pause")[0] / 1000)) ms"
    } catch {
      return "node: \(error)"
    }
  }
}
