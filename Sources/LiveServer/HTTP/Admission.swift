// Who is let in: whoever shows the token, and names this server by its own address. A page of somebody else's in the same
// browser can do neither: it does not know the token, its `Origin` is another one, and with a name of its own for this
// address (DNS rebinding) its `Host` is.

import Foundation

struct Admission: Sendable {
  private let token: [UInt8]
  private let hosts: Set<String>
  let cookieName: String
  let port: UInt16

  init(token: String, port: UInt16) {
    self.token = Array(token.utf8)
    self.port = port
    hosts = ["127.0.0.1:\(port)", "localhost:\(port)"]
    cookieName = "ovid-\(port)"
  }

  /// 256 bits, as letters and digits.
  static func randomToken() -> String {
    var generator = SystemRandomNumberGenerator()
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
    return String((0..<43).map { _ in alphabet[Int.random(in: alphabet.indices, using: &generator)] })
  }

  enum Verdict: Equatable {
    case welcome
    /// The token stood in the address of the page: from now on it is a cookie.
    case setCookie
    case refused(String)
  }

  func check(_ head: RequestHead) -> Verdict {
    guard let host = head.headers["host"]?.lowercased(), hosts.contains(host) else {
      return .refused("This server is only reached as 127.0.0.1:\(port) or localhost:\(port).")
    }
    if let origin = head.headers["origin"], origin.lowercased() != "http://\(host)" {
      return .refused("Pages of other servers are not let in.")
    }
    if let site = head.headers["sec-fetch-site"], !["same-origin", "none"].contains(site),
      head.headers["sec-fetch-mode"] != "navigate"
    {
      return .refused("Pages of other servers are not let in.")
    }
    if let shown = head.query["token"] {
      guard isToken(shown) else { return .refused(Self.noToken) }
      return head.path == "/" && head.headers["upgrade"] == nil ? .setCookie : .welcome
    }
    let bearer = head.headers["authorization"].flatMap { $0.hasPrefix("Bearer ") ? String($0.dropFirst(7)) : nil }
    if let shown = bearer ?? head.cookie(cookieName), isToken(shown) { return .welcome }
    return .refused(Self.noToken)
  }
  private static let noToken = "Open the address that `ovid live` has printed, with its token."

  /// In the same time, whatever is wrong with it.
  private func isToken(_ text: String) -> Bool {
    let shown = Array(text.utf8)
    var difference = UInt64(shown.count ^ token.count)
    for i in token.indices { difference |= UInt64(token[i] ^ (i < shown.count ? shown[i] : 0)) }
    return difference == 0
  }

  func cookie(_ token: String) -> String { "\(cookieName)=\(token); Path=/; HttpOnly; SameSite=Strict" }
}
