// Upstream SOM's own TestSuite, with both core libraries, if OVID_SOM names a checkout of it: nothing of it is part
// of this repository.

import CorpusSupport
import Foundation
import Testing

@testable import VM

private let root = ProcessInfo.processInfo.environment["OVID_SOM"] ?? ""
private let exists = !root.isEmpty && FileManager.default.fileExists(atPath: root + "/TestSuite/TestHarness.som")

@Suite(.serialized, .enabled(if: exists, "OVID_SOM names no checkout of SOM")) struct UpstreamTests {
  @Test(arguments: [[root + "/TestSuite"], [root + "/TestSuite", root + "/Smalltalk"]])
  func testSuite(classPath: [String]) throws {
    let outcome = try interpret("TestHarness", classPath: classPath)
    #expect(outcome.status == 0, "\(outcome.standardOutput.suffix(2000))\(outcome.standardError.suffix(2000))")
    let lines = outcome.standardOutput.split(separator: "\n")
    let total = lines.first { $0.hasPrefix("Total number of tests:") }?.split(separator: " ").last
    let passed = lines.first { $0.hasPrefix("Number of successful tests:") }?.split(separator: " ").last
    #expect(total != nil && total == passed)
  }
}
