// How a value looks at the prompt: strings and symbols as literals, everything else as it says itself.

import Ovid

extension EvaluationResult {
  var literalText: String {
    switch value {
    case .string(let text): return Self.quoted(text)
    case .symbol(let text): return "#" + (Self.isPlainSelector(text) ? text : Self.quoted(text))
    default: return description
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "'"
    for scalar in text.unicodeScalars {
      switch scalar {
      case "'": result += "\\'"
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case "\0": result += "\\0"
      case "\u{8}": result += "\\b"
      case "\u{C}": result += "\\f"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "'"
  }

  private static func isPlainSelector(_ text: String) -> Bool {
    if text.isEmpty { return false }
    if text.unicodeScalars.allSatisfy({ "~&|*/\\+=><,@%-".unicodeScalars.contains($0) }) { return true }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    func isName(_ part: Substring) -> Bool {
      guard let first = part.unicodeScalars.first, first.properties.isAlphabetic || first == "_" else { return false }
      return part.unicodeScalars.allSatisfy { $0.properties.isAlphabetic || $0 == "_" || ("0"..."9").contains($0) }
    }
    if parts.count == 1 { return isName(parts[0]) }
    return parts.last == "" && parts.dropLast().allSatisfy(isName)
  }
}
