// `ovid replay`: a session that a change log has kept is made again in front of a running program, for talks and tests; one
// that was recorded is shown in the browser.

import ArgumentParser
import Foundation
import LiveServer
import Ovid
import VM

struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Makes the session of a change log again, in front of a running program, or shows a recorded one.",
    usage: usage, discussion: help)

  static let usage = """
    ovid replay [flags] [-cp dir:dir…] LOG Name|path/Name.som [arguments]
           ovid replay [--port N] [--open] RECORDING
    """

  static var help: String {
    """
    Loads the program, takes it back to what it was before the session, as far as the log (ovid run --change-log=LOG)
    knows, and runs it; meanwhile the accepts of the log are made again, at the pace at which they were, each with its
    receipt on standard error. Class files stay as they are (--write-back=on writes them). The exit status is the
    program's, or 1 if an accept could not be made, or the program ended before the last one.

      --speed N                  N times as fast
      --longest-pause SECONDS    what passes between two accepts at most, before --speed counts [60]

    Other flags are those of ovid run.

    Of a recording (ovid live --record RECORDING) it prints an address, where the windows are shown as they were, with a
    slider over time; nothing runs, and nothing can be changed. --port N, --open and --pages FOLDER are those of ovid live.
    """
  }

  @Argument(parsing: .captureForPassthrough, help: ArgumentHelp(visibility: .hidden)) var words: [String] = []

  func run() throws { RunCommand.end(Self.execute(words)) }

  /// The whole command; answers its exit status.
  static func execute(_ words: [String]) -> Int32 {
    if let place = words.firstIndex(where: { !$0.hasPrefix("-") && Recording.isRecording($0) }) {
      return RecordingPlayer.execute(words, recording: place)
    }
    return RunArguments.execute(["--write-back=off"] + words, usage: usage, help: help) { parsed in
      guard let log = parsed.program, let word = parsed.arguments.first else {
        complain(missing(parsed.program))
        return ExitStatus.usage
      }
      if parsed.isWatching || parsed.replayedLog != nil {
        complain("\(parsed.isWatching ? "--watch" : "--replay") is for programs: ovid run --help")
        return ExitStatus.usage
      }
      var player: SessionPlayer?
      let arguments = Array(parsed.arguments.dropFirst())
      let status = try ProgramRun.perform(parsed, word, arguments, isFirstWord: false) { vm in
        let new = SessionPlayer(try vm.session(changeLog: log), parsed.pace, log, PrintedReceipts(vm))
        try new.begin()
        player = new
        return new.stop
      }
      return status == ExitStatus.success && player?.isComplete != true ? ExitStatus.failure : status
    }
  }
}

extension ReplayCommand {
  /// What is to be said if there is one word at most, and no recording.
  private static func missing(_ file: String?) -> String {
    let both = "ovid replay session.log Hello.som"
    guard let file, access(file, F_OK) == 0 else {
      return "which log, and which program? For example: \(both)"
    }
    let beginning = try? FileHandle(forReadingAtPath: file)?.read(upToCount: 16)
    if beginning?.starts(with: Data(#"{"accept":"#.utf8)) == true {
      return "\(file) is a change log, and needs its program, too: ovid replay \(file) Hello.som"
    }
    return "\(file) is neither a recording (ovid live --record) nor a change log (ovid run --change-log)"
  }
}

/// How fast a session is made again.
struct ReplayPace: Equatable {
  var speed = 1.0
  /// Seconds.
  var longestPause = 60.0

  func seconds(_ pause: Double) -> Double { min(pause, longestPause) / speed }
}

/// Makes the accepts of a session on a thread of its own, until the last one or `stop`.
final class SessionPlayer: @unchecked Sendable {
  private let session: LoggedSession
  private let pace: ReplayPace
  private let log: String
  private let receipts: PrintedReceipts
  private let condition = NSCondition()
  // Guarded by the condition.
  private var isStopping = false
  private var hasStopped = false
  private var made = 0
  private var failures = 0

  init(_ session: LoggedSession, _ pace: ReplayPace, _ log: String, _ receipts: PrintedReceipts) {
    self.session = session
    self.pace = pace
    self.log = log
    self.receipts = receipts
  }

  /// Whether every accept was made.
  var isComplete: Bool { condition.withLock { made == session.count && failures == 0 } }

  /// Takes the program back, and begins.
  func begin() throws {
    if session.endsTorn { complain("\(log): the last entry is cut short, as by a crash, and is left out") }
    if let receipt = session.takeBack(), !receipt.succeeded {
      complain("\(log): the program is not taken back to the beginning: \(receipt.errors[0])")
      failures += 1
    }
    try NativeThread.start("ovid replay") { [self] in
      work()
      condition.withLock {
        hasStopped = true
        condition.broadcast()
      }
    }
  }

  /// The program has ended. Returns once no accept is being made.
  func stop() {
    let left = condition.withLock {
      isStopping = true
      condition.broadcast()
      while !hasStopped { condition.wait() }
      return session.count - made
    }
    if left > 0 { complain("\(log): the program ended before the last \(left) of \(session.count) accepts") }
  }

  private func work() {
    for step in 0..<session.count {
      // The program shows how it begins first.
      let pause = step == 0 ? Self.opening : session.pause(before: step)
      if !wait(pace.seconds(pause)) { return }
      let receipt = session.make(step)
      condition.withLock {
        made += 1
        if receipt?.succeeded == false { failures += 1 }
      }
      if let receipt { receipts.say(receipt) }
    }
    complain("\(log): all \(session.count) accepts are made")
  }
  private static let opening = 1.0

  /// False: the program has ended.
  private func wait(_ seconds: Double) -> Bool {
    let end = Date(timeIntervalSinceNow: seconds)
    return condition.withLock {
      while !isStopping, condition.wait(until: end) {}
      return !isStopping
    }
  }
}
