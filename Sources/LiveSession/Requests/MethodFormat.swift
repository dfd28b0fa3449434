// The layout of one method, by the formatter of class files.

import SourceTools
import Syntax

enum MethodFormat {
  static func format(_ text: String, isMethod: Bool) throws -> String {
    if isMethod {
      // A broken text must not become whole by what is put around it.
      do throws(SyntaxErrors) { _ = try Parser.parseMethod(SourceText(name: "method", text)) } catch {
        throw RequestError("syntax", error.description)
      }
    }
    do throws(FormatError) {
      if !isMethod { return try SourceFormatter.format(SourceText(name: "class", text)) }
      return unwrapped(try SourceFormatter.format(SourceText(name: "method", "X = (\n\(text)\n)\n")))
    } catch { throw RequestError("syntax", "\(error)") }
  }

  /// Without the class around, and its indentation.
  private static func unwrapped(_ text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    while let last = lines.last, last.allSatisfy({ $0.isWhitespace }) { lines.removeLast() }
    guard lines.count >= 3 else { return text }
    let body = lines.dropFirst().dropLast()
    let indentation = body.filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
    var result = body.map { String($0.dropFirst(min(indentation, $0.count))) }
    while result.first?.isEmpty == true { result.removeFirst() }
    while result.last?.isEmpty == true { result.removeLast() }
    return result.joined(separator: "\n")
  }
}
