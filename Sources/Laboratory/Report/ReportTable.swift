// A table as data, and its three looks: on a terminal, in Markdown, in HTML.

import Foundation

struct ReportTable: Equatable {
  var title: String
  /// What the numbers are, in a sentence or two.
  var note: String = ""
  /// The first column is text, the others are numbers.
  var columns: [String]
  var rows: [[String]]

  var text: String {
    let widths = columns.indices.map { i in ([columns] + rows).map { $0[i].count }.max() ?? 0 }
    func line(_ cells: [String]) -> String {
      cells.indices.map { i in column(cells[i], widths[i], right: i > 0) }.joined(separator: "  ")
    }
    return (["\(title). \(note)", line(columns)] + rows.map(line)).joined(separator: "\n")
  }

  var markdown: String {
    func line(_ cells: [String]) -> String {
      "| " + cells.map { $0.replacingOccurrences(of: "|", with: "\\|") }.joined(separator: " | ") + " |"
    }
    let rule = "|" + columns.indices.map { $0 == 0 ? "---|" : "---:|" }.joined()
    return (["### \(title)", "", note, "", line(columns), rule] + rows.map(line)).joined(separator: "\n")
  }

  var html: String {
    func line(_ cells: [String], _ tag: String) -> String {
      "<tr>" + cells.map { "<\(tag)>\(Markup.escaped($0))</\(tag)>" }.joined() + "</tr>"
    }
    return """
      <h2>\(Markup.escaped(title))</h2>
      <p>\(Markup.escaped(note))</p>
      <div class="wide"><table>
      \(([line(columns, "th")] + rows.map { line($0, "td") }).joined(separator: "\n"))
      </table></div>
      """
  }
}

/// Text inside HTML and SVG.
enum Markup {
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      // Control characters are no characters of HTML.
      case "\0"..."\u{8}", "\u{B}"..."\u{1F}", "\u{7F}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }
}
