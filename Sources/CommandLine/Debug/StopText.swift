// How stops, activations and breakpoints look in lines of text.

import Ovid

enum StopText {
  /// Why a process stands still.
  static func reason(_ stop: StopReport) -> String {
    let text: String
    switch stop.reason {
    case .breakpoint:
      let numbers = stop.breakpoints.map(String.init).joined(separator: ", ")
      text = "breakpoint \(numbers)" + (stop.message.map { ": \($0)" } ?? "")
    case .step: text = stop.answered.map { "answered \($0.text)" } ?? "after a step"
    case .pause: text = "paused"
    case .halt: text = "halt"
    case .unhandledError: text = unhandled(stop)
    case .error:
      text =
        "\(stop.errorClass ?? "an error")" + (stop.message.map { " (\($0))" } ?? "")
        + " is signalled; a handler may come"
    }
    return text
  }

  private static func unhandled(_ stop: StopReport) -> String {
    let message = stop.message ?? stop.errorClass ?? "an error"
    return message.hasPrefix("ERROR: ") ? message : "ERROR: \(message)"
  }

  /// Why, and in which process if that is not the main one; nothing after a step.
  static func text(_ stop: StopReport) -> String {
    var text = stop.reason == .step && stop.answered == nil ? "" : reason(stop)
    if stop.process != 1 { text += (text.isEmpty ? "" : ", ") + "process \(stop.process)" }
    switch stop.evaluations {
    case 0: return text
    case 1: return text + (text.isEmpty ? "" : "\n") + "in an evaluation: `leave` ends it"
    default: return text + (text.isEmpty ? "" : "\n") + "in \(stop.evaluations) evaluations: `leave` ends the innermost"
    }
  }

  /// Where an activation is: a line about it, and its line with carets under the statement.
  static func place(_ activation: ActivationReport) -> String {
    var text = activation.name
    if let place = activation.place { text += ", \(fileName(place)), line \(place.line)" }
    if activation.version != activation.installedVersion { text += ", \(versions(activation))" }
    guard let place = activation.place else { return text }
    return text + "\n"
      + CaretReport.caret(under: place.column, length: length(activation, place), in: place.text[...]).dropLast()
  }

  static func versions(_ activation: ActivationReport) -> String {
    "runs v\(activation.version), "
      + (activation.installedVersion.map { $0 == activation.version ? "which is installed" : "v\($0) is installed" }
        ?? "which was removed")
  }

  /// How many characters of the line the statement takes.
  private static func length(_ activation: ActivationReport, _ place: SourcePlace) -> Int {
    let rest = String(place.text.unicodeScalars.dropFirst(place.column - 1))
    let own = String(decoding: Array(rest.utf8).prefix(max(0, activation.end - activation.start)), as: UTF8.self)
    return max(1, own.unicodeScalars.count)
  }

  static func fileName(_ place: SourcePlace) -> String {
    place.file.split(separator: "/").last.map(String.init) ?? place.file
  }

  /// A line for each activation; the machine's own have no number.
  static func stack(_ activations: [ActivationReport], selected: ActivationID?, first: Int, width: Int?) -> [String] {
    var number = first
    let rows = activations.map { activation -> (mark: String, name: String, place: String) in
      defer { if !activation.isMachinery { number += 1 } }
      let mark = activation.id == selected ? ">" : " "
      let name =
        activation.name + (activation.version == activation.installedVersion ? "" : " (v\(activation.version))")
      let place =
        activation.place.map { "\(fileName($0)):\($0.line)  \($0.text.drop { $0 == " " || $0 == "\t" })" } ?? ""
      return ("\(mark) \(padded(activation.isMachinery ? "-" : "\(number)", 3))", name, place)
    }
    let column = min(rows.map(\.name.count).max() ?? 0, 32)
    return rows.map { cut("\($0.mark) \(padded($0.name, column))  \($0.place)", width) }
  }

  /// Names, values and what they are, in columns.
  static func variables(_ variables: [VariableReport], width: Int?) -> [String] {
    let column = min(variables.map(\.name.count).max() ?? 0, 24)
    return variables.map { variable in
      let value = variable.value?.text ?? "(\(variable.note ?? "it has no value here"))"
      return cut("  \(padded(variable.name, column))  \(value)", width)
    }
  }

  static func padded(_ text: String, _ width: Int) -> String {
    text.count >= width ? text : text + String(repeating: " ", count: width - text.count)
  }

  /// In one line of a terminal.
  static func cut(_ text: String, _ width: Int?) -> String {
    var line = text.replacing("\n", with: " ")
    while line.last == " " { line.removeLast() }
    guard let width, line.count >= width else { return line }
    return line.prefix(max(width - 2, 1)) + "…"
  }
}
