// The file of a recording: lines of JSON, written by a queue of its own, so that nobody waits for the disk.

import Foundation
import Synchronization

public final class RecordingFile: Sendable {
  /// Bytes after which only what is small is recorded: pictures are left out; and after which nothing is.
  public static let pictureLimit = 256 << 20
  public static let limit = 512 << 20
  /// Bytes that may wait for the disk before pictures are left out, and before anything is.
  private static let pictureBacklog = 4 << 20
  private static let backlog = 64 << 20

  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  private struct State {
    var size = 0
    var waiting = 0
    /// Nothing is written any more.
    var isOver = false
  }
  private nonisolated(unsafe) let file: UnsafeMutablePointer<FILE>
  private let path: String
  private let queue = DispatchQueue(label: "ovid recording")
  private let state = Mutex(State())
  private let complain: @Sendable (String) -> Void

  /// - Parameter complain: gets a sentence, once, if the recording ends before the session.
  public init(_ path: String, complain: @escaping @Sendable (String) -> Void = { _ in }) throws(Failure) {
    guard let file = fopen(path, "we") else {
      throw Failure(description: "\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
    self.file = file
    self.path = path
    self.complain = complain
  }

  /// Whether there is room for a picture.
  var takesPictures: Bool {
    state.withLock { !$0.isOver && $0.size < Self.pictureLimit && $0.waiting < Self.pictureBacklog }
  }

  /// Any thread; returns at once.
  func write(_ line: String) { write(line.utf8.count) { line } }

  /// `line` is asked for on the queue; it has about so many bytes.
  func write(_ bytes: Int, _ line: @escaping @Sendable () -> String) {
    let isTaken = state.withLock { state -> Bool in
      if state.isOver || state.waiting > Self.backlog { return false }
      state.waiting += bytes
      return true
    }
    guard isTaken else { return }
    queue.async { [self] in
      let text = line()
      let isFull = state.withLock { state in
        state.waiting -= bytes
        state.size += text.utf8.count + 1
        return state.size > Self.limit
      }
      if isFull { return giveUp("has \(Self.limit >> 20) MB; the recording ends here") }
      // Every line is there at once, whatever becomes of the process.
      if fputs(text + "\n", file) < 0 || fflush(file) != 0 {
        giveUp("cannot be written any more: \(String(cString: strerror(errno)))")
      }
    }
  }

  private func giveUp(_ why: String) {
    let isFirst = state.withLock { state in
      defer { state.isOver = true }
      return !state.isOver
    }
    if isFirst { complain("\(path) \(why)") }
  }

  /// Returns when everything is written.
  func finish() {
    queue.sync { _ = fflush(file) }
    state.withLock { $0.isOver = true }
  }
}
