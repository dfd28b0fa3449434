// Programs with processes whose results do not depend on whose turn it is: what several of them change is guarded, who
// waits for whom is said, and one prints at a time. So they may lose their turn at any place. All of it is in one class,
// with random numbers of its own, so that programs are the same without it.

/// A class whose messages `run` sends once, one after the other.
struct ProcessClass {
  var methods: [String] = []
  /// The methods that `run` sends.
  var runs: [String] = []

  mutating func add(_ name: String, _ text: String) {
    runs.append(name)
    methods.append("\(name) = (\n\(text)    )")
  }
}

extension ProgramGenerator {
  static let processClass = "FzProc"

  var hasProcesses: Bool { FuzzFeature.processes.contains(where: has) }

  /// Nil if the program goes without.
  mutating func processFile() -> String? {
    guard hasProcesses else { return nil }
    var file = ProcessClass()
    for number in 1...(2 + pick(4)) {
      switch one(of: FuzzFeature.processes.filter(has)) {
      case .workers: addWorkers(number, to: &file)
      case .sharing: addSharing(number, to: &file)
      case .endings: addEnding(number, to: &file)
      case .foreignHomes: addForeignHome(number, to: &file)
      default: addSecondEditor(number, to: &file)
      }
    }
    let runs = file.runs.map { "self guard: [ self \($0) ]. self report: '\($0)'" }
    return FixedClasses.processes(runs: runs, methods: file.methods)
  }

  /// Something after which it may be another one's turn.
  mutating func pause(_ count: String = "i") -> String {
    one(of: [
      "Processor yield", "Processor yield", "self pause", "\(count) % 40 = 3 ifTrue: [ Processor sleep: 1 ]",
      "\(count) % 30 = 2 ifTrue: [ system fullGC ]", "Processor sleep: 0", "nil",
    ])
  }

  /// How often a loop runs: little, or so often that it is compiled meanwhile.
  mutating func rounds() -> Int { chance(60) ? 3 + pick(25) : 260 + pick(300) }

  mutating func fork() -> String {
    one(of: ["fork", "fork", "fork", "forkAt: 30", "forkAt: 50", "forkNamed: 'w'"])
  }

  /// Statements that work on objects of their own, and answer an integer in `sum`.
  private mutating func work(_ number: Int) -> String {
    let last = one(of: ["i", "k", "sum"])
    var parts = ["p := FzQ a: i b: \(last)"]
    parts.append(
      one(of: [
        "q := FzQ a: p b: k", "q := Array with: p with: i", "q := p", "q := FzQ a: 0.5 * i b: p",
        "p b: (FzQ a: k b: i). q := p",
      ]))
    parts.append(pause())
    parts.append(
      one(of: [
        "sum := sum * 3 + (self digest: q to: 3) % 1009",
        "sum := sum + (self leaf\(number): i) + (self digest: p to: 2) % 1009",
        "sum := sum + ([ i % 5 = 0 ifTrue: [ FzErr new signal: 'w' ]. self digest: q to: 2 ] on: FzErr do: [ :e | "
          + "\(pause()). e return: k ]) % 1009",
        "[ sum := sum + (self leaf\(number): k) % 1009 ] ensure: [ \(pause()). sum := sum + 1 ]",
        "sum := sum + (#(1 2 3) inject: i into: [ :s :each | \(pause()). s + each ]) % 1009",
        "sum := (self on: [ :x | \(pause()). x + (self leaf\(number): i) ] at: sum) % 1009",
        "sum := sum + ((1 to: 4) detect: [ :x | \(pause()). x * k > i ] ifNone: [ 7 ]) % 1009",
      ]))
    return parts.joined(separator: ".\n                ")
  }

  private func loop(_ rounds: Int, _ body: String) -> String {
    """
            | p q sum |
            sum := 0.
            1 to: \(rounds) do: [ :i |
                \(body) ].
            ^sum

    """
  }

  // MARK: Each for itself

  private mutating func addWorkers(_ number: Int, to file: inout ProcessClass) {
    let count = 2 + pick(3)
    file.methods.append("work\(number): k = (\n\(loop(rounds(), work(number)))    )")
    file.methods.append("leaf\(number): x = ( ^x * 2 + 1 )")
    file.add(
      "w\(number)",
      """
              | all |
              all := (1 to: \(count)) asArray collect: [ :k | [ self safe: [ self work\(number): k ] ] \(fork()) ].
              \(chance(40) ? "self note: (self work\(number): 9).\n        " : "")\(one(of: ["all", "all reverse"])) do: [ :each | self note: each join ]

      """)
  }

  // MARK: Sharing

  private mutating func addSharing(_ number: Int, to file: inout ProcessClass) {
    let n = rounds(), count = 2 + pick(3)
    switch pick(5) {
    case 0:
      let error = chance(30) ? "i % 7 = 0 ifTrue: [ FzErr new signal: 'c' ]. " : ""
      let made = one(of: ["Mutex new", "Semaphore forMutualExclusion"])
      file.add(
        "c\(number)",
        """
                | guard all shared |
                guard := \(made).
                shared := 0.
                all := (1 to: \(count)) asArray collect: [ :k |
                    [ 1 to: \(n) do: [ :i |
                        self safe: [
                            guard critical: [ | t | t := shared. \(pause()). shared := t + (k * i). \(error)\(pause()) ] ] ] ]
                        \(fork()) ].
                all do: [ :each | each join ].
                self note: shared

        """)
    case 1:
      file.add(
        "p\(number)",
        """
                | there back text other |
                there := Semaphore new. back := Semaphore new. text := 0.
                other := [ 1 to: \(n) do: [ :i | there wait. text := text * 3 + i % 1009. \(pause()). back signal ] ] \(fork()).
                1 to: \(n) do: [ :i | text := text * 5 + i % 1009. there signal. \(pause()). back wait ].
                other join.
                self note: text

        """)
    case 2:
      file.add(
        "q\(number)",
        """
                | queue consumer |
                queue := SharedQueue new.
                consumer := [ | each sum |
                    sum := 0.
                    [ (each := queue next) isNil ] whileFalse: [
                        sum := sum * 3 + (self digest: each to: 2) % 1009.
                        \(pause("sum")) ].
                    sum ] \(fork()).
                1 to: \(n) do: [ :i | queue nextPut: \(one(of: ["i", "(FzQ a: i b: i)", "(Array with: i with: 2)"])). \(pause()) ].
                queue nextPut: nil.
                self note: consumer join

        """)
    case 3:
      // Several put, one takes: only the sum is certain.
      file.add(
        "s\(number)",
        """
                | queue all sum |
                queue := SharedQueue new.
                all := (1 to: \(count)) asArray collect: [ :k | [ 1 to: \(n) do: [ :i | queue nextPut: k * i. \(pause()) ] ] \(fork()) ].
                sum := 0.
                \(count * n) timesRepeat: [ sum := sum + queue next ].
                all do: [ :each | each join ].
                self note: sum; note: queue size

        """)
    default:
      // Who is more urgent runs at once, and until it waits.
      file.add(
        "o\(number)",
        """
                | text p go |
                text := 'o'. go := Semaphore new.
                p := [ 1 to: 3 do: [ :i | text := text + 'a' + i. go wait. text := text + 'b' ] ] forkAt: \(one(of: ["41", "60", "100"])).
                1 to: 3 do: [ :i | text := text + i. go signal. text := text + '-' ].
                p join.
                [ text := text + 'c' ] forkAt: \(one(of: ["1", "39"])).
                text := text + p state.
                (Processor processes detect: [ :each | each priority = 1 ] ifNone: [ p ]) join.
                self note: text length.
                text println

        """)
    }
  }

  // MARK: Ends

  private mutating func addEnding(_ number: Int, to file: inout ProcessClass) {
    // Who is told that it waits may count on everything around.
    let waiting =
      "ready signal. "
      + one(of: [
        "waits wait", "Processor sleep: 20000",
        "[ true ] whileTrue: [ \(one(of: ["Processor yield", "Processor sleep: 0"])) ]",
        "waits critical: [ ]", "SharedQueue new next",
      ])
    switch pick(6) {
    case 0, 1:
      let inner = one(of: [
        "[ \(waiting) ] ensure: [ text := text + 'inner ' ]",
        "[ \(waiting) ] ifCurtailed: [ text := text + 'curtailed ' ]",
        "[ \(waiting) ] on: Error do: [ :e | text := text + 'never ' ]",
        "#(1 2) do: [ :each | [ \(waiting) ] ensure: [ \(pause("each")). text := text + each + ' ' ] ]",
        "self deep: \(2 + pick(30)) then: [ \(waiting) ]", waiting,
      ])
      file.add(
        "t\(number)",
        """
                | ready waits text p |
                ready := Semaphore new. waits := Semaphore new. text := ''.
                p := [ [ \(inner) ] ensure: [ text := text + 'left' ] ] fork.
                ready wait.
                \(pause("number")).
                p terminate.
                p join isNil println.
                p state println.
                text println

        """.replacing("number", with: "\(number)"))
    case 2:
      file.add(
        "x\(number)",
        """
                | ready go p |
                ready := Semaphore new. go := Semaphore new.
                p := [ | r |
                    r := [ ready signal. \(one(of: ["go wait", "[ true ] whileTrue: [ Processor yield ]", "Processor sleep: 20000"])). 1 ] \
        on: FzErr do: [ :e | \(pause("r")). \(one(of: ["e return: 5", "e messageText isNil ifTrue: [ 6 ] ifFalse: [ 7 ]", "3"])) ].
                    r + 1 ] fork.
                ready wait.
                p signalException: FzErr new.
                self note: p join

        """.replacing("r % ", with: "3 % "))
    case 3:
      file.add(
        "i\(number)",
        """
                | ready go seen p |
                ready := Semaphore new. go := Semaphore new. seen := 0.
                p := [ | x | x := \(pick(50)). ready signal. go wait. x + seen ] \(fork()).
                ready wait.
                \(2 + pick(3)) timesRepeat: [ p interruptWith: [ seen := seen + 7. \(pause("seen")) ]. \(pause("seen")) ].
                go signal.
                self note: (p join isNil ifTrue: [ 1 ] ifFalse: [ 2 ])

        """)
    case 4:
      file.add(
        "l\(number)",
        """
                self note: ([ \(one(of: ["Semaphore new wait", "[ true ] whileTrue: [ Processor sleep: 1 ]", "SharedQueue new next"])). 1 ] \
        valueWithin: \(3 + pick(9)) onTimeout: [ 2 ]).
                self note: ([ self deep: \(pick(20)) then: [ 3 ] ] valueWithin: 100000 onTimeout: [ 4 ]).
                self note: ([ Semaphore new wait. 5 ] on: Error do: [ :e | 6 ])

        """)
    default:
      file.add(
        "u\(number)",
        """
                | p |
                p := [ [ \(one(of: ["self nothing: 3", "3 / 0", "FzErr new signal: 'alone'", "nil foo"])) ] ensure: [ total := total + 1 ] ] \(fork()).
                (p join) isNil println.
                [ p resume ] on: Error do: [ :e | 'ended' println ]

        """)
    }
  }

  // MARK: Edits by another process

  private mutating func addSecondEditor(_ number: Int, to file: inout ProcessClass) {
    file.methods.append("leaf\(number): x = ( ^\(one(of: ["x", "x + 1", "(FzQ a: x b: 2) a"])) )")
    let edits = (0..<2).map { _ in processEdit(number) }
    if chance(50) {
      // What is edited runs, with what it calls inlined in its loop.
      let n = rounds(), first = 1 + pick(n), second = 1 + pick(n)
      file.add(
        "e\(number)",
        """
                | go done editor sum p |
                go := Semaphore new. done := Semaphore new. sum := 0.
                editor := [
                    go wait. FzLog edit: [ \(edits[0]) ]. done signal.
                    go wait. FzLog edit: [ \(edits[1]) ]. done signal ] \(fork()).
                1 to: \(n) do: [ :i |
                    p := FzQ a: i b: \(one(of: ["sum", "(FzQ a: sum b: i)", "0.5 * i"])).
                    (i = \(first) or: [ i = \(second) ]) ifTrue: [ go signal. done wait ].
                    sum := sum * 3 + (self leaf\(number): i) + (self digest: p to: 3) % 1000003 ].
                editor terminate.
                self note: sum

        """)
    } else {
      // It waits in processes, in the middle of what is edited.
      let count = 2 + pick(3), n = rounds()
      file.methods.append(
        """
        slow\(number): k = (
                | p sum |
                sum := 0.
                1 to: \(n) do: [ :i |
                    p := FzQ a: i b: \(one(of: ["sum", "k", "(FzQ a: k b: i)", "0.5 * k"])).
                    i = \(max(1, n - pick(6))) ifTrue: [ came signal. gate wait ].
                    sum := sum * 3 + (self leaf\(number): i) + (self digest: p to: 3) % 1000003 ].
                ^sum
            )
        """)
      file.add(
        "h\(number)",
        """
                | all |
                came := Semaphore new. gate := Semaphore new.
                all := (1 to: \(count)) asArray collect: [ :k | [ self safe: [ self slow\(number): k ] ] \(fork()) ].
                \(count) timesRepeat: [ came wait ].
                FzLog edit: [ \(edits[0]) ].
                gate signal. \(pause("\(number)")).
                FzLog edit: [ \(edits[0]) ].
                \(count - 1) timesRepeat: [ gate signal ].
                all do: [ :each | self note: each join ]

        """)
    }
  }

  private mutating func processEdit(_ number: Int) -> String {
    let body = one(of: ["x * 2", "x + 7", "(FzQ a: x b: 1) b + x", "x // 2"])
    let leaf = "FzProc compile: 'leaf\(number): x = ( ^\(body) )'"
    return one(of: [
      leaf, leaf, leaf, "FzQ addField: #c\(pick(3))", "FzQ removeField: #c\(pick(3))",
      "FzProc addField: #more\(number)",
      "FzQ compile: 'b = ( ^\(one(of: ["b", "a", "b isNil ifTrue: [ 0 ] ifFalse: [ b ]"])) )'",
      "FzQ compile: 'a: x b: y = ( \(one(of: ["a := x. b := y", "b := x. a := y"])) )'",
      "FzProc compile: 'digest: v to: n = ( ^v class == Integer ifTrue: [ v % 1009 ] ifFalse: [ 11 ] )'",
      "\(leaf). system fullGC", "FzProc compile: 'pause = ( Processor yield. Processor yield )'",
    ])
  }
}

extension FixedClasses {
  /// The class of the processes.
  static func processes(runs: [String], methods: [String]) -> String {
    """
    FzProc = (
        | total came gate |
        run = (
            FzErr. FzQ. Processor. Process. Semaphore. Mutex. SharedQueue. TimedOut. MessageNotUnderstood. ZeroDivide.
            total := 0.
            \(runs.joined(separator: ".\n        "))
        )
        guard: aBlock = ( aBlock on: Error do: [ :e | FzLog caught: e ] )
        safe: aBlock = ( ^aBlock on: Error do: [ :e | e return: 0 - 1 ] )
        report: name = ( (name + ' ' + total) println )
        note: x = ( total := total * 3 + (FzLog int: x) % 1000003 )
        pause = ( Processor yield )
        escapedBlock: aBlock = ( ^0 - 7 )
        across: aBlock = ( ^aBlock value )
        on: aBlock at: x = ( ^aBlock value: x )
        deep: n then: aBlock = ( n < 1 ifTrue: [ ^aBlock value ]. ^(self deep: n - 1 then: aBlock) + 1 )
        digest: v to: n = (
            v isNil ifTrue: [ ^1 ].
            v class == Integer ifTrue: [ ^v % 1009 + 2 ].
            v class == Double ifTrue: [ ^(v * 4.0) asInteger % 1009 + 3 ].
            n < 1 ifTrue: [ ^4 ].
            v class == FzQ ifTrue: [ ^(self digest: v a to: n - 1) * 5 + (self digest: v b to: n - 1) ].
            v class == Array ifTrue: [ ^(self digest: (v at: 1) to: n - 1) + 9 ].
            ^10
        )
        \(methods.joined(separator: "\n    "))
    )

    """
  }

  /// Objects of processes.
  static let processPoint = """
    FzQ = (
        | a b |
        a = ( ^a )
        b = ( ^b )
        b: x = ( b := x )
        a: x b: y = ( a := x. b := y )
        ----------------
        a: x b: y = ( ^self new a: x b: y; yourself )
    )

    """
}
