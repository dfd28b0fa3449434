/// A range of UTF-8 offsets in one source text.
public struct SourceRange: Sendable, Hashable {
  public var start: Int
  public var end: Int
  public init(_ start: Int, _ end: Int) {
    self.start = start
    self.end = end
  }
}
