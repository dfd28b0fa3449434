import Optimizer
import Testing

@testable import Runtime

private struct Facts: FactSource {
  var lookups: [SIMD2<Int>: Int] = [:]
  var replaced: Set<Int> = []
  var versions: [Int: Int] = [:]
  func currentLookup(classIndex: Int, selector: Int) -> Int? { lookups[SIMD2(classIndex, selector)] }
  func currentSuperLookup(holderIndex: Int, selector: Int) -> Int? { lookups[SIMD2(holderIndex - 1, selector)] }
  func isCurrent(classIndex: Int) -> Bool { !replaced.contains(classIndex) }
  func globalVersion(cell: Int) -> Int { versions[cell] ?? 0 }
}

@Suite struct DependencyRegistryTests {
  private let a = CodeID(1), b = CodeID(2), c = CodeID(3)

  @Test func exactlyTheDependentsOfAChangedLookup() {
    var registry = DependencyRegistry()
    registry.add([.lookup(classIndex: 30, selector: 5, method: 100)], of: a)
    registry.add([.lookup(classIndex: 31, selector: 5, method: 100)], of: b)
    registry.add([.lookup(classIndex: 30, selector: 6, method: 101)], of: c)
    // Class 31 gets an override of selector 5; 30 still finds the inherited method.
    let facts = Facts(lookups: [[30, 5]: 100, [31, 5]: 102, [30, 6]: 101])
    #expect(registry.broken(selector: 5, facts: facts).map(\.code) == [b])
    #expect(registry.broken(selector: 6, facts: facts).isEmpty)
  }

  @Test func absenceIsAFactToo() {
    var registry = DependencyRegistry()
    registry.add([.lookup(classIndex: 30, selector: 5, method: nil)], of: a)
    #expect(registry.broken(selector: 5, facts: Facts()).isEmpty)
    #expect(registry.broken(selector: 5, facts: Facts(lookups: [[30, 5]: 1])).map(\.code) == [a])
  }

  @Test func superLookupsGlobalsAndShapes() {
    var registry = DependencyRegistry()
    registry.add([.superLookup(holderIndex: 31, selector: 5, method: 100), .global(cell: 4, version: 2)], of: a)
    registry.add([.shape(classIndex: 31)], of: b)
    var facts = Facts(lookups: [[30, 5]: 100], versions: [4: 2])
    #expect(registry.brokenAnywhere(facts: facts).isEmpty)
    facts.versions[4] = 3
    #expect(registry.broken(cell: 4, facts: facts).map(\.dependency) == [.global(cell: 4, version: 2)])
    facts.lookups[[30, 5]] = 7
    #expect(registry.broken(selector: 5, facts: facts).map(\.code) == [a])
    facts.replaced = [31]
    #expect(registry.broken(shapeOf: 31, facts: facts).map(\.code) == [b])
    #expect(registry.broken(shapeOf: 30, facts: facts).isEmpty)
  }

  @Test func droppedCodeIsForgotten() {
    var registry = DependencyRegistry()
    registry.add([.lookup(classIndex: 30, selector: 5, method: 100), .shape(classIndex: 30)], of: a)
    registry.add([.lookup(classIndex: 30, selector: 5, method: 100)], of: b)
    registry.drop(a)
    #expect(registry.broken(selector: 5, facts: Facts()).map(\.code) == [b])
    registry.drop(b)
    #expect(registry.isEmpty)
  }
}
