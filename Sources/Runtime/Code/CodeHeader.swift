// What the collector needs of a unit of compiled code, in raw words at a stable address: frames of compiled code
// hold that address (with bit 0 set) in H[1].

import IR
import MachineLayout
import VM

@frozen public struct CodeHeader: @unchecked Sendable {
  public let words: UnsafeMutablePointer<UInt64>
  public init(_ words: UnsafeMutablePointer<UInt64>) { self.words = words }

  private enum Word: Int, CaseIterable {
    /// Address of the count of safepoints, and a byte for each: whether an activation may handle exceptions there
    /// (`Frame.mayProtect` reads this).
    case protections
    /// Unretained reference to the `CompiledCode`.
    case code
    /// Without the receiver.
    case argumentCount
    /// Words from H to the outgoing area.
    case frameSize
    /// Address of the data table in the object.
    case table
    /// Addresses of 32-bit arrays: for each safepoint, and one more, where its slots begin; the slots.
    case slotStarts, slots
    case safepointCount
  }

  /// The code of a compiled frame.
  @inline(__always) public init?(frame: Frame) {
    guard frame.isCompiled, let p = UnsafeMutablePointer<UInt64>(bitPattern: UInt(frame.words[1] & ~1)) else {
      return nil
    }
    words = p
  }

  public var code: CompiledCode {
    Unmanaged.fromOpaque(UnsafeRawPointer(bitPattern: UInt(words[Word.code.rawValue]))!).takeUnretainedValue()
  }
  public var argumentCount: Int { Int(words[Word.argumentCount.rawValue]) }
  public var frameSize: Int { Int(words[Word.frameSize.rawValue]) }
  public var table: UnsafeMutablePointer<UInt64> {
    UnsafeMutablePointer(bitPattern: UInt(words[Word.table.rawValue]))!
  }
  public var safepointCount: Int { Int(words[Word.safepointCount.rawValue]) }

  private func array(_ word: Word) -> UnsafeMutablePointer<UInt32> {
    UnsafeMutablePointer(bitPattern: UInt(words[word.rawValue]))!
  }

  /// The frame words that hold tagged values at a safepoint.
  public func liveSlots(_ safepoint: Int) -> UnsafeBufferPointer<UInt32> {
    guard safepoint >= 0 && safepoint < safepointCount else { return UnsafeBufferPointer(start: nil, count: 0) }
    let starts = array(.slotStarts)
    let start = Int(starts[safepoint])
    return UnsafeBufferPointer(start: array(.slots) + start, count: Int(starts[safepoint + 1]) - start)
  }

  /// Takes memory for the header and its arrays; freed by `deallocate`.
  static func allocate(
    code: CompiledCode, argumentCount: Int, metadata: CodeMetadata, table: UnsafeMutablePointer<UInt64>,
    protects: (_ method: Int) -> Bool
  ) -> CodeHeader {
    let header = CodeHeader(.allocate(capacity: Word.allCases.count))
    let starts = UnsafeMutablePointer<UInt32>.allocate(capacity: metadata.safepoints.count + 1)
    let total = metadata.safepoints.reduce(0) { $0 + $1.liveSlots.count }
    let slots = UnsafeMutablePointer<UInt32>.allocate(capacity: max(total, 1))
    var next = 0
    for (i, safepoint) in metadata.safepoints.enumerated() {
      starts[i] = UInt32(next)
      for slot in safepoint.liveSlots {
        slots[next] = UInt32(slot)
        next += 1
      }
    }
    starts[metadata.safepoints.count] = UInt32(next)
    let count = metadata.safepoints.count
    let protections = UnsafeMutablePointer<UInt64>.allocate(capacity: 1 + (count + 7) / 8)
    protections[0] = UInt64(count)
    for (i, safepoint) in metadata.safepoints.enumerated() {
      let mayProtect: UInt8 = safepoint.frames.contains { protects($0.method) } ? 1 : 0
      UnsafeMutableRawPointer(protections + 1).storeBytes(of: mayProtect, toByteOffset: i, as: UInt8.self)
    }
    func set(_ word: Word, _ value: UInt) { header.words[word.rawValue] = UInt64(value) }
    set(.protections, UInt(bitPattern: protections))
    set(.code, UInt(bitPattern: Unmanaged.passUnretained(code).toOpaque()))
    set(.argumentCount, UInt(argumentCount))
    set(.frameSize, UInt(metadata.frameSize))
    set(.table, UInt(bitPattern: table))
    set(.slotStarts, UInt(bitPattern: starts))
    set(.slots, UInt(bitPattern: slots))
    set(.safepointCount, UInt(metadata.safepoints.count))
    return header
  }

  func deallocate() {
    UnsafeMutablePointer<UInt64>(bitPattern: UInt(words[Word.protections.rawValue]))?.deallocate()
    array(.slotStarts).deallocate()
    array(.slots).deallocate()
    words.deallocate()
  }
}
