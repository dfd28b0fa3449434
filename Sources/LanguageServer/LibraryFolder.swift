// The bundled library as files that an editor can show: written when somebody first goes there.

import Foundation
import Syntax

public final class LibraryFolder {
  public let sources: [SourceText]
  private let folder: String
  private var isWritten = false

  /// - Parameter folder: made when it is needed.
  public init(_ sources: [SourceText], folder: String) {
    self.sources = sources
    self.folder = folder
  }

  func path(of className: String) -> String { "\(folder)/\(className).som" }

  func write() {
    if isWritten { return }
    isWritten = true
    // It may be in the folder of compiled code, which nobody else can write.
    try? FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    for source in sources {
      let path = path(of: source.name)
      let data = Data(source.bytes)
      if FileManager.default.contents(atPath: path) == data { continue }
      try? FileManager.default.removeItem(atPath: path)
      try? data.write(to: URL(fileURLWithPath: path), options: .atomic)
      try? FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: path)
    }
  }
}
