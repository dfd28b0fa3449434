// A process that stands still, and the values that somebody has been told of: roots as long as it does.

import MachineLayout
import VM

/// Values that somebody has been told of by numbers: roots as long as this lives. VM thread.
class ValueKeeper {
  let number: Int
  /// The number of the process that stands still, 0 for values of nobody's stack.
  let process: Int
  private var roots: [UInt64] = []

  init(number: Int, process: Int) {
    self.number = number
    self.process = process
  }

  final func keep(_ value: Value) -> Int {
    roots.append(value.bits)
    return roots.count - 1
  }
  final func value(_ index: Int) -> Value? { roots.indices.contains(index) ? Value(bits: roots[index]) : nil }

  final func forEachRoot(_ visit: (Words) -> Void) {
    roots.withUnsafeMutableBufferPointer { for i in $0.indices { visit($0.baseAddress! + i) } }
  }
}

/// VM thread.
final class DebugStop: ValueKeeper {
  /// What happens when it goes on.
  enum Resumption {
    case goOn
    /// The failed send answers the value in this root.
    case answer(root: Int)
    /// Frames are left.
    case unwind
  }

  let reason: StopReport.Reason
  /// The innermost frame.
  let top: Words
  var message: String?
  var errorClass: String?
  var breakpoints: [Int] = []
  /// The root of what a message has answered, behind which a step has ended.
  var answered: Int?
  var resumption: Resumption?

  init(number: Int, process: Int, _ reason: StopReport.Reason, at top: Words) {
    self.reason = reason
    self.top = top
    super.init(number: number, process: process)
  }
}

/// An evaluation on top of a stopped process.
final class DebugEvaluation: @unchecked Sendable {
  let number: Int
  /// Errors end it, and breakpoints do not count.
  let isQuiet: Bool
  /// What it answers is wanted as it prints itself, too.
  let isPrinted: Bool
  var printed: String?
  /// What ended it, if it is quiet.
  var failure: String?
  /// It is a call from Swift: errors end it, as values, unless a debugger stops for them.
  var isCall = false
  var captured: ProgramError?
  /// Who waits for it, until it has ended or stopped.
  var answer: ((Result<EvaluationReport, DebugError>) -> Void)?

  init(number: Int, isQuiet: Bool, isPrinted: Bool = false) {
    self.number = number
    self.isQuiet = isQuiet
    self.isPrinted = isPrinted
  }
}
