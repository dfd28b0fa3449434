// Random well-formed programs that end, print as they go, and redefine their own methods while they run. The
// same seed makes the same program.

struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

struct GeneratedProgram {
  /// Class name -> source text.
  var files: [String: String] = [:]
  static let mainClass = "Main"
}

struct ProgramGenerator {
  private var random: SplitMix
  /// Integer-valued variables in scope, by how they are written.
  private var readable: [String] = []
  private var writable: [String] = []
  private var depth = 0
  private var freshNames = 0
  private var inBlock = false
  /// Methods with a lower number may be called: there is no unbounded recursion.
  private var current = 0
  private let methodCount: Int

  init(seed: UInt64) {
    random = SplitMix(state: seed)
    methodCount = 5
  }

  static func program(seed: UInt64) -> GeneratedProgram {
    var g = ProgramGenerator(seed: seed)
    return g.generate()
  }

  private mutating func pick(_ n: Int) -> Int { Int.random(in: 0..<n, using: &random) }
  private mutating func chance(_ percent: Int) -> Bool { pick(100) < percent }
  private mutating func fresh(_ prefix: String) -> String {
    freshNames += 1
    return "\(prefix)\(freshNames)"
  }

  private mutating func generate() -> GeneratedProgram {
    var program = GeneratedProgram()
    var main = "Main = (\n  | f0 f1 shapes fuel |\n"
    for i in 0..<methodCount { main += "  " + method(i) + "\n" }
    main += """
        each: n do: aBlock = ( | i | i := 1. [ i <= n ] whileTrue: [ aBlock value: i. i := i + 1 ] )
        fact: n = ( n < 2 ifTrue: [ ^1 ]. ^n * (self fact: n - 1) )
        find: n = ( self each: 10 do: [ :e | e * e > n ifTrue: [ ^e ] ]. ^0 )
        setup = ( fuel := 400. f0 := 3. f1 := 4. shapes := Array new: 3.
          shapes at: 1 put: ShapeA new. shapes at: 2 put: ShapeB new. shapes at: 3 put: ShapeC new )
        redefine: k = (
      """
    for k in 0..<6 {
      current = pick(methodCount)
      main += "\n    k = \(k) ifTrue: [ Main compile: '\(method(current))' ]."
      if chance(40) {
        let shape = ["ShapeA", "ShapeB", "ShapeC"][pick(3)]
        main += "\n    k = \(k) ifTrue: [ \(shape) compile: '\(shapeMethod("area:"))' ]."
      }
      if chance(15) { main += "\n    k = \(k) ifTrue: [ (ShapeC hasMethod: #area:) ifTrue: [ ShapeC remove: #area: ] ]." }
    }
    let rounds = 40 + pick(80)
    main += """
       ^k )
        run = ( | sum |
          self setup. sum := 0.
          1 to: \(rounds) do: [ :i |
            fuel := 400. i % \(7 + pick(20)) = 3 ifTrue: [ self redefine: i % 6 ].
            sum := sum + (self m\(methodCount - 1): i with: i + \(pick(50))).
            i % 5 = 0 ifTrue: [ sum println ] ].
          sum println. f0 println. f1 println )
      )

      """
    program.files["Main"] = main
    program.files["ShapeA"] = "ShapeA = (\n  | side |\n  side = ( side isNil ifTrue: [ ^2 ]. ^side )\n  side: s = ( side := s % 1000 )\n  \(shapeMethod("area:"))\n)\n"
    program.files["ShapeB"] = "ShapeB = ShapeA (\n  \(shapeMethod("area:"))\n)\n"
    program.files["ShapeC"] = "ShapeC = ShapeB (\n  area: x = ( ^(super area: x) + \(pick(9)) )\n)\n"
    return program
  }

  private mutating func shapeMethod(_ selector: String) -> String {
    let saved = (readable, writable, current)
    defer { (readable, writable, current) = saved }
    readable = ["x", "self side"]
    writable = []
    current = 0
    depth = 2
    return "\(selector) x = ( ^(\(expression())) % 10007 )"
  }

  private mutating func method(_ n: Int) -> String {
    let saved = (readable, writable, current)
    defer { (readable, writable, current) = saved }
    current = n
    depth = 0
    readable = ["a", "b", "f0", "f1", "t", "u"]
    writable = ["t", "u", "f0", "f1"]
    inBlock = false
    // The fuel bounds what one round can do.
    var body = "fuel := fuel - 1. fuel < 1 ifTrue: [ ^a ]. t := a. u := b. "
    for _ in 0..<(1 + pick(4)) { body += statement() + ". " }
    return "m\(n): a with: b = ( | t u | \(body)^(\(expression())) % 1000003 )"
  }

  // MARK: Statements

  private mutating func statement() -> String {
    depth += 1
    defer { depth -= 1 }
    if depth > 3 { return assignment() }
    switch pick(12) {
    case 0, 1, 2: return assignment()
    case 3: return "\(condition()) ifTrue: [ \(statement()) ]"
    case 4: return "\(condition()) ifTrue: [ \(statement()) ] ifFalse: [ \(statement()) ]"
    case 5:
      let i = fresh("i")
      return scoped(i) { g in "1 to: \(1 + g.pick(6)) do: [ :\(i) | \(g.statement()) ]" }
    case 6:
      let i = fresh("e")
      return scoped(i) { g in "self each: \(1 + g.pick(6)) do: [ :\(i) | \(g.statement()) ]" }
    case 7:
      let k = fresh("k")
      return scoped(k) { g in
        "[ | \(k) | \(k) := 0. [ \(k) < \(1 + g.pick(6)) ] whileTrue: [ \(g.statement()). \(k) := \(k) + 1 ] ] value"
      }
    case 8: return "\(condition()) ifTrue: [ ^\(expression()) ]"
    case 9: return "(\(condition()) and: [ \(condition()) ]) ifTrue: [ \(statement()) ]"
    case 10: return "\(1 + pick(4)) timesRepeat: [ \(statement()) ]"
    default: return "(shapes at: \(pick(3) + 1)) side: \(expression())"
    }
  }

  private mutating func scoped(_ name: String, _ body: (inout ProgramGenerator) -> String) -> String {
    readable.append(name)
    defer { readable.removeLast() }
    return body(&self)
  }

  private mutating func assignment() -> String {
    guard let target = writable.randomElement(using: &random) else { return expression() }
    return "\(target) := (\(expression())) % \([97, 1009, 65537, 4_611_686_018_427_387_847][pick(4)])"
  }

  // MARK: Expressions

  private mutating func condition() -> String {
    let op = ["<", ">", "<=", ">=", "=", "~="][pick(6)]
    return "((\(expression())) \(op) (\(expression())))"
  }

  private mutating func expression() -> String {
    depth += 1
    defer { depth -= 1 }
    if depth > 5 { return leaf() }
    switch pick(16) {
    case 0, 1, 2: return leaf()
    case 3, 4: return "(\(expression())) + (\(expression()))"
    case 5: return "(\(expression())) - (\(expression()))"
    case 6: return "(\(expression())) * (\(expression()) )"
    case 7: return "(\(expression())) % \(2 + pick(40))"
    case 8: return "(\(expression())) / \(1 + pick(9))"
    case 9:
      if current == 0 { return leaf() }
      return "(self m\(pick(current)): (\(expression())) % 100 with: \(leaf()))"
    case 10: return "(\(condition()) ifTrue: [ \(expression()) ] ifFalse: [ \(expression()) ])"
    case 11:
      let v = fresh("v")
      let argument = leaf()
      return scoped(v) { g in "([ :\(v) | \(g.expression()) ] value: \(argument))" }
    case 12:
      if current == 0 { return leaf() }
      return "((shapes at: ((\(leaf())) % 3) abs + 1) area: \(leaf()))"
    case 13: return current == 0 ? leaf() : "(self find: \(leaf()) % 120)"
    case 14: return "((\(leaf())) // \(1 + pick(5))) round"
    default: return current == 0 ? leaf() : "((self fact: (\(leaf())) abs % 25) % 1009)"
    }
  }

  private mutating func leaf() -> String {
    if chance(30) { return "\([0, 1, 2, 3, 7, 100, 1 << 31, 4_611_686_018_427_387_903][pick(8)])" }
    return readable.randomElement(using: &random) ?? "1"
  }
}
