// Freeing what edits leave behind: method versions that nothing refers to, with their blocks and send sites, and class
// indices of shapes that classes do not have any more. It takes a full collection, so it is done once as much has been
// left behind as makes that worth it: an accept costs the same however many came before it.

import MachineLayout

public final class Reclaimer {
  private unowned(unsafe) let universe: Universe
  private let classes: ClassTable
  private let methods: MethodTable
  private let heap: Heap
  /// What `reclaim` would free by and by, estimated.
  private var bytesLeft = 0

  init(_ universe: Universe) {
    self.universe = universe
    classes = universe.classes
    methods = universe.methods
    heap = universe.heap
  }

  // MARK: What is left behind

  public func note(bytes: Int) { bytesLeft += bytes }
  /// A version that is not in its class any more, with its blocks.
  public func note(_ info: MethodInfo) { bytesLeft += byteCount(of: info) }
  func noteShape() { bytesLeft += Self.bytesOfShape }
  private static let bytesOfShape = 1024
  /// There is no room for more of it.
  func noteLackOfRoom() { bytesLeft = max(bytesLeft, heap.limit) }

  // MARK: Freeing it

  /// Whether `reclaim` is worth a full collection now.
  public var isDue: Bool {
    if bytesLeft == 0 { return false }
    if heap.gcEvery > 0 { return true }
    let worth = min(heap.bytesInUse / 2, heap.limit / 16)
    return bytesLeft > max(Self.leastReclamation, worth)
  }
  private static let leastReclamation = 1 << 20

  /// Frees what is not in use. At a poll; `frame` is the top frame. Requires: nobody but what `MethodTrace` looks at has
  /// an address of a method version, or an index of a class that it has not just got.
  public func reclaim(frame: Words) -> (methods: Int, shapes: Int) {
    bytesLeft = 0
    heap.collectFull(
      frame: frame, moveEverything: heap.gcEvery > 0, trace: MethodTrace(universe, frame: frame))
    var dead: [MethodInfo] = []
    heap.outsideBytes = 0
    methods.forEach { info in
      if !info.isReached {
        dead.append(info)
      } else {
        info.isReached = false
        if info.isReplaced { heap.outsideBytes += byteCount(of: info) }
      }
    }
    universe.lookup.forget(dead)
    let ids = Set(dead.map(\.id))
    for listener in universe.hooks.reclaimed { listener(ids) }
    methods.remove(dead, poisoning: heap.gcEvery > 0)
    let shapes = classes.freeAbandoned(except: universe.hooks.classesInCode?() ?? [])
    return (dead.count, shapes)
  }

  /// Memory that goes with a version and its blocks, roughly.
  private func byteCount(of info: MethodInfo) -> Int {
    let words = Int(info.method[.siteCount]) * SendSiteLayout.words + Method.wordCount
    let bytes = words * 8 + (info.chunk?.instructions.count ?? 0) * Self.bytesOfInstruction + Self.bytesOfInfo
    return info.blocks.reduce(bytes) { $0 + byteCount(of: methods[$1]) }
  }
  /// Linked, in the chunk, with its source range, depth and site.
  private static let bytesOfInstruction = 40
  /// This, the chunk, the syntax tree, the text.
  private static let bytesOfInfo = 1024
}
