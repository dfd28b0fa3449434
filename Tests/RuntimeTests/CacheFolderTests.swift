// Whose folders compiled code is loaded from: where it is if nobody says, and what is not used.

import Foundation
import IR
import Testing

@testable import Runtime

@Suite struct CacheFolderTests {
  private let root: String
  private let metadata = CodeMetadata(symbol: "f", tableSymbol: "t", tableCount: 0, frameSize: 3, safepoints: [])

  init() throws {
    // Whatever is above it belongs to this user or the system, and what everybody can write there is sticky.
    root = NSTemporaryDirectory() + "ovid-cache-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: root, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
  }

  private func make(_ name: String, _ mode: mode_t = 0o755) throws -> String {
    let path = "\(root)/\(name)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    #expect(chmod(path, mode) == 0)
    return path
  }

  private func mode(_ path: String) -> mode_t {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
  }

  private func names(_ path: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }

  @Test func theUsualPlaceIsInTheHome() {
    func path(_ environment: [String: String]) -> String? { CacheFolder.usualPath(environment: environment) }
    #expect(path(["HOME": root]) == "\(root)/.cache/ovid")
    #expect(path(["HOME": root, "XDG_CACHE_HOME": "/c"]) == "/c/ovid")
    #expect(path(["HOME": root, "XDG_CACHE_HOME": "relative"]) == "\(root)/.cache/ovid")
    #expect(path(["HOME": "\(root)/nowhere"]) == nil)
    #expect(path(["HOME": "", "XDG_CACHE_HOME": ""]) == nil && path(["HOME": "a"]) == nil && path([:]) == nil)
  }

  /// It is made for its user only, when there is something to compile, and whatever is wrong with it is not told.
  @Test func theUsualFolderIsOpenedWhenItIsNeeded() throws {
    let path = "\(root)/.cache/ovid"
    let files = try ObjectFiles(folder: path, isUsual: true) { Issue.record("told: \($0)") }
    #expect(names(root).isEmpty)
    let cache = try #require(files.cache)
    #expect(mode(path) == 0o700 && mode("\(root)/.cache") == 0o700 && names(path).isEmpty)
    cache.keep([1, 2, 3], texts: ["text"], metadata: [metadata])
    #expect(try CacheFolder(path: path, isUsual: true).find(text: "text")?.object == [1, 2, 3])
    for useless in ["/proc/nowhere/ovid", "\(path)/written/ovid", "/dev/null"] {
      let files = try ObjectFiles(folder: useless, isUsual: true) { Issue.record("told: \($0)") }
      #expect(files.cache == nil)
    }
  }

  @Test func aUsualFolderThatOthersCouldReplaceIsNotUsed() throws {
    for (mode, isUsed) in [(0o777, false), (0o1777, true), (0o775, true), (0o755, true)] as [(mode_t, Bool)] {
      let home = try make("home-\(mode)", mode)
      let path = "\(home)/.cache/ovid"
      #expect((CacheFolder.refusal(ofUsual: path) == nil) == isUsed)
      #expect(((try? CacheFolder(path: path, isUsual: true)) != nil) == isUsed)
      // Nothing was made there.
      #expect(names(home) == (isUsed ? [".cache"] : []))
    }
    let path = try make("open/ovid", 0o777)
    #expect((try? CacheFolder(path: path, isUsual: true)) == nil)
    guard geteuid() == 0 else { return }
    // As by sudo: the home is that of the one who called it.
    let home = try make("home-of-another")
    chown(home, 1, 1)
    #expect((try? CacheFolder(path: "\(home)/.cache/ovid", isUsual: true)) == nil && names(home).isEmpty)
    let other = try make("others/ovid", 0o700)
    chown(other, 1, 1)
    for isUsual in [false, true] { #expect((try? CacheFolder(path: other, isUsual: isUsual)) == nil) }
  }

  /// Where a link leads to is what counts.
  @Test func linksAreFollowed() throws {
    let large = try make("large"), home = try make("home")
    #expect(symlink(large, "\(home)/.cache") == 0)
    let cache = try CacheFolder(path: "\(home)/.cache/ovid", isUsual: true)
    cache.keep([1], texts: ["text"], metadata: [metadata])
    #expect(names("\(large)/ovid").count == 3)
    let open = try make("open", 0o777)
    #expect(symlink(open, "\(home)/open") == 0)
    #expect((try? CacheFolder(path: "\(home)/open/ovid", isUsual: true)) == nil && names(open).isEmpty)
    #expect(symlink("\(root)/nowhere", "\(home)/nowhere") == 0)
    #expect((try? CacheFolder(path: "\(home)/nowhere/ovid", isUsual: true)) == nil)
  }

  /// What was checked is what is used.
  @Test func aFolderThatIsReplacedIsNotUsed() throws {
    let path = try make("cache", 0o700)
    let cache = try CacheFolder(path: path)
    #expect(rename(path, path + "-aside") == 0)
    _ = try make("cache", 0o700)
    cache.keep([1], texts: ["text"], metadata: [metadata])
    #expect(names(path).isEmpty && cache.find(text: "text") != nil)
    try FileManager.default.removeItem(atPath: path + "-aside")
    cache.keep([1], texts: ["text"], metadata: [metadata])
    #expect(cache.find(text: "text") == nil && cache.contents() == CacheFolder.Contents())
  }

  /// Each run writes too little to be a reason to look.
  @Test func manyShortRunsKeepTheLimit() throws {
    let path = "\(root)/cache"
    let limit = 1 << 20
    var most = 0
    for i in 0..<400 {
      let cache = try CacheFolder(path: path, limit: limit)
      cache.keep([UInt8](repeating: 1, count: 5000), texts: ["text\(i)"], metadata: [metadata])
      most = max(most, cache.contents().bytes)
    }
    #expect(most > limit / 2 && most <= limit + limit / 16 + 10_000)
    #expect(try CacheFolder(path: path).find(text: "text399") != nil)
    #expect(try CacheFolder(path: path).find(text: "text0") == nil)
  }

  /// Files that a killed process has not finished.
  @Test func leftoversGoWithTime() throws {
    let path = "\(root)/cache"
    let cache = try CacheFolder(path: path, limit: 100_000)
    let old = "\(path)/1a-2b.o.123-456", new = "\(path)/1a-2b.json.123-456"
    for file in [old, new] { try Data(count: 1000).write(to: URL(fileURLWithPath: file)) }
    var times = [timeval(tv_sec: 1, tv_usec: 0), timeval(tv_sec: 1, tv_usec: 0)]
    #expect(utimes(old, &times) == 0)
    #expect(cache.contents().files == 2)
    cache.keep([UInt8](repeating: 1, count: 20_000), texts: ["text"], metadata: [metadata])
    #expect(access(old, F_OK) != 0 && access(new, F_OK) == 0)
    #expect(cache.find(text: "text") != nil)
  }

  /// Several at once write and read the same, and remove what others are about to read.
  @Test func severalShareAFolder() throws {
    let path = "\(root)/cache"
    let wrong = Guarded(0), found = Guarded(0)
    DispatchQueue.concurrentPerform(iterations: 4) { n in
      guard let cache = try? CacheFolder(path: path, limit: 60_000) else { return wrong.update { $0 += 1 } }
      for round in 0..<200 {
        let text = "text\((round * (n + 1)) % 37)"
        if let code = cache.find(text: text) {
          found.update { $0 += 1 }
          // Two processes may make other code of one text: either is whole.
          let isWhole = code.object.count == 3000 && Set(code.object).count == 1 && code.metadata == metadata
          if !isWhole { wrong.update { $0 += 1 } }
        } else {
          cache.keep([UInt8](repeating: UInt8(n), count: 3000), texts: [text], metadata: [metadata])
        }
      }
    }
    #expect(wrong.get() == 0 && found.get() > 0)
    #expect(!names(path).contains { $0.split(separator: ".").count > 2 })
  }
}
