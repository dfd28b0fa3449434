// Which compiled code relies on which facts about the program. A change asks it for exactly the code whose
// facts became false: it compares facts, so a change that leaves a fact as it was breaks nothing.

import Optimizer

/// The current truth about what a `Dependency` states.
public protocol FactSource {
  func currentLookup(classIndex: Int, selector: Int) -> Int?
  func currentSuperLookup(holderIndex: Int, selector: Int) -> Int?
  /// False once the class has another shape, and so another index.
  func isCurrent(classIndex: Int) -> Bool
  /// 0 if the cell is unset.
  func globalVersion(cell: Int) -> Int
}

extension FactSource {
  /// Whether a dependency's fact still holds.
  public func holds(_ dependency: Dependency) -> Bool {
    switch dependency {
    case .lookup(let classIndex, let selector, let method):
      return isCurrent(classIndex: classIndex)
        && currentLookup(classIndex: classIndex, selector: selector) == method
    case .superLookup(let holder, let selector, let method):
      return isCurrent(classIndex: holder)
        && currentSuperLookup(holderIndex: holder, selector: selector) == method
    case .shape(let classIndex):
      return isCurrent(classIndex: classIndex)
    case .global(let cell, let version):
      return globalVersion(cell: cell) == version
    }
  }
}

/// Number of a unit of compiled code; never reused.
public struct CodeID: Hashable, Sendable, Comparable, Codable {
  /// The number.
  public let raw: Int
  /// The unit of that number.
  public init(_ raw: Int) { self.raw = raw }
  public static func < (l: CodeID, r: CodeID) -> Bool { l.raw < r.raw }
}

/// One reason for which a unit is no longer valid.
public struct BrokenDependency: Hashable, Sendable {
  public let code: CodeID
  public let dependency: Dependency
}

public struct DependencyRegistry: Sendable {
  /// What a change can touch at once: everything that mentions one selector, one class's shape, one cell.
  private enum Key: Hashable, Sendable {
    case selector(Int), shape(Int), cell(Int)
    init(_ dependency: Dependency) {
      switch dependency {
      case .lookup(_, let selector, _), .superLookup(_, let selector, _): self = .selector(selector)
      case .shape(let index): self = .shape(index)
      case .global(let cell, _): self = .cell(cell)
      }
    }
  }

  private var dependents: [Key: [Dependency: Set<CodeID>]] = [:]
  private var dependencies: [CodeID: [Dependency]] = [:]

  public init() {}

  public mutating func add(_ list: [Dependency], of code: CodeID) {
    for dependency in list { dependents[Key(dependency), default: [:]][dependency, default: []].insert(code) }
    dependencies[code, default: []] += list
  }

  /// Forgets a unit: it was invalidated or freed.
  public mutating func drop(_ code: CodeID) {
    for dependency in dependencies.removeValue(forKey: code) ?? [] {
      let key = Key(dependency)
      dependents[key]?[dependency]?.remove(code)
      if dependents[key]?[dependency]?.isEmpty == true { dependents[key]?[dependency] = nil }
      if dependents[key]?.isEmpty == true { dependents[key] = nil }
    }
  }

  public func dependencies(of code: CodeID) -> [Dependency] { dependencies[code] ?? [] }
  public var isEmpty: Bool { dependents.isEmpty && dependencies.isEmpty }
  public var codeCount: Int { dependencies.count }

  /// The code that a new, replaced or removed method of this selector makes wrong.
  public func broken(selector: Int, facts: some FactSource) -> [BrokenDependency] {
    broken(.selector(selector), facts)
  }
  public func broken(shapeOf classIndex: Int, facts: some FactSource) -> [BrokenDependency] {
    broken(.shape(classIndex), facts)
  }
  public func broken(cell: Int, facts: some FactSource) -> [BrokenDependency] { broken(.cell(cell), facts) }
  /// For changes of the hierarchy: checks every dependency there is.
  public func brokenAnywhere(facts: some FactSource) -> [BrokenDependency] {
    dependents.keys.flatMap { broken($0, facts) }.sorted { $0.code < $1.code }
  }

  private func broken(_ key: Key, _ facts: some FactSource) -> [BrokenDependency] {
    (dependents[key] ?? [:]).flatMap { dependency, codes in
      facts.holds(dependency) ? [] : codes.map { BrokenDependency(code: $0, dependency: dependency) }
    }.sorted { $0.code < $1.code }
  }
}
