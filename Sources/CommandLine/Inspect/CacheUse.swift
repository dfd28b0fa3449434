// Where programs that are started now keep their compiled code: for `ovid cache` and `ovid doctor`.

import Foundation
import Ovid

enum CacheUse {
  case used(CacheFolder)
  /// The first program that compiles something makes the folder.
  case notThereYet(String)
  /// Nowhere, because somebody wants that or there is no place; and because a folder is of no use.
  case none(String), unusable(String)

  /// - Parameter folder: instead of what environment and home say.
  init(folder: String? = nil, environment: [String: String] = ProcessInfo.processInfo.environment) throws(OptionError) {
    var options = try Options(environment: environment, keepsCode: true)
    if let folder { try options.set("cache-dir", folder) }
    if options.noCache {
      self = .none("OVID_NO_CACHE is set")
    } else if let path = options.cacheDirectory {
      self = Self.use(of: path, isUsual: options.cacheIsUsual)
    } else {
      self = .none(
        environment["OVID_CACHE_DIR"] == nil
          ? "there is no home for one (HOME, XDG_CACHE_HOME)" : "OVID_CACHE_DIR is empty")
    }
  }

  private static func use(of path: String, isUsual: Bool) -> CacheUse {
    if access(path, F_OK) != 0 {
      let refusal = isUsual ? CacheFolder.refusal(ofUsual: path) : nil
      return refusal.map { .unusable("\($0)") } ?? .notThereYet(path)
    }
    do throws(CacheFolder.Unusable) { return .used(try CacheFolder(path: path, isUsual: isUsual)) } catch {
      return .unusable("\(error)")
    }
  }
}

extension CacheUse: CustomStringConvertible {
  var description: String {
    switch self {
    case .used(let folder): "\(folder.path): \(folder.contents()), of \(folder.limit >> 20) MB at most"
    case .notThereYet(let path): "\(path): not there yet; the first program that compiles something makes it"
    case .none(let reason), .unusable(let reason): reason
    }
  }
}

extension CacheFolder.Contents: CustomStringConvertible {
  public var description: String {
    "\(units) compiled units in \(files) files, " + String(format: "%.1f MB", Double(bytes) / 1_048_576)
  }
}
