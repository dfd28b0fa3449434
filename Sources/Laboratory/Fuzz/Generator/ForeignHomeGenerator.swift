// Blocks with `^` that another process evaluates than the one that runs their home, beside returns to homes that run in
// the same process, in the same code.

extension ProgramGenerator {
  mutating func addForeignHome(_ number: Int, to file: inout ProcessClass) {
    if chance(60) { addForeignBlocks(number, to: &file) } else { addKeptBlock(number, to: &file) }
  }

  /// Workers that are given a block of the main process, and return from activations of their own.
  private mutating func addForeignBlocks(_ number: Int, to file: inout ProcessClass) {
    let n = rounds(), every = 1 + pick(9), count = 2 + pick(3)
    let foreign = one(of: [
      "[ ^k ]", "[ k > 0 ifTrue: [ ^k ]. 5 ]", "[ k > 1 ifTrue: [ ^k ]. \(pause("k")). k ]",
      "[ 1 to: 3 do: [ :x | x > 2 ifTrue: [ ^x ] ]. 5 ]", "[ [ ^k ] value. \(pause("k")). k ]",
      "[ #(1 2) do: [ :x | ^x ]. 5 ]",
    ])
    let use = one(of: [
      "sum := sum + (self across: foreign) % 1009", "sum := sum + foreign value % 1009",
      "[ sum := sum + (self across: foreign) % 1009 ] ensure: [ \(pause()). sum := sum + 1 ]",
      "sum := sum + ([ (self across: foreign) + 1 ] on: FzErr do: [ :e | 0 ]) % 1009",
      "sum := sum + (self deep: \(1 + pick(9)) then: foreign) % 1009",
      "#(1 2 3) do: [ :each | sum := sum + each + (self across: foreign) % 1009 ]",
    ])
    file.methods.append(
      """
      seek\(number): k with: foreign = (
              | p sum |
              sum := 0.
              1 to: \(n) do: [ :i |
                  p := FzQ a: i b: k.
                  sum := sum * 3 + (self first\(number): i % 7) + (self digest: p to: 2) % 1009.
                  i % \(every) = 0 ifTrue: [ \(use) ] ].
              ^sum
          )
      """)
    let leave = one(of: [
      "self across: [ i > limit ifTrue: [ ^i ] ]", "i > limit ifTrue: [ self across: [ ^i + 1 ] ]",
      "[ i > limit ifTrue: [ ^i ] ] value", "[ i > limit ifTrue: [ ^i ] ] ensure: [ \(pause()) ]",
      "#(5 6) do: [ :each | i * 2 > limit ifTrue: [ ^each ] ]",
    ])
    file.methods.append("first\(number): limit = ( 1 to: 6 do: [ :i | \(pause()). \(leave) ]. ^0 )")
    let edit = one(of: [
      "escapedBlock: aBlock = ( ^0 - 8 )", "across: aBlock = ( ^aBlock value + 1 )",
      "across: aBlock = ( ^[ aBlock value ] value )", "first\(number): limit = ( ^limit )",
    ])
    let again =
      chance(50)
      ? "FzLog edit: [ FzProc compile: '\(edit)' ].\n        self note: (self seek\(number): 2 with: [ 6 ]).\n        "
      : ""
    file.add(
      "f\(number)",
      """
              | all |
              all := (1 to: \(count)) asArray collect: [ :k |
                  [ self safe: [ self seek\(number): k with: \(foreign) ] ] \(fork()) ].
              self note: (self seek\(number): 9 with: [ 4 ]).
              all do: [ :each | self note: each join ].
              \(again)self note: (self first\(number): 3)

      """)
  }

  /// A worker's block that others evaluate while its home waits, and after that has ended.
  private mutating func addKeptBlock(_ number: Int, to file: inout ProcessClass) {
    let evaluated = one(of: ["self across: kept", "self deep: 2 then: kept", "[ self across: kept ] value"])
    file.methods.append(
      """
      hold\(number): aBlock = (
              | x |
              x := aBlock value: [ \(pause("3")). ^5 ].
              ^x = 4 ifTrue: [ 9 ] ifFalse: [ 8 ]
          )
      """)
    let last = one(of: ["4", "kept value", "self across: kept", "3"])
    let other = chance(50) ? "([ self safe: [ \(evaluated) ] ] \(fork())) join" : "(\(evaluated))"
    file.add(
      "k\(number)",
      """
              | came go kept p |
              came := Semaphore new. go := Semaphore new.
              p := [ self hold\(number): [ :block | kept := block. came signal. go wait. \(last) ] ] \(fork()).
              came wait.
              \(1 + pick(3)) timesRepeat: [ self note: \(other) ].
              go signal.
              self note: p join; note: (\(evaluated))

      """)
  }
}
