// The files that a browser asks for: the pages, from the executable or from a folder, and CodeMirror from where Debian has
// it.

import Foundation

struct PageFiles: Sendable {
  /// Where the pages are read from, while somebody works on them; nil: they are in the executable.
  var folder: String?
  /// Where the system has CodeMirror 5.
  var codeMirror = "/usr/share/javascript/codemirror"

  private static let sizeLimit = 16 << 20

  /// The file at a path; nil: there is none.
  func response(_ path: String) -> Response? {
    let parts = path.split(separator: "/").map(String.init)
    // Nothing outside its folder, and nothing hidden.
    if parts.contains(where: { $0.hasPrefix(".") || $0.contains("\\") }) { return nil }
    if parts.first == "codemirror" {
      return file("\(codeMirror)/\(parts.dropFirst().joined(separator: "/"))", in: codeMirror)
    }
    let name = parts.isEmpty ? "index.html" : parts.joined(separator: "/")
    if let folder { return file("\(folder)/\(name)", in: folder) }
    return EmbeddedPages.file(name).map { Response(.ok, type: Self.type(of: name), $0) }
  }

  private func file(_ path: String, in folder: String) -> Response? {
    guard let real = realpath(path, nil), let root = realpath(folder, nil) else { return nil }
    defer {
      free(real)
      free(root)
    }
    var info = stat()
    guard String(cString: real).hasPrefix(String(cString: root) + "/"), stat(real, &info) == 0,
      info.st_mode & S_IFMT == S_IFREG, info.st_size <= Self.sizeLimit,
      let data = FileManager.default.contents(atPath: path)
    else { return nil }
    return Response(.ok, type: Self.type(of: path), Array(data))
  }

  func script(_ text: String) -> Response { Response(.ok, type: Self.type(of: "js"), Array(text.utf8)) }

  static func type(of path: String) -> String {
    switch path.split(separator: ".").last.map(String.init) ?? "" {
    case "html": "text/html; charset=utf-8"
    case "css": "text/css; charset=utf-8"
    case "js", "mjs": "text/javascript; charset=utf-8"
    case "json", "map": "application/json"
    case "svg": "image/svg+xml"
    case "png": "image/png"
    case "ico": "image/x-icon"
    case "woff2": "font/woff2"
    default: "text/plain; charset=utf-8"
    }
  }
}
