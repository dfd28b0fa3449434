// What a client has said wrong, as it can be shown.

extension DecodingError {
  /// What is missing or of the wrong kind, as a sentence.
  /// - Parameters:
  ///   - noun: what the protocol calls what it is given: parameter, argument.
  ///   - root: a name that paths begin with, and that is not told.
  public func sentence(_ noun: String, within root: String? = nil) -> String {
    func path(_ context: Context) -> String {
      let names = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
      return names.drop { $0 == root }.joined(separator: ".")
    }
    switch self {
    case .keyNotFound(let key, let context):
      let place = path(context)
      return "The \(noun) \(place.isEmpty ? "" : place + ".")\(key.stringValue) is missing."
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      let place = path(context)
      return place.isEmpty ? "The \(noun)s are no object." : "The \(noun) \(place) is of the wrong kind."
    @unknown default: return "The \(noun)s cannot be read."
    }
  }
}
