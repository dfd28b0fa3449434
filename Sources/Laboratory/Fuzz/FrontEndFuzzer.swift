// `ovid fuzz --front-end`: lexer, parser, bytecode compiler and formatter on sources of every kind. Each text must end
// in a result or in diagnostics: no crash, no hang, no bytecode that the verifier rejects, no formatting that changes
// the meaning or is not stable.

import Bytecode
import Foundation
import SourceTools
import Syntax
import VM

public final class FrontEndFuzzer: @unchecked Sendable {
  public struct Outcome {
    public internal(set) var inputs = 0
    /// Of the inputs, those that parse.
    public internal(set) var valid = 0
    public internal(set) var methods = 0
  }

  /// As small as secondary threads' stacks are: nesting must not exhaust it.
  private static let stackSize = 512 << 10

  private let folder: String
  private let seed: UInt64
  private let end: Date?
  private let count: Int?
  private let current: CurrentInput
  private let lock = NSLock()
  private var outcome = Outcome()
  private var failure: String?
  private var isDone = false

  public init(folder: String, seed: UInt64, seconds: Double?, count: Int?) throws {
    self.folder = folder
    self.seed = seed
    self.count = count
    end = seconds.map { Date(timeIntervalSinceNow: $0) }
    current = try CurrentInput()
  }

  /// Sources to mutate: the bundled ones, and the benchmarks if they are at hand.
  static func sources() -> [[UInt8]] {
    var result = CoreLibrary.classNames.compactMap { CoreLibrary.source(of: $0) }
    for path in (try? SomFiles.find(["Benchmarks"])) ?? [] {
      if let source = try? SomFiles.read(path) { result.append(source.bytes) }
    }
    return result
  }

  /// Runs to the end of the time, or to the first failure, which is answered in words.
  public func run() -> (Outcome, failure: String?) {
    current.leaveOnCrash()
    do throws(NativeThread.Failure) {
      try NativeThread.start("ovid fuzz", stackBytes: Self.stackSize) { [self] in work() }
    } catch { return (outcome, "no thread for the fuzzer: \(error)") }
    var watchdog = HangWatch()
    while true {
      Foundation.Thread.sleep(forTimeInterval: 0.05)
      let (done, now, problem) = lock.withLock { (isDone, outcome, failure) }
      if done {
        current.remove()
        return (now, problem)
      }
      let processorTime = Double(clock()) / Double(CLOCKS_PER_SEC)
      if let hang = watchdog.look(inputs: now.inputs, processorTime: processorTime, now: Date()) {
        return (now, "\(hang); it is kept in \(keep(current.bytes()))")
      }
    }
  }

  private func work() {
    CurrentInput.useSignalStack()
    var mutator = SourceMutator(seed: seed, sources: Self.sources())
    while true {
      let inputs = lock.withLock { outcome.inputs }
      if end.map({ Date() >= $0 }) ?? false || count.map({ inputs >= $0 }) ?? false { break }
      let text = mutator.next()
      current.write(text)
      let problem = FrontEndCase.check(text)
      lock.withLock {
        outcome.inputs += 1
        outcome.valid += problem.isValid ? 1 : 0
        outcome.methods += problem.methods
      }
      if let message = problem.failure {
        let path = keep(text)
        lock.withLock { failure = "\(message); the input is kept in \(path)" }
        break
      }
    }
    lock.withLock { isDone = true }
  }

  private func keep(_ text: [UInt8]) -> String {
    let path = "\(folder)/front-end-\(seed)-\(lock.withLock { outcome.inputs }).som"
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data(text).write(to: URL(fileURLWithPath: path))
      return path
    } catch { return current.path }
  }
}

/// Whether one input takes too long.
struct HangWatch {
  /// Seconds of the processor: by the clock, a process that yields to others on a busy machine can take any time.
  static let limit = 20.0
  /// Seconds by the clock, for an input that waits.
  static let waitLimit = 600.0

  private var inputs = -1
  private var processorTime = 0.0
  private var since = Date()

  /// What is wrong, in words; nil if nothing is, or another input than the last time is worked on.
  mutating func look(inputs: Int, processorTime: Double, now: Date) -> String? {
    if inputs != self.inputs {
      (self.inputs, self.processorTime, since) = (inputs, processorTime, now)
      return nil
    }
    if processorTime - self.processorTime > Self.limit { return "an input takes longer than \(Int(Self.limit)) s" }
    if now.timeIntervalSince(since) > Self.waitLimit { return "an input waits for \(Int(Self.waitLimit)) s" }
    return nil
  }
}

/// What must hold for one text.
struct FrontEndCase {
  var isValid = false
  var methods = 0
  var failure: String?

  static func check(_ text: [UInt8]) -> FrontEndCase {
    var result = FrontEndCase()
    let source = SourceText(name: "input.som", bytes: text)
    do throws(SyntaxErrors) {
      let definition = try Parser.parseClass(source)
      result.isValid = true
      for (methods, fields) in [
        (definition.instanceMethods, definition.instanceFields), (definition.classMethods, definition.classFields),
      ] {
        for method in methods {
          result.compile(method, ClassScope(className: definition.name, instanceFields: fields), source)
          result.methods += 1
        }
      }
      result.format(source)
    } catch { result.examine(error, source) }
    // The same text as a method and as an expression.
    do throws(SyntaxErrors) { _ = try Parser.parseMethod(source) } catch { result.examine(error, source) }
    do throws(SyntaxErrors) {
      let method = try Parser.parseExpression(source)
      result.compile(method, ClassScope(className: "Object", instanceFields: []), source)
    } catch { result.examine(error, source) }
    return result
  }

  private mutating func compile(_ method: MethodDefinition, _ scope: ClassScope, _ source: SourceText) {
    for variant in [BytecodeVariant.inlined, .generic] {
      do {
        try BytecodeVerifier.verify(
          try BytecodeCompiler.compile(method, source: source, scope: scope, variant: variant))
      } catch let errors as SyntaxErrors {
        examine(errors, source)
      } catch {
        failure = failure ?? "\(method.selector) (\(variant)): the verifier rejects the bytecode: \(error)"
      }
    }
  }

  private mutating func format(_ source: SourceText) {
    do throws(FormatError) {
      let once = try SourceFormatter.format(source)
      let twice = try SourceFormatter.format(SourceText(name: source.name, once))
      if once != twice { failure = failure ?? "formatting twice differs from formatting once" }
    } catch {
      switch error {
      case .syntax(let errors): examine(errors, source)
      case .changed: failure = failure ?? error.description
      }
    }
  }

  /// Diagnostics are usable: something is said, about a place in the text, in order.
  private mutating func examine(_ errors: SyntaxErrors, _ source: SourceText) {
    if errors.diagnostics.isEmpty { failure = failure ?? "an error without a diagnostic" }
    for diagnostic in errors.diagnostics {
      let range = diagnostic.range
      if diagnostic.message.isEmpty || range.start < 0 || range.end < range.start || range.start > source.bytes.count {
        failure = failure ?? "a diagnostic without text or place: \(diagnostic) \(range)"
      }
    }
  }
}
