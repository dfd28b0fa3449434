// The first run of a new method is an event: its entry leads through `firstRun` once.

import VM

/// A method that has not run since its accept.
struct AwaitedEffect {
  let receipt: Int
  let requested: Int
  let key: MethodKey
  /// What the method's entry and kind really are.
  let entry: UInt64
  let kind: UInt64
}

private let firstRun: NativeEntry = { thread, frame, raw in
  let method = Method(raw)
  Runtime.of(thread).effect(of: method)
  // As the interpreter would have activated it.
  return method.entry(thread, frame, raw)
}

extension Runtime {
  private static var firstRunAddress: UInt64 {
    UInt64(UInt(bitPattern: unsafeBitCast(firstRun, to: UnsafeRawPointer.self)))
  }

  /// Reports the first run of each method that an accept has defined.
  func watchEffects(_ receipt: Receipt, _ requested: Int) {
    for method in receipt.methods where method.after != nil && method.after != method.before {
      watchEffect(method.method, receipt.id, requested)
    }
  }

  private func watchEffect(_ key: MethodKey, _ receipt: Int, _ requested: Int) {
    let name = key.holderName
    guard let info = universe.classes.named(name), let method = info.methods[universe.symbols.intern(key.selector)],
      editing.awaitingEffect[method.id] == nil, method.kind != .superseded
    else { return }
    editing.awaitingEffect[method.id] = AwaitedEffect(
      receipt: receipt, requested: requested, key: key, entry: method[.entry], kind: method[.kind])
    // Kinds that the interpreter activates in its own ways keep them, and their effect goes unreported.
    guard [.interpreted, .lazy, .native].contains(method.kind) else { return }
    method[.entry] = Self.firstRunAddress
    method[.kind] = Method.Kind.native.rawValue
  }

  fileprivate func effect(of method: Method) {
    guard let awaited = editing.awaitingEffect.removeValue(forKey: method.id) else { return }
    if method[.entry] == Self.firstRunAddress { method[.entry] = awaited.entry }
    if method.kind == .native { method[.kind] = awaited.kind }
    events.post(
      .effect(
        receipt: awaited.receipt, method: awaited.key,
        microseconds: Clock.microseconds() - awaited.requested))
  }
}
