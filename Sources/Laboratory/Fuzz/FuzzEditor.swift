// Who accepts changes while a program runs: collects what it prints, and makes the changes that it asks for, on a thread
// of its own, as an editor would.

import Foundation
import Ovid
import Reference

final class FuzzEditor: @unchecked Sendable {
  private let accepts: [[FuzzChange]]
  private let condition = NSCondition()
  private var out: [UInt8] = []
  private var error: [UInt8] = []
  private var lineStart = 0
  private var asked: [Int] = []
  private var isOver = false

  init(_ accepts: [[FuzzChange]]) { self.accepts = accepts }

  var output: String { condition.withLock { String(decoding: out, as: UTF8.self) } }
  var errors: String { condition.withLock { String(decoding: error, as: UTF8.self) } }

  /// On the machine's thread.
  func note(_ bytes: UnsafeRawBufferPointer, isError: Bool) {
    condition.withLock {
      if isError { return error.append(contentsOf: bytes) }
      out.append(contentsOf: bytes)
      if accepts.isEmpty { return }
      while let end = out[lineStart...].firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: out[lineStart..<end], as: UTF8.self)
        lineStart = end + 1
        if let number = ReferenceMachine.acceptNumber(line), number <= accepts.count {
          asked.append(number)
          condition.signal()
        }
      }
    }
  }

  func start(_ machine: VirtualMachine) {
    if accepts.isEmpty { return }
    Foundation.Thread.detachNewThread { [self] in
      while let number = next() {
        let receipt = machine.accept(ChangeSet(accepts[number - 1].map(\.forMachine), author: "fuzz"))
        let answer = ReferenceMachine.answer(number, receipt.succeeded)
        machine.accept(
          ChangeSet(answer.map { .method(ReferenceMachine.listener, $0, classSide: true) }, author: "fuzz"))
      }
    }
  }

  func stop() {
    condition.withLock {
      isOver = true
      condition.signal()
    }
  }

  private func next() -> Int? {
    condition.withLock {
      while asked.isEmpty, !isOver { condition.wait() }
      return isOver ? nil : asked.removeFirst()
    }
  }
}

extension FuzzChange {
  fileprivate var forMachine: Change {
    className.map { .method($0, text, classSide: isClassSide) } ?? .classSource(text, file: nil)
  }
}
