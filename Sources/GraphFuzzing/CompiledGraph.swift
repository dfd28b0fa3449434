// Graphs compiled in this process and loaded.

import Foundation
import GccBackend
import IR

final class CompiledGraph {
  let metadata: CodeMetadata
  let entry: Evaluation.Entry
  /// The data table: its header and an entry for each of the graph's.
  let table: Words
  /// Code and table are in it.
  private let image: ObjectImage

  private init(_ image: ObjectImage, _ metadata: CodeMetadata) throws {
    self.image = image
    self.metadata = metadata
    entry = unsafeBitCast(try image.address(metadata.symbol), to: Evaluation.Entry.self)
    table = try image.address(metadata.tableSymbol).assumingMemoryBound(to: UInt64.self)
  }

  /// As one object, which is loaded once.
  static func compile(
    _ graphs: [Graph], _ layout: RuntimeLayout, _ configure: (inout BackendOptions) -> Void = { _ in }
  ) throws -> [CompiledGraph] {
    let path = "\(NSTemporaryDirectory())/ovid-graphs-\(UUID().uuidString).o"
    defer { unlink(path) }
    var options = BackendOptions(outputPath: path)
    configure(&options)
    let metadata = try GccBackend.compile(graphs, options: options, layout: layout)
    let image = try ObjectImage(path: path)
    return try metadata.map { try CompiledGraph(image, $0) }
  }
}
