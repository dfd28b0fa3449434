// The first run of a new method is an event: its entry leads through `firstRun` once.

import VM

/// A method that has not run since its accept.
struct AwaitedEffect {
  let receipt: Int
  let requested: Int
  let key: MethodKey
}

private let firstRun: NativeEntry = { thread, frame, raw in
  let method = Method(raw)
  Runtime.of(thread).effect(of: method)
  // As the interpreter would have activated it.
  return method.entry(thread, frame, raw)
}

extension Runtime {
  /// Reports the first run of each method that an accept has defined.
  func watchEffects(_ receipt: Receipt, _ requested: Int) {
    for method in receipt.methods where method.after != nil && method.after != method.before {
      watchEffect(method.method, receipt.id, requested)
    }
  }

  private func watchEffect(_ key: MethodKey, _ receipt: Int, _ requested: Int) {
    guard let holder = universe.classes.named(key.holderName),
      let method = holder.methods[universe.symbols.intern(key.selector)], editing.awaitingEffect[method.id] == nil
    else { return }
    let info = universe.methods[method.id]
    // Kinds that the interpreter activates in its own ways keep them, and their effect goes unreported.
    guard [.interpreted, .lazy, .native].contains(info.kind) else { return }
    editing.awaitingEffect[method.id] = AwaitedEffect(receipt: receipt, requested: requested, key: key)
    info.firstRunEntry = firstRun
  }

  fileprivate func effect(of method: Method) {
    universe.methods[method.id].firstRunEntry = nil
    guard let awaited = editing.awaitingEffect.removeValue(forKey: method.id) else { return }
    events.post(
      .effect(
        receipt: awaited.receipt, method: awaited.key,
        microseconds: Clock.microseconds() - awaited.requested))
  }
}
