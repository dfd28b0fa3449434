// The few facts of object layout and class numbering that graphs are built with. The runtime checks at start
// that they agree with the VM's own (`VM/ObjectLayout.swift`), which this target must not import.

public enum Layout {
  public static let integerClass = 1
  public static let doubleClass = 2
  public static let nilClass = 3
  public static let trueClass = 4
  public static let falseClass = 5
  public static let stringClass = 6
  public static let symbolClass = 7
  public static let arrayClass = 8
  /// Block1 (no arguments); Block2 and Block3 follow.
  public static let block1Class = 10
  public static let environmentClass = 13

  public static let fieldsFormat: UInt32 = 0
  public static let indexableFormat: UInt32 = 1
  public static let wordsFormat: UInt32 = 3
  public static let mixedFormat: UInt32 = 4

  public static let arrayWord = classWord(arrayClass, format: indexableFormat)
  /// Body words of a string: its bytes and its scalars, counted.
  public static let stringBytes: Int64 = 0
  public static let stringScalars: Int64 = 1

  public static let environmentOuter = 1
  public static let environmentHome = 2
  public static let environmentFirstVariable = 3

  public static let blockMethod = 0
  public static let blockReceiver = 1
  public static let blockEnvironment = 2

  public static let nilWord: Int64 = 0x04
  /// Nil in a field of unboxed doubles.
  public static let unboxedNil: UInt64 = 0x7FF4_0000_4E69_6C00
  public static let falseWord: Int64 = 0x0C
  public static let trueWord: Int64 = 0x14

  public static func classWord(_ index: Int, format: UInt32) -> UInt32 { UInt32(index) | format << 24 }
  public static let environmentWord = classWord(environmentClass, format: indexableFormat)
  public static func blockWord(argumentCount: Int) -> UInt32 {
    classWord(block1Class + argumentCount, format: fieldsFormat)
  }
  public static func tagged(_ i: Int) -> Int64 { Int64(i) << 1 | 1 }
}
