// Double: IEEE 754 binary64.

import BigInt
import Foundation

extension Primitives {
  static let doubles: [String: Primitive] = [
    "Double>>+": arithmetic { $0 + $1 },
    "Double>>-": arithmetic { $0 - $1 },
    "Double>>*": arithmetic { $0 * $1 },
    "Double>>/": quotient, "Double>>//": quotient,
    "Double>>%": arithmetic { fmod($0, $1) },
    "Double>>sqrt": function { $0.squareRoot() },
    "Double>>sin": function { sin($0) },
    "Double>>cos": function { cos($0) },
    "Double>>ln": function { log($0) },
    "Double>>round": whole(.toNearestOrAwayFromZero),
    "Double>>asInteger": whole(.towardZero),
    "Double>>asString": Primitive { call throws(Unwinding) in
      guard let d = call.receiver.double else { return try call.wrongReceiver() }
      return call.machine.string(text(d))
    },
    "Double>>hashcode": Primitive { call throws(Unwinding) in
      guard let d = call.receiver.double else { return try call.wrongReceiver() }
      if let n = BigInt(exactly: d) { return .integer(n) }
      throw .limit("the hash of a double")
    },
    "Double class>>PositiveInfinity": Primitive { _ throws(Unwinding) in .double(.infinity) },
    "Double class>>fromString:": Primitive { call throws(Unwinding) in
      guard let text = call.arguments[0].text else { return try call.wrongArgument(needs: "a string") }
      switch text {
      case "inf": return .double(.infinity)
      case "-inf": return .double(-.infinity)
      default:
        let isNumber = text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) } && text.last?.isNumber == true
        return .double(isNumber ? Double(text) ?? .nan : .nan)
      }
    },
  ]

  private static func arithmetic(_ operation: @escaping @Sendable (Double, Double) -> Double) -> Primitive {
    Primitive { call throws(Unwinding) in try call.doubles(operation) }
  }

  /// By 0.0 as IEEE 754 has it; the integer 0 is an error for every dividend.
  private static let quotient = Primitive { call throws(Unwinding) in
    if call.arguments[0].integer == 0 { return try call.raise(.divisionByZero) }
    return try call.doubles { $0 / $1 }
  }

  private static func function(_ function: @escaping @Sendable (Double) -> Double) -> Primitive {
    Primitive { call throws(Unwinding) in
      guard let d = call.receiver.double else { return try call.wrongReceiver() }
      return .double(function(d))
    }
  }

  private static func whole(_ rule: FloatingPointRoundingRule) -> Primitive {
    Primitive { call throws(Unwinding) in
      guard let d = call.receiver.double else { return try call.wrongReceiver() }
      guard let n = BigInt(exactly: d.rounded(rule)) else {
        return try call.raise(.wrongArgument("\(text(d.rounded(rule))) has no integer value"))
      }
      return .integer(n)
    }
  }

  /// The shortest text that reads back as the same double, with at least one decimal.
  static func text(_ d: Double) -> String {
    if d.isNaN { return "NaN" }
    if d.isInfinite { return d < 0 ? "-inf" : "inf" }
    let parts = d.description.split(separator: "e")
    guard parts.count == 2, let exponent = Int(parts[1]) else { return d.description }
    return "\(parts[0].contains(".") ? parts[0] : parts[0] + ".0")e\(exponent)"
  }
}
