// `ovid live --demo`: a copy of a program that is worth watching, so that what is accepted is nobody's file.

import Foundation

struct LiveDemo: Sendable {
  static let speed = "Flow count"

  private let folder: URL
  /// The path of the copy.
  var program: String { folder.appendingPathComponent("Flow.som").path }

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("ovid-demo-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(PackageResources.Flow_som).write(to: folder.appendingPathComponent("Flow.som"))
  }

  @Sendable func remove() { try? FileManager.default.removeItem(at: folder) }
}
