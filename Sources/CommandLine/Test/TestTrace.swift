// A traceback as the virtual machine prints it, and the place in it that a person wants to see.

struct TestTrace: Equatable {
  struct Frame: Equatable {
    var file: String
    var line: Int
    var method: String
    var source: String
  }

  /// Innermost last.
  var frames: [Frame] = []
  /// What follows the frames.
  var rest = ""

  /// Takes the last traceback of a text.
  init(_ text: String) {
    var other: [Substring] = []
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
    while let line = lines.popFirst() {
      if line.hasPrefix("Traceback (") {
        frames = []
        other = []
      } else if let frame = Self.frame(line, source: lines.first) {
        frames.append(frame)
        if lines.first?.hasPrefix("    ") == true { lines.removeFirst() }
      } else {
        other.append(line)
      }
    }
    rest = other.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  /// `  Class>>selector, file, line 1, column 1:`, and the line of the source below it.
  private static func frame(_ text: Substring, source: Substring?) -> Frame? {
    guard let found = text.wholeMatch(of: #/  (\S.*), (.+), line (\d+), column \d+:/#)?.output,
      let line = Int(found.3)
    else { return nil }
    return Frame(
      file: String(found.2), line: line, method: String(found.1),
      source: source.map { $0.hasPrefix("    ") ? String($0.dropFirst(4)) : "" } ?? "")
  }

  /// How many frames lead to the innermost one of the program's own: neither bundled, which has no folder, nor
  /// of the machinery of tests.
  private var ownCount: Int {
    (frames.lastIndex { $0.file.contains("/") && !$0.isOfMachinery } ?? -1) + 1
  }
  var place: Frame? { ownCount == 0 ? nil : frames[ownCount - 1] }

  /// What ran inside it, up to where the error was found.
  var inner: [Frame] { frames[ownCount...].filter { !$0.isOfMachinery } }
}

extension TestTrace.Frame {
  private static let machinery: Set<String> = [
    "TestCase", "TestDriver", "Exception", "ExceptionHandler", "Error", "System", "TestRunner",
  ]
  private static let selectors: Set<String> = [
    "Object>>error:", "Object>>doesNotUnderstand:arguments:", "Block>>on:do:", "Block>>ensure:",
    "Block>>valueHandling", "Block>>valueEnsuring",
  ]

  fileprivate var isOfMachinery: Bool {
    let name = method.split(separator: " ").first.map(String.init) ?? method
    let holder = name.firstRange(of: ">>").map { String(name[..<$0.lowerBound]) } ?? name
    return Self.machinery.contains(holder) || Self.selectors.contains(method)
  }
}
