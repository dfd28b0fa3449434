// Frames as they are sent: each message in one. A server's have no mask, a client's must have one.

import Foundation

enum FrameWriter {
  /// - Parameter mask: four bytes, of a client.
  static func frame(_ opcode: UInt8, _ payload: some Collection<UInt8>, mask: [UInt8]? = nil) -> Data {
    var data = Data(capacity: payload.count + 14)
    data.append(0x80 | opcode)
    let count = payload.count, maskBit: UInt8 = mask == nil ? 0 : 0x80
    if count < 126 {
      data.append(maskBit | UInt8(count))
    } else if count <= 0xFFFF {
      data.append(contentsOf: [maskBit | 126, UInt8(count >> 8), UInt8(count & 0xFF)])
    } else {
      data.append(maskBit | 127)
      for shift in stride(from: 56, through: 0, by: -8) { data.append(UInt8(truncatingIfNeeded: count >> shift)) }
    }
    guard let mask else {
      data.append(contentsOf: payload)
      return data
    }
    data.append(contentsOf: mask)
    for (i, byte) in payload.enumerated() { data.append(byte ^ mask[i & 3]) }
    return data
  }

  static func text(_ text: String) -> Data { frame(1, text.utf8) }
  static func binary(_ bytes: [UInt8]) -> Data { frame(2, bytes) }
  static func close(_ code: UInt16, _ reason: String) -> Data {
    frame(8, [UInt8(code >> 8), UInt8(code & 0xFF)] + reason.utf8.prefix(123))
  }
  static func ping() -> Data { frame(9, []) }
  static func pong(_ payload: [UInt8]) -> Data { frame(10, payload) }
}
