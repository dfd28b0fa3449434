// Breakpoints as they are typed and told of: Point>>x:, Point>>x:12, Point.som:12, 12, each with `if …` and `after N`.

import Ovid

struct BreakpointText {
  private var rest: Substring
  let place: Breakpoint.Place

  /// - Parameters:
  ///   - text: begins with a place.
  ///   - activation: a line alone counts in the text that it runs.
  init(_ text: String, in session: DebugSession) throws {
    let (word, rest) = Self.firstWord(text)
    self.rest = rest
    place = try Self.place(word, session)
  }

  /// The place, and what stands behind it.
  private static func firstWord(_ text: String) -> (String, Substring) {
    var end = text.firstIndex(of: " ") ?? text.endIndex
    // Of "Foo class>>bar".
    if text[end...].hasPrefix(" class>>") {
      end = text[text.index(after: end)...].firstIndex(of: " ") ?? text.endIndex
    }
    return (String(text[..<end]), text[end...].drop { $0 == " " })
  }

  private static func place(_ word: String, _ session: DebugSession) throws -> Breakpoint.Place {
    if let line = Int(word) {
      let activation = try session.activation()
      let first = try session.vm.debugger.text(of: activation.id).line
      guard line >= first else {
        throw DebugSession.Refusal(
          "line \(line) is before \(activation.method): `list` shows its lines, or name a file")
      }
      return .methodLine(activation.method, line - first + 1)
    }
    let colon = word.lastIndex(of: ":")
    let line = colon.flatMap { Int(word[word.index(after: $0)...]) }
    if word.contains(">>") {
      guard let key = MethodKey(line == nil ? word : String(word[..<colon!])) else { throw unknown(word) }
      guard let line else { return .entry(key) }
      // at:put:12 is line 12 of at:put:, unless there is an at:put.
      var keyword = key
      keyword.selector += ":"
      let isKeyword = session.vm.source(of: key) == nil && session.vm.source(of: keyword) != nil
      return .methodLine(isKeyword ? keyword : key, line)
    }
    guard let line, let colon, colon != word.startIndex else { throw unknown(word) }
    return .fileLine(String(word[..<colon]), line)
  }

  private static func unknown(_ word: String) -> DebugSession.Refusal {
    DebugSession.Refusal(
      "\(word) is no place: Class>>selector, Class>>selector:3 (its third line), File.som:12, or a line that `list` shows"
    )
  }

  /// The breakpoint that the rest of the text makes of it: `if condition`, `after N`, in any order.
  func stopping() throws -> Breakpoint {
    var breakpoint = Breakpoint(place)
    var rest = rest
    while !rest.isEmpty {
      let word = rest.prefix { $0 != " " }
      let argument = rest.dropFirst(word.count).drop { $0 == " " }
      switch word {
      case "after":
        let number = argument.prefix { $0 != " " }
        guard let count = Int(number), count > 0 else {
          throw DebugSession.Refusal("`after` needs a number: after 3 stops from the third time on")
        }
        breakpoint.hitCount = count
        rest = argument.dropFirst(number.count).drop { $0 == " " }
      case "if":
        var condition = argument
        rest = ""
        // A number at the end that `after` begins belongs to that.
        let words = argument.split(separator: " ")
        if words.count > 2, words[words.count - 2] == "after", Int(words.last!) != nil,
          let at = argument.range(of: " after ", options: .backwards)
        {
          condition = argument[..<at.lowerBound]
          rest = argument[argument.index(after: at.lowerBound)...]
        }
        guard !condition.isEmpty else { throw DebugSession.Refusal("`if` needs a condition: if n > 3") }
        breakpoint.condition = String(condition)
      default:
        throw DebugSession.Refusal("after the place stands `if condition` or `after N`, and not \(word)")
      }
    }
    return breakpoint
  }

  /// The one that only prints the rest of the text.
  func logging() throws -> Breakpoint {
    if rest.isEmpty { throw DebugSession.Refusal("what is to be printed? For example: log Point>>x: x is {x}") }
    return Breakpoint(place, logMessage: String(rest))
  }

  // MARK: Telling

  /// Of a breakpoint: its number, where it is, and what it does there.
  static func line(_ report: BreakpointReport) -> String {
    let breakpoint = report.breakpoint
    var text = "breakpoint \(report.id): "
    switch breakpoint.place {
    case .signal(let name): text += "where \(name) is signalled"
    case .entry(let key): text += "\(key)"
    case .methodLine(let key, let line): text += report.method.map { "\($0)" } ?? "\(key), its line \(line)"
    case .fileLine(let file, let line): text += report.method.map { "\($0)" } ?? "\(file), line \(line)"
    }
    if case .signal = breakpoint.place {
    } else if report.isVerified, let place = report.place {
      text += ", \(StopText.fileName(place)), line \(place.line)"
    }
    if let condition = breakpoint.condition { text += ", if \(condition)" }
    if breakpoint.hitCount > 1 { text += ", after \(breakpoint.hitCount)" }
    if let message = breakpoint.logMessage { text += ", prints: \(message)" }
    if report.hits > 0 { text += ", hit \(report.hits == 1 ? "once" : "\(report.hits) times")" }
    if !breakpoint.isEnabled { text += ", disabled" }
    return text + waits(report)
  }

  private static func waits(_ report: BreakpointReport) -> String {
    // Exceptions come into being when the first one is signalled.
    if case .signal = report.breakpoint.place { return "" }
    return report.isVerified ? "" : "\n  waits: \(report.message ?? "it has no place")"
  }

  /// A breakpoint has another place, or none any more. Nil: that concerns nobody.
  static func changed(_ report: BreakpointReport) -> String? {
    if case .signal = report.breakpoint.place { return nil }
    return line(report)
  }
}
