// Loops that are compiled while they run, and near their end something that has not happened before: an edit, or an
// operand of another kind, while objects that were never allocated, or handlers that were found, are alive in compiled
// frames. All of it is in one class; it has random numbers of its own, so that programs are the same without it.

/// A class whose messages `run` sends once, one after the other.
private struct HotClass {
  var methods: [String] = []
  /// The methods that `run` sends.
  var runs: [String] = []
}

extension ProgramGenerator {
  static let hotClass = "FzHot"

  /// Nil if the program goes without.
  mutating func hotFile() -> String? {
    guard hasHotLoops else { return nil }
    var file = HotClass()
    for number in 1...(1 + pick(2)) {
      switch one(of: FuzzFeature.hot.filter(has)) {
      case .virtuals: addVirtuals(number, to: &file)
      case .handlers: addHandlers(number, to: &file)
      default: addEdges(number, to: &file)
      }
    }
    let runs = file.runs.map { "self guard: [ self \($0) ]. self report: '\($0)'" }
    return FixedClasses.hot(runs: runs, methods: file.methods)
  }

  var hasHotLoops: Bool { FuzzFeature.hot.contains(where: has) }

  // MARK: Objects that are not allocated

  /// Objects within objects, made in a loop and kept by something that is not compiled into it, perhaps.
  private mutating func addVirtuals(_ number: Int, to file: inout HotClass) {
    let (rounds, last) = hotRounds(most: 650)
    let isVector = chance(60)
    if isVector, !file.runs.contains("warm") { file.runs.append("warm") }
    file.runs.append("v\(number)")
    let setter = isVector ? "z:" : "y:"
    var statements = [inner("p", isVector, last)]
    statements += one(of: [
      ["q := FzP x: p y: i"], ["q := FzP x: p y: i"], ["q := Pair withKey: i andValue: p"],
      ["q := FzP new. q y: i % 3 = 0. q x: p"], ["q := Pair withKey: i andValue: p"],
      ["q := FzP x: p y: p"], ["q := Array with: p with: i"], ["q := FzP x: 2.5 y: p"], ["q := FzV new. q z: p"],
      ["q := FzP x: i y: p", "p \(setter) q"], [inner("q", isVector, last), "q \(setter) p"],
    ])
    if chance(40) { statements.append(one(of: ["r := FzP x: q y: p", "r := FzP x: q y: i. q := FzV new. q z: r"])) }
    statements.insert(
      contentsOf: unlikely(number, last, edits: isVector ? 40 : 80, to: &file), at: 1 + pick(statements.count))
    let made = one(of: ["q", "q", "q", "p", "(FzP x: p y: q)"])
    statements.append(
      one(of: [
        "self keep: \(made)", "self keep: \(made)", "self perform: #keep: withArguments: (Array with: \(made))",
        "kept := \(made)", "i % 2 = 0 ifTrue: [ self keep: \(made) ]",
        "i > \(last) ifTrue: [ (FzLog text: \(made) to: 3) println ]", "self note: (self digest: \(made) to: 3)",
      ]))
    let body = statements.joined(separator: ". ")
    if chance(50) {
      file.methods += [
        "v\(number) = ( 1 to: \(rounds) do: [ :i | self v\(number): i ] )",
        "v\(number): i = ( | p q r t | \(body). ^q )",
      ]
    } else {
      file.methods.append("v\(number) = ( | p q r t | 1 to: \(rounds) do: [ :i | \(body) ] )")
    }
  }

  /// An object whose fields hold doubles mostly, or anything.
  private mutating func inner(_ name: String, _ isVector: Bool, _ last: Int) -> String {
    let double = one(of: ["1.5", "i * 0.5", "i asDouble", "2.25"]), some = 2 + pick(4)
    switch (isVector, pick(4)) {
    case (true, 0):
      // Left out always now and then, or not before the loop is compiled.
      let isLeft = chance(50) ? "i % \(some) = 0" : "i > \(last)"
      return "\(name) := FzV new. \(isLeft) ifFalse: [ \(name) x: \(double) ]"
    case (true, 1): return "\(name) := FzV new. \(name) x: (i % \(some) = 0 ifTrue: [ nil ] ifFalse: [ \(double) ])"
    case (true, 2):
      return "\(name) := FzV new. i > \(last) ifFalse: [ \(name) x: \(double) ]. \(name) y: \(double)"
    case (true, _):
      let late = one(of: ["i", "'late'", "nil"])
      return "\(name) := FzV new. \(name) y: (i = \(last) ifTrue: [ \(late) ] ifFalse: [ \(double) ])"
    case (_, 0), (_, 1): return "\(name) := FzP x: i y: \(one(of: ["2", double, "nil"]))"
    case (_, 2): return "\(name) := FzP new. i % \(some) = 0 ifTrue: [ \(name) x: i ]. \(name) y: \(double)"
    default: return "\(name) := FzP x: (i = \(last) ifTrue: [ 'late' ] ifFalse: [ i ]) y: \(double)"
    }
  }

  /// What happens in one of the last rounds.
  private mutating func unlikely(
    _ number: Int, _ last: Int, edits: Int, to file: inout HotClass
  ) -> [String] {
    if chance(edits) {
      file.methods.append(event(number, last, shapeEdit()))
      return [eventSend(number)]
    }
    file.methods.append("o\(number): i = ( i = \(last) ifTrue: [ ^\(one(of: ["2.5", "4611686018427387903"])) ]. ^i )")
    return [
      one(of: [
        "t := (self o\(number): i) + 1. self note: t",
        "t := (self perform: #o\(number): withArguments: (Array with: i)) + 1. self note: t",
        "i = \(last) ifTrue: [ FzLog edit: [ \(shapeEdit()) ] ]",
      ])
    ]
  }

  private mutating func shapeEdit() -> String {
    let name = one(of: ["FzP", "FzP", "FzV"]), field = one(of: ["x", "x", "y"])
    let again = "\(name) removeField: #\(field). \(name) addField: #\(field)"
    switch pick(8) {
    case 0, 1: return again
    case 2, 3:
      return
        "\(again). \(name) compile: '\(field) = ( ^\(field) )'. \(name) compile: '\(field): a = ( \(field) := a )'"
    case 4: return "\(name) removeField: #\(field)"
    case 5: return "\(name) addField: #\(one(of: ["w", "u"]))"
    case 6: return "\(name) removeField: #x. \(name) removeField: #y. \(name) addField: #y. \(name) addField: #x"
    default: return one(of: ["system fullGC", "FzP compile: 'x = ( ^y )'", "FzP removeField: #x. FzP addField: #w"])
    }
  }

  // MARK: Handlers

  /// Signals to handlers around them, of which one does not take what comes late; and methods of exceptions that make it
  /// more likely that the search is compiled into the unit that handles.
  private mutating func addHandlers(_ number: Int, to file: inout HotClass) {
    let (rounds, last) = hotRounds()
    file.runs.append("h\(number)")
    let isNote = chance(50)
    let usual = isNote ? "FzNote" : "FzErr"
    let event = eventSend(number)
    // An activation that is left by an exception more than once or twice is not part of a unit any more: here it is left
    // late, if at all.
    let late = "self perform: #l\(number):with: withArguments: (Array with: i with: k)"
    var body = one(of: [
      "self s\(number): i", "self s\(number): i. \(event)", "\(event). self s\(number): i",
      "self s\(number): i. \(event). self s\(number): i", "i < \(last) ifFalse: [ \(event). self s\(number): i ]",
      // As the library's methods have them.
      "k := ExceptionHandler next: 2 outside: nil. \(event). \(late)",
      "k := ExceptionHandler next: 2 outside: nil. \(event). \(late)",
      "k := ExceptionHandler next: 2 outside: nil. \(late). \(event)",
      isNote ? "self s\(number): i. k := Array with: kept with: kept. \(event). \(late)" : "k := nil",
    ])
    body += ". self z\(number)"
    if chance(30) { body = "[ \(body) ] ensure: [ self note: i ]" }
    if chance(25) { body = "[ \(body) ] on: ZeroDivide do: [ :z | z return: 50 ]" }
    let action =
      isNote
      ? one(of: [
        "e resume: i", "kept := e. e resume: 3", "\(event). e resume: 4", "e outer. e return: 2", "e return: 1",
        "m := m + 1. m < 3 ifTrue: [ e retry ]. e return: m", "i < \(last) ifTrue: [ e resume: 5 ]. e return: 1",
        "kept := e. i < \(last) ifTrue: [ e resume: 5 ]. \(event). e return: 1",
      ])
      : one(of: [
        "e return: 1", "e return: 1", "\(event). e return: 4", "m := m + 1. m < 3 ifTrue: [ e retry ]. e return: m",
        "e pass",
        "e outer", "\(event). e retryUsing: [ 7 ]", "9", "\(event). m := m + 1. m < 2 ifTrue: [ e retry ]. 5",
      ])
    let signal = one(of: ["'x'", "'x'", "'y' + i"])
    let call =
      chance(60)
      ? "self perform: #g\(number):at: withArguments: (Array with: c with: i)" : "self g\(number): c at: i"
    let other = one(of: ["ZeroDivide", "ZeroDivide", "MessageNotUnderstood", "FzNote", "(FzErr, ZeroDivide)"])
    let invalidation =
      chance(60) ? "FzHot compile: 'z\(number) = ( ^\(pick(9)) )'" : chance(50) ? handlerEdit() : shapeEdit()
    file.methods += [
      "s\(number): i = ( ^\(usual) new signal: \(signal) )",
      "g\(number): c at: i = ( | m k | \(chance(40) ? "1 to: 20 do: [ :j | m := j ]. " : "")m := 0. "
        + "^[ \(body) ] on: c do: [ :e | \(action) ] )",
      "o\(number): c at: i = ( ^[ \(call) ] on: Exception do: [ :e | e return: 40 ] )",
      "c\(number): i = ( i < \(last) ifTrue: [ ^\(one(of: [usual, usual, "Exception"])) ]. ^\(other) )",
      "l\(number): i with: k = ( i < \(last) ifTrue: [ ^0 ]. "
        + "(k at: \(1 + pick(2))) \(one(of: ["return: i", "return: i", "retry: [ 7 ]"])) )",
      "z\(number) = ( ^6 )",
      self.event(number, last, invalidation),
    ]
    var loop = "1 to: \(rounds) do: [ :i | self note: (self o\(number): (self c\(number): i) at: i) ]"
    if chance(60) {
      let first = 20 + pick(60)
      loop =
        "1 to: \(first) do: [ :i | self note: (self o\(number): (self c\(number): i) at: i) ]. "
        + "FzLog edit: [ \(handlerEdit()) ]. \(chance(50) ? "FzLog edit: [ \(handlerEdit()) ]. " : "")\(loop)"
    }
    file.methods.append("h\(number) = ( \(loop) )")
  }

  private mutating func handlerEdit() -> String {
    // Without the primitive that waits for a signal, all of it can be one unit.
    let rows = [
      (
        "Exception",
        "signalOnce = ( | saved | saved := resumption. ^[ self signalFrom: nil ] ensure: [ resumption := saved ] )"
      ),
      ("Exception", "signalOnce = ( ^self signalFrom: nil )"),
      ("Exception", "signalOnce = ( ^self signalFrom: nil )"),
      ("Exception", "signal: s = ( messageText := s. substitute := nil. ^self signalFrom: nil )"),
      (
        "Exception",
        "signalFrom: h = ( | next | resumption := [ :value | ^value ]. next := self handlerFrom: h. next isNil ifTrue: [ ^self defaultAction ]. ^self runHandler: next )"
      ),
      ("Exception", "runHandler: h = ( | value | handler := h. value := h run: self. ^h return: value )"),
      ("ExceptionHandler", "accepts: e = ( ^exceptionClass handles: e )"),
      ("FzErr", "isResumable = ( ^true )"), ("FzNote", "isResumable = ( ^true )"),
    ]
    let (name, text) = one(of: rows)
    return "\(name) compile: \(Self.quote(text))"
  }

  // MARK: Edges of small integers

  /// The same integer made in different ways: it is the same one, whichever way.
  private mutating func addEdges(_ number: Int, to file: inout HotClass) {
    file.runs.append("n\(number)")
    let checks = (0...(3 + pick(6))).map { _ in
      let edge = one(of: ["-4611686018427387904", "-4611686018427387904", "4611686018427387903", "4611686018427387904"])
      let a = made(edge), b = chance(50) ? edge : made(edge)
      return "self note: \(edgeUse(a, b))"
    }
    let body = checks.joined(separator: ". ")
    file.methods.append(
      chance(40)
        ? "n\(number) = ( | one | one := 1. \(body) )"
        : "n\(number) = ( | one | 1 to: \(hotRounds().rounds / 4) do: [ :i | one := \(one(of: ["1", "i abs sign", "i min: 1"])). \(body) ] )"
    )
  }

  /// An integer, computed from others; `one` is 1.
  private mutating func made(_ edge: String) -> String {
    let other = one(of: ["1", "7", "4611686018427387904", "4611686018427387905", "18446744073709551616"])
    let isLeast = edge == "-4611686018427387904"
    switch pick(9) {
    case 0: return "(\(edge) - one - \(other) + \(other) + one)"
    case 1: return "(\(edge) + \(other) - one - \(other) + one)"
    case 2: return "(\(edge) * 4 / (3 + one))"
    case 3: return "(\(edge) negated * one) negated"
    case 4: return "(\(edge) asString asInteger * one)"
    case 5: return isLeast ? "((0 - one) << 62)" : "(\(edge) << 3 >>> 3)"
    case 6: return "(0 - (one * \(edge))) negated"
    case 7: return "(\(edge) bitXor: \(other)) bitXor: \(other) * one"
    default: return "(\(edge) * 18446744073709551616 / (18446744073709551615 + one))"
    }
  }

  /// Something that tells whether two integers are the same.
  private mutating func edgeUse(_ a: String, _ b: String) -> String {
    switch pick(9) {
    case 0, 1: return "((\(a)) == (\(b)) ifTrue: [ 1 ] ifFalse: [ 2 ])"
    case 2: return "((\(a)) \(one(of: ["=", "~=", "<", "<=", ">", ">="])) (\(b)) ifTrue: [ 3 ] ifFalse: [ 4 ])"
    case 3: return "((\(a)) hashcode = (\(b)) hashcode ifTrue: [ 5 ] ifFalse: [ 6 ])"
    case 4: return "((\(a)) - (\(b)) + one)"
    case 5: return "((\(a)) \(one(of: ["+", "-", "*"])) \(one(of: ["one", "(0 - one)", "2", "(\(b))"])))"
    case 6: return "((\(b)) \(one(of: ["/", "%", "rem:", "&", "|", "bitXor:", "max:", "min:", "gcd:"])) (\(a)))"
    case 7: return "((\(b)) \(one(of: ["<<", ">>>"])) \(one(of: ["0", "1", "2", "62", "63"])))"
    default: return "((\(a)) \(one(of: ["abs", "negated", "sign", "asString length", "asDouble", "squared"])))"
    }
  }

  // MARK: Parts

  /// How often a loop runs, and the round that is unlike those before it: when the loop has been compiled, mostly.
  private mutating func hotRounds(most: Int = 300) -> (rounds: Int, last: Int) {
    // Behind the thresholds of `FuzzFlags.compiled`.
    let rounds = one(of: [300, most, 650]) + pick(150)
    let last = chance(75) ? rounds - 1 - pick(20) : 60 + pick(rounds - 80)
    return (cooled(rounds, by: 8), cooled(last, by: 8))
  }

  /// What is performed is not compiled into the loop: what is alive there is in a frame that waits.
  private mutating func eventSend(_ number: Int) -> String {
    chance(75) ? "self perform: #e\(number): withArguments: (Array with: i)" : "self e\(number): i"
  }
  /// A method that makes an edit in that round.
  private func event(_ number: Int, _ round: Int, _ edit: String) -> String {
    "e\(number): i = ( i = \(round) ifTrue: [ FzLog edit: [ \(edit) ] ] )"
  }
}
