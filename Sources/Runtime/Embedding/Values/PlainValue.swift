// A value of a program with all that it refers to, as plain Swift values: what decoding reads.

import BigInt
import Foundation
import VM

indirect enum PlainValue {
  case `nil`
  case boolean(Bool)
  case integer(Int)
  case bigInteger(BigInt)
  case double(Double)
  case string(String)
  case date(Foundation.Date)
  case array([PlainValue])
  /// Of a dictionary, in its order; or of an object, by its fields.
  case keyed([(key: PlainValue, value: PlainValue)])

  /// In words, for messages.
  var name: String {
    switch self {
    case .nil: "nil"
    case .boolean: "a boolean"
    case .integer, .bigInteger: "an integer"
    case .double: "a double"
    case .string: "a string"
    case .date: "a date"
    case .array: "an array"
    case .keyed: "a dictionary or an object"
    }
  }

  static let depthLimit = 200
}

extension ValueReader {
  /// VM thread, at a safepoint. Throws if it refers to itself, or is deeper than anybody means.
  func plain(depth: Int = 0) throws(VirtualMachineError) -> PlainValue {
    if depth > PlainValue.depthLimit {
      throw .wrongType("the value refers to itself, or is more than \(PlainValue.depthLimit) levels deep")
    }
    if isNil { return .nil }
    if let boolean { return .boolean(boolean) }
    if let integer { return .integer(integer) }
    if let bigInteger { return .bigInteger(bigInteger) }
    if let double { return .double(double) }
    if let string { return .string(string) }
    if let date { return .date(date) }
    if let elements {
      var result: [PlainValue] = []
      result.reserveCapacity(elements.count)
      for element in elements { result.append(try element.plain(depth: depth + 1)) }
      return .array(result)
    }
    var result: [(key: PlainValue, value: PlainValue)] = []
    if let pairs {
      for pair in pairs {
        result.append((try pair.key.plain(depth: depth + 1), try pair.value.plain(depth: depth + 1)))
      }
      return .keyed(result)
    }
    for name in fieldNames {
      guard let value = field(name) else { continue }
      result.append((.string(name), try value.plain(depth: depth + 1)))
    }
    return .keyed(result)
  }
}

extension ProgramValue {
  func plain() throws(VirtualMachineError) -> PlainValue {
    switch content {
    case .nil: return .nil
    case .boolean(let b): return .boolean(b)
    case .integer(let n): return .integer(n)
    case .bigInteger(let n): return .bigInteger(n)
    case .double(let d): return .double(d)
    case .string(let s), .symbol(let s): return .string(s)
    case .date(let date): return .date(date)
    case .array(let elements):
      var result: [PlainValue] = []
      for element in elements { result.append(try element.plain()) }
      return .array(result)
    case .dictionary(let pairs):
      var result: [(key: PlainValue, value: PlainValue)] = []
      for pair in pairs { result.append((try pair.key.plain(), try pair.value.plain())) }
      return .keyed(result)
    case .instance(_, let fields):
      var result: [(key: PlainValue, value: PlainValue)] = []
      for field in fields { result.append((.string(field.name), try field.value.plain())) }
      return .keyed(result)
    case .host(let reference): throw .wrongType("\(type(of: reference.object)) is no value yet that can be read")
    case .object:
      return try look { calls, value in
        try ValueReader(bits: value.bits, calls: Unmanaged.passUnretained(calls)).plain()
      } ?? .nil
    }
  }
}
