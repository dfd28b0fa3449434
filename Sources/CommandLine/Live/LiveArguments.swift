// The words of `ovid live` that are its own; the others are those of `ovid run`.

import Foundation

struct LiveArguments: Equatable {
  var port: UInt16 = 0
  var isOpening = false
  var isDemo = false
  var pages: String?
  var record: String?
  var speed: String?
  /// For `RunArguments`.
  var others: [String] = []

  init(_ words: [String]) throws(RunArguments.UsageError) {
    var rest = words[...]
    while let word = rest.popFirst() {
      // What stands after the program is the program's.
      guard word.hasPrefix("-"), word != "--" else {
        others.append(word)
        others += rest
        return
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      func value(_ example: String) throws(RunArguments.UsageError) -> String {
        if parts.count == 2, !parts[1].isEmpty { return parts[1] }
        guard parts.count == 1, let next = rest.popFirst() else {
          throw RunArguments.UsageError(description: "\(parts[0]) needs a value: \(parts[0]) \(example)")
        }
        return next
      }
      switch parts[0] {
      case "--port":
        let text = try value("8080")
        guard let number = UInt16(text), number > 0 else {
          throw RunArguments.UsageError(description: "--port needs a number from 1 to 65535, and not \(text)")
        }
        port = number
      case "--open" where parts.count == 1: isOpening = true
      case "--demo" where parts.count == 1: isDemo = true
      case "--pages":
        let folder = try value("Sources/LiveServer/Pages")
        guard access("\(folder)/index.html", R_OK) == 0 else {
          throw RunArguments.UsageError(description: "--pages: there is no \(folder)/index.html")
        }
        pages = folder
      case "--record": record = try value("session.jsonl")
      case "--speed": speed = try value("'Flow count'")
      default:
        others.append(word)
        // The words of flags that have one after them.
        if ["-cp", "--classpath", "--replay", "--stats-file", "--longest-pause"].contains(word),
          let next = rest.popFirst()
        {
          others.append(next)
        } else if RunArguments.takesValue(word), let next = rest.popFirst() {
          others.append(next)
        }
      }
    }
  }
}
