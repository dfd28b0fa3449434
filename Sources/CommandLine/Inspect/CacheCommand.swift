// `ovid cache`: what is in the folder of compiled code, and removing it.

import ArgumentParser
import Foundation
import Ovid

struct CacheCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cache",
    abstract: "Shows the folder of compiled code, or clears it.",
    discussion: """
      Programs that run with --cache-dir=FOLDER (or OVID_CACHE_DIR) keep their compiled code there, and find it the \
      next time: of each unit the text is compared, of each object a checksum. The folder holds \
      \(CacheFolder.defaultLimit >> 20) MB at most; what was not used for longest goes first. It can be cleared at \
      any time, also while programs run.
      """)

  @Option(help: ArgumentHelp("The folder (default: that of OVID_CACHE_DIR).", valueName: "folder"))
  var cacheDir: String?
  @Flag(help: "Remove all compiled code from it.") var clear = false

  func run() throws {
    try reporting {
      let options = try Options(environment: ProcessInfo.processInfo.environment)
      guard let path = cacheDir ?? options.cacheDirectory else {
        let none = "no cache folder is set: --cache-dir FOLDER names one, or OVID_CACHE_DIR does for all runs."
        if clear { throw ValidationError(none) }
        return print(none)
      }
      guard access(path, F_OK) == 0 else {
        print("\(path): not there yet; the first program that runs with it makes it")
        return
      }
      let folder = try CacheFolder(path: path)
      if clear {
        print("\(path): removed \(Self.text(folder.clear()))")
      } else {
        print("\(path): \(Self.text(folder.contents())), of \(folder.limit >> 20) MB at most")
      }
    }
  }

  private static func text(_ contents: CacheFolder.Contents) -> String {
    "\(contents.units) compiled units in \(contents.files) files, "
      + String(format: "%.1f MB", Double(contents.bytes) / 1_048_576)
  }
}
