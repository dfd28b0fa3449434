// Everything outside the heap that refers into it.

extension Heap {
  /// Calls `visit` with the address of every root word. A minor collection skips tables whose objects were born in
  /// old space. Without `methods`, a `MethodTrace` visits those of the method versions that are in use.
  func forEachRoot(frame: Words, minor: Bool, methods: Bool = true, _ visit: (Words) -> Void) {
    universe.forEachStack(running: frame) { forEachRoot(in: $0, visit) }
    universe.scheduler.forEachRoot(visit)
    for i in 0..<universe.handles.count { visit(universe.handles.slots + i) }
    universe.globals.forEachCell(visit)
    visit(thread.words + Thread.Slot.unwindTarget.rawValue)
    visit(thread.words + Thread.Slot.unwindValue.rawValue)
    for visitor in universe.hooks.extraRoots { visitor(visit) }
    if minor { return }
    for table in [
      universe.symbols.objects, universe.classes.objects, universe.characters, universe.zero,
    ] {
      for i in 0..<table.count { visit(table.slots + i) }
    }
    if methods { universe.methods.forEach { $0.method.forEachRoot(visit) } }
  }

  /// The words of all frames of a stack.
  private func forEachRoot(in frames: StackFrames, _ visit: (Words) -> Void) {
    for frame in frames {
      let h = frame.words
      if frame.isCompiled {
        if let found = universe.hooks.liveSlots?(h) {
          for i in 0...found.argumentCount { visit(h - (i + 1)) }
          for slot in found.slots { visit(h + slot) }
        }
      } else {
        let method = frame.method
        let n = method.argumentCount
        if n >= 0 { for i in 0...n { visit(h - (i + 1)) } }
        if frame.hasRegisters {
          let depth = UnsafePointer<UInt16>(bitPattern: UInt(method[.depth])).unsafelyUnwrapped
          let end = Int(depth[frame.pc])
          var i = Frame.headerWords
          while i < end {
            visit(h + i)
            i += 1
          }
        }
      }
    }
  }
}

extension Method {
  /// The roots that a version has: its literals, and the object that stands for it.
  func forEachRoot(_ visit: (Words) -> Void) {
    let n = Int(self[.literalCount])
    if n > 0 {
      let literals = VM.words(self[.literals])
      for i in 0..<n { visit(literals + i) }
    }
    visit(words + Slot.object.rawValue)
  }
}
