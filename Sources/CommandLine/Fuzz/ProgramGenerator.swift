// Random SOM programs that end, print the same whenever they are run, and redefine their own methods on the way.
//
// Methods have levels: a method sends only selectors of lower levels, and no more than a few of them, loops
// counted. So every program ends soon, whatever is redefined by what.

/// SplitMix64: the same seed is the same program, everywhere.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

struct ProgramGenerator {
  static let classes = ["FzA", "FzB", "FzC", "FzD"]
  /// FzB and FzC inherit from FzA, FzD from FzB.
  static let superclasses = ["Object", "FzA", "FzA", "FzB"]
  static let levels = 4
  static let selectorsPerLevel = 3

  private var random: SeededRandom
  /// Sends that the method at hand may still make, loops counted.
  private var budget = 0
  private var level = 0
  private var isBlockReturnAllowed = true
  private var nextVariable = 0
  /// Locals that hold integers, and names of integers that cannot be assigned.
  private var locals: [String] = []
  private var readOnly: [String] = []

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  /// File names and texts. The program is `Fuzz`.
  mutating func generate() -> [(name: String, text: String)] {
    var files = [("Fuzz.som", mainClass())]
    for (i, name) in Self.classes.enumerated() {
      var text = "\(name) = \(Self.superclasses[i]) (\n"
      if i == 0 { text += Self.fixedPart }
      for level in 1...Self.levels {
        for index in 0..<Self.selectorsPerLevel where i == 0 || chance(40) {
          text += "    \(method(level, index, hasSuper: i > 0))\n"
        }
      }
      files.append(("\(name).som", text + ")\n"))
    }
    return files
  }

  /// What all four classes share: their objects know each other, and count for the redefinitions.
  private static let fixedPart = """
        | f g arr peers shared |
        peers: p shared: s = ( f := 1. g := 2.5. arr := Array new: 5 withAll: 3. peers := p. shared := s )
        tick = ( | n | n := (shared at: 1) + 1. shared at: 1 put: n. ^n )
        apply: aBlock to: x = ( ^aBlock value: x )
        each: aBlock = ( 1 to: 3 do: [ :i | aBlock value: i ] )
        detect: aBlock = ( 1 to: 4 do: [ :i | (aBlock value: i) ifTrue: [ ^i ] ]. ^0 )
        doesNotUnderstand: aSelector arguments: args = ( ^(args at: 1) % 13 + args length )
        escapedBlock: aBlock = ( ^0 - 7 )
        describe = ( ^f asString + ' ' + g + ' ' + (arr at: 1) + ' ' + (arr at: 5) )

    """

  private mutating func mainClass() -> String {
    let rounds = 20 + Int(random.next() % 30)
    var body = """
      Fuzz = (
          run = (
              | objects shared sum |
              shared := Array new: 1. shared at: 1 put: 0.
              objects := Array new: 4.
              objects at: 1 put: FzA new. objects at: 2 put: FzB new.
              objects at: 3 put: FzC new. objects at: 4 put: FzD new.
              objects do: [ :each | each peers: objects shared: shared ].
              sum := 0.
              1 to: \(rounds) do: [ :i |
                  1 to: 4 do: [ :k |

      """
    for index in 0..<Self.selectorsPerLevel {
      body +=
        "                sum := sum + ((objects at: k) \(send(Self.levels, index, "i", "k"))) % 1000003.\n"
    }
    body += """
                      ].
                  (i % 5) = 0 ifTrue: [ (i asString + ' ' + sum) println ] ].
              objects do: [ :each | each describe println ].
              sum println
          )
      )

      """
    return body
  }

  // MARK: Methods

  static func selector(_ level: Int, _ index: Int) -> String { "l\(level)\(["a", "b", "c"][index]):b:" }
  private func send(_ level: Int, _ index: Int, _ x: String, _ y: String) -> String {
    "l\(level)\(["a", "b", "c"][index]): \(x) b: \(y)"
  }

  private mutating func method(_ level: Int, _ index: Int, hasSuper: Bool, isEdit: Bool = false) -> String {
    let saved = (budget, self.level, locals, readOnly, nextVariable)
    defer { (budget, self.level, locals, readOnly, nextVariable) = saved }
    budget = 5
    self.level = level
    locals = ["t0", "t1"]
    readOnly = ["x", "y", "f"]
    nextVariable = 0
    var statements = ["t0 := x", "t1 := \(constant())"]
    if hasSuper && chance(40) && spend(1) {
      statements.append("t0 := super \(send(level, index, "x", "t1"))")
    }
    for _ in 0...pick(3) { statements.append(statement(depth: 2, times: 1, mayEdit: !isEdit && level > 1)) }
    let answer = "^\(integer(2, times: 1)) % 1000003"
    let body = (statements + [answer]).joined(separator: ". ")
    let extra = (0..<nextVariable).map { "w\($0)" }.joined(separator: " ")
    return "\(send(level, index, "x", "y")) = ( | t0 t1 \(extra) | \(body) )"
  }

  /// One statement that runs `times` times in each activation.
  private mutating func statement(depth: Int, times: Int, mayEdit: Bool) -> String {
    switch pick(depth > 0 ? 15 : 5) {
    case 0, 1: return "\(locals.randomElement(using: &random)!) := \(integer(3, times: times)) % 99991"
    case 2: return "f := \(integer(2, times: times)) % 1009"
    // Now and then something else in a field of doubles.
    case 3 where chance(5): return "g := f % 1000"
    case 3: return "g := g * 0.5 + (\(integer(1, times: times)) % 100)"
    case 4: return "arr at: \(integer(1, times: times)) % 5 + 1 put: \(integer(2, times: times)) % 4099"
    case 5:
      return
        "\(condition(times)) ifTrue: [ \(block(depth, times, mayEdit)) ] ifFalse: [ \(block(depth, times, mayEdit)) ]"
    case 6: return "\(condition(times)) ifTrue: [ ^\(integer(2, times: times)) % 1000003 ]"
    case 7:
      let n = 2 + pick(4)
      return binding("i\(depth)") { $0.block(depth, times * n, mayEdit) }.map {
        "1 to: \(n) do: [ :i\(depth) | \($0) ]"
      }
    case 8:
      let n = 2 + pick(3)
      let w = "w\(nextVariable)"
      nextVariable += 1
      return "\(w) := 0. [ \(w) < \(n) ] whileTrue: [ \(w) := \(w) + 1. \(block(depth, times * n, mayEdit)) ]"
    case 9:
      return "self each: [ :e\(depth) | \(binding("e\(depth)") { $0.block(depth, times * 3, mayEdit) }) ]"
    case 10:
      return "t1 := self detect: [ :e\(depth) | \(binding("e\(depth)") { $0.condition(times * 4) }) ]"
    case 11:
      return
        "self each: [ :e\(depth) | e\(depth) = \(1 + pick(4)) ifTrue: [ ^\(integer(1, times: times * 3)) % 1000003 ] ]"
    case 12:
      return
        "t0 := self apply: [ :z\(depth) | \(binding("z\(depth)") { $0.integer(2, times: times) }) % 65521 ] "
        + "to: \(integer(1, times: times))"
    default: return mayEdit ? edit() : "t1 := \(integer(3, times: times)) % 99991"
    }
  }

  private mutating func block(_ depth: Int, _ times: Int, _ mayEdit: Bool) -> String {
    (0...pick(2)).map { _ in statement(depth: depth - 1, times: times, mayEdit: mayEdit) }.joined(
      separator: ". ")
  }

  /// Runs `body` with one more name for an integer in scope.
  private mutating func binding(_ name: String, _ body: (inout Self) -> String) -> String {
    readOnly.append(name)
    defer { readOnly.removeLast() }
    return body(&self)
  }

  /// Redefines a method of a lower level, once, at some moment; or removes one from a subclass.
  private mutating func edit() -> String {
    let owner = pick(Self.classes.count)
    let target = 1 + pick(level - 1)
    let index = pick(Self.selectorsPerLevel)
    let moment = "self tick = \(1 + pick(200))"
    if owner > 0 && chance(25) {
      let key = "#\(Self.selector(target, index))"
      let name = Self.classes[owner]
      return "\(moment) ifTrue: [ (\(name) hasMethod: \(key)) ifTrue: [ \(name) remove: \(key) ] ]"
    }
    let text = method(target, index, hasSuper: owner > 0, isEdit: true)
    return "\(moment) ifTrue: [ \(Self.classes[owner]) compile: '\(text)' ]"
  }

  // MARK: Expressions

  /// An integer expression in parentheses, or one word.
  private mutating func integer(_ depth: Int, times: Int) -> String {
    if depth == 0 { return atom() }
    switch pick(16) {
    case 0, 1, 2: return "(\(integer(depth - 1, times: times)) + \(integer(depth - 1, times: times)))"
    case 3: return "(\(integer(depth - 1, times: times)) - \(integer(depth - 1, times: times)))"
    case 4: return "(\(integer(depth - 1, times: times)) * \(integer(depth - 1, times: times)))"
    case 5:
      return
        "(\(integer(depth - 1, times: times)) * \(["4611686018427387903", "3037000500", "-9223372036854775808"][pick(3)]) % 65521)"
    case 6: return "(\(integer(depth - 1, times: times)) / \(["3", "-7", "1000"][pick(3)]))"
    case 7: return "(\(integer(depth - 1, times: times)) & \(1 + pick(255)))"
    case 8: return "(\(integer(depth - 1, times: times)) bitXor: \(pick(4096)))"
    case 9:
      return "(\(condition(times)) ifTrue: [ \(integer(depth - 1, times: times)) ] ifFalse: [ \(atom()) ])"
    case 10: return "(arr at: \(integer(depth - 1, times: times)) % 5 + 1)"
    case 11: return "(g * 16.0) round % 4093"
    case 12 where spend(times): return "(self zork: \(atom()) b: \(atom()))"
    default:
      guard level > 1, spend(times) else { return atom() }
      let receiver = chance(40) ? "self" : "(peers at: \(integer(0, times: times)) % 4 + 1)"
      return
        "(\(receiver) \(send(1 + pick(level - 1), pick(Self.selectorsPerLevel), integer(depth - 1, times: times), atom())))"
    }
  }

  private mutating func condition(_ times: Int) -> String {
    let a = integer(1, times: times)
    switch pick(6) {
    case 0: return "(\(a) > \(atom()))"
    case 1: return "(\(a) <= \(atom()))"
    case 2: return "(\(a) % \(2 + pick(3)) = 0)"
    case 3: return "((\(a) < \(atom())) and: [ \(atom()) >= \(atom()) ])"
    case 4: return "((\(a) > \(atom())) or: [ \(atom()) ~= \(atom()) ])"
    default: return "(g < \(atom()))"
    }
  }

  private mutating func atom() -> String {
    chance(30) ? constant() : (locals + readOnly).randomElement(using: &random)!
  }
  private mutating func constant() -> String { "\([0, 1, 2, 3, 7, 10, 100, -1, -5][pick(9)])" }

  // MARK: Choices

  private mutating func pick(_ n: Int) -> Int { n <= 1 ? 0 : Int(random.next() % UInt64(n)) }
  private mutating func chance(_ percent: Int) -> Bool { pick(100) < percent }
  private mutating func spend(_ sends: Int) -> Bool {
    guard budget >= sends else { return false }
    budget -= sends
    return true
  }
}

extension String {
  fileprivate func map(_ body: (String) -> String) -> String { body(self) }
}
