// Scratch folders of machines that were killed go when another one starts; those in use stay.

import Foundation
import Testing

@testable import Runtime

@Suite struct ScratchFolderTests {
  @Test func leftoversGoAndFoldersInUseStay() throws {
    let parent = NSTemporaryDirectory() + "ovid-test-\(UUID().uuidString)"
    let left = "\(parent)/ovid-scratch-left", other = "\(parent)/ovid-other"
    for path in [left, other] {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    defer { try? FileManager.default.removeItem(atPath: parent) }
    try "x".write(toFile: "\(left)/1.o", atomically: true, encoding: .utf8)
    let first = try ObjectFiles(folder: nil, places: [parent]) { _ in }
    let second = try ObjectFiles(folder: nil, places: [parent]) { _ in }
    let names = Set(try FileManager.default.contentsOfDirectory(atPath: parent))
    #expect(names == Set([first.scratch, second.scratch, other].map { URL(fileURLWithPath: $0).lastPathComponent }))
    // Its own end removes a folder.
    second.removeScratch()
    #expect(!FileManager.default.fileExists(atPath: second.scratch))
    #expect(FileManager.default.fileExists(atPath: first.scratch))
  }
}
