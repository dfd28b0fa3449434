// What compiled code there is, and what a method looks like at each stage: for tools that show it to people.

/// One installed unit of compiled code.
public struct CodeReport: Sendable, Hashable, Codable {
  public struct InlinedSend: Sendable, Hashable, Codable {
    /// `Class>>selector` of the method whose source has the send, its line there, and what was inlined.
    public var caller: String
    public var line: Int
    public var callee: String
    public init(caller: String, line: Int, callee: String) {
      self.caller = caller
      self.line = line
      self.callee = callee
    }
  }
  /// `Class>>selector`, with the line of the loop if it is entered in the middle.
  public var name: String
  public var inlined: [InlinedSend]
  public var compileMicroseconds: Int
  public var isFromCache: Bool
  /// Times that an activation of it fell back into the interpreter.
  public var deoptimizations: Int
  public init(
    name: String, inlined: [InlinedSend], compileMicroseconds: Int, isFromCache: Bool, deoptimizations: Int
  ) {
    self.name = name
    self.inlined = inlined
    self.compileMicroseconds = compileMicroseconds
    self.isFromCache = isFromCache
    self.deoptimizations = deoptimizations
  }
}

/// A method at every stage, as text. A stage that is not there (a primitive, no libgccjit) is nil.
public struct Disassembly: Sendable, Hashable {
  public var method: String
  public var source: String?
  public var bytecode: String?
  public var ir: String?
  public var assembly: String?
  /// Why IR or assembly are missing.
  public var note: String?
  public init(method: String) { self.method = method }
}
