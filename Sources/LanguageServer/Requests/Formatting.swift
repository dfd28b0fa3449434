// The project's layout, for a whole document or for its methods.

import EditorProtocols
import SourceTools
import Syntax

extension LanguageServer {
  static let formatting: Request = { parameters in
    let file = try parameters.file()
    let formatted = try format(file)
    let positions = parameters.server.workspace.positions(of: file)
    return .array(difference(file.source.bytes, Array(formatted.utf8)).map { edit($0.0, $0.1, positions) })
  }

  /// The methods that the range touches.
  static let rangeFormatting: Request = { parameters in
    let file = try parameters.file()
    let range = try parameters.range(in: file)
    let formatted = ClassFile(path: file.path, SourceText(name: file.path, try format(file)))
    guard formatted.methods.count == file.methods.count else { return [] }
    let positions = parameters.server.workspace.positions(of: file)
    var edits: [JSON] = []
    for (old, new) in zip(file.methods, formatted.methods) {
      let place = old.definition.range
      if place.end < range.start || place.start > range.end { continue }
      let before = file.source[place], after = formatted.source[new.definition.range]
      guard before != after else { continue }
      for (part, text) in difference(Array(before.utf8), Array(after.utf8)) {
        edits.append(edit(SourceRange(place.start + part.start, place.start + part.end), text, positions))
      }
    }
    return .array(edits)
  }

  private static func format(_ file: ClassFile) throws -> String {
    do throws(FormatError) { return try SourceFormatter.format(file.source) } catch {
      switch error {
      case .syntax(let errors):
        throw RPCError(
          .requestFailed, "what does not parse is not formatted: \(errors.diagnostics.first?.description ?? "")")
      case .changed: throw RPCError(.requestFailed, "\(error)")
      }
    }
  }

  private static func edit(_ range: SourceRange, _ text: String, _ positions: TextPositions) -> JSON {
    ["range": positions.json(range), "newText": .string(text)]
  }

  /// The part between what is the same at the beginning and at the end, in whole lines.
  private static func difference(_ old: [UInt8], _ new: [UInt8]) -> [(SourceRange, String)] {
    if old == new { return [] }
    var start = 0
    while start < min(old.count, new.count), old[start] == new[start] { start += 1 }
    while start > 0, old[start - 1] != 0x0A { start -= 1 }
    var end = 0
    while end < min(old.count, new.count) - start, old[old.count - 1 - end] == new[new.count - 1 - end] { end += 1 }
    // To the end of a line, which is the same in both.
    while end > 0, old[old.count - end] != 0x0A { end -= 1 }
    return [(SourceRange(start, old.count - end), String(decoding: new[start..<(new.count - end)], as: UTF8.self))]
  }
}
