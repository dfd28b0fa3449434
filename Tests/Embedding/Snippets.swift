// What the Swift on the pages takes for granted (scripts/test-embedding): nothing of it is run.

import Foundation
import LiveServer
import Ovid

/// A class that the program knows as Turtle.
final class Turtle: SwiftObject, @unchecked Sendable {
  var x = 0.0
  var name: String
  init(_ name: String = "") { self.name = name }
  func forward(_ steps: Double) { x += steps }
}

struct Order: Codable {}

func fetch(_ address: String) async throws -> String { address }

/// Values that the pages have made before.
nonisolated(unsafe) var vm: VirtualMachine! = nil
nonisolated(unsafe) var account: Value! = nil
nonisolated(unsafe) var rules: Value! = nil
nonisolated(unsafe) var trader: Turtle! = nil
