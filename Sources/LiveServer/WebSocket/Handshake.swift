// The handshake that makes a WebSocket of a request (RFC 6455, section 4.2).

import Foundation

enum Handshake {
  private static let suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

  /// The answer that makes it one, or why not.
  static func response(_ head: RequestHead) -> Response {
    guard head.method == "GET", !head.isHTTP10, head.headers["upgrade"]?.lowercased() == "websocket",
      head.header("connection", has: "upgrade")
    else { return Response(.upgradeRequired, "Here is a WebSocket: docs/protocol.md says how to talk to it.") }
    guard head.headers["sec-websocket-version"] == "13" else {
      var response = Response(.upgradeRequired, "Only version 13 of the WebSocket protocol is spoken here.")
      response.headers.append(("Sec-WebSocket-Version", "13"))
      return response
    }
    guard let key = head.headers["sec-websocket-key"], Data(base64Encoded: key)?.count == 16 else {
      return Response(.badRequest, "The header Sec-WebSocket-Key is missing or no key.")
    }
    let accept = Data(SHA1.hash(Array((key + suffix).utf8))).base64EncodedString()
    return Response(
      .switching,
      headers: [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", accept)])
  }
}
