import Foundation
import Ovid
import Testing

/// A machine with its output, and classes given as text.
func machine(_ classes: [String] = [], options: Options = Options()) throws -> (
  vm: VirtualMachine, output: OutputCapture
) {
  let output = OutputCapture()
  let vm = try VirtualMachine(options: options, capabilities: .all, output: .captured(by: output))
  for text in classes {
    let receipt = vm.accept(ChangeSet([.classSource(text, file: nil)]))
    #expect(receipt.succeeded, "\(receipt)")
  }
  return (vm, output)
}

let account = """
  Account = (
    | balance |
    balance = ( ^balance )
    deposit: amount = (
      amount < 0 ifTrue: [ ^self error: 'no negative amounts' ].
      balance := (balance isNil ifTrue: [ 0 ] ifFalse: [ balance ]) + amount.
      ^balance
    )
    do: aBlock = ( ^aBlock value: balance )
    spin = ( [ true ] whileTrue: [ ] )
    grow = ( | all | all := Vector new. [ true ] whileTrue: [ all append: (Array new: 1000) ] )
    print = ( [ true ] whileTrue: [ 'line' println ] )
  )
  """

/// Until `holds`, for half a minute at most.
func wait(until holds: () throws -> Bool) rethrows -> Bool {
  let end = Date(timeIntervalSinceNow: 30)
  while try !holds() {
    if Date() > end { return false }
    usleep(2000)
  }
  return true
}

/// The error of the program that ends `body`; nil: it does not fail, or for another reason.
func programError(_ body: () throws -> Void) -> ProgramError? {
  do { try body() } catch {
    if case .failed(let failure)? = error as? VirtualMachineError { return failure }
  }
  return nil
}
