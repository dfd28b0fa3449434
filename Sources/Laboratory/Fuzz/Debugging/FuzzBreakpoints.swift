// Places in a program where somebody might want it to stop.

import Ovid
import Syntax

struct FuzzBreakpoints {
  private struct Place {
    let key: MethodKey
    let arguments: [String]
    let lines: Int
    /// In the class's file.
    let line: Int
  }
  private var places: [Place] = []
  /// What is evaluated may send nothing: the program redefines what it would find.
  private let editsLibrary: Bool

  init(_ program: FuzzProgram) {
    let library = Set(HardWired.table.map(\.className))
    editsLibrary = program.files.values.contains { text in library.contains { text.contains("\($0) compile:") } }
    for (name, text) in program.files.sorted(by: { $0.key < $1.key }) {
      let source = SourceText(name: name, text)
      guard let definition = try? Parser.parseClass(source) else { continue }
      for (methods, isClassSide) in [(definition.instanceMethods, false), (definition.classMethods, true)] {
        for method in methods where !method.isPrimitive {
          let first = source.position(of: method.range.start).line, last = source.position(of: method.range.end).line
          places.append(
            Place(
              key: MethodKey(className: definition.name, isClassSide: isClassSide, selector: method.selector),
              arguments: method.argumentNames, lines: last - first + 1, line: first))
        }
      }
    }
  }

  /// Nil: the program has no methods.
  func breakpoint(_ random: inout SeededRandom) -> Breakpoint? {
    if places.isEmpty { return nil }
    let place = random.one(of: places)
    let offset = random.pick(place.lines)
    let at: Breakpoint.Place
    switch random.pick(10) {
    case 0...3: at = .entry(place.key)
    case 4...6: at = .methodLine(place.key, 1 + offset)
    case 7, 8: at = .fileLine("\(place.key.className).som", place.line + offset)
    default:
      at = .signal(className: random.one(of: ["Error", "Exception", "FzErr", "ZeroDivide", "MessageNotUnderstood"]))
    }
    var breakpoint = Breakpoint(at)
    if random.chance(50) { breakpoint.hitCount = 1 + random.pick(random.one(of: [3, 20, 200])) }
    if case .signal = at { return breakpoint }
    if random.chance(30) { breakpoint.condition = condition(place, &random) }
    if random.chance(25) { breakpoint.logMessage = "at {\(value(place, &random))}, \(place.key)" }
    return breakpoint
  }

  private func value(_ place: Place, _ random: inout SeededRandom) -> String {
    random.one(of: place.arguments + ["self"])
  }

  private func condition(_ place: Place, _ random: inout SeededRandom) -> String {
    if editsLibrary { return random.one(of: ["true", "false", value(place, &random)]) }
    let value = value(place, &random)
    return random.one(of: [
      "\(value) isNil not", "\(value) == nil", "\(value) class == Integer", "(\(value) = 3) not",
      "| x | x := \(value). x == \(value)",
      "\(value) class == Integer and: [ \(value) % 3 = 1 ]", "#(1 2) inject: 0 into: [ :a :b | a + b ]", "nil foo",
    ])
  }
}
