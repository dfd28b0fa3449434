// Full disks: nothing is compiled, the program goes on, and when there is room again, so does the compiler.

import Foundation
import GccBackend
import Synchronization
import Testing

@testable import Runtime

/// A file system of 64 KiB, for as long as it lives; nil without the right to mount one.
private final class SmallDisk {
  let path: String

  init?() {
    path = NSTemporaryDirectory() + "ovid-small-disk-\(UUID().uuidString)"
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    if !Self.run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", path) { return nil }
  }
  deinit {
    _ = Self.run("umount", "-l", path)
    try? FileManager.default.removeItem(atPath: path)
  }

  private static func run(_ words: String...) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }

  static let isPossible = SmallDisk() != nil
}

@Suite struct RoomTests {
  @Test(.enabled(if: SmallDisk.isPossible && GccBackend.unavailability == nil))
  func nothingIsWrittenToAFullFolder() throws {
    let disk = try #require(SmallDisk())
    #expect(try #require(TemporaryFiles.room(in: disk.path)) <= 64 << 10)
    let error = #expect(throws: BackendError.self) {
      try GccBackend.compile(
        [constantGraph(1)], options: BackendOptions(outputPath: disk.path + "/1.o"))
    }
    guard case .noRoom(disk.path) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path).isEmpty)
  }

  @Test(.enabled(if: SmallDisk.isPossible)) func theScratchFolderIsWhereThereIsRoom() throws {
    let disk = try #require(SmallDisk())
    let roomy = NSTemporaryDirectory() + "ovid-roomy-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: roomy, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: roomy) }
    #expect(try ObjectFiles(folder: nil, places: [disk.path, roomy]) { _ in }.scratchPath().hasPrefix(roomy))
    // There may be room later.
    #expect(try ObjectFiles(folder: nil, places: ["/nowhere", disk.path]) { _ in }.scratchPath().hasPrefix(disk.path))
  }

  /// A running loop asks for its code again until there is room for it; it is said once that there is none.
  @Test(.enabled(if: GccBackend.unavailability == nil), arguments: [true, false])
  func theCompilerGoesOnWhenThereIsRoom(_ compileNow: Bool) throws {
    final class Disk: Sendable { let failures = Mutex(0) }
    let disk = Disk()
    var options = Options()
    options.compileThreshold = 20
    options.compileNow = compileNow
    let session = try Session(
      .compiled,
      """
      Main = (
        run = ( [ self running ] whileTrue: [ ]. 'ended' println )
        running = ( ^true )
      )
      """, options: options,
      stages: { stages in
        var full = stages
        full.generate = { graphs, path in
          let isFull = disk.failures.withLock { n in
            n += 1
            return n <= 2
          }
          if isFull { throw CompileFailure("no room in /full; make room", extent: .moment) }
          return try stages.generate(graphs, path)
        }
        return full
      })
    session.start()
    #expect(session.transcript.waitForEvent { if case .installed(_, true) = $0 { true } else { false } })
    #expect(session.editor.accept(.method("Main", "running = ( ^false )")).succeeded)
    #expect(session.finish() == 0)
    #expect(session.transcript.standardError == "ovid: no room in /full; make room; interpreting until then\n")
    #expect(disk.failures.withLock { $0 } > 2)
  }
}
