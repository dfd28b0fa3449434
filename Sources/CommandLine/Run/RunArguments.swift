// The words after `ovid run`, docs/language.md, section 7: flags of the machine, class path, program, its arguments.
// Flags count only before the program; everything after it is the program's.

import Foundation
import Ovid

struct RunArguments: Equatable {
  var options = Options()
  /// Folders searched for classes, in order, after the program's own.
  var classPath: [String] = []
  var isWatching = false
  var wantsHelp = false
  /// Where the counters are written at the end, as JSON.
  var statisticsFile: String?
  /// A change log whose accepts are made again before the program runs, or the prompt appears.
  var replayedLog: String?
  /// How a session is replayed.
  var pace = ReplayPace()
  /// As it was written: a class name, or the path of a file.
  var program: String?
  var arguments: [String] = []

  /// Why the words make no sense, and what to write instead.
  struct UsageError: Error, CustomStringConvertible, Equatable {
    let description: String
  }

  /// What commands with these arguments have in common: prints the help if it is asked for, or says what is wrong with
  /// the words or went wrong in `body`. Answers the exit status. `defaults` are environment variables, where there are none.
  static func execute(
    _ words: [String], defaults: [String: String] = [:], usage: String, help: @autoclosure () -> String,
    _ body: (RunArguments) throws -> Int32
  ) -> Int32 {
    do {
      let environment = defaults.merging(ProcessInfo.processInfo.environment) { $1 }
      let parsed = try RunArguments(words, environment: environment)
      if parsed.wantsHelp {
        print("USAGE: \(usage)\n\n\(help())")
        return ExitStatus.success
      }
      for folder in parsed.classPath where access(folder, F_OK) != 0 {
        complain("there is no folder \(folder), which the class path names")
      }
      return try body(parsed)
    } catch let error as UsageError {
      complain("\(error)")
      return ExitStatus.usage
    } catch {
      complain("\(error)")
      return ExitStatus.failure
    }
  }

  /// The program of a command that has it run in front of somebody: what is for programs that run alone, and for sessions
  /// that are replayed, is refused. `noPace` says it of the latter.
  func program(of command: String, noPace: String) throws(UsageError) -> String {
    guard let program else { throw UsageError(description: "which program? For example: ovid \(command) Hello.som") }
    if isWatching || statisticsFile != nil {
      let flag = isWatching ? "--watch" : "--stats-file"
      throw UsageError(description: "\(flag) is for programs that run alone: ovid run --help")
    }
    if pace != ReplayPace() { throw UsageError(description: "\(noPace): ovid replay --help") }
    return program
  }

  init(_ words: [String], environment: [String: String] = [:]) throws(UsageError) {
    do {
      options = try Options(environment: environment, keepsCode: true)
      var rest = words[...]
      while let word = rest.first, word.hasPrefix("-"), word.count > 1 {
        switch word {
        case "-h", "-help", "--help":
          wantsHelp = true
          return
        case "--watch", "-w":
          isWatching = true
          rest = rest.dropFirst()
        case "-cp", "--classpath":
          guard let path = rest.dropFirst().first else {
            throw UsageError(description: "\(word) needs folders: \(word) dir:dir…")
          }
          addFolders(path)
          rest = rest.dropFirst(2)
        case "--stats-file":
          guard let file = rest.dropFirst().first else {
            throw UsageError(description: "--stats-file needs the name of a file to write")
          }
          statisticsFile = file
          rest = rest.dropFirst(2)
        case "--replay":
          guard let file = rest.dropFirst().first else {
            throw UsageError(description: "--replay needs the name of a change log (see --change-log)")
          }
          replayedLog = file
          rest = rest.dropFirst(2)
        case "--speed":
          pace.speed = try Self.positive(rest.dropFirst().first, word, "--speed 10: ten times as fast")
          rest = rest.dropFirst(2)
        case "--longest-pause":
          pace.longestPause = try Self.positive(rest.dropFirst().first, word, "--longest-pause 60: seconds")
          rest = rest.dropFirst(2)
        case "--":
          rest = rest.dropFirst()
          takeProgram(rest)
          return
        case _ where word.hasPrefix("--classpath="):
          addFolders(String(word.dropFirst("--classpath=".count)))
          rest = rest.dropFirst()
        case _ where word.hasPrefix("--"):
          rest = try takeOption(rest)
        default:
          throw UsageError(description: "unknown flag \(word); `ovid run --help` lists the flags.")
        }
      }
      takeProgram(rest)
    } catch let error as UsageError {
      throw error
    } catch {
      throw UsageError(description: "\(error)")
    }
  }

  private static func positive(_ text: String?, _ flag: String, _ example: String) throws(UsageError) -> Double {
    guard let number = text.flatMap(Double.init), number > 0, number.isFinite else {
      throw UsageError(description: "\(flag) needs a number above 0 (\(example))")
    }
    return number
  }

  private mutating func addFolders(_ text: String) {
    classPath += text.split(separator: ":").map(String.init)
  }

  private mutating func takeProgram(_ rest: ArraySlice<String>) {
    program = rest.first
    arguments = Array(rest.dropFirst())
  }

  /// Takes one option of the machine, with the word after it if it needs that as a value.
  private mutating func takeOption(_ rest: ArraySlice<String>) throws -> ArraySlice<String> {
    let count = Self.takesValue(rest.first!) ? 2 : 1
    _ = try options.parse(Array(rest.prefix(count)))
    return rest.dropFirst(count)
  }

  /// Whether the word after this one belongs to it, as its value.
  static func takesValue(_ word: String) -> Bool {
    guard word.hasPrefix("--"), !word.contains("="),
      let row = Options.table.first(where: { $0.name == word.dropFirst(2) })
    else { return false }
    return row.impliedValue == nil
  }

  static func == (l: Self, r: Self) -> Bool {
    l.options.flags == r.options.flags && l.classPath == r.classPath && l.isWatching == r.isWatching
      && l.wantsHelp == r.wantsHelp && l.statisticsFile == r.statisticsFile && l.replayedLog == r.replayedLog
      && l.pace == r.pace
      && l.program == r.program
      && l.arguments == r.arguments
  }
}

/// A program as the command line names it: which class, and which folder is searched first.
struct ProgramName: Equatable {
  var className: String
  /// nil: a bare name, looked up in the current folder and on the class path.
  var folder: String?

  init(_ text: String) {
    var name = text
    if name.hasSuffix(".som") { name.removeLast(4) }
    if let slash = name.lastIndex(of: "/") {
      folder = slash == name.startIndex ? "/" : String(name[..<slash])
      name = String(name[name.index(after: slash)...])
    }
    className = name
  }

  /// The program's own folder, then the others.
  func searchPath(_ classPath: [String]) -> [String] { [folder ?? "."] + classPath }
}
