// Each option's row says whether the machine code of a graph depends on it. A program is compiled with every option, and
// code and key are compared with the row.

import Foundation
import GccBackend
import IR
import Testing
import VM

@testable import Runtime

@Suite(.enabled(if: GccBackend.unavailability == nil)) struct CodeOptionsTests {
  /// A loop with sends, guards and arithmetic.
  private static let program = """
    Sample = (
      run: n = ( | sum | sum := 0. 1 to: n do: [ :i | sum := sum + (self of: i) ]. ^sum )
      of: i = ( ^i < 3 ifTrue: [ i * i ] ifFalse: [ i / 2 ] )
    )
    """

  private static func graph() throws -> Graph {
    var options = Options()
    options.compileNow = true
    options.compileIn = .process
    let runtime = Runtime(options: options)
    try runtime.boot()
    let receipt = runtime.editor.accept(ChangeSet([.classSource(program, file: nil)]))
    #expect(receipt.succeeded, "\(receipt)")
    _ = try runtime.calls.evaluation("Sample new run: 100")
    let id = try runtime.perform { universe in
      let method = try #require(
        universe.classes.named("Sample").flatMap { $0.methods[universe.symbols.intern("run:")] })
      return method.id
    }
    return try runtime.compiling.standardStages().optimize(CompileKey(method: id)).graph
  }

  /// Values of any option, for trying.
  private static let values = ["on", "off", "0", "1", "2", "3", "64k", "64m", "evaluator", "process", "all", "*"]

  private struct Made: Equatable {
    var text: String
    var code: [Substring]
  }

  /// Without the numbers of labels, and without the padding before places that are jumped to: in a process that compiles
  /// on other threads as well, GCC sometimes aligns to 64 bytes what it was asked to align to 32.
  private func make(_ graph: Graph, _ options: Options) throws -> Made {
    let compiling = Runtime(options: options).compiling
    var times = PhaseTimes()
    let assembly = try #require(try compiling.assembly(of: graph, times: &times))
    return Made(
      text: compiling.standardStages().text(graph),
      code: assembly.replacing(/\.L[A-Z]*[0-9]+/, with: ".L").split(separator: "\n").filter { !$0.contains(".p2align") }
    )
  }

  @Test func codeDependsOnWhatTheRowsSay() throws {
    let graph = try Self.graph()
    let folder = NSTemporaryDirectory() + "ovid-options-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let plain = try make(graph, Options())
    #expect(try make(graph, Options()) == plain, "the same options make the same code")
    for row in Options.table {
      var tried = 0, others = 0
      for value in Self.values + [folder] {
        var options = Options()
        guard row.parse(&options, value), row.print(options) != row.defaultText else { continue }
        // A folder is made.
        if let cache = options.cacheDirectory, cache != folder { continue }
        tried += 1
        let made = try make(graph, options)
        if made.code != plain.code {
          others += 1
          let isKeyed = made.text != plain.text
          let first = zip(made.code, plain.code).first { $0 != $1 }.map { "\($0) for \($1)" } ?? "more or less of it"
          #expect(isKeyed, "--\(row.name)=\(value) makes other code for the same key: \(first)")
        }
        if case .none = row.code {
          #expect(made.text == plain.text, "--\(row.name)=\(value) is part of the key, and its row does not say so")
        }
      }
      #expect(tried > 0, "no value of --\(row.name) was tried")
      if case .none = row.code { continue }
      #expect(others > 0, "the row of --\(row.name) says that code depends on it; no value changes any")
    }
  }

  @Test func presenceIsOneKey() throws {
    func key(_ flag: String) throws -> String {
      var options = Options()
      _ = try options.parse([flag])
      return CodeOptions(options).key
    }
    #expect(try key("--deopt-every=7") == key("--deopt-every=13"))
    #expect(try key("--deopt-every=7") != key("--deopt-every=0"))
  }
}
