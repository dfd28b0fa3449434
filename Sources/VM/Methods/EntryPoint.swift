// How a method is activated: the words `entry` and `kind` of its raw Method. One function writes them, from what the
// method is by itself and what the runtime puts over that.

struct EntryPoint {
  let entry: NativeEntry
  let kind: Method.Kind

  static func interpreter(_ kind: Method.Kind) -> EntryPoint { EntryPoint(entry: interpretEntry, kind: kind) }
  static func native(_ function: NativeEntry) -> EntryPoint { EntryPoint(entry: function, kind: .native) }
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
  }
}
