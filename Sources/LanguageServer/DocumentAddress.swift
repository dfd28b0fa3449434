// The addresses of documents, and the paths of files.

import Foundation

enum DocumentAddress {
  /// The path of a `file:` address; any other address stands for itself.
  static func path(of uri: String) -> String {
    let scheme = "file://"
    guard uri.hasPrefix(scheme) else { return uri }
    let rest = uri.dropFirst(scheme.count).drop { $0 != "/" }
    return rest.removingPercentEncoding ?? String(rest)
  }

  static func uri(of path: String) -> String {
    guard path.hasPrefix("/") else { return path }
    var allowed = CharacterSet.alphanumerics
    allowed.insert(charactersIn: "/-._~")
    // (Letters of other alphabets are to be encoded, too.)
    let ascii = allowed.intersection(CharacterSet(charactersIn: Unicode.Scalar(0)...Unicode.Scalar(127)))
    return "file://" + (path.addingPercentEncoding(withAllowedCharacters: ascii) ?? path)
  }
}
