// The classes that every generated program has: what counts and prints, and what the others share.

enum FixedClasses {
  /// What the four classes share.
  static let root = """
        peers: p = ( peers := p. f := 1. g := 2.5. arr := Array new: 5 withAll: 3. FzA made: self )
        f = ( ^f )
        g = ( ^g )
        g: x = ( g := x )
        h = ( ^h )
        h: x = ( h := x )
        e0 = ( ^e0 )
        e0: x = ( e0 := x )
        e1 = ( ^e1 )
        peer: i = ( ^peers at: i % peers size + 1 )
        apply: aBlock to: x = ( ^aBlock value: x )
        run: aBlock = ( ^aBlock value )
        each: aBlock = ( 1 to: 3 do: [ :i | aBlock value: i ] )
        detect: aBlock = ( 1 to: 4 do: [ :i | (aBlock value: i) ifTrue: [ ^i ] ]. ^0 )
        while: c do: b = ( c whileTrue: b )
        until: c do: b = ( c whileFalse: b )
        again: n with: aBlock = ( | k | k := FzLog next. (k % n) = 0 ifTrue: [ ^k ]. aBlock value. aBlock restart )
        deep: n then: aBlock = ( n < 1 ifTrue: [ ^aBlock value ]. ^(self deep: n - 1 then: aBlock) + 1 )
        \(FuzzProgram.recursion) n = ( ^(self \(FuzzProgram.recursion) n + 1) + 1 )
        fail: x = ( x % 3 = 0 ifTrue: [ ^FzErr new signal: 'x' + x ]. ^x )
        note: x = ( | a | a := FzNote new answer: x; signal: 'n'. ^FzLog int: a )
        doesNotUnderstand: aSelector arguments: args = ( FzLog tick. ^args length * 3 + 1 )
        unknownGlobal: aName = ( FzLog tick. ^5 )
        escapedBlock: aBlock = ( FzLog tick. ^0 - 7 )
        describe = (
            | s |
            s := self class name asString.
            1 to: self class fields length do: [ :i |
                (self class fields at: i) == #peers ifFalse: [
                    s := s + ' ' + (FzLog text: (self instVarAt: i) to: 2) ] ].
            ^s
        )

    """

  /// Objects that need not be allocated where nobody keeps them.
  static let point = """
    FzP = (
        | x y |
        x = ( ^x )
        y = ( ^y )
        x: a = ( x := a )
        y: a = ( y := a )
        x: a y: b = ( x := a. y := b )
        + other = ( ^FzP x: x + other x y: y + other y )
        sum = ( ^x + y )
        fields = ( ^x )
        unknownGlobal: aName = ( FzLog tick. ^6 )
        text: n = (
            | s |
            s := '('.
            1 to: self class fields length do: [ :i | s := s + ' ' + (FzLog text: (self instVarAt: i) to: n) ].
            ^s + ')'
        )
        ----------------
        x: a y: b = ( ^self new x: a y: b; yourself )
    )

    """

  /// Objects with fields that hold doubles mostly, which are unboxed then.
  static let vector = """
    FzV = (
        | x y z |
        x = ( ^x )
        x: a = ( x := a )
        y = ( ^y )
        y: a = ( y := a )
        z = ( ^z )
        z: a = ( z := a )
        unknownGlobal: aName = ( FzLog tick. ^6 )
    )

    """

  /// The class of the hot loops: what they tell of each object in every round, so that a wrong one is seen, whichever.
  static func hot(runs: [String], methods: [String]) -> String {
    """
    FzHot = (
        | kept total |
        run = (
            total := 0.
            \(runs.joined(separator: ".\n        "))
        )
        guard: aBlock = ( aBlock on: Error do: [ :e | FzLog caught: e ] )
        report: name = ( (name + ' ' + total + ' ' + (FzLog text: kept to: 3)) println. kept := nil )
        note: x = ( total := total * 3 + (FzLog int: x) % 1000003. ^x )
        keep: x = ( kept := x. self note: (self digest: x to: 3). ^x )
        digest: v to: n = (
            v isNil ifTrue: [ ^1 ].
            v class == Integer ifTrue: [ ^v % 1009 + 2 ].
            v class == Double ifTrue: [ ^(v * 4.0) asInteger % 1009 + 3 ].
            n < 1 ifTrue: [ ^4 ].
            v class == FzP ifTrue: [ ^(self digest: v x to: n - 1) * 5 + (self digest: v y to: n - 1) ].
            v class == FzV ifTrue: [
                ^(self digest: v x to: n - 1) * 7 + (self digest: v y to: n - 1) * 3 + (self digest: v z to: n - 1) ].
            v class == Pair ifTrue: [ ^(self digest: v value to: n - 1) + 8 ].
            v class == Array ifTrue: [ ^(self digest: (v at: 1) to: n - 1) + 9 ].
            ^10
        )
        warm = (
            | all sum |
            all := Array new: 8.
            1 to: 8 do: [ :i | all at: i put: (FzV new x: i * 0.5; y: 1.5; yourself) ].
            sum := 0.0.
            1 to: 700 do: [ :i | sum := sum + (all at: i % 8 + 1) x + (all at: i % 8 + 1) y ].
            self note: sum asInteger.
            kept := all
        )
        \(methods.joined(separator: "\n    "))
    )

    """
  }

  /// Classes for another to move between. Their methods have no blocks: those would hold a move up.
  static let firstBase = "FzX = ( | a b | a = ( ^a ) a: x = ( a := x ) b = ( ^b ) b: x = ( b := x ) kind = ( ^1 ) )\n"
  static let secondBase = "FzY = ( | b d | b = ( ^b ) b: x = ( b := x ) a = ( ^d ) a: x = ( d := x ) kind = ( ^2 ) )\n"

  /// Counting without arithmetic, which may be redefined.
  static let cons = "FzCons = ( | next | next = ( ^next ) next: n = ( next := n ) )\n"

  static func log(sites: Int) -> String {
    """
    FzLog = (
        ----------------
        | head counts turn errors saved |
        reset = ( counts := Array new: \(sites + 1) withAll: 0. turn := 0. errors := 0 )
        tick = ( head := FzCons new next: head; yourself )
        count = (
            | n p |
            n := 0. p := head.
            [ p isNil ] whileFalse: [ n := n + 1. p := p next ].
            head := nil.
            ^n
        )
        next = ( turn := turn + 1. ^turn )
        hit: site = ( | n | n := (counts at: site) + 1. counts at: site put: n. ^n )
        int: x = ( x class == Integer ifTrue: [ ^x % 1000003 ]. x class == Double ifTrue: [ ^2 ]. ^x isNil ifTrue: [ 0 ] ifFalse: [ 1 ] )
        num: x = ( x class == Integer ifTrue: [ ^x ]. x class == Double ifTrue: [ ^x ]. ^1 )
        edit: aBlock = ( aBlock on: Error do: [ :e | ('refused: ' + e class name) println. e return: nil ] )
        accepted = ( ^0 )
        outcome = ( ^'none' )
        accept: n = (
            ('accept ' + n) println.
            [ self accepted = n ] whileFalse: [ ].
            self outcome println
        )
        replace: aClass at: a with: b = (
            | m i j |
            m := aClass methods.
            1 to: m length do: [ :k |
                (m at: k) signature == a ifTrue: [ i := k ].
                (m at: k) signature == b ifTrue: [ j := k ] ].
            (i isNil or: [ j isNil ]) ifTrue: [ ^'none' println ].
            saved := m at: i.
            m at: i put: (m at: j)
        )
        restore: aClass at: a = (
            | m |
            saved isNil ifTrue: [ ^nil ].
            m := aClass methods.
            1 to: m length do: [ :k | (m at: k) signature == a ifTrue: [ m at: k put: saved ] ].
            saved := nil
        )
        caught: e = (
            | text |
            errors := errors + 1.
            errors > 60 ifTrue: [ ^nil ].
            text := e class name asString.
            e class == MessageNotUnderstood ifTrue: [ text := text + ' ' + e selector ].
            e class == FzErr ifTrue: [ text := text + ' ' + e messageText ].
            text println
        )
        text: v to: n = (
            v class == FzP ifTrue: [ ^n < 1 ifTrue: [ 'P' ] ifFalse: [ v text: n - 1 ] ].
            v class == FzZ ifTrue: [
                | s |
                s := 'Z' + v kind.
                1 to: v class fields length do: [ :i | s := s + ' ' + (self text: (v instVarAt: i) to: n - 1) ].
                ^s ].
            v class == Array ifTrue: [ ^v inject: 'A' into: [ :s :each | s + ' ' + (self text: each to: n - 1) ] ].
            v class == String ifTrue: [ ^v ].
            v class == Integer ifTrue: [ ^v asString ].
            v class == Double ifTrue: [ ^v asString ].
            v isNil ifTrue: [ ^'nil' ].
            ^v class name
        )
    )

    """
  }
}
