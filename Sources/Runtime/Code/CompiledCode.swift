// A unit of compiled code: one method, or one of its loops, with everything inlined into it.

import GccBackend
import IR
import MachineLayout
import Optimizer
import VM

public final class CompiledCode: @unchecked Sendable {
  public enum State: Sendable { case installed, invalidated }

  public let id: CodeID
  /// `Class>>selector`, with the line of the loop for on-stack replacement.
  public internal(set) var name: String
  public let key: CompileKey
  public let metadata: CodeMetadata
  public let inlined: [OptimizedUnit.Inlined]
  public let dependencies: [Dependency]
  /// Sends that are calls only because they were rare when this was compiled.
  let coldCalls: Set<CodePlace>
  /// The instructions that it has code for.
  let coverage: Coverage
  /// The machine code: a `NativeEntry`.
  public let entry: UInt
  public let table: UnsafeMutablePointer<UInt64>
  /// Words of the table that are roots of the collector.
  let rootWords: [Int]
  /// The method versions that it may run, go on in or make blocks of.
  let references: [Int]
  public private(set) var header: CodeHeader
  /// Shared by the units that were compiled together.
  let object: any CodeImage

  public internal(set) var state = State.installed
  /// Activations whose native frame waits for the deoptimizer to return.
  var nativeActivations = 0
  public internal(set) var deoptimizations = 0
  public let compileMicroseconds: Int
  public let isCached: Bool
  /// When it became a part of the program (`Clock`).
  let installed = Clock.microseconds()

  /// Resolves the unit's symbols. Fills nothing.
  init(id: CodeID, name: String, argumentCount: Int, key: CompileKey, compiled: CompiledUnit, protects: (Int) -> Bool)
    throws
  {
    self.id = id
    self.name = name
    self.key = key
    metadata = compiled.metadata
    inlined = compiled.unit.inlined
    dependencies = compiled.unit.dependencies
    coldCalls = compiled.unit.coldCalls
    coverage = compiled.unit.coverage
    object = compiled.object
    compileMicroseconds = compiled.optimizing + compiled.generating
    isCached = compiled.isCached
    entry = UInt(bitPattern: try object.address(metadata.symbol))
    table = try object.address(metadata.tableSymbol).assumingMemoryBound(to: UInt64.self)
    rootWords = compiled.unit.graph.table.indices.compactMap {
      if case .literal = compiled.unit.graph.table[$0] { return $0 + CodeMetadata.tableHeaderWords }
      return nil
    }
    references = Self.references(key, compiled)
    header = CodeHeader(table)
    header = .allocate(
      code: self, argumentCount: argumentCount, metadata: compiled.metadata, table: table, protects: protects)
  }

  deinit { header.deallocate() }

  /// What compiled frames hold in H[1].
  var frameWord: UInt64 { UInt64(UInt(bitPattern: header.words)) | 1 }
  public var isInvalidated: Bool { table[0] != 0 }

  private static func references(_ key: CompileKey, _ compiled: CompiledUnit) -> [Int] {
    var ids: Set<Int> = [key.method]
    for send in compiled.unit.inlined { ids.formUnion([send.method, send.caller]) }
    for safepoint in compiled.metadata.safepoints { ids.formUnion(safepoint.frames.lazy.map(\.method)) }
    for entry in compiled.unit.graph.table {
      switch entry {
      case .literal(let id, _, _), .method(let id, _), .methodValue(let id, _): ids.insert(id)
      case .selector, .cell: break
      }
    }
    return ids.sorted()
  }
  /// Class indices of the objects that its states describe.
  var virtualClasses: Set<Int> {
    Set(metadata.safepoints.lazy.flatMap { $0.virtuals.map { ClassWord(bits: $0.classWord).index } })
  }

  /// The methods whose code is in here: the compiled one first, then the inlined.
  public var methods: [Int] { [key.method] + inlined.map(\.method) }
}
