// Random classes that parse: every construct of the grammar, with comments and line breaks between any two tokens.

struct ClassGenerator {
  private var random: SeededRandom
  private var text: [UInt8] = []
  /// Names that were declared: each once, since no scope may have one twice.
  private var declared = 0
  /// Operators that the current side defines.
  private var operators: Set<String> = []
  /// Of 100 gaps so many have a comment or a line break.
  private let oddGaps: Int

  static func generate(_ random: inout SeededRandom) -> [UInt8] {
    var generator = ClassGenerator(seed: random.next())
    generator.classDefinition()
    return generator.text
  }

  private init(seed: UInt64) {
    random = SeededRandom(seed: seed)
    oddGaps = [0, 3, 10, 40][Int(random.next() % 4)]
  }

  private mutating func pick(_ n: Int) -> Int { Int(random.next() % UInt64(n)) }
  private mutating func one(of words: [String]) -> String { words[pick(words.count)] }

  private mutating func put(_ word: String) {
    text += Array(word.utf8)
    gap()
  }

  private mutating func gap() {
    text.append(0x20)
    while pick(100) < oddGaps {
      text += Array(
        one(of: ["\n", "\n\n", "\t", "\r\n", "\"c\"", " \"two\n   lines\" ", "\n\"own\"\n", "\"'(\"", " "]).utf8)
    }
  }

  private mutating func classDefinition() {
    gap()
    put("Random")
    put("=")
    if pick(2) == 0 { put(one(of: ["Object", "Vector", "nil"])) }
    put("(")
    side()
    if pick(3) == 0 {
      put(one(of: ["----", "-----------"]))
      side()
    }
    put(")")
  }

  private mutating func side() {
    operators = []
    if pick(3) == 0 { variables() }
    for _ in 0..<pick(5) { method() }
  }

  private mutating func variables() {
    put("|")
    for _ in 0..<pick(4) { put(newName()) }
    put("|")
  }

  private mutating func name() -> String { one(of: ["a", "b", "c", "fld", "größe", "aVeryLongNameOfAVariable"]) }
  private mutating func newName() -> String {
    declared += 1
    return name() + String(declared)
  }
  private mutating func keyword() -> String {
    one(of: [
      "at:", "put:", "ifTrue:", "ifFalse:", "value:", "to:", "do:", "and:", "or:", "ifNil:", "aRatherLongKeyword:",
    ])
  }
  private mutating func operatorName() -> String {
    one(of: ["+", "-", "*", "==", "<=", "||", "|", "->", ",", "=", "&&"])
  }

  private mutating func method() {
    switch pick(3) {
    case 0: put(newName())
    case 1:
      let selector = operatorName()
      guard operators.insert(selector).inserted else {
        put(newName())
        break
      }
      put(selector)
      put(newName())
    default:
      put(newName() + ":")
      put(newName())
      for _ in 0..<pick(3) {
        put(keyword())
        put(newName())
      }
    }
    put("=")
    if pick(6) == 0 {
      put("primitive")
    } else {
      put("(")
      body(4)
      put(")")
    }
  }

  private mutating func body(_ depth: Int) {
    if pick(4) == 0 { variables() }
    let count = pick(4)
    for i in 0..<count {
      if pick(5) == 0 { put("^") }
      expression(depth)
      if i + 1 < count || pick(3) == 0 { put(".") }
    }
  }

  private mutating func expression(_ depth: Int) {
    while pick(8) == 0 {
      put(name())
      put(":=")
    }
    if depth == 0 { return primary(0) }
    switch pick(5) {
    case 0: primary(depth)
    case 1: binary(depth)
    case 2:
      binary(depth)
      keywordMessage(depth)
    case 3: control(depth)
    default:
      primary(depth)
      message(depth)
      for _ in 0...pick(2) {
        put(";")
        message(depth)
      }
    }
  }

  /// What the bytecode compiler inlines.
  private mutating func control(_ depth: Int) {
    switch pick(7) {
    case 0:
      block(depth, arguments: 0)
      put(one(of: ["whileTrue:", "whileFalse:"]))
      block(depth, arguments: 0)
    case 1:
      binary(depth)
      put("to:")
      binary(depth)
      put("do:")
      block(depth, arguments: 1)
    case 2:
      binary(depth)
      put(one(of: ["to:", "downTo:"]))
      binary(depth)
      put("by:")
      put(one(of: ["1", "-2", "2", "0"]))
      put("do:")
      block(depth, arguments: 1)
    case 3:
      binary(depth)
      put("ifTrue:")
      block(depth, arguments: 0)
      put("ifFalse:")
      block(depth, arguments: 0)
    case 4:
      binary(depth)
      put(one(of: ["and:", "or:", "ifTrue:", "ifFalse:", "ifNil:"]))
      block(depth, arguments: 0)
    case 5:
      binary(depth)
      put("ifNil:")
      block(depth, arguments: 0)
      put("ifNotNil:")
      block(depth, arguments: pick(2))
    default:
      binary(depth)
      put("timesRepeat:")
      block(depth, arguments: 0)
    }
  }

  private mutating func message(_ depth: Int) {
    switch pick(3) {
    case 0: put(one(of: ["foo", "value", "println", "isNil"]))
    case 1:
      put(operatorName())
      primary(depth - 1)
    default: keywordMessage(depth)
    }
  }

  private mutating func keywordMessage(_ depth: Int) {
    for _ in 0...pick(3) {
      put(keyword())
      binary(depth - 1)
    }
  }

  private mutating func binary(_ depth: Int) {
    unary(depth)
    while pick(3) == 0 {
      put(operatorName())
      unary(depth)
    }
  }

  private mutating func unary(_ depth: Int) {
    primary(depth)
    while pick(4) == 0 { put(one(of: ["foo", "size", "aLongUnaryMessage", "negated"])) }
  }

  private mutating func primary(_ depth: Int) {
    switch depth > 0 ? pick(9) : pick(6) {
    case 0, 1: put(name())
    case 2: put(one(of: ["self", "super", "nil", "true", "Object", "system"]))
    case 3: put(one(of: ["1", "0", "-5", "- 7", "2.5", "-0.0", "4611686018427387904", "123456789012345678901"]))
    case 4:
      put(one(of: ["'text'", "''", "'it\\'s'", "'two\nlines'", "#sym", "#key:word:", "# apart", "#'any text'", "#+"]))
    case 5: array(2)
    case 6:
      put("(")
      expression(depth - 1)
      put(")")
    default: block(depth, arguments: pick(3))
    }
  }

  private mutating func block(_ depth: Int, arguments: Int) {
    put("[")
    for i in 0..<arguments {
      put(":")
      put(i == 0 ? "x" : "y")
    }
    if arguments > 0 { put("|") }
    if depth > 0 { body(depth - 1) }
    put("]")
  }

  private mutating func array(_ depth: Int) {
    put("#(")
    for _ in 0..<pick(5) {
      if depth > 0, pick(4) == 0 {
        array(depth - 1)
      } else {
        put(one(of: ["1", "-2", "- 3", "1.5", "'s'", "foo", "foo:", "+", "#bar", "#'b c'"]))
      }
    }
    put(")")
  }
}
