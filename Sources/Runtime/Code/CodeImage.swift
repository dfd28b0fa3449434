// What a unit of compiled code runs as: machine code that GCC made, or a graph that is evaluated.

import GccBackend

public protocol CodeImage: AnyObject, Sendable {
  /// Of the function, or of the data table.
  func address(_ symbol: String) throws -> UnsafeMutableRawPointer
  /// Bytes that it takes.
  var size: Int { get }
}

extension ObjectImage: CodeImage {}
