// The last section of a page of docs/ that a command writes: everything after its mark.

import Foundation
import SourceTools

struct GeneratedSection {
  /// The command that writes it, as the mark names it.
  let command: String

  /// A comment, which readers of the page do not see.
  var mark: String { "<!-- The rest is written by `\(command)`. -->" }

  /// Puts `markdown` in place of what the page has after its mark; a page without the mark gets it at its end.
  func write(_ markdown: String, page path: String) throws {
    let old = try SomFiles.text(path)
    let kept = old.range(of: mark).map { old[..<$0.lowerBound] } ?? old[...]
    try "\(kept)\(mark)\n\(markdown)\n".write(toFile: path, atomically: true, encoding: .utf8)
  }
}
