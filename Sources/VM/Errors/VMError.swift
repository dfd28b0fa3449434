// Errors that the virtual machine raises in the running program.

public enum VMError: Error, Sendable, Equatable {
  case stackOverflow
  case outOfMemory
  case divisionByZero
  /// 1-based index, length.
  case indexOutOfBounds(Int, Int)
  /// What was expected and what was found, as a sentence.
  case wrongArgument(String)
  /// Expected and given number of arguments.
  case wrongArgumentCount(String)
  case compileError(String)
  case load(LoadError)
  /// See `Capabilities`.
  case notPermitted(String)
  case interrupted
  case other(String)

  public var message: String {
    switch self {
    case .stackOverflow: return "Stack overflow"
    case .outOfMemory: return "Out of memory"
    case .divisionByZero: return "Division by zero"
    case .indexOutOfBounds(let i, let n): return "Index \(i) not valid for array of length \(n)."
    case .wrongArgument(let s), .wrongArgumentCount(let s), .compileError(let s), .other(let s),
      .notPermitted(let s):
      return s
    case .load(let e): return e.description
    case .interrupted: return "Interrupted"
    }
  }

  /// The message with a full stop, as it is printed if nobody handles the error.
  var sentence: String {
    guard let last = message.last, !message.contains("\n") else { return message }
    return last == "." || last == "!" || last == "?" ? message : message + "."
  }
}

/// Why a class could not be loaded.
public enum LoadError: Error, Sendable, Equatable, CustomStringConvertible {
  case unknownClass(String)
  case cyclicSuperclass(String)
  case syntax(String)
  case unreadable(path: String, reason: String)
  case invalid(String)

  public var description: String {
    switch self {
    case .unknownClass(let name): return "No class \(name) on the class path"
    case .cyclicSuperclass(let name): return "Class \(name) is its own superclass"
    case .syntax(let text), .invalid(let text): return text
    case .unreadable(let path, let reason): return "Cannot read \(path): \(reason)"
    }
  }
}
