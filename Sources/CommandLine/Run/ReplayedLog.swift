// `--replay`: the accepts of a change log are made again, before a program runs or the prompt appears.

import Ovid

extension VirtualMachine {
  /// Makes the accepts of a change log again, in order, and answers what to say of those that went wrong.
  func problems(replaying log: String) throws(VirtualMachineError) -> [String] {
    let report = try replay(changeLog: log)
    var problems = report.receipts.filter { !$0.succeeded || $0.fileFailure != nil || $0.logFailure != nil }
      .map { "\(log): \($0)" }
    problems += report.kept.map { "\(log): \($0)" }
    if report.endsTorn { problems.append("\(log): the last entry is cut short, as by a crash, and was left out") }
    return problems
  }
}
