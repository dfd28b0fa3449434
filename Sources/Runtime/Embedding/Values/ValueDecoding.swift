// Codable types from values of programs. A structure is read from a Dictionary with strings or symbols as keys, or from any
// object with fields of its properties' names.

import BigInt
import Foundation

extension ProgramValue {
  /// Reads it as a type that is `Decodable`: structures from dictionaries (keys are strings or symbols) and from objects, by
  /// the names of their fields. Throws a `DecodingError`, or `VirtualMachineError`.
  public func decode<T: Decodable>(_ type: T.Type = T.self) throws -> T {
    try ValueDecoder(value: plain(), codingPath: []).decode(type)
  }
}

private struct IndexKey: CodingKey {
  let intValue: Int?
  var stringValue: String { "Index \(intValue ?? 0)" }
  init(_ index: Int) { intValue = index }
  init?(intValue: Int) { self.intValue = intValue }
  init?(stringValue: String) { nil }
}

private struct ValueDecoder: Decoder, SingleValueDecodingContainer {
  let value: PlainValue
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func error(_ type: Any.Type) -> DecodingError {
    .typeMismatch(type, .init(codingPath: codingPath, debugDescription: "\(type) was expected, not \(value.name)"))
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .keyed(let pairs) = value else { throw error([String: Any].self) }
    var values: [String: PlainValue] = [:]
    for pair in pairs {
      switch pair.key {
      case .string(let name): values[name] = pair.value
      case .integer(let n): values[String(n)] = pair.value
      default: break
      }
    }
    return KeyedDecodingContainer(Keyed(values: values, decoder: self))
  }
  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .array(let elements) = value else { throw error([Any].self) }
    return Unkeyed(elements: elements, codingPath: codingPath)
  }
  func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

  func decodeNil() -> Bool { if case .nil = value { true } else { false } }
  func decode(_ type: Bool.Type) throws -> Bool {
    guard case .boolean(let b) = value else { throw error(type) }
    return b
  }
  func decode(_ type: String.Type) throws -> String {
    guard case .string(let s) = value else { throw error(type) }
    return s
  }
  func decode(_ type: Double.Type) throws -> Double {
    switch value {
    case .double(let d): return d
    case .integer(let n): return Double(n)
    case .bigInteger(let n): return Double(n)
    default: throw error(type)
    }
  }
  func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }
  private func number<I: FixedWidthInteger>(_ type: I.Type) throws -> I {
    let exact: I?
    switch value {
    case .integer(let n): exact = I(exactly: n)
    case .bigInteger(let n): exact = I(exactly: n)
    default: throw error(type)
    }
    guard let exact else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: codingPath, debugDescription: "the integer does not fit into \(type)"))
    }
    return exact
  }
  func decode(_ type: Int.Type) throws -> Int { try number(type) }
  func decode(_ type: Int8.Type) throws -> Int8 { try number(type) }
  func decode(_ type: Int16.Type) throws -> Int16 { try number(type) }
  func decode(_ type: Int32.Type) throws -> Int32 { try number(type) }
  func decode(_ type: Int64.Type) throws -> Int64 { try number(type) }
  func decode(_ type: UInt.Type) throws -> UInt { try number(type) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try number(type) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try number(type) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try number(type) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try number(type) }
  func decode<T: Decodable>(_ type: T.Type) throws -> T {
    if type == Date.self, case .date(let date) = value, let date = date as? T { return date }
    return try T(from: self)
  }

  struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let values: [String: PlainValue]
    let decoder: ValueDecoder
    var codingPath: [any CodingKey] { decoder.codingPath }
    var allKeys: [Key] { values.keys.compactMap { Key(stringValue: $0) } }
    func contains(_ key: Key) -> Bool { values[key.stringValue] != nil }
    private func inner(_ key: any CodingKey) throws -> ValueDecoder {
      guard let value = values[key.stringValue] else {
        throw DecodingError.keyNotFound(
          key, .init(codingPath: codingPath, debugDescription: "there is no key or field \(key.stringValue)"))
      }
      return ValueDecoder(value: value, codingPath: codingPath + [key])
    }
    func decodeNil(forKey key: Key) throws -> Bool { try inner(key).decodeNil() }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try inner(key).decode(type) }
    func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { try inner(key).container(keyedBy: type) }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
      try inner(key).unkeyedContainer()
    }
    func superDecoder() throws -> any Decoder { decoder }
    func superDecoder(forKey key: Key) throws -> any Decoder { try inner(key) }
  }

  struct Unkeyed: UnkeyedDecodingContainer {
    let elements: [PlainValue]
    let codingPath: [any CodingKey]
    var currentIndex = 0
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }
    private func current() throws -> ValueDecoder {
      guard !isAtEnd else {
        throw DecodingError.valueNotFound(
          Any.self, .init(codingPath: codingPath, debugDescription: "the array has \(elements.count) elements"))
      }
      return ValueDecoder(value: elements[currentIndex], codingPath: codingPath + [IndexKey(currentIndex)])
    }
    mutating func decodeNil() throws -> Bool {
      let isNil = try current().decodeNil()
      if isNil { currentIndex += 1 }
      return isNil
    }
    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
      let value = try current().decode(type)
      currentIndex += 1
      return value
    }
    mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
      defer { currentIndex += 1 }
      return try current().container(keyedBy: type)
    }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
      defer { currentIndex += 1 }
      return try current().unkeyedContainer()
    }
    mutating func superDecoder() throws -> any Decoder {
      defer { currentIndex += 1 }
      return try current()
    }
  }
}
