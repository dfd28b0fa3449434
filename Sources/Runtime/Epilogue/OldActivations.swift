// The activations that still run a version of a method which is not the current one any more: they end with it
// (docs/live-editing.md, row 2).

import VM

/// One of them.
public struct OldActivation: Hashable, Sendable, Codable {
  /// The number of its process.
  public var process: Int
  /// Of a block, the method that the block is in.
  public var method: MethodKey
  /// Whether it is a block of the method.
  public var isBlock: Bool
  /// The version that it runs.
  public var version: Int
  /// The version that a send finds now; nil: the method was removed.
  public var installed: Int?
  /// Where it is, in the text that it runs: a line of its file, or of what was accepted.
  public var line: Int
}

extension OldActivation: CustomStringConvertible {
  public var description: String {
    "process \(process): \(isBlock ? "a block of " : "")\(method) v\(version), line \(line); "
      + (installed.map { "v\($0) is installed" } ?? "the method was removed")
  }
}

/// Looks at the stacks of all processes. VM thread, at a safepoint whose top frame is `top`.
struct OldActivations {
  private let universe: Universe
  private let installed: InstalledCode
  private let top: Words

  init(_ universe: Universe, _ installed: InstalledCode, top: Words) {
    self.universe = universe
    self.installed = installed
    self.top = top
  }

  /// The method in a class's dictionary that code belongs to.
  private func home(_ id: Int) -> MethodInfo? {
    universe.methods.find(id).map(universe.root)
  }

  private func isOld(_ id: Int) -> Bool { home(id)?.isReplaced == true }

  /// Whether a frame can have one; `known` remembers it for frames of the same code.
  private func mayBeOld(_ frame: Frame, _ known: inout [UInt64: Bool]) -> Bool {
    let word = frame.words[1]
    if let answer = known[word] { return answer }
    let answer =
      frame.isCompiled ? installed.methods(inFrame: frame.words).contains(where: isOld) : isOld(frame.method.id)
    known[word] = answer
    return answer
  }

  /// The versions (ids) that some activation runs, of those that are replaced.
  var versions: Set<Int> {
    var result: Set<Int> = []
    var known: [UInt64: Bool] = [:]
    universe.forEachStack(running: top) { frames in
      var last: UInt64 = 0
      for frame in frames {
        // Most frames of a deep stack are like the one before.
        if !frame.isCompiled, frame.words[1] == last { continue }
        last = frame.words[1]
        guard mayBeOld(frame, &known) else { continue }
        for activation in universe.activations(of: frame) {
          if let home = home(activation.method.id), home.isReplaced { result.insert(home.id) }
        }
      }
    }
    return result
  }

  /// All of them, innermost first, but for those beyond `limit`.
  func list(limit: Int) -> [OldActivation] {
    var result: [OldActivation] = []
    var known: [UInt64: Bool] = [:]
    universe.forEachProcessStack(running: top) { process, frames in
      for frame in frames {
        if result.count >= limit { return }
        guard mayBeOld(frame, &known) else { continue }
        for activation in universe.activations(of: frame) {
          if let old = report(activation, process), result.count < limit { result.append(old) }
        }
      }
    }
    return result
  }

  private func report(_ activation: Activation, _ process: Int) -> OldActivation? {
    let info = universe.methods[activation.method]
    guard let home = home(info.id), home.isReplaced else { return nil }
    let holder = universe.classes[home.holderIndex]
    let current = holder.methods[universe.symbols.intern(home.selector)].map { universe.methods[$0] }
    return OldActivation(
      process: process, method: universe.key(home.selector, in: home.holderIndex), isBlock: info.outer != nil,
      version: home.version, installed: current?.version, line: installed.line(info.id, activation.pc))
  }
}
