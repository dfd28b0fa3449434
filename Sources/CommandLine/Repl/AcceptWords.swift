// What stands behind `accept`, at the prompt and in the debugger: perhaps a policy, and then what is accepted.

import Ovid

struct AcceptWords {
  let policy: AcceptPolicy
  let rest: String

  struct UnknownPolicy: Error, CustomStringConvertible {
    let word: String
    var description: String { "\(word): expected --restart, --migrate or --next, and then what is accepted" }
  }

  init(_ argument: String) throws(UnknownPolicy) {
    guard argument.hasPrefix("--") else {
      policy = .next
      rest = argument
      return
    }
    let word = argument.prefix { $0 != " " }
    guard let policy = AcceptPolicy(rawValue: String(word.dropFirst(2))) else {
      throw UnknownPolicy(word: String(word))
    }
    self.policy = policy
    rest = argument.dropFirst(word.count).trimmingCharacters(in: .whitespaces)
  }
}
