// What the server answers to a request that is no WebSocket.

import Foundation

enum Status: Int {
  case switching = 101
  case ok = 200
  case seeOther = 303
  case notModified = 304
  case badRequest = 400
  case forbidden = 403
  case notFound = 404
  case methodNotAllowed = 405
  case timeout = 408
  case contentTooLarge = 413
  case upgradeRequired = 426
  case headTooLarge = 431
  case unavailable = 503

  var phrase: String {
    switch self {
    case .switching: "Switching Protocols"
    case .ok: "OK"
    case .seeOther: "See Other"
    case .notModified: "Not Modified"
    case .badRequest: "Bad Request"
    case .forbidden: "Forbidden"
    case .notFound: "Not Found"
    case .methodNotAllowed: "Method Not Allowed"
    case .timeout: "Request Timeout"
    case .contentTooLarge: "Content Too Large"
    case .upgradeRequired: "Upgrade Required"
    case .headTooLarge: "Request Header Fields Too Large"
    case .unavailable: "Service Unavailable"
    }
  }
}

struct Response: Sendable {
  var status: Status
  var headers: [(name: String, value: String)] = []
  var body: [UInt8] = []

  init(_ status: Status, type: String, _ body: [UInt8]) {
    self.status = status
    headers = [("Content-Type", type)]
    self.body = body
  }

  /// A sentence.
  init(_ status: Status, _ sentence: String) {
    self.init(status, type: "text/plain; charset=utf-8", Array((sentence + "\n").utf8))
  }

  init(_ status: Status, headers: [(name: String, value: String)]) {
    self.status = status
    self.headers = headers
  }

  /// What nothing served here is ever without: no page of somebody else's gets at it, or keeps it.
  private static let always = [
    ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"), ("Cross-Origin-Opener-Policy", "same-origin"),
    (
      "Content-Security-Policy",
      "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        + "connect-src 'self' ws://127.0.0.1:* ws://localhost:*; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
  ]

  func bytes(keepsAlive: Bool, isHead: Bool = false) -> Data {
    var head = "HTTP/1.1 \(status.rawValue) \(status.phrase)\r\n"
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    if status != .switching {
      for (name, value) in Self.always { head += "\(name): \(value)\r\n" }
      head += "Content-Length: \(body.count)\r\nConnection: \(keepsAlive ? "keep-alive" : "close")\r\n"
    }
    var data = Data((head + "\r\n").utf8)
    if !isHead { data.append(contentsOf: body) }
    return data
  }
}
