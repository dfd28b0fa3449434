// A JSON value, as the editors' protocols exchange them.

import Foundation

public enum JSON: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([String: JSON])
  /// A value that is text already, and of which nothing can be asked: of what thousands are sent at once.
  case written([UInt8])

  /// The field of an object; nil if there is none, or this is no object.
  public subscript(_ key: String) -> JSON? {
    if case .object(let fields) = self { return fields[key] }
    return nil
  }

  /// The element of an array; nil if there is none.
  public subscript(_ index: Int) -> JSON? {
    if case .array(let values) = self, values.indices.contains(index) { return values[index] }
    return nil
  }

  public var isNull: Bool { self == .null }
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  public var string: String? { if case .string(let value) = self { value } else { nil } }
  public var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
  public var object: [String: JSON]? { if case .object(let value) = self { value } else { nil } }

  /// A number without a fraction.
  public var integer: Int? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }

  public var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// An object of those fields that are there.
  public static func fields(_ fields: [String: JSON?]) -> JSON { .object(fields.compactMapValues { $0 }) }

  /// Any value that Swift can encode.
  public init(encoding value: some Encodable) throws {
    self = try JSON(parsing: [UInt8](JSONEncoder().encode(value)))
  }

  /// The value as a type that Swift can decode.
  public func decoded<T: Decodable>(as type: T.Type) throws -> T {
    try JSONDecoder().decode(type, from: Data(bytes))
  }
}

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByStringInterpolation,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(nilLiteral: ()) { self = .null }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSON)...) {
    var fields = [String: JSON](minimumCapacity: elements.count)
    for (name, value) in elements { fields[name] = value }
    self = .object(fields)
  }
}
