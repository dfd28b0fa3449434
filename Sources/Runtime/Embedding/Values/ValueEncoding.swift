// Codable types as values of programs: structures become Dictionaries with strings as keys, or instances of a class with
// fields of their properties' names.

import BigInt
import Foundation

extension ProgramValue {
  /// Any `Encodable` as a value of no machine yet: structures as Dictionaries with strings as keys, sequences as Arrays.
  /// - Parameter className: the class whose instance a structure becomes, made by `new`, with fields named as its
  ///   properties; structures within stay Dictionaries.
  public init(encoding value: some Encodable, as className: String? = nil) throws {
    let encoder = ValueEncoder(codingPath: [])
    let made = try encoder.make(value)
    guard let className else {
      self = made
      return
    }
    guard case .dictionary(let pairs) = made.content else {
      throw VirtualMachineError.wrongType("only a structure can be an instance of \(className)")
    }
    self.init(
      .instance(
        className: className,
        fields: pairs.compactMap { pair in
          if case .string(let name) = pair.key.content { (name: name, value: pair.value) } else { nil }
        }))
  }
}

/// What is being encoded.
private final class ValueEncoder: Encoder, SingleValueEncodingContainer {
  enum State {
    case nothing
    case single(ProgramValue)
    case keyed([(key: String, value: ValueEncoder)])
    case unkeyed([ValueEncoder])
  }
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }
  var state = State.nothing

  init(codingPath: [any CodingKey]) { self.codingPath = codingPath }

  var result: ProgramValue {
    switch state {
    case .nothing: .nil
    case .single(let value): value
    case .keyed(let pairs):
      ProgramValue(.dictionary(pairs.map { (key: ProgramValue(.string($0.key)), value: $0.value.result) }))
    case .unkeyed(let elements): ProgramValue(.array(elements.map(\.result)))
    }
  }

  func make(_ value: some Encodable) throws -> ProgramValue {
    try encode(value)
    return result
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    if case .keyed = state {} else { state = .keyed([]) }
    return KeyedEncodingContainer(Keyed(encoder: self))
  }
  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if case .unkeyed = state {} else { state = .unkeyed([]) }
    return Unkeyed(encoder: self)
  }
  func singleValueContainer() -> any SingleValueEncodingContainer { self }

  func encodeNil() { state = .single(.nil) }
  func encode(_ value: Bool) { state = .single(ProgramValue(.boolean(value))) }
  func encode(_ value: String) { state = .single(ProgramValue(.string(value))) }
  func encode(_ value: Double) { state = .single(ProgramValue(.double(value))) }
  func encode(_ value: Float) { state = .single(ProgramValue(.double(Double(value)))) }
  func encode(_ value: Int) { state = .single(ProgramValue(.integer(value))) }
  func encode(_ value: Int8) { encode(Int(value)) }
  func encode(_ value: Int16) { encode(Int(value)) }
  func encode(_ value: Int32) { encode(Int(value)) }
  func encode(_ value: Int64) { encode(Int(value)) }
  func encode(_ value: UInt) { state = .single(BigInt(value).programValue) }
  func encode(_ value: UInt8) { encode(Int(value)) }
  func encode(_ value: UInt16) { encode(Int(value)) }
  func encode(_ value: UInt32) { encode(Int(value)) }
  func encode(_ value: UInt64) { encode(UInt(value)) }
  func encode<T: Encodable>(_ value: T) throws {
    if let date = value as? Date { return state = .single(ProgramValue(.date(date))) }
    try value.encode(to: self)
  }

  fileprivate func add(_ key: any CodingKey) -> ValueEncoder {
    let inner = ValueEncoder(codingPath: codingPath + [key])
    if case .keyed(var pairs) = state {
      pairs.append((key: key.stringValue, value: inner))
      state = .keyed(pairs)
    }
    return inner
  }
  fileprivate func append() -> ValueEncoder {
    let inner = ValueEncoder(codingPath: codingPath)
    if case .unkeyed(var elements) = state {
      state = .nothing
      elements.append(inner)
      state = .unkeyed(elements)
    }
    return inner
  }

  struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: ValueEncoder
    var codingPath: [any CodingKey] { encoder.codingPath }
    func encodeNil(forKey key: Key) throws { encoder.add(key).encodeNil() }
    func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try encoder.add(key).encode(value) }
    func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> { encoder.add(key).container(keyedBy: type) }
    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
      encoder.add(key).unkeyedContainer()
    }
    func superEncoder() -> any Encoder { encoder }
    func superEncoder(forKey key: Key) -> any Encoder { encoder.add(key) }
  }

  struct Unkeyed: UnkeyedEncodingContainer {
    let encoder: ValueEncoder
    var codingPath: [any CodingKey] { encoder.codingPath }
    var count: Int { if case .unkeyed(let elements) = encoder.state { elements.count } else { 0 } }
    func encodeNil() throws { encoder.append().encodeNil() }
    func encode<T: Encodable>(_ value: T) throws { try encoder.append().encode(value) }
    func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
      encoder.append().container(keyedBy: type)
    }
    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder.append().unkeyedContainer() }
    func superEncoder() -> any Encoder { encoder.append() }
  }
}
