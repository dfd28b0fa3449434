// Embeds Ovid: evaluates, defines a class, edits it, and reads the receipt.

import Foundation
import Ovid

func require(_ condition: Bool, _ what: String) {
  if condition { return }
  FileHandle.standardError.write(Data("embedding: \(what)\n".utf8))
  exit(1)
}

let output = OutputCapture()
let vm = try VirtualMachine(output: .captured(by: output))

let sum = try vm.evaluate("| sum | sum := 0. 1 to: 100 do: [ :i | sum := sum + i ]. sum")
print("the sum is \(sum), of class \(sum.className)")
require(sum.value == .integer(5050), "the sum is \(sum)")

let created = vm.accept(
  ChangeSet([.classSource("Greeter = ( greet: name = ( ^'Hello, ' + name ) )", file: nil)]))
require(created.succeeded, created.description)
require(try vm.evaluate("Greeter new greet: 'you'").value == .string("Hello, you"), "the class answers")

let receipt = vm.accept("greet: name = ( ^'Good evening, ' + name )", in: "Greeter")
print(receipt)
require(receipt.methods.map(\.after) == [2], "the receipt says \(receipt)")
require(
  try vm.evaluate("Greeter new greet: 'you'").value == .string("Good evening, you"), "the edit is in effect")

_ = try vm.evaluate("'printed' println")
require(output.out == "printed\n", "the output is \(output.out)")
do {
  _ = try vm.evaluate("3 + ")
  require(false, "a syntax error must be thrown")
} catch { print("as it must be: \(error)") }

print("embedding: ok")
