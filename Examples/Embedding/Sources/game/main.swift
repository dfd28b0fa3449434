// A market in Swift: what its traders do, and what things cost, are methods in Rules/Rules.som, which are looked up at every
// turn. `game` plays; `game --edit` plays, changes the rules in the middle, and plays on; `game --live` plays slowly, and
// serves the rules to a browser, in which you change them meanwhile.

import Foundation
import LiveServer
import Ovid

/// One who buys and sells: an object of this program, which the rules can ask.
final class Trader: SwiftObject {
  var money = 1000
  var stock = 0
  var day = 0
  let rules: Value
  init(rules: Value) { self.rules = rules }

  func price(_ thing: String) throws(VirtualMachineError) -> Int {
    try rules.send("priceOf:on:store:", thing, day, stock).read()
  }
}

let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Rules").path
// The rules may compute, and nothing else.
let vm = try VirtualMachine(classPath: [folder], capabilities: .none)
try vm.implement("Trader", Trader.self) {
  $0.property("money", \.money)
  $0.property("stock", \.stock)
  $0.method("priceOf:") { (trader: Trader, thing: String) in try trader.price(thing) }
}
let rules = try vm.class("Rules").send("new")
let trader = Trader(rules: rules)

/// The next day: the rules say what the trader wants, and the market what that costs.
func turn(_ trader: Trader) throws {
  trader.day += 1
  do throws(VirtualMachineError) {
    let wanted: Int = try trader.rules.send("trade:", trader, limits: CallLimits(seconds: 1)).read()
    let price = try trader.price("tea")
    let count = min(wanted, trader.money / max(1, price))
    trader.money -= count * price
    trader.stock += count
  } catch {
    switch error {
    // A rule that does not work loses its turn; the game goes on.
    case .failed, .limitExceeded: print("day \(trader.day): \(error)")
    default: throw error
    }
  }
}

func play(_ trader: Trader, days: Int, seconds: Double = 0) throws {
  for _ in 1...days {
    try turn(trader)
    Thread.sleep(forTimeInterval: seconds)
  }
  say("after \(trader.day) days: \(trader.money) in money, \(trader.stock) in stock")
}

/// Who reads this from a pipe wants to know it now.
func say(_ text: String) {
  print(text)
  fflush(nil)
}

if CommandLine.arguments.contains("--live") {
  let live = try LiveServer(vm, showing: "Rules")
  live.start()
  say("change the rules at \(live.address)")
  for _ in 1...60 { try play(trader, days: 10, seconds: 0.1) }
  live.stop()
} else {
  try play(trader, days: 50)
}
if CommandLine.arguments.contains("--edit") {
  let receipt = vm.accept("trade: trader = ( ^trader money / 100 )", in: "Rules")
  print("accepted: \(receipt.succeeded)")
  try play(trader, days: 50)
  // A mistake costs a turn.
  vm.accept("trade: trader = ( ^trader gold )", in: "Rules")
  try turn(trader)
  vm.accept("trade: trader = ( [ true ] whileTrue: [ ]. ^0 )", in: "Rules")
  try turn(trader)
}
print("game: ok")
