// What the builder knows at one point of the program: the current frame's registers, the objects that exist
// only virtually, what is known of values, and what memory is known to hold.

import IR

/// What a register or a field holds while the graph is built.
enum Ref: Hashable {
  case value(ValueID)
  /// An object that has not been allocated, by its creation site.
  case virtual(VirtualID)
}

struct VirtualID: Hashable {
  let raw: Int
}

/// An object that its creation site has not allocated (yet). After Stadler, Würthinger, Mössenböck, "Partial
/// escape analysis and scalar replacement for Java", CGO 2014, done while the graph is built.
enum VirtualState {
  case virtual(classWord: UInt32, fields: [Ref])
  case materialized(ValueID)
}

/// What is known of a tagged value on this path.
struct Fact: Equatable {
  /// The same value as a small integer or a double.
  var int: ValueID?
  var float: ValueID?
  var classIndex: Int?
}

struct MemoryKey: Hashable {
  let object: ValueID
  let word: Int
}

struct FlowState {
  /// Indexed by register + argument count + 1; nil: holds nothing of interest.
  var registers: [Ref?]
  var virtuals: [VirtualID: VirtualState] = [:]
  var facts: [ValueID: Fact] = [:]
  /// Words of objects that are known since the last instruction that could change them.
  var memory: [MemoryKey: Ref] = [:]

  /// Follows materialized objects to their value.
  func resolve(_ r: Ref) -> Ref {
    if case .virtual(let id) = r, case .materialized(let v)? = virtuals[id] { return .value(v) }
    return r
  }
}

/// A place in the inlining tree: the same for every attempt to build the graph.
struct PathKey: Hashable {
  let parent: Int
  let pc: Int
  let method: Int
  let receiverClass: Int
}

/// What a loop header has a parameter for.
enum LoopVariable: Hashable {
  case register(Int)
  case field(virtual: Int, index: Int)
}

/// Where a decision was taken that a later part of the graph proved wrong.
enum Decision: Hashable {
  /// The parameter cannot have the type or class of its entry value.
  case generalize(path: Int, pc: Int, LoopVariable)
  /// The loop makes it an integer (or a double) each time: let it be one from the start.
  case speculateInt(path: Int, pc: Int, LoopVariable)
  case speculateFloat(path: Int, pc: Int, LoopVariable)
  /// The loop changes this field of a virtual object: it needs a parameter.
  case vary(path: Int, pc: Int, LoopVariable)
  /// This object does not stay virtual across the loop.
  case materializeBefore(path: Int, pc: Int, virtual: Int)
  /// Allocate this object where it is created.
  case allocateEagerly(virtual: Int)
  /// Do not inline at this place.
  case noInline(path: Int)
}

enum BuildFailure: Error {
  /// Build again with one more decision.
  case retry(Decision)
  case tooLarge
  case unsupported(String)
}
