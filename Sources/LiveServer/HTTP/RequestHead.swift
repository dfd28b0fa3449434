// The head of an HTTP request, read strictly: what is not understood at once is refused. (Requests here have no body.)

import Foundation

struct RequestHead: Sendable, Equatable {
  var method: String
  /// Decoded, without the query.
  var path: String
  /// The first of each name.
  var query: [String: String]
  /// By lower-case name; of several with one name, all in one, with commas between.
  var headers: [String: String]
  var isHTTP10 = false

  /// Bytes that a head may have.
  static let limit = 16 << 10

  struct Malformed: Error { let status: Status }

  /// Reads the lines of a head, without the empty one at its end.
  init(_ bytes: some Collection<UInt8>) throws(Malformed) {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw Malformed(status: .badRequest) }
    var lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
    if lines.count == 1 { lines = text.split(separator: "\n", omittingEmptySubsequences: false) }
    let words = lines.removeFirst().split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3, ["HTTP/1.1", "HTTP/1.0"].contains(words[2]), words[1].hasPrefix("/"), !words[0].isEmpty
    else {
      throw Malformed(status: .badRequest)
    }
    method = String(words[0])
    isHTTP10 = words[2] == "HTTP/1.0"
    let target = words[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    guard let path = target[0].removingPercentEncoding, !path.contains("\0") else {
      throw Malformed(status: .badRequest)
    }
    self.path = path
    query = target.count > 1 ? Self.query(target[1]) : [:]
    headers = [:]
    for line in lines where !line.isEmpty {
      guard let colon = line.firstIndex(of: ":"), colon != line.startIndex,
        !line[..<colon].contains(where: \.isWhitespace)
      else { throw Malformed(status: .badRequest) }
      let name = line[..<colon].lowercased()
      let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      // Two of one of these would mean two things.
      if headers[name] != nil, ["host", "origin", "authorization", "content-length"].contains(name) {
        throw Malformed(status: .badRequest)
      }
      headers[name] = headers[name].map { $0 + (name == "cookie" ? "; " : ", ") + value } ?? value
    }
    guard headers["transfer-encoding"] == nil, headers["content-length"].map({ $0 == "0" }) ?? true else {
      throw Malformed(status: .contentTooLarge)
    }
  }

  private static func query(_ text: Substring) -> [String: String] {
    var result: [String: String] = [:]
    for part in text.split(separator: "&") {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = pair[0].removingPercentEncoding, result[name] == nil else { continue }
      result[name] = pair.count > 1 ? pair[1].removingPercentEncoding ?? "" : ""
    }
    return result
  }

  func cookie(_ name: String) -> String? {
    for part in (headers["cookie"] ?? "").split(separator: ";") {
      let pair = part.split(separator: "=", maxSplits: 1)
      if pair.count == 2, pair[0].trimmingCharacters(in: .whitespaces) == name {
        return pair[1].trimmingCharacters(in: .whitespaces)
      }
    }
    return nil
  }

  /// Whether one of the words of a header is this one.
  func header(_ name: String, has word: String) -> Bool {
    (headers[name] ?? "").split(separator: ",").contains {
      $0.trimmingCharacters(in: .whitespaces).lowercased() == word
    }
  }

  var keepsAlive: Bool { isHTTP10 ? header("connection", has: "keep-alive") : !header("connection", has: "close") }
}
