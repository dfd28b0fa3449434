// Receipts on standard error, each with its epilogue: a line when new code has run first, when code is optimized again, and
// when nothing runs what was replaced.

import Ovid
import Synchronization

final class PrintedReceipts: Sendable {
  private let epilogues = Mutex(Epilogues())

  init(_ vm: VirtualMachine) {
    vm.onEvent { [weak self] in self?.receive($0) }
  }

  /// Prints a receipt, and from now on what follows it.
  func say(_ receipt: Receipt) {
    complain("\(receipt)")
    for line in epilogues.withLock({ $0.open(receipt) }) { complain(line) }
  }

  private func receive(_ event: RuntimeEvent) {
    if let line = epilogues.withLock({ $0.take(event) }) { complain(line) }
  }
}

/// The lines that follow receipts: they wait until the receipt itself is printed.
struct Epilogues {
  private var waiting: [(receipt: Int, line: String)] = []
  private var printed: [Int] = []
  /// Lines that wait, and receipts that are printed, at most: a program that edits itself has many.
  private static let limit = 100

  /// The line of an event, if it can be printed.
  mutating func take(_ event: RuntimeEvent) -> String? {
    guard let (receipt, line) = event.epilogue else { return nil }
    if printed.contains(receipt) { return line }
    waiting.append((receipt, line))
    if waiting.count > Self.limit { waiting.removeFirst() }
    return nil
  }

  /// A receipt is printed: the lines that have waited for it.
  mutating func open(_ receipt: Receipt) -> [String] {
    printed.append(receipt.id)
    if printed.count > Self.limit { printed.removeFirst() }
    let lines = waiting.filter { $0.receipt == receipt.id }.map(\.line)
    waiting.removeAll { $0.receipt == receipt.id }
    return lines
  }
}

/// At a prompt they are shown when the next input is asked for.
final class PromptEpilogues: Sendable {
  private let state = Mutex<(epilogues: Epilogues, lines: [String])>((Epilogues(), []))

  func take(_ event: RuntimeEvent) {
    state.withLock { if let line = $0.epilogues.take(event) { $0.lines.append(line) } }
  }
  func open(_ receipt: Receipt) { state.withLock { $0.lines += $0.epilogues.open(receipt) } }
  func takeLines() -> [String] {
    state.withLock { state in
      defer { state.lines = [] }
      return state.lines
    }
  }
}
