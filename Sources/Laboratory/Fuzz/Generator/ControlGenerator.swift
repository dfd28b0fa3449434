// Loops, blocks, exceptions and objects: everything that compilers take apart.

extension ProgramGenerator {
  mutating func loop(_ depth: Int) -> String {
    let n = 2 + pick(4), i = newName("i"), w = temporary("w")
    switch pick(12) {
    case 0, 1: return "1 to: \(n) do: [ :\(i) | \(block(depth, times: n, binding: [i])) ]"
    case 2: return "\(n) downTo: 1 do: [ :\(i) | \(block(depth, times: n, binding: [i])) ]"
    case 3: return "1 to: \(2 * n) by: 2 do: [ :\(i) | \(block(depth, times: n, binding: [i])) ]"
    case 4: return "\(n) timesRepeat: [ \(block(depth, times: n)) ]"
    case 5: return "\(w) := 0. [ \(w) < \(n) ] whileTrue: [ \(w) := \(w) + 1. \(block(depth, times: n)) ]"
    case 6: return "\(w) := \(n). [ \(w) <= 0 ] whileFalse: [ \(w) := \(w) - 1. \(block(depth, times: n)) ]"
    case 7 where has(.blockLoops):
      // Blocks that are no literals where the loop is.
      let c = temporary("c"), b = temporary("b")
      return "\(w) := 0. \(c) := [ \(w) < \(n) ]. \(b) := [ \(w) := \(w) + 1. \(block(depth, times: n)) ]. "
        + "\(c) whileTrue: \(b)"
    case 8 where has(.blockLoops):
      let message = one(of: ["while: [ \(w) < \(n) ]", "until: [ \(w) >= \(n) ]"])
      return "\(w) := 0. self \(message) do: [ \(w) := \(w) + 1. \(block(depth, times: n)) ]"
    case 9:
      let from = temporary("r")
      return
        "\(from) := \(atom()) % 1009. \(from) to: \(from) + \(n) do: [ :\(i) | \(block(depth, times: n + 1, binding: [i])) ]"
    case 10 where has(.blockLoops): return "self again: \(n) with: [ \(block(depth, times: n)) ]"
    case 11 where has(.longs):
      // Over the edge of small integers.
      return "4611686018427387902 to: 4611686018427387902 + \(n) do: [ :\(i) | "
        + "\(one(of: scope.ints)) := \(i) % 1009. \(block(depth, times: n)) ]"
    default: return "1 to: \(n) do: [ :\(i) | \(block(depth, times: n, binding: [i])) ]"
    }
  }

  mutating func blockStatement(_ depth: Int) -> String {
    let e = newName("e"), target = one(of: scope.ints)
    switch pick(10) {
    case 0: return "self each: [ :\(e) | \(block(depth, times: 3, binding: [e])) ]"
    case 1: return "\(target) := self detect: [ :\(e) | \(e) > \(inner(1, times: 4, binding: e)) ]"
    case 2:
      return "self each: [ :\(e) | \(e) = \(1 + pick(4)) ifTrue: [ ^\(inner(1, times: 3, binding: e)) % 1000003 ] ]"
    case 3: return "\(target) := FzLog int: (self apply: [ :\(e) | \(inner(2, binding: e)) ] to: \(integer(1)))"
    case 4 where has(.escaping):
      // A block that is kept, and evaluated when its method may have returned.
      return "h := [ :\(e) | \(block(depth, binding: [e], escapes: true)). \(atom()) ]"
    case 5: return "h class == Block2 ifTrue: [ \(target) := FzLog int: (h value: \(atom())) ]"
    case 6 where has(.escaping): return "h := [ ^\(integer(1)) % 1000003 ]"
    case 7: return "h class == Block1 ifTrue: [ \(target) := FzLog int: h value ]"
    case 8:
      let b = temporary("b")
      return
        "\(b) := [ :\(e) | \(inner(1, binding: e)) ]. \(target) := (\(b) value: \(atom())) + (\(b) value: \(atom()))"
    default:
      return
        "\(target) := (1 to: \(2 + pick(3))) inject: \(atom()) into: [ :s :\(e) | s + \(inner(1, times: 4, binding: e)) % 1009 ]"
    }
  }

  mutating func exceptionStatement(_ depth: Int) -> String {
    let target = one(of: scope.ints), w = temporary("w")
    // Handlers run on top of what signals: `^` in them leaves all of it.
    let body = "\(block(depth)). \(integer(1))"
    switch pick(15) {
    case 0: return guarded(target, "\(body). self fail: \(integer(1))", "FzErr", "e return: \(atom())")
    case 1: return guarded(target, "\(integer(1)) / (\(atom()) % 3)", "ZeroDivide", "e return: \(atom())")
    case 2: return guarded(target, "(self note: \(atom())) + \(atom())", "FzNote", "e resume: e answer + 1")
    case 3:
      return "\(w) := 0. "
        + guarded(target, "\(w) := \(w) + 1. \(w) < 3 ifTrue: [ self fail: 3 ]. \(w)", "FzErr", "e retry")
    case 4:
      return guarded(target, "[ self fail: \(atom()) ] on: Error do: [ :e | e pass ]", "FzErr", "e return: \(atom())")
    case 5:
      return guarded(
        target, "[ self note: \(atom()) ] on: FzNote do: [ :e | e outer ]", "FzNote", "e resume: \(atom())")
    case 6: return "\(target) := FzLog int: ([ \(body) ] ensure: [ f := f + 1. \(block(depth - 1)) ])"
    case 7:
      return "[ \(block(depth)). \(condition()) ifTrue: [ ^\(atom()) % 1009 ] ] ensure: [ f := (FzLog int: f) + 1 ]"
    case 8: return guarded(target, "[ self fail: \(atom()) ] ifCurtailed: [ FzLog tick ]", "FzErr", "e return: 4")
    case 9:
      return guarded(
        target, "self fail: \(atom())", "Error", one(of: ["e messageText length", "^\(atom())", "e class name length"]))
    case 10: return guarded(target, "nil zork: \(atom())", "MessageNotUnderstood", "e arguments length")
    case 11: return guarded(target, "arr at: \(atom()) % 9", "IndexOutOfRange", "e return: 8")
    case 12 where has(.overflows) && scope.times == 1 && chance(15):
      return guarded(target, "self \(FuzzProgram.recursion) 0", "StackOverflow", "e return: 9")
    case 13: return guarded(target, "[ self fail: 3 ] ensure: [ FzLog tick ]", "FzErr", "e retryUsing: [ \(atom()) ]")
    default: return guarded(target, "FzNote new signal: 'd'", "FzErr", "e return: 1")
    }
  }

  private func guarded(_ target: String, _ body: String, _ class_: String, _ handler: String) -> String {
    "\(target) := FzLog int: ([ \(body) ] on: \(class_) do: [ :e | \(handler) ])"
  }

  mutating func objectStatement(_ depth: Int) -> String {
    let p = temporary("p"), q = temporary("q"), target = one(of: scope.ints)
    let make = "\(p) := FzP x: \(value()) y: \(value())"
    switch pick(10) {
    case 0:
      return
        "\(p) := FzP x: \(integer(1)) y: \(integer(1)). \(block(depth)). \(target) := (FzLog int: \(p) x) + (FzLog int: \(p) y)"
    case 1: return "\(make). \(q) := FzP x: \(p) y: \(value()). \(block(depth)). \(condition()) ifTrue: [ h := \(q) ]"
    case 2: return "\(make). \(block(depth)). h := \(p). \(p) x: \(value())"
    case 3:
      return
        "\(p) := FzP new. \(condition()) ifTrue: [ \(p) x: \(number(1)) ]. \(q) := FzP new. \(q) y: \(atom()). \(q) x: \(p). self h: \(q)"
    case 4:
      return "\(p) := FzP x: \(number(1)) y: \(number(1)). \(p) := \(p) + (FzP x: 0.5 y: \(number(1))). g := \(p) sum"
    case 5: return "\(make). \(condition()) ifTrue: [ \(p) y: \(p) ]. \(target) := FzLog int: \(p) y. \(block(depth))"
    case 6:
      return "\(p) := Array with: \(value()) with: \(atom()). \(block(depth)). \(target) := FzLog int: (\(p) at: 2). "
        + "\(condition()) ifTrue: [ h := \(p) ]"
    case 7, 8:
      return "\(p) := FzZ new. \(p) a: \(value()); b: \(value()). \(block(depth)). \(p) set: \(value()). "
        + "\(target) := FzLog int: \(p) sum. \(condition()) ifTrue: [ h := \(p) ]"
    default:
      return "\(p) := arr collect: [ :each | FzLog int: each ]. \(target) := \(p) inject: 0 into: [ :a :b | a + b ]"
    }
  }
}
