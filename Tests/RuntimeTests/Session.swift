// A virtual machine with a program of a few classes, on one of the tiers, for tests.

import Foundation
import GccBackend
import Testing
import VM

@testable import Runtime

/// How a test program runs. Every row of live editing is tested on each. A session checks at its end that its program
/// was run in this way: `Session.expectTier`.
enum Tier: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case interpreter, baseline, compiled, background, deoptEvery, redefineEvery, gcEvery

  var testDescription: String { rawValue }
  /// What is compiled, and when, is the same each time.
  var isCompiled: Bool { self == .compiled }
  var compiles: Bool { [.compiled, .background, .deoptEvery].contains(self) }
  static var available: [Tier] {
    allCases.filter { GccBackend.unavailability == nil || !($0.compiles || $0 == .baseline) }
  }
  static var compiling: [Tier] { available.filter(\.compiles) }
  /// For programs of which nothing becomes hot.
  static let interpreting: [Tier] = available.filter { !$0.compiles }

  var options: Options {
    var options = Options()
    options.compileThreshold = 20
    options.heapLimit = 256 << 20
    switch self {
    case .interpreter: options.jit = false
    case .baseline:
      options.baselineThreshold = 1
      options.compileNow = true
      options.compileThreshold = 1_000_000_000
    case .compiled:
      options.compileNow = true
      options.baseline = false
    case .background: break
    case .deoptEvery:
      options.compileNow = true
      options.deoptEvery = 7
    case .redefineEvery:
      options.jit = false
      options.redefineEvery = 50
    case .gcEvery:
      options.jit = false
      options.gcEvery = 20
    }
    return options
  }
}

/// Collects output, and lets a test wait for some of it.
final class Transcript: @unchecked Sendable {
  private let condition = NSCondition()
  private var out = ""
  private var err = ""
  private var events: [RuntimeEvent] = []
  private var ended = false

  func append(_ bytes: UnsafeRawBufferPointer, error: Bool) {
    let text = String(decoding: bytes, as: UTF8.self)
    condition.withLock {
      if error { err += text } else { out += text }
      condition.broadcast()
    }
  }
  func append(_ event: RuntimeEvent) {
    condition.withLock {
      events.append(event)
      condition.broadcast()
    }
  }
  func end() {
    condition.withLock {
      ended = true
      condition.broadcast()
    }
  }
  var standardOutput: String { condition.withLock { out } }
  var standardError: String { condition.withLock { err } }
  var allEvents: [RuntimeEvent] { condition.withLock { events } }

  /// Waits until the output contains `text`; false after half a minute, or when the program has ended without.
  func wait(for text: String) -> Bool { wait { self.out.contains(text) || self.err.contains(text) } }
  func waitForEvent(_ matches: @escaping (RuntimeEvent) -> Bool) -> Bool {
    wait { self.events.contains(where: matches) }
  }
  func waitForEvents(_ holds: @escaping ([RuntimeEvent]) -> Bool) -> Bool { wait { holds(self.events) } }
  func waitForOutput(_ holds: @escaping (_ out: String, _ err: String) -> Bool) -> Bool {
    wait { holds(self.out, self.err) }
  }
  private func wait(_ holds: () -> Bool) -> Bool {
    let deadline = Date(timeIntervalSinceNow: 30)
    return condition.withLock {
      while !holds() {
        if ended || !condition.wait(until: deadline) { return holds() }
      }
      return true
    }
  }
}

final class Session: @unchecked Sendable {
  let tier: Tier
  let folder: String
  /// The names of the program's classes.
  private let classes: [String]
  /// Whether the options are the tier's.
  private let isOfTier: Bool
  let runtime: Runtime
  var editor: Editor { runtime.editor }
  var inspector: Inspector { runtime.inspector }
  var evaluations: Evaluations { runtime.evaluations }
  var calls: Calls { runtime.calls }
  let transcript = Transcript()
  private let done = DispatchSemaphore(value: 0)
  private var exitStatus = -1

  /// `classes` are class files; the first is the program. Where one has the comment "settle", what ran until there is
  /// compiled: in the background tier it waits.
  convenience init(
    _ tier: Tier, _ classes: String..., options: Options? = nil,
    stages: (CompilerStages) -> CompilerStages = { $0 }
  ) throws {
    try self.init(tier, classes, options: options, stages: stages)
  }

  init(
    _ tier: Tier, _ classes: [String], options: Options?, stages: (CompilerStages) -> CompilerStages = { $0 }
  ) throws {
    self.tier = tier
    folder = NSTemporaryDirectory() + "ovid-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    self.classes = classes.map { String($0.prefix { $0 != " " }) }
    isOfTier = options == nil
    for text in classes { try Self.write(text, to: folder, tier) }
    let transcript = transcript
    runtime = Runtime(
      options: options ?? tier.options, classPath: [folder],
      output: Output(
        out: { transcript.append($0, error: false) }, error: { transcript.append($0, error: true) }), stages: stages)
    _ = runtime.onEvent { transcript.append($0) }
    try runtime.boot()
  }
  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private static func write(_ text: String, to folder: String, _ tier: Tier) throws {
    var text = text
    if tier == .background && text.contains("\"settle\"") {
      let wait = "system errorPrintln: 'settling'. [ Settled value ] whileFalse: [ ]."
      text = text.replacing("\"settle\"", with: wait)
      try write("Settled = ( ---- value = ( ^false ) )", to: folder, tier)
    }
    let name = text.prefix { $0 != " " }
    try text.write(toFile: "\(folder)/\(name).som", atomically: true, encoding: .utf8)
  }

  /// Starts `Main run`.
  func start() {
    Thread.detachNewThread { [self] in
      exitStatus = runtime.run("Main", arguments: ["Main"])
      transcript.end()
      done.signal()
    }
  }

  /// Waits for the end of the program. A program that does not end is stopped, and its status is 130.
  func finish(sourceLocation: SourceLocation = #_sourceLocation) -> Int {
    if done.wait(timeout: .now() + 60) == .timedOut {
      runtime.stop()
      done.wait()
    }
    if isOfTier { expectTier(sourceLocation) }
    return exitStatus
  }

  /// That the program was run as its tier says.
  private func expectTier(_ sourceLocation: SourceLocation) {
    let counts = runtime.inspect { $0.statistics }
    let installed = transcript.allEvents.compactMap { if case .installed(let name, _) = $0 { name } else { nil } }
    let isCompiled = installed.contains { name in classes.contains { name.hasPrefix("\($0)>>") } }
    #expect(isCompiled == tier.compiles, "compiled: \(installed)", sourceLocation: sourceLocation)
    switch tier {
    case .interpreter, .compiled, .background: break
    case .baseline: #expect(counts.baselineCompiles > 0, "\(counts)", sourceLocation: sourceLocation)
    case .deoptEvery:
      #expect(counts.deoptimizations["stress", default: 0] > 0, "\(counts)", sourceLocation: sourceLocation)
    case .redefineEvery: #expect(counts.redefinitions > 0, "\(counts)", sourceLocation: sourceLocation)
    case .gcEvery: #expect(counts.collections > 0, "\(counts)", sourceLocation: sourceLocation)
    }
  }

  /// Lets a program end whose loop goes on while `Main>>running` is true; it has printed these lines.
  func end(printing lines: String..., sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(editor.accept(.method("Main", "running = ( ^false )")).succeeded, sourceLocation: sourceLocation)
    #expect(
      finish(sourceLocation: sourceLocation) == 0, "\(transcript.standardError)", sourceLocation: sourceLocation)
    #expect(
      transcript.standardOutput == lines.joined(separator: "\n") + "\n", sourceLocation: sourceLocation)
  }

  /// Runs `Main run` from beginning to end; answers what it printed.
  func output(sourceLocation: SourceLocation = #_sourceLocation) -> String {
    start()
    if isOfTier && tier == .background {
      let isSettled =
        transcript.wait(for: "settling")
        && transcript.waitForEvent {
          if case .installed(let name, _) = $0 { !name.hasPrefix("Main>>run") } else { false }
        }
      #expect(isSettled, "nothing was compiled", sourceLocation: sourceLocation)
      let end = editor.accept(.method("Settled", "value = ( ^true )", classSide: true))
      #expect(end.succeeded, "\(end)", sourceLocation: sourceLocation)
    }
    let status = finish(sourceLocation: sourceLocation)
    return transcript.standardOutput + (status == 0 ? "" : "status \(status)\n\(transcript.standardError)")
  }

  /// Starts the program and waits until its loop is under way: it printed "ready", the method with the loop runs, and
  /// it does so as the tier says.
  func startLoop(of method: MethodKey = MethodKey(className: "Main", selector: "loop")) throws {
    start()
    try #require(transcript.wait(for: "ready"), "\(transcript.standardError)")
    // Of compiled code the first guards may still fail: it is settled when nothing was left or entered for a while.
    var last: Int?
    let deadline = Date(timeIntervalSinceNow: 60)
    while true {
      let counts = runtime.inspect { $0.statistics }
      let deopts = counts.deoptimizations.values.reduce(0, +)
      let isOfTier =
        switch tier {
        case .interpreter, .baseline, .gcEvery: true
        case .redefineEvery: counts.redefinitions > 0
        case .deoptEvery: counts.osrEntries > 0 && counts.deoptimizations["stress"] != nil
        case .compiled, .background: counts.osrEntries > 0 && last == counts.osrEntries + deopts
        }
      if isOfTier && runtime.inspector.tier(of: method)?.tier != .notRun { break }
      last = counts.osrEntries + deopts
      try #require(Date() < deadline, "the loop does not run as it should: \(counts)")
      usleep(1000)
    }
  }

  /// The receipt of the first accept that changed the method `key`, by whomever it was made.
  func receipt(changing key: String) throws -> Receipt {
    let receipts = transcript.allEvents.compactMap { event -> Receipt? in
      guard case .accepted(let receipt) = event, receipt.author != "stress",
        receipt.methods.contains(where: { $0.method.description == key && $0.before != $0.after })
      else { return nil }
      return receipt
    }
    return try #require(receipts.first, "nothing changed \(key)")
  }

  /// On the compiling tier: when `key` changed, exactly the code of `dependents` was invalidated (whole methods and
  /// loops alike, by method name), `callee` was inlined in `caller` then, and compiled code that had nothing to do
  /// with it, `Main>>unrelated`, stayed.
  func expectInvalidated(
    by key: String, _ dependents: Set<String>, inlined callee: String? = nil, in caller: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    guard tier.isCompiled else { return }
    let receipt = try receipt(changing: key)
    #expect(Set(receipt.invalidated.map { Self.methodName($0.name) }) == dependents, sourceLocation: sourceLocation)
    if let callee {
      #expect(
        receipt.callSites.contains { $0.caller == caller && $0.callee == callee },
        "call sites: \(receipt.callSites)", sourceLocation: sourceLocation)
    }
    expectCompiled("Main>>unrelated", before: receipt.id, sourceLocation: sourceLocation)
  }

  /// That a method had code of its own before an accept.
  func expectCompiled(_ name: String, before accept: Int, sourceLocation: SourceLocation = #_sourceLocation) {
    let earlier = transcript.allEvents.prefix {
      if case .accepted(let receipt) = $0 { receipt.id != accept } else { true }
    }
    #expect(
      earlier.contains { if case .installed(let installed, _) = $0 { installed == name } else { false } },
      "\(name) was not compiled", sourceLocation: sourceLocation)
  }

  /// `Main>>loop` of `Main>>loop, loop at line 3`.
  private static func methodName(_ unit: String) -> String { String(unit.prefix { $0 != "," }) }
}
