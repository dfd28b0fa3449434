import Foundation
import Ovid
import Testing

@Suite(.serialized) struct ValueTests {
  @Test func valuesAreReadAsWhatTheyAre() throws {
    let (vm, _) = try machine()
    #expect(try vm.value(of: "3 + 4").read(Int.self) == 7)
    #expect(try vm.value(of: "2 raisedTo: 100").read(BigInteger.self).description == "1267650600228229401496703205376")
    #expect(try vm.value(of: "1 / 4.0").read(Double.self) == 0.25)
    #expect(try vm.value(of: "3").read(Double.self) == 3)
    #expect(try vm.value(of: "'grün'").read(String.self) == "grün")
    #expect(try vm.value(of: "#foo:").read(String.self) == "foo:")
    #expect(try vm.value(of: "3 > 2").read(Bool.self))
    #expect(try vm.value(of: "nil").isNil)
    #expect(try vm.value(of: "nil").read(Int?.self) == nil)
    #expect(try vm.value(of: "#(1 2 3)").read([Int].self) == [1, 2, 3])
    #expect(try vm.value(of: "Vector new append: 1; append: 2; yourself").read([Int].self) == [1, 2])
    #expect(
      try vm.value(of: "OrderedCollection new add: 'a'; addFirst: 'b'; yourself").read([String].self) == ["b", "a"])
    #expect(
      try vm.value(of: "Dictionary new at: 'a' put: 1; at: 'b' put: 2; yourself").read([String: Int].self)
        == ["a": 1, "b": 2])
    #expect(try vm.value(of: "Hashtable new at: 1 put: 'x'; yourself").read([Int: String].self) == [1: "x"])
    #expect(
      try vm.value(of: "DateAndTime fromSeconds: 86400").read(Date.self) == Date(timeIntervalSince1970: 86400))
    #expect(
      try vm.value(of: "Array with: (Array with: 1 with: nil) with: #(2 3)").read([[Int?]].self) == [
        [1, nil], [2, 3],
      ])
  }

  @Test func aWrongTypeSaysWhatItIs() throws {
    let (vm, _) = try machine()
    #expect(throws: VirtualMachineError.wrongType("an integer of 64 bits was expected, not 'ten'")) {
      try vm.value(of: "'ten'").read(Int.self)
    }
    #expect(throws: VirtualMachineError.wrongType("an array was expected, not an Object")) {
      try vm.value(of: "Object new").read([Int].self)
    }
    #expect(throws: VirtualMachineError.self) { try vm.value(of: "2 raisedTo: 70").read(Int.self) }
    #expect(throws: VirtualMachineError.self) { try (["a"] as Value).read([Int].self) }
  }

  /// Objects stay, and are the same, whatever the collector does.
  @Test func objectsSurviveCollections() throws {
    var options = Options()
    options.gcEvery = 50
    let (vm, _) = try machine([account], options: options)
    let held = try (0..<200).map { _ in try vm.class("Account").send("new") }
    for (i, value) in held.enumerated() { try value.send("deposit:", i) }
    let one = try vm.class("Account").send("new")
    try one.send("deposit:", 5)
    _ = try vm.value(of: "1 to: 2000 do: [ :i | i asString + 'x' ]. system fullGC")
    #expect(try one.send("balance").read(Int.self) == 5)
    #expect(try one.field("balance")?.read(Int.self) == 5)
    #expect(try one.fieldNames() == ["balance"] && one.className() == "Account")
    #expect(try one.isIdentical(to: one) && !one.isIdentical(to: vm.class("Account").send("new")))
    for (i, value) in held.enumerated() { #expect(try value.send("balance").read(Int.self) == i) }
  }

  @Test func whatNobodyHoldsIsGivenUp() throws {
    let (vm, _) = try machine()
    let before = try vm.heldObjects().byValues
    var values: [Value]? = try (0..<3000).map { _ in try vm.value(of: "Object new") }
    #expect(try vm.heldObjects().byValues == before + 3000)
    values = nil
    #expect(values == nil)
    #expect(try vm.heldObjects().byValues == before)
  }

  @Test func messagesAreSentWithSwiftArguments() throws {
    let (vm, _) = try machine([account])
    let one = try vm.class("Account").send("new")
    #expect(try one.send("deposit:", 10).read(Int.self) == 10)
    #expect(try one.send("deposit:", 2.5).read(Double.self) == 12.5)
    #expect(try vm.send(to: [3, 1, 2], "sort").read([Int].self) == [1, 2, 3])
    #expect(try vm.send(to: "a", ",", "b").read([String].self) == ["a", "b"])
    #expect(try vm.send(to: ["k": 1] as Value, "at:", "k").read(Int.self) == 1)
    #expect(try vm.send(to: BigInteger(1) << 80, "+", 1).read(BigInteger.self) == (BigInteger(1) << 80) + 1)
    #expect(try vm.send(to: Date(timeIntervalSince1970: 0), "year").read(Int.self) == 1970)
    #expect(throws: VirtualMachineError.wrongType("at:put: takes 2 arguments, and 1 were given")) {
      try one.send("at:put:", 1)
    }
  }

  @Test func blocksAreClosuresAndClosuresBlocks() throws {
    let (vm, _) = try machine([account])
    let add: (Int, Int) throws -> Int = try vm.value(of: "[ :a :b | a + b ]").function()
    #expect(try add(3, 4) == 7)
    #expect(try vm.value(of: "[ 5 ]").call().read(Int.self) == 5)
    let one = try vm.class("Account").send("new")
    try one.send("deposit:", 10)
    #expect(try one.send("do:", SwiftBlock { (n: Int) in n * 3 }).read(Int.self) == 30)
    #expect(
      try vm.send(to: [1, 2, 3], "inject:into:", 0, SwiftBlock { (a: Int, b: Int) in a + b }).read(Int.self) == 6)
  }

  private struct Order: Codable, Equatable {
    struct Line: Codable, Equatable {
      var name: String
      var count: Int?
    }
    var id: Int
    var price: Double
    var isPaid: Bool
    var day: Date
    var lines: [Line]
  }

  @Test func codableTypesGoThereAndBack() throws {
    let (vm, _) = try machine(["Order = ( | id price isPaid day lines | total = ( ^price * id ) )"])
    let order = Order(
      id: 7, price: 1.5, isPaid: true, day: Date(timeIntervalSince1970: 1_000_000),
      lines: [.init(name: "x", count: 2), .init(name: "y", count: nil)])
    let dictionary = try vm.encode(order)
    #expect(try dictionary.className() == "Dictionary")
    #expect(try dictionary.send("at:", "id").read(Int.self) == 7)
    #expect(try dictionary.decode(Order.self) == order)
    let object = try vm.encode(order, as: "Order")
    #expect(try object.className() == "Order" && object.send("total").read(Double.self) == 10.5)
    #expect(try object.decode(Order.self) == order)
    #expect(try vm.value(of: "#(1 2)").decode([UInt8].self) == [1, 2])
    #expect(throws: DecodingError.self) { try vm.value(of: "#(1 300)").decode([UInt8].self) }
    #expect(throws: VirtualMachineError.self) {
      try vm.value(of: "| a | a := Array new: 1. a at: 1 put: a. a").decode([[Int]].self)
    }
  }

  @Test func misuseIsAnError() throws {
    let (vm, _) = try machine()
    let (other, _) = try machine()
    let value = try vm.value(of: "Object new")
    #expect(throws: VirtualMachineError.valueOfAnotherMachine) { try other.send(to: 3, "=", value) }
    var third: VirtualMachine? = try machine().vm
    let orphan = try third!.value(of: "Object new")
    third = nil
    #expect(third == nil)
    #expect(throws: VirtualMachineError.machineIsGone) { try orphan.send("hashcode") }
    #expect(throws: VirtualMachineError.machineIsGone) { try orphan.read(String.self) }
    #expect(throws: VirtualMachineError.self) { try (3 as Value).send("hashcode") }
  }

  /// A sink runs on the machine's own thread.
  @Test func theMachinesOwnThreadIsRefused() throws {
    let box = Box()
    let vm = try VirtualMachine(
      output: .redirected(
        out: { _ in
          do { _ = try box.value?.send("hashcode") } catch { box.error = error as? VirtualMachineError }
        }, error: { _ in }))
    box.value = try vm.value(of: "Object new")
    _ = try vm.evaluate("'x' println")
    #expect(box.error == .calledFromWithin(operation: "send"))
    box.value = nil
  }
  private final class Box: @unchecked Sendable {
    var value: Value?
    var error: VirtualMachineError?
  }
}
