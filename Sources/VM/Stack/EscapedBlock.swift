// Who is told that the home of a block has returned.

import MachineLayout

extension Universe {
  /// The block that a `^` in the running block `h` finds escaped, and the `self` of the activation that evaluated it.
  ///
  /// The literal block of a conditional or a loop is a block to nobody but the generic variant of its method: it is the
  /// block around it that has escaped. May allocate that; should there be no room, it is the inner one.
  func escape(from h: Words) -> (block: Value, evaluator: Value) {
    let running = methods[Method(words(h[1]))]
    guard let sender = Frame(h).sender else { return (Value(bits: h[-(running.method.argumentCount + 1)]), .nil) }
    let mark = handles.count
    defer { handles.pop(to: mark) }
    if let around = blockAround(running), let (activation, evaluator) = evaluation(of: around, below: sender) {
      let kept = handles.push(evaluator)
      if let block = argument(-(around.method.argumentCount + 1), of: activation, h) { return (block, handles[kept]) }
    }
    return (Value(bits: h[-(running.method.argumentCount + 1)]), innermostActivation(of: sender)?.receiver ?? .nil)
  }

  /// The activation of the block that the running part `h` of a construct is in, while it runs.
  func activationAround(_ h: Words) -> ActivationPlace? {
    guard let sender = Frame(h).sender, let around = blockAround(methods[Method(words(h[1]))]) else { return nil }
    return evaluation(of: around, below: sender)?.0
  }

  /// The block of the program that a part of a construct is in; nil for what is no such part, and for one in a method.
  private func blockAround(_ running: MethodInfo) -> MethodInfo? {
    var info = running
    while variants.isPart(info), let outer = info.outer { info = methods[outer] }
    return info === running || info.method[.isBlock] == 0 ? nil : info
  }

  /// The innermost activation of a block, and the `self` of the activation that evaluates it.
  private func evaluation(of block: MethodInfo, below frame: Frame) -> (ActivationPlace, evaluator: Value)? {
    var found: ActivationPlace?
    for frame in StackFrames(from: frame.words) {
      let activations = activations(of: frame)
      for (i, activation) in activations.enumerated() {
        if let found { return (found, activation.receiver) }
        guard activation.method == block.method else { continue }
        found = ActivationPlace(frame: frame.words, number: activations.count - 1 - i)
      }
    }
    return found.map { ($0, .nil) }
  }
}
