// What a run of the fuzzer has met: bytecodes of its programs, kinds of edits, reasons of deoptimizations. What never
// occurs is a fault of the generator.

import Bytecode
import Foundation
import IR
import Ovid
import Syntax

struct FuzzCoverage {
  /// By kind and name.
  private(set) var counts: [String: Int] = [:]

  private mutating func add(_ kind: String, _ name: String, _ n: Int = 1) { counts["\(kind) \(name)", default: 0] += n }

  // MARK: Noting

  /// The edits of a program and, since that takes longer, the bytecodes if asked to.
  mutating func note(_ program: FuzzProgram, bytecodes: Bool) {
    for (name, text) in program.files {
      let source = SourceText(name: name, text)
      guard let definition = try? Parser.parseClass(source) else { continue }
      if bytecodes { for method in definition.instanceMethods { note(method, source, definition) } }
      note(messagesOf: definition)
    }
  }

  private mutating func note(_ method: MethodDefinition, _ source: SourceText, _ definition: ClassDefinition) {
    let inherited = ["f", "g", "h", "arr", "peers", "e0", "e1", "p0"]
    let own = definition.instanceFields
    let scope = ClassScope(className: definition.name, instanceFields: inherited.filter { !own.contains($0) } + own)
    for variant in [BytecodeVariant.inlined, .generic] {
      guard let chunk = try? BytecodeCompiler.compile(method, source: source, scope: scope, variant: variant) else {
        continue
      }
      note(chunk)
    }
  }

  private mutating func note(_ chunk: BytecodeChunk) {
    for opcode in chunk.instructions.compactMap(\.opcode) { add("bytecode", Self.names[opcode] ?? "?") }
    for block in chunk.blocks { note(block) }
  }

  private static let names = Dictionary(uniqueKeysWithValues: Opcode.allCases.map { ($0, "\($0)") })

  /// Messages that change the program, wherever they are, and those of processes.
  private mutating func note(messagesOf definition: ClassDefinition) {
    for method in definition.instanceMethods + definition.classMethods {
      method.body.forEachSend { selector, _ in
        if Self.edits.contains(selector) { add("edit", selector) }
        if definition.name == ProgramGenerator.processClass, Self.processes.contains(selector) {
          add("process", selector)
        }
      }
    }
  }
  static let edits: [String] = [
    "compile:", "compile:policy:", "remove:", "addField:", "removeField:", "subclass:", "rename:", "removeFromSystem",
    "global:put:",
    "replace:at:with:",
    "restore:at:",
  ]
  static let processes: [String] = [
    "fork", "forkAt:", "forkNamed:", "join", "yield", "sleep:", "terminate", "signalException:", "interruptWith:",
    "state", "wait", "signal", "critical:", "nextPut:", "next", "valueWithin:onTimeout:", "ensure:", "ifCurtailed:",
    "edit:", "across:",
  ]

  /// Operations in the text of graphs.
  mutating func noteIR(_ text: String) {
    for word in text.split(whereSeparator: { " \n<".contains($0) }) {
      if let name = Self.operations[word] { add("IR", name) }
    }
  }
  private static let operations = Dictionary(uniqueKeysWithValues: Op.allCases.map { (Substring("\($0)"), "\($0)") })

  mutating func note(_ run: FuzzRun) {
    for (name, n) in run.debugging { add("debugger", name, n) }
    let statistics = run.statistics
    for (reason, n) in statistics.deoptimizations { add("deoptimization", reason, n) }
    add("counter", "compiled methods", statistics.compiles)
    add("counter", "compiled loops", statistics.osrCompiles)
    add("counter", "from the cache", statistics.cachedCompiles)
    add("counter", "failed compiles", statistics.failedCompiles)
    add("counter", "invalidations", statistics.invalidations)
    add("counter", "objects rebuilt", statistics.objectsRebuilt)
    add("counter", "frames rebuilt", statistics.framesRebuilt)
    add("counter", "accepts", statistics.accepts)
    add("counter", "refused accepts", statistics.refusedAccepts)
    add("counter", "collections", statistics.collections)
    add("counter", "processes", statistics.processesStarted)
    add("counter", "process switches", statistics.processSwitches)
  }

  // MARK: Between processes

  /// One line for each count.
  var lines: String { counts.sorted { $0.key < $1.key }.map { "cover \($0.value) \($0.key)" }.joined(separator: "\n") }

  mutating func merge(line: Substring) {
    let parts = line.split(separator: " ", maxSplits: 2)
    guard parts.count == 3, let n = Int(parts[1]) else { return }
    counts[String(parts[2]), default: 0] += n
  }

  // MARK: Reporting

  /// A table, and what was never met.
  var report: String {
    var text = ""
    for kind in ["edit", "process", "debugger", "deoptimization", "counter", "bytecode", "IR"] {
      let rows = counts.filter { $0.key.hasPrefix(kind + " ") }.sorted { $0.key < $1.key }
      text +=
        "\(kind): " + rows.map { "\($0.key.dropFirst(kind.count + 1)) \($0.value)" }.joined(separator: ", ") + "\n"
      let missing = Self.all(kind).filter { counts["\(kind) \($0)"] == nil }
      if !missing.isEmpty { text += "\(kind), never: \(missing.joined(separator: ", "))\n" }
    }
    return text
  }

  private static func all(_ kind: String) -> [String] {
    switch kind {
    case "edit": edits
    case "process": processes
    case "debugger": FuzzDebugger.actions
    // The rest is made by the virtual machine, of these.
    case "bytecode":
      Opcode.allCases.filter { !$0.info.isPatched }.map { "\($0)" }
    case "IR": Op.allCases.map { "\($0)" }
    case "deoptimization": DeoptReason.allCases.map { "\($0)" }
    default: []
    }
  }
}
