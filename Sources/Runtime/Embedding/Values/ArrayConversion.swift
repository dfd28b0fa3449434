// Arrays with many elements: a loop for each kind of element that knows what it does, and stores what needs no object without
// a look at the collector.

import VM

extension ValueReader.Elements {
  /// Each by its type's `read(_:)`.
  @inline(__always)
  func readEach<T: ValueConvertible>() throws(VirtualMachineError) -> [T] {
    var result: [T] = []
    result.reserveCapacity(count)
    for i in 0..<count { result.append(try T.read(self[i])) }
    return result
  }
}

extension ValueWriter {
  /// An Array of what `write` makes of each, or what `immediate` answers: a value that needs no object.
  @inline(__always)
  func writeEach<T: ValueConvertible>(
    _ elements: [T], immediate: (T) -> Written? = { _ in nil }
  ) throws(VirtualMachineError) -> Written {
    let universe = universe, handles = universe.handles
    let mark = handles.count
    defer { handles.pop(to: mark) }
    guard let made = universe.makeArray(elements.count, frame) else { throw .unwinding }
    let array = handles.push(made)
    var next = 0
    let words = universe.elements(made)
    while next < elements.count, let written = immediate(elements[next]) {
      words[next] = written.bits
      next += 1
    }
    while next < elements.count {
      let written = try elements[next].write(self)
      universe.setElement(next, of: handles[array], to: VM.Value(bits: written.bits))
      next += 1
    }
    return Written(bits: handles[array].bits)
  }
}

extension Int {
  public static func read(elements: ValueReader.Elements) throws(VirtualMachineError) -> [Int] {
    try elements.readEach()
  }
  public static func write(elements: [Int], _ writer: ValueWriter) throws(VirtualMachineError) -> ValueWriter.Written {
    try writer.writeEach(elements) { ValueWriter.Written($0) }
  }
}

extension Double {
  public static func read(elements: ValueReader.Elements) throws(VirtualMachineError) -> [Double] {
    try elements.readEach()
  }
  public static func write(
    elements: [Double], _ writer: ValueWriter
  ) throws(VirtualMachineError) -> ValueWriter.Written {
    try writer.writeEach(elements) { ValueWriter.Written($0) }
  }
}

extension Bool {
  public static func read(elements: ValueReader.Elements) throws(VirtualMachineError) -> [Bool] {
    try elements.readEach()
  }
  public static func write(elements: [Bool], _ writer: ValueWriter) throws(VirtualMachineError) -> ValueWriter.Written {
    try writer.writeEach(elements) { ValueWriter.Written($0) }
  }
}

extension String {
  public static func read(elements: ValueReader.Elements) throws(VirtualMachineError) -> [String] {
    try elements.readEach()
  }
  public static func write(
    elements: [String], _ writer: ValueWriter
  ) throws(VirtualMachineError) -> ValueWriter.Written { try writer.writeEach(elements) }
}
