// What the running program has had under a name: the classes that its send sites have met there, and the values of globals. All of it
// is there anyway; nothing of the program runs, and the heap is not searched.

import Bytecode
import Optimizer
import Syntax
import VM

/// A class whose instances (or the class itself) a name has stood for.
public struct ObservedKind: Sendable, Hashable, Encodable {
  /// The class's name.
  public let className: String
  /// It is the class itself that was met.
  public let isClassSide: Bool
  /// How often, as far as send sites count; 0 of a global.
  public let count: Int
}

/// VM thread, at a safepoint.
struct ObservedKinds {
  /// Methods that are looked at for a field.
  private static let methodLimit = 2000
  private let universe: Universe
  private let program: RuntimeProgram
  private let name: String
  /// By class index.
  private var counts: [Int: Int] = [:]

  /// - Parameters:
  ///   - holder: the class (or its class side) whose code names it; nil: no class.
  ///   - selector: of the method; nil, or one that the class has not: a new method.
  init(_ universe: Universe, _ program: RuntimeProgram, _ name: String, in holder: ClassInfo?, _ selector: String?) {
    self.universe = universe
    self.program = program
    self.name = name
    let method = holder.flatMap { holder in
      selector.flatMap { holder.methods[universe.symbols.intern($0)] }.map { universe.methods[$0] }
    }
    if let method, method.definition?.declares(name) == true {
      observe(method)
    } else if let holder, holder.fieldNames.contains(name) {
      var left = Self.methodLimit
      for info in family(of: holder) {
        for id in info.methods.values where left > 0 {
          let method = universe.methods[id]
          if method.definition?.declares(name) == false { observe(method) }
          left -= 1
        }
      }
    } else if let cell = universe.globals.existingCell(name) {
      let value = Value(bits: universe.globals.address(cell)[0])
      if value != .none {
        if let index = universe.classIndex(ofClassObject: value) {
          counts[universe.classes[index].metaIndex] = 0
        } else {
          counts[value.classIndex] = 0
        }
      }
    }
  }

  /// The most frequent first.
  var list: [ObservedKind] {
    counts.compactMap { index, count in
      guard let info = universe.classes.infos[index], info.isCurrent, !info.isRemoved else { return nil }
      let named = info.isMetaclass ? universe.classes[info.instanceIndex] : info
      return ObservedKind(className: named.name, isClassSide: info.isMetaclass, count: count)
    }
    .sorted { ($1.count, $0.className) < ($0.count, $1.className) }
  }

  /// The class, those above it and those below it: who has the field.
  private func family(of holder: ClassInfo) -> [ClassInfo] {
    var result: [ClassInfo] = []
    var open = [holder]
    while let next = open.popLast(), result.count < Self.methodLimit {
      guard next.fieldNames.contains(name) else { continue }
      result.append(next)
      open += next.subclasses.compactMap { universe.classes.infos[$0] }
    }
    var above = holder
    while above.superIndex != 0, let info = universe.classes.infos[above.superIndex], info.fieldNames.contains(name) {
      result.append(info)
      above = info
    }
    return result
  }

  /// What the messages to the name have found.
  private mutating func observe(_ method: MethodInfo) {
    guard let definition = method.definition else { return }
    var places: Set<SourceRange> = []
    for scope in definition.scopes {
      scope.body.forEachMessage(inBlocks: false) { receiver, message in
        if case .variable(let node) = receiver, node.name == name { places.insert(message.range) }
      }
    }
    if places.isEmpty { return }
    for part in universe.withBlocksAndTwin(method) {
      guard let chunk = part.chunk else { continue }
      for (pc, site) in chunk.siteAtPC.enumerated() where site != BytecodeChunk.noSite {
        guard places.contains(chunk.ranges[pc]) else { continue }
        for entry in program.feedback(MethodID(part.id), site: Int(site)).entries {
          counts[entry.classIndex, default: 0] += entry.count
        }
      }
    }
  }
}

extension MethodDefinition {
  fileprivate func declares(_ name: String) -> Bool {
    scopes.contains { scope in (scope.arguments + scope.body.temporaries).contains { $0.name == name } }
  }
}
