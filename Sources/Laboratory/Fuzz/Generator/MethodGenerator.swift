// Methods, and the statements they are made of.

extension ProgramGenerator {
  /// One of the methods with levels, for a class.
  mutating func method(_ level: Int, _ index: Int, of className: String, isEdit: Bool) -> String {
    let saved = scope
    defer { scope = saved }
    scope = MethodScope(className: className, level: level, isEdit: isEdit)
    scope.ints = ["t0", "t1"]
    scope.readOnly = ["x", "y"]
    var statements = ["t0 := x", "t1 := \(constant())"]
    if className != "FzA", chance(40), spend() {
      statements.append("t0 := super \(send(level, index, "x", "t1"))")
    }
    for _ in 0...(1 + pick(3)) { statements.append(statement(2)) }
    let body = (statements + ["^\(integer(2)) % 1000003"]).joined(separator: ". ")
    let temporaries = (["t0", "t1"] + scope.temporaries).joined(separator: " ")
    return "\(send(level, index, "x", "y")) = ( | \(temporaries) | \(body) )"
  }

  /// The one method on the class side, `made:`.
  mutating func classMethod(of className: String) -> String {
    let saved = scope
    defer { scope = saved }
    scope = MethodScope(className: className, level: 1, isEdit: true, isClassSide: true)
    scope.ints = ["t0"]
    var body = "t0 := 2. "
    if className == "FzA", chance(60) { body += "made := self name. " }
    body += statement(1)
    let temporaries = (["t0"] + scope.temporaries).joined(separator: " ")
    return "made: x = ( | \(temporaries) | \(body). ^t0 % 997 )"
  }

  mutating func spend() -> Bool {
    guard scope.budget >= scope.times else { return false }
    scope.budget -= scope.times
    return true
  }

  /// A temporary that nothing else uses.
  mutating func temporary(_ prefix: String) -> String {
    scope.nextName += 1
    let name = "\(prefix)\(scope.nextName)"
    scope.temporaries.append(name)
    return name
  }

  /// Statements that run `times` times for each time that the place at hand runs.
  mutating func block(_ depth: Int, times: Int = 1, binding names: [String] = [], escapes: Bool = false) -> String {
    let saved = (scope.times, scope.readOnly, scope.isEscaping)
    defer { (scope.times, scope.readOnly, scope.isEscaping) = saved }
    scope.times *= times
    scope.readOnly += names
    scope.isEscaping = scope.isEscaping || escapes
    return (0...pick(2)).map { _ in statement(depth - 1) }.joined(separator: ". ")
  }

  /// An integer expression that runs so often, with one more name in it.
  mutating func inner(_ depth: Int, times: Int = 1, binding name: String) -> String {
    let saved = (scope.times, scope.readOnly)
    defer { (scope.times, scope.readOnly) = saved }
    scope.times *= times
    scope.readOnly.append(name)
    return integer(depth)
  }

  mutating func newName(_ prefix: String) -> String {
    scope.nextName += 1
    return "\(prefix)\(scope.nextName)"
  }

  mutating func statement(_ depth: Int) -> String {
    if scope.isClassSide { return "\(one(of: scope.ints)) := \(integer(2)) % 99991" }
    if depth <= 0 { return simpleStatement() }
    switch pick(20) {
    case 0...4: return simpleStatement()
    case 5, 6: return condition() + " ifTrue: [ \(block(depth)) ] ifFalse: [ \(block(depth)) ]"
    case 7:
      let message = one(of: ["ifTrue:", "ifFalse:", "and:", "or:"])
      return "\(condition()) \(message) [ \(block(depth)) ]"
    case 8 where has(.returns) && (!scope.isEscaping || chance(30)):
      return "\(condition()) ifTrue: [ ^\(integer(2)) % 1000003 ]"
    case 9, 10, 11: return loop(depth)
    case 12 where has(.blocks), 13 where has(.blocks): return blockStatement(depth)
    case 14 where has(.exceptions), 15 where has(.exceptions): return exceptionStatement(depth)
    case 16 where has(.objects): return objectStatement(depth)
    case 17 where !scope.isEdit, 18 where !scope.isEdit: return timedEdit()
    default: return simpleStatement()
    }
  }

  private mutating func simpleStatement() -> String {
    let target = one(of: scope.ints)
    switch pick(14) {
    case 0, 1, 2: return "\(target) := \(integer(3)) % 99991"
    case 3: return "f := \(integer(2)) % 1009"
    case 4: return "g := \(number(2))"
    // Something else in a field of doubles.
    case 5:
      return chance(30) ? "g := \(one(of: ["nil", "\(integer(1)) % 100", "'s'"]))" : "g := \(number(1)) * 0.5 + 1.0"
    case 6: return "arr at: \(integer(1)) % 5 + 1 put: \(value())"
    case 7: return "h := \(value())"
    case 8: return fieldStatement()
    case 9: return "\(target) := \(target) + (self \(one(of: ["e0:", "g:", "h:"])) \(value())) f"
    case 10 where has(.longs): return "\(target) := \(long(2)) % 1000003"
    case 11: return "\(target) := \(text(2)) length"
    case 12: return "(peers at: \(atom()) % 4 + 1) e0: \(value()); h: \(value()); g: \(number(1))"
    default: return "FzLog tick"
    }
  }

  /// A field by a name that may be one later, or no longer. Methods of the files may assign only what is there.
  private mutating func fieldStatement() -> String {
    let own =
      scope.className == "FzD"
      ? ["e0", "e1", "p0", "q0"] : scope.className == "FzA" ? ["e0", "e1"] : ["e0", "e1", "p0"]
    let name = scope.isEdit ? one(of: Self.laterFields) : one(of: own)
    let assigned = scope.isEdit && name.hasPrefix("Fz") && chance(60) ? "e1" : name
    switch pick(3) {
    case 0: return "\(assigned) := \(value())"
    case 1: return "\(assigned) := (FzLog num: \(name)) + 1"
    default: return "\(one(of: scope.ints)) := (FzLog int: \(one(of: Self.laterFields))) + \(atom())"
    }
  }
}
