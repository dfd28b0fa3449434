// A program that runs, as the language server sees it.

import EditorProtocols

/// A session of `ovid live`, by the requests of docs/protocol.md.
public protocol RunningProgram: Sendable {
  /// Asks; `answered` is called once, on any thread.
  func ask(
    _ request: String, _ parameters: JSON, _ answered: @escaping @Sendable (Result<JSON, ProgramRefusal>) -> Void)
}

/// Why the session has refused a request.
public struct ProgramRefusal: Error, Sendable {
  /// The error as the session sends it: `code`, `message`, and what else there is.
  public let fields: JSON
  public init(_ fields: JSON) { self.fields = fields }
  var code: String { fields["code"]?.string ?? "" }
  var message: String {
    let message = fields["message"]?.string ?? "the running program has refused it"
    return fields["remedy"]?.string.map { "\(message) \($0)" } ?? message
  }
}

/// What an attached server knows of its program.
struct LiveState {
  /// How a method runs.
  struct Method: Equatable {
    let version: Int
    let tier: String
    /// Where it is inlined: callers with lines.
    let inlinedAt: [String]

    var text: String {
      let inlinedCount = inlinedAt.count
      let how = ["notRun": "not run yet"][tier] ?? tier
      let places = inlinedCount == 0 ? "" : ", inlined in \(inlinedCount) place\(inlinedCount == 1 ? "" : "s")"
      return "v\(version), \(how)\(places)"
    }
  }
  /// By `Class>>selector`.
  var methods: [String: Method] = [:]
  /// Why the program has not taken what was saved last, by path: places and messages.
  var refused: [String: [(position: TextPosition, message: String)]] = [:]
  /// The text of each open document that the program has, as far as the editor knows.
  var bases: [String: String] = [:]
  /// Documents whose methods are to be asked for again.
  var outdated: Set<String> = []
  /// Methods that are to be asked for again.
  var unasked: [String] = []
  /// Answers that have not come yet.
  var underWay = 0
  var hasChanged = false
}
