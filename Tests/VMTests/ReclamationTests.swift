// Freed shapes and method versions in the tables of the virtual machine.

import Foundation
import Testing

@testable import VM

@Suite struct ReclamationTests {
  /// The shapes that a class had one after the other; the last is the one it has.
  private func shapes(_ table: ClassTable, _ count: Int) -> [ClassInfo] {
    let all = (0..<count).map { _ in table.add(name: "A", isMetaclass: false) }
    for (old, new) in zip(all, all.dropFirst()) {
      old.isCurrent = false
      table.note([old.index: ShapeMigration(newIndex: new.index, sources: [])])
    }
    return all
  }

  @Test func abandonedShapesAreUsedAgain() {
    let table = ClassTable(lock: NSRecursiveLock())
    let all = shapes(table, 4)
    let generation = table.generation
    #expect(table.freeAbandoned(except: []) == 3)
    #expect(table.generation != generation)
    #expect(table.infos[all[0].index] == nil && !table.isCurrent(all[0].index))
    #expect(table.named("A") === all[3])
    let count = table.count
    #expect(table.add(name: "B", isMetaclass: false).index == all[0].index)
    #expect(table.count == count)
    #expect(table.freeAbandoned(except: []) == 0)
  }

  /// What became of a class is found step by step.
  @Test func aShapeInUseKeepsThoseThatCameAfterIt() {
    let table = ClassTable(lock: NSRecursiveLock())
    let all = shapes(table, 4)
    #expect(table.freeAbandoned(except: [all[1].index]) == 1)
    #expect(table.infos[all[0].index] == nil)
    #expect(table.migration(of: all[1].index)?.newIndex == all[3].index)
  }

  @Test func idsAreNeverUsedAgain() {
    let table = MethodTable(lock: NSRecursiveLock())
    func add() -> MethodInfo { table.add(name: "m", selector: "m", selectorID: 1, argumentCount: 0, holderIndex: 1) }
    let all = (0..<1000).map { _ in add() }
    #expect(all.map(\.id) == Array(0..<1000))
    table.remove(Array(all[0..<999]), poisoning: false)
    #expect(table.count == 1)
    #expect(table.find(998) == nil && table.find(999) === all[999] && table.find(1000) == nil)
    #expect(add().id == 1000)
    var ids: [Int] = []
    table.forEach { ids.append($0.id) }
    #expect(ids == [999, 1000])
  }

  @Test func aFreedVersionIsPoisoned() {
    let table = MethodTable(lock: NSRecursiveLock())
    let info = table.add(name: "m", selector: "m", selectorID: 1, argumentCount: 0, holderIndex: 1)
    table.remove([info], poisoning: true)
    #expect(info.method[.entry] == 0xDBDB_DBDB_DBDB_DBDB)
  }
}
