// The words of upstream's integration tests. They come from a virtual machine that names its own types (Int, String_,
// Inst) instead of SOM's classes; so Ovid prints its own sentence, and only with `--upstream-wording` the line after it
// that those tests wait for.

extension Universe {
  /// For an argument that is not what `needs` says; nil where upstream has no such line, or it is not asked for.
  func upstreamText(needs: String, not value: Value) -> String? {
    guard options.upstreamWording else { return nil }
    switch needs {
    case "a number", "a whole number": return "Expected a numeric type but got type '\(upstreamType(value))'."
    case "an integer", "an exit status": return wrongType("Int", value)
    case "a string": return wrongType("String_", value)
    default: return nil
    }
  }

  /// For a number of arguments that the method does not take.
  func upstreamText(arguments given: Int, of wanted: Int) -> String? {
    guard options.upstreamWording else { return nil }
    return "Tried passing \(given) arguments to a function that requires \(wanted)."
  }

  private func wrongType(_ expected: String, _ value: Value) -> String {
    // The right type, but not in the range that makes sense.
    if expected == upstreamType(value) || isInteger(value) && expected == "Int" { return "Domain error." }
    return "Expected object of type '\(expected)' but got type '\(upstreamType(value))'."
  }

  private func upstreamType(_ value: Value) -> String {
    if value.isInteger { return "Int" }
    if isInteger(value) { return "ArbInt" }
    if double(value) != nil { return "Double" }
    if isString(value) { return "String_" }
    let name = classes[value.classIndex].name
    return ["Array", "Method", "Block", "Class"].contains(name) ? name : "Inst"
  }
}
