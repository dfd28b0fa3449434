// The envelope of the Debug Adapter Protocol.

import EditorProtocols

/// `{"seq": 3, "type": "request", "command": "next", "arguments": {…}}`
public struct DebugRequest: Sendable, Equatable {
  public let sequence: Int
  public let command: String
  /// Empty if there are none.
  public let arguments: JSON

  /// nil: it is no request.
  public init?(_ message: JSON) {
    guard message["type"]?.string == "request", let sequence = message["seq"]?.integer,
      let command = message["command"]?.string
    else { return nil }
    self.sequence = sequence
    self.command = command
    let arguments = message["arguments"] ?? [:]
    self.arguments = arguments.isNull ? [:] : arguments
  }
}
