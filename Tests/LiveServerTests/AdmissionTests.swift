import Foundation
import Testing

@testable import LiveServer

struct AdmissionTests {
  private func head(_ lines: String...) throws -> RequestHead {
    try RequestHead(Array((lines.joined(separator: "\r\n") + "\r\n").utf8))
  }
  private func verdict(_ lines: String..., path: String = "/style/a.css") throws -> Admission.Verdict {
    Admission(token: "secret", port: 4000).check(
      try RequestHead(Array((["GET \(path) HTTP/1.1"] + lines).joined(separator: "\r\n").utf8)))
  }
  private func isRefused(_ verdict: Admission.Verdict) -> Bool { if case .refused = verdict { true } else { false } }

  @Test func theTokenIsShownInOneOfThreeWays() throws {
    let host = "Host: 127.0.0.1:4000"
    #expect(try verdict(host, path: "/?token=secret") == .setCookie)
    #expect(try verdict(host, path: "/session?token=secret") == .welcome)
    #expect(try verdict(host, "Cookie: other=1; ovid-4000=secret") == .welcome)
    #expect(try verdict("Host: LOCALHOST:4000", "Authorization: Bearer secret") == .welcome)
    for (line, path) in [
      ("X: 1", "/"), ("X: 1", "/?token="), ("X: 1", "/?token=secre"), ("X: 1", "/?token=secretsecret"),
      ("X: 1", "/?token=Secret"), ("Cookie: ovid-4001=secret", "/"), ("Cookie: ovid-4000=", "/"),
      ("Authorization: secret", "/"), ("Authorization: Basic secret", "/"),
      // A wrong one in the address is not made good by a cookie.
      ("Cookie: ovid-4000=secret", "/?token=wrong"),
    ] {
      #expect(isRefused(try verdict(host, line, path: path)), "\(line) \(path)")
    }
  }

  @Test func otherHostsAndOriginsAreRefused() throws {
    let cookie = "Cookie: ovid-4000=secret"
    for host in ["evil.example:4000", "127.0.0.1", "127.0.0.1:4001", "127.0.0.1:4000.evil.example", "[::1]:4000", ""] {
      #expect(isRefused(try verdict("Host: \(host)", cookie)), "\(host)")
    }
    #expect(isRefused(try verdict(cookie)))
    let host = "Host: 127.0.0.1:4000"
    for origin in [
      "null", "http://evil.example", "https://127.0.0.1:4000", "http://127.0.0.1:4001", "http://localhost:4000",
    ] {
      #expect(isRefused(try verdict(host, cookie, "Origin: \(origin)")), "\(origin)")
    }
    #expect(try verdict(host, cookie, "Origin: http://127.0.0.1:4000") == .welcome)
    #expect(isRefused(try verdict(host, cookie, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors")))
    #expect(try verdict(host, cookie, "Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: cors") == .welcome)
    #expect(
      try verdict(host, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", path: "/?token=secret") == .setCookie)
  }

  @Test func headsAreReadStrictly() throws {
    let good = try head(
      "GET /a%20b?x=1&y=%41&x=2 HTTP/1.1", "Host:  h ", "Cookie: a=1", "Cookie: b=2", "Accept: x", "accept: y")
    #expect(good.path == "/a b" && good.query == ["x": "1", "y": "A"] && good.headers["host"] == "h")
    #expect(good.cookie("b") == "2" && good.headers["accept"] == "x, y" && good.keepsAlive)
    #expect(try !head("GET / HTTP/1.0").keepsAlive && !head("GET / HTTP/1.1", "Connection: Close").keepsAlive)
    for lines in [
      ["GET /"], ["GET  / HTTP/1.1"], ["GET / HTTP/2.0"], ["GET http://evil/ HTTP/1.1"], ["GET /%00 HTTP/1.1"],
      ["GET /%zz HTTP/1.1"], ["GET / HTTP/1.1", "no colon"], ["GET / HTTP/1.1", "Host : h"], ["GET / HTTP/1.1", ": h"],
      ["GET / HTTP/1.1", "Host: a", "Host: b"], ["GET / HTTP/1.1", "Origin: a", "Origin: b"],
      ["POST / HTTP/1.1", "Content-Length: 5"], ["POST / HTTP/1.1", "Transfer-Encoding: chunked"], [""],
    ] {
      #expect(throws: RequestHead.Malformed.self, "\(lines)") {
        try RequestHead(Array(lines.joined(separator: "\r\n").utf8))
      }
    }
    #expect(throws: RequestHead.Malformed.self) { try RequestHead([0xFF, 0x20, 0x2F]) }
  }

  @Test func tokensAreLongAndDifferent() {
    let tokens = Set((0..<100).map { _ in Admission.randomToken() })
    #expect(tokens.count == 100 && tokens.allSatisfy { $0.count == 43 })
  }

  @Test func filesStayInTheirFolder() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ovid-pages-\(UUID())")
    let pages = folder.appendingPathComponent("pages")
    try FileManager.default.createDirectory(
      at: pages.appendingPathComponent("modules"), withIntermediateDirectories: true)
    for (path, text) in [
      ("secret.txt", "s"), ("pages/index.html", "i"), ("pages/modules/a.js", "a"), ("pages/.hidden", "h"),
    ] {
      try text.write(to: folder.appendingPathComponent(path), atomically: true, encoding: .utf8)
    }
    symlink(folder.appendingPathComponent("secret.txt").path, pages.appendingPathComponent("link.txt").path)
    let files = PageFiles(folder: pages.path, codeMirror: "\(folder.path)/none")
    #expect(files.response("/")?.body == Array("i".utf8))
    let module = try #require(files.response("/modules/a.js"))
    #expect(module.headers.contains { $0 == ("Content-Type", "text/javascript; charset=utf-8") })
    for path in [
      "/../secret.txt", "/modules/../../secret.txt", "/.hidden", "/link.txt", "/modules", "/none", "/codemirror/a.js",
      "/codemirror", "/..\\secret.txt",
    ] {
      #expect(files.response(path) == nil, "\(path)")
    }
  }

  /// Every page of the sources is in the executable, under its path.
  @Test func allPagesAreEmbedded() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Sources/LiveServer/Pages")
    let paths = try FileManager.default.subpathsOfDirectory(atPath: root.path)
    var count = 0
    for path in paths {
      var isFolder: ObjCBool = false
      let file = root.appendingPathComponent(path)
      guard FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder), !isFolder.boolValue else {
        continue
      }
      count += 1
      #expect(try EmbeddedPages.file(path).map { Data($0) } == Data(contentsOf: file), "\(path)")
    }
    #expect(count > 0)
  }
}
