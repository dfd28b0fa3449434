// Methods that are replaced while they run, under a policy: they begin again, or go on in the new code at the head of
// their loop. Which of it happens must make no difference, and neither must a refusal: all versions of a method compute
// the same, and what they have done is in fields before anything can come between, or is carried over by name.
// The class has random numbers of its own, so that programs are the same without it.

extension ProgramGenerator {
  static let policyClass = "FzR"

  var hasPolicies: Bool { has(.policies) }

  /// Nil if the program goes without.
  mutating func policyFile() -> String? {
    guard hasPolicies else { return nil }
    var methods: [String] = [], runs: [String] = []
    for number in 1...(1 + pick(3)) {
      let restarts = chance(50)
      let rounds = chance(50) ? 20 + pick(40) : 250 + pick(300)
      methods.append(restarts ? restarting(number) : migrating(number))
      methods.append(
        "leaf\(number): x = ( \(chance(70) ? "" : "Object new. ")\(changes(number, rounds, restarts))^x * 7 % 31 )")
      runs.append("self try: [ self reset. self work\(number): \(rounds) ]")
      if chance(40) { runs.append("self try: [ self reset. self through\(number): \(rounds) ]") }
      methods.append("through\(number): n = ( ^\(around("self work\(number): n")) )")
    }
    return """
      FzR = (
          | i sum k |
          run = (
              FzErr. CompileError. ZeroDivide. MessageNotUnderstood.
              \(runs.joined(separator: ".\n        "))
          )
          reset = ( i := 0. sum := 0 )
          try: aBlock = ( ('policy ' + (FzLog int: aBlock value)) println )
          edit: text policy: aSymbol = (
              [ self class compile: text policy: aSymbol ] on: CompileError do: [ :e | e return: nil ]
          )
          on: aBlock = ( ^aBlock value )
          \(methods.joined(separator: "\n    "))
      )

      """
  }

  /// What the activation that is edited is called through.
  private mutating func around(_ call: String) -> String {
    one(of: [
      call, "[ \(call) ] value", "self on: [ \(call) ]", "[ \(call) ] on: FzErr do: [ :e | 0 ]",
      "[ \(call) ] ensure: [ k := 3 ]", "((Array with: (\(call))) at: 1)",
    ])
  }

  /// Edits at some of the rounds.
  private mutating func changes(_ number: Int, _ rounds: Int, _ restarts: Bool) -> String {
    (0..<(1 + pick(3))).map { _ in
      let site = newSite()
      let policy =
        restarts ? one(of: ["restart", "restart", "restart", "next"]) : one(of: ["migrate", "migrate", "next"])
      let text = Self.quote(restarts ? restarting(number) : migrating(number))
      return
        "x = \(pick(rounds)) ifTrue: [ (FzLog hit: \(site)) = 1 ifTrue: [ \(around("self edit: \(text) policy: #\(policy)")) ] ]. "
    }.joined()
  }

  /// A value for the round `x`, and what else is done for it.
  private mutating func term(_ number: Int, _ x: String) -> String {
    let leaf = "(self leaf\(number): \(x))"
    return one(of: [
      leaf, leaf, "((Array with: \(leaf)) at: 1)", "((Array with: \(leaf) with: 5) at: 1)", "(self on: [ \(leaf) ])",
      "([ \(leaf) ] on: FzErr do: [ :e | 4 ])", "(#(1 2) inject: \(leaf) into: [ :a :b | a ])", "[ \(leaf) ] value",
    ])
  }

  /// All that it has done is in fields, and is done at once: it may begin again at any send.
  private mutating func restarting(_ number: Int) -> String {
    let done = "sum := sum * 3 + t % 1000003. i := i + 1"
    let noise = one(of: ["", "u := Array with: t. ", "u := t. ", "u := [ t ]. "])
    let body = "t := \(term(number, "i")). \(noise)\(done)"
    let loop = one(of: [
      "[ i < n ] whileTrue: [ \(body) ]", "[ i >= n ] whileFalse: [ \(body) ]", "n - i timesRepeat: [ \(body) ]",
      "i + 1 to: n do: [ :each | \(body) ]", "[ i < n and: [ true ] ] whileTrue: [ \(body) ]",
      "[ i < n ] whileTrue: [ | w | w := \(term(number, "i")). t := w. \(done) ]",
    ])
    return "work\(number): n = ( | \(one(of: ["t u", "u t", "x t u"])) | \(loop). ^sum )"
  }

  /// Loops that match each other, with what they count in variables of the same names.
  private mutating func migrating(_ number: Int) -> String {
    let declared = one(of: ["j acc t u", "u t acc j", "acc x j t u"])
    let noise = one(of: ["", "u := Array with: acc with: t. ", "u := acc. ", "u := 0.5 * j. "])
    let body =
      "t := \(term(number, "j")). \(noise)acc := acc * 3 + t % 1000003. \(one(of: ["", "t := nil. "]))j := j + 1"
    return "work\(number): n = ( | \(declared) | j := 0. acc := 1. [ j < n ] whileTrue: [ \(body) ]. ^acc )"
  }
}
