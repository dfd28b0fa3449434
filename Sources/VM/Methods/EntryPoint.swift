// How a method is activated: the words `entry` and `kind` of its raw Method. One function writes them, and what baseline code jumps
// to, from what the method is by itself and what the runtime puts over that.

struct EntryPoint {
  let entry: NativeEntry
  let kind: Method.Kind

  static func interpreter(_ kind: Method.Kind) -> EntryPoint { EntryPoint(entry: interpretEntry, kind: kind) }
  static func native(_ function: NativeEntry) -> EntryPoint { EntryPoint(entry: function, kind: .native) }
}

/// Machine code that runs a method on the interpreter's frames. No address in it is on a native stack while anything else
/// runs, so it may be dropped at any moment on the VM thread.
public protocol BaselineCode: AnyObject {
  /// What a send jumps to: (thread, callee's header, method), with word 0 of the header set.
  var entry: UInt64 { get }
  /// The address of a table with two addresses for each pc. The first, (thread, header, method), runs the instruction; the
  /// second, with a value as fourth argument, goes on behind it with what its send answers.
  var table: UInt64 { get }
}

/// Where baseline code jumps to in order to activate a method of the other kinds; 0 without stencils.
final class BaselineStubs {
  /// How often a method that has lost its code runs before it gets other code.
  var threshold = 1
  var interpreted: UInt64 = 0
  var native: UInt64 = 0
  var block: UInt64 = 0
}

extension MethodInfo {
  /// Whoever waits for the first run comes before compiled code, and that before the method's own way.
  func updateEntry() {
    if let above = firstRunEntry.map(functionAddress) ?? compiledEntry.map(UInt64.init) {
      method[.entry] = above
      method[.kind] = Method.Kind.native.rawValue
    } else {
      method[.entry] = functionAddress(ownEntry.entry)
      method[.kind] = ownEntry.kind.rawValue
    }
    switch Method.Kind(rawValue: method[.kind]) {
    case .native?: method[.baselineEntry] = stubs.native
    case .blockValue?: method[.baselineEntry] = stubs.block
    case .interpreted?: method[.baselineEntry] = baseline?.entry ?? stubs.interpreted
    default: method[.baselineEntry] = stubs.interpreted
    }
    updateShortcut()
  }
}
