// `ovid cache`: what is in the folder of compiled code, and removing it.

import ArgumentParser
import Foundation
import Ovid

struct CacheCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cache",
    abstract: "Shows the folder of compiled code, or clears it.",
    discussion: """
      Programs keep their compiled code there, and find it the next time: of each unit the text is compared, of each \
      object a checksum, and nothing is loaded that another user could have written. It is the folder of --cache-dir or \
      OVID_CACHE_DIR, else ovid in $XDG_CACHE_HOME or ~/.cache; with --no-cache, or where OVID_NO_CACHE is set, there is \
      none. The folder holds \(CacheFolder.defaultLimit >> 20) MB at most; what was not used for longest goes first. It can \
      be cleared at any time, also while programs run.
      """)

  @Option(help: ArgumentHelp("The folder (default: the one that programs use).", valueName: "folder"))
  var cacheDir: String?
  @Flag(help: "Remove all compiled code from it.") var clear = false

  func run() throws {
    try reporting {
      let use = try CacheUse(folder: cacheDir)
      switch use {
      case .none(let reason), .unusable(let reason):
        guard cacheDir == nil && !clear else { throw NoFolder(description: reason) }
        print("none: \(reason)")
      case .used(let folder) where clear: print("\(folder.path): removed \(folder.clear())")
      case .used, .notThereYet: print(use)
      }
    }
  }

  private struct NoFolder: Error, CustomStringConvertible { let description: String }
}
