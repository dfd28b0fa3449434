// A graph that differs, made smaller, and as text from which it can be run again.

import Foundation
import IR

public struct GraphFailure: @unchecked Sendable {
  private(set) var trial: GraphTrial
  private(set) var difference: GraphDifference
  private let passes: [GraphPass]
  /// GCC's, where the difference was found in compiled code.
  private let level: Int?

  init(_ trial: GraphTrial, _ difference: GraphDifference, _ passes: [GraphPass], level: Int? = nil) {
    self.trial = trial
    self.difference = difference
    self.passes = passes
    self.level = level
  }

  public var seed: UInt64 { trial.input.seed }
  /// In a line: what broke it.
  public var summary: String { "seed \(seed) differs after \(difference.stage)" }
  public var instructionCount: Int { trial.original.nodeCount }

  // MARK: Smaller

  /// The smallest graph that was found by then, and goes wrong at the same stage.
  public func reduced(until end: Date) -> GraphFailure {
    let machine = GraphMachine()
    var best = self
    var reducer = GraphReducer(graph: trial.original, input: trial.input)
    reducer.input.worlds = [difference.world]
    reducer.reduce(until: end) { graph, input in
      // As it will be when its text is read.
      guard let read = try? Graph.parse(graph.text) else { return false }
      let trial = GraphTrial(GraphStates.added(to: read), input, passes: passes)
      guard let found = check(trial, machine), found.stage == difference.stage else { return false }
      best.trial = trial
      best.difference = found
      return true
    }
    return best
  }

  private func check(_ trial: GraphTrial, _ machine: GraphMachine) -> GraphDifference? {
    if let difference = trial.difference(on: machine) { return difference }
    guard let level, let code = try? CompiledGraph.compile([trial.last], level: level).first else { return nil }
    return trial.difference(on: machine, compiled: code)
  }

  // MARK: As text

  /// A test: what it is run with, and the graph. What differed is in comments.
  public var text: String {
    let input = trial.input
    var header = ["seed \(seed)", "worlds \(input.worlds.map(String.init).joined(separator: " "))"]
    if !input.given.isEmpty {
      header.append(
        "given " + input.given.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " "))
    }
    if !input.calm.isEmpty { header.append("calm " + input.calm.map(\.rawValue).sorted().joined(separator: " ")) }
    if let level { header.append("level \(level)") }
    let story = "\(difference.stage)\n\(difference.text)--- this form's graph\n\(difference.form.text)"
    return header.map { "; \($0)\n" }.joined() + trial.original.text + "\n; Differed after "
      + story.split(separator: "\n").joined(separator: "\n; ") + "\n"
  }

  /// What a kept text says today: nil if everything agrees.
  public static func check(text: String) throws -> GraphFailure? { try check(text: text, passes: GraphPass.all) }

  static func check(text: String, passes: [GraphPass]) throws -> GraphFailure? {
    var seed: UInt64 = 0, level = 0
    var settings: [Substring: [Substring]] = [:]
    for line in text.split(separator: "\n").prefix(while: { $0.hasPrefix("; ") }) {
      let words = line.dropFirst(2).split(separator: " ")
      settings[words[0]] = Array(words.dropFirst())
    }
    if let word = settings["seed"]?.first, let given = UInt64(word) { seed = given }
    if let word = settings["level"]?.first, let given = Int(word) { level = given }
    var input = GraphInput(seed: seed)
    if let worlds = settings["worlds"] { input.worlds = worlds.compactMap { Int($0) } }
    for pair in settings["given"] ?? [] {
      let parts = pair.split(separator: "=")
      if parts.count == 2, let i = Int(parts[0]), let word = UInt64(parts[1]) { input.given[i] = word }
    }
    input.calm = Set((settings["calm"] ?? []).compactMap { GraphNoise.Kind(rawValue: String($0)) })
    let trial = GraphTrial(GraphStates.added(to: try Graph.parse(text)), input, passes: passes)
    let machine = GraphMachine()
    if let difference = trial.difference(on: machine) { return GraphFailure(trial, difference, passes) }
    guard GraphFuzzer.canCompile else { return nil }
    let code = try CompiledGraph.compile([trial.last], level: level)[0]
    return trial.difference(on: machine, compiled: code).map { GraphFailure(trial, $0, passes, level: level) }
  }
}
