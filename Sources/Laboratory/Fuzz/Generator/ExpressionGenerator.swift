// Expressions, by what they answer: integers, numbers of both kinds, texts, anything.

extension ProgramGenerator {
  func isField() -> Bool { !scope.isClassSide && scope.className != FuzzProgram.main }

  /// An integer, in parentheses or one word.
  mutating func integer(_ depth: Int) -> String {
    if depth <= 0 { return atom() }
    switch pick(26) {
    case 0, 1, 2: return "(\(integer(depth - 1)) + \(integer(depth - 1)))"
    case 3: return "(\(integer(depth - 1)) - \(integer(depth - 1)))"
    case 4: return "(\(integer(depth - 1)) * \(integer(depth - 1)))"
    case 5 where has(.longs): return "(\(long(depth - 1)) % 65521)"
    case 6: return "(\(integer(depth - 1)) \(one(of: ["/", "rem:", "%"])) \(one(of: ["3", "-7", "1000"])))"
    case 7: return "(\(integer(depth - 1)) & \(1 + pick(255)))"
    case 8: return "(\(integer(depth - 1)) bitXor: \(pick(4096)))"
    case 9: return "(\(condition()) ifTrue: [ \(integer(depth - 1)) ] ifFalse: [ \(atom()) ])"
    case 10: return "(\(condition()) ifTrue: [ \(atom()) ] ifFalse: [ \(integer(depth - 1)) ])"
    case 11:
      return
        "(FzLog int: (\(condition()) \(one(of: ["and:", "or:", "&&", "||", "ifTrue:", "ifFalse:"])) [ \(atom()) ]))"
    case 12: return "(\(integer(depth - 1)) \(one(of: ["max:", "min:", "gcd:"])) \(atom()))"
    case 13: return "(\(integer(depth - 1)) \(one(of: ["abs", "negated", "asString length", "sign", "value"])))"
    case 14: return "(FzLog int: \(one(of: ["FzG", "FzH", "FzNone"])))"
    case 15:
      return
        "(FzLog int: (\(value()) \(one(of: ["ifNil:", "ifNotNil:", "isNil ifFalse:", "notNil ifTrue:"])) [ \(atom()) ]))"
    case 16: return "(\(value()) ifNil: [ \(atom()) ] ifNotNil: [ \(atom()) ])"
    case 17 where isField():
      return "(FzLog int: \(one(of: ["g", "h", "f", "e0", "(arr at: \(atom()) % 5 + 1)", "e1", "e2", "p0"])))"
    case 18 where isField(): return "(FzLog int: (self \(one(of: ["f", "e0", "h", "g", "e1"]))))"
    case 19 where isField() && spend(): return "(self zork: \(atom()) b: \(atom()))"
    case 20 where isField() && scope.times < 4:
      return "(self deep: \(1 + pick(20)) then: [ \(atom()) ])"
    case 21 where isField(): return "(FzLog int: (\(one(of: Self.classes)) made: \(atom())))"
    default:
      guard isField(), scope.level > 1, spend() else { return atom() }
      return levelSend(depth)
    }
  }

  /// A method of a lower level, in one of the ways in which it can be sent.
  private mutating func levelSend(_ depth: Int) -> String {
    let receiver = chance(40) ? "self" : "(peers at: \(atom()) % 4 + 1)"
    let level = 1 + pick(scope.level - 1), index = pick(Self.selectorsPerLevel)
    let x = integer(depth - 1), y = atom()
    switch pick(8) {
    case 0:
      return "(\(receiver) perform: #\(selector(level, index)) withArguments: (Array with: \(x) with: \(y)))"
    case 1: return "((\(receiver) \(send(level, index, x, y))) + \(y))"
    case 2: return "(self run: [ self \(send(level, index, x, y)) ])"
    default: return "(\(receiver) \(send(level, index, x, y)))"
    }
  }

  /// Integers around the edges of 62, 63 and 64 bits.
  mutating func long(_ depth: Int) -> String {
    if depth <= 0 {
      if chance(25) { return atom() }
      return one(of: [
        "4611686018427387903", "4611686018427387904", "-4611686018427387904", "-4611686018427387905",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
        "18446744073709551615", "18446744073709551616", "-18446744073709551616", "3037000500", "4294967296",
        "2147483647", "-2147483648", "36893488147419103232", "-1", "-18446744073709551615",
        "340282366920938463463374607431768211456", "1099511627776",
        "9007199254740993",
      ])
    }
    switch pick(12) {
    case 0, 1: return "(\(long(depth - 1)) + \(long(depth - 1)))"
    case 2: return "(\(long(depth - 1)) - \(long(depth - 1)))"
    case 3: return "(\(long(depth - 1)) * \(long(depth - 1)))"
    case 4: return "(\(long(depth - 1)) \(one(of: ["/", "%", "rem:"])) \(long(0)))"
    case 5, 6:
      // Edges with edges: what is special of a result comes from both.
      let inner = chance(60) ? 0 : depth - 1
      return "(\(long(inner)) \(one(of: ["&", "|", "bitXor:"])) \(long(inner)))"
    case 7:
      return
        "(\(long(depth - 1)) \(one(of: ["<<", ">>>"])) \(one(of: ["0", "1", "2", "31", "32", "61", "62", "63", "64", "65"])))"
    case 8:
      return "(\(long(depth - 1)) \(one(of: ["as32BitSignedValue", "as32BitUnsignedValue", "negated", "abs", "sign"])))"
    case 9: return "(\(long(depth - 1)) asString asInteger)"
    case 10: return "(\(long(depth - 1)) \(one(of: ["max:", "min:"])) \(long(depth - 1)))"
    default:
      return "(\(long(depth - 1)) \(comparison()) \(long(depth - 1)) ifTrue: [ \(long(0)) ] ifFalse: [ \(long(0)) ])"
    }
  }

  /// A number, mostly a double.
  mutating func number(_ depth: Int) -> String {
    if depth <= 0 {
      return one(of: [
        "0.5", "2.0", "-1.5", "1.0e10", "0.0", "3", "(FzLog num: \(isField() ? "g" : "nil"))", "0.1",
        "\(atom()) asDouble",
      ])
    }
    switch pick(9) {
    case 0, 1: return "(\(number(depth - 1)) + \(number(depth - 1)))"
    case 2: return "(\(number(depth - 1)) - \(number(depth - 1)))"
    case 3: return "(\(number(depth - 1)) * 0.75)"
    case 4: return "(\(number(depth - 1)) / 4.0)"
    case 5: return "(\(number(depth - 1)) \(one(of: ["abs", "negated", "squared"])) / 1024.0)"
    case 6: return "(\(number(depth - 1)) + \(atom()))"
    case 7: return "(\(condition()) ifTrue: [ \(number(depth - 1)) ] ifFalse: [ \(number(0)) ])"
    default: return "(\(number(depth - 1)) \(one(of: ["max:", "min:"])) \(number(0)))"
    }
  }

  mutating func text(_ depth: Int) -> String {
    if depth <= 0 { return one(of: ["'a'", "'fuzz'", "''", "#sym", "\(atom()) asString", "'ab' asSymbol"]) }
    switch pick(7) {
    case 0, 1: return "(\(text(depth - 1)) + \(text(depth - 1)))"
    case 2: return "(\(text(depth - 1)) + \(atom()))"
    case 3: return "(\(text(depth - 1)) \(one(of: ["asString", "asSymbol", "asUppercase", "reversed"])) + 'z')"
    case 4: return "(\(text(depth - 1)) = \(text(0)) ifTrue: [ 'same' ] ifFalse: [ \(text(0)) ])"
    case 5: return "(('fuzzing' primSubstringFrom: 1 to: \(1 + pick(7))) + \(text(0)))"
    default: return "(\(number(1)) asString + \(text(0)))"
    }
  }

  /// Anything that can be told from other things when it is printed.
  mutating func value() -> String {
    switch pick(13) {
    case 0, 1, 2, 3: return "(\(integer(1)) % 1009)"
    case 4: return number(1)
    case 5: return "nil"
    case 6: return one(of: ["true", "false"])
    case 7: return text(1)
    case 8: return "(FzP x: \(atom()) y: \(number(0)))"
    case 9 where has(.longs): return long(0)
    case 10: return "(\(atom()) \(comparison()) \(one(of: ["nil", atom(), atom(), number(0)])))"
    case 11 where isField(): return one(of: ["h", "g", "e0", "e1"])
    default: return atom()
    }
  }

  mutating func condition() -> String {
    switch pick(14) {
    case 0, 1, 2: return "(\(integer(1)) \(comparison()) \(atom()))"
    case 3: return "(\(integer(1)) % \(2 + pick(3)) = 0)"
    case 4: return "((\(integer(1)) < \(atom())) and: [ \(atom()) >= \(atom()) ])"
    case 5: return "((\(integer(1)) > \(atom())) or: [ \(atom()) ~= \(atom()) ])"
    case 6: return "(\(number(1)) \(comparison()) \(number(0)))"
    case 7: return "(\(value()) isNil)"
    case 8: return "(\(value()) notNil not)"
    case 9: return "(\(atom()) \(one(of: ["=", "==", "~=", "<>"])) \(atom()))"
    case 10: return "((\(atom()) < \(atom())) \(one(of: ["&", "|", "&&", "||"])) (\(atom()) > \(atom())))"
    case 11: return "(\(text(0)) = \(text(0)))"
    case 12: return "((\(integer(1)) < \(atom())) not)"
    default: return "(\(value()) \(one(of: ["isString", "isNumber", "isInteger", "isSymbol"])))"
    }
  }

  private mutating func comparison() -> String { one(of: ["<", ">", "<=", ">=", "=", "~="]) }

  mutating func atom() -> String {
    let names = scope.ints + scope.readOnly
    return chance(30) || names.isEmpty ? constant() : one(of: names)
  }
  mutating func constant() -> String { one(of: ["0", "1", "2", "3", "7", "10", "100", "-1", "-5"]) }
}
