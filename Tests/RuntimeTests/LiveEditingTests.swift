// The rows of docs/live-editing.md, each on every tier: an edit must look as if every send looked its method
// up at that moment, and every activation ran the code it started with.

import Foundation
import GccBackend
import Testing

@testable import Runtime

/// A program whose loop runs until `running` answers something else, then prints the value of `result`.
private func loopProgram(_ methods: String, body: String = "", result: String = "self value") -> String {
  """
  Main = (
    run = ( system errorPrintln: 'ready'. self loop. (\(result)) println )
    loop = ( [ self running ] whileTrue: [ \(body) ] )
    running = ( ^true )
    value = ( ^1 )
    \(methods)
  )
  """
}

@Suite struct LiveEditingTests {
  private func stop(_ session: Session) -> Receipt { session.editor.accept(.method("Main", "running = ( ^false )")) }

  @Test(arguments: Tier.available)
  func row1AnInlinedMethodInARunningLoop(_ tier: Tier) throws {
    let session = try Session(
      tier,
      loopProgram("", body: "last := self value", result: "last").replacing(
        "Main = (", with: "Main = ( | last |"))
    try session.startLoop()
    let receipt = session.editor.accept(.method("Main", "value = ( ^2 )"))
    #expect(receipt.succeeded, "\(receipt)")
    let change = try #require(receipt.methods.first)
    let before = try #require(change.before)
    #expect(change.after == before + 1, "\(receipt)")
    // (The stress tier makes versions of its own.)
    if tier != .redefineEvery { #expect(before == 1, "\(receipt)") }
    // The first send of the new method is an event.
    #expect(session.transcript.waitForEvent { if case .effect(receipt.id, _, _, _) = $0 { true } else { false } })
    #expect(stop(session).succeeded)
    #expect(session.finish() == 0)
    #expect(session.transcript.standardOutput == "2\n")
    if tier.isCompiled {
      #expect(receipt.invalidated.contains { $0.name.hasPrefix("Main>>loop") })
      #expect(receipt.framesDeoptimized == 1)
      #expect(receipt.callSites.contains { $0.caller == "Main>>loop" && $0.callee == "Main>>value" })
    }
  }

  /// Compiled code has read `step` before the loop.
  @Test(arguments: Tier.available)
  func whatTheProgramChangesWhenItIsToldOfAnEdit(_ tier: Tier) throws {
    let session = try Session(
      tier,
      """
      Main = ( | step |
        run = (
          step := 1.
          system onChange: [ :method | step := step + 1 ].
          system errorPrintln: 'ready'.
          self loop println )
        loop = ( | seen | seen := 1. [ step < 2 ] whileTrue: [ seen := step ]. ^seen )
        unrelated = ( ^1 )
      )
      """)
    try session.startLoop()
    #expect(session.editor.accept(.method("Main", "unrelated = ( ^2 )")).succeeded)
    #expect(session.finish() == 0)
    #expect(session.transcript.standardOutput == "1\n")
  }

  @Test(arguments: Tier.available)
  func row2ARunningMethodFinishesOld(_ tier: Tier) throws {
    let session = try Session(
      tier,
      loopProgram("", result: "self again").replacing(
        "self loop.", with: "self loop println."
      )
      .replacing("whileTrue: [  ] )", with: "whileTrue: [ ]. ^'old' )")
      .replacing("value = ( ^1 )", with: "again = ( ^self loop )"))
    try session.startLoop()
    let receipt = session.editor.accept(.method("Main", "loop = ( ^'new' )"))
    #expect(receipt.succeeded, "\(receipt)")
    // The running code stays: nothing else has inlined or called it.
    if tier.isCompiled { #expect(receipt.invalidated.isEmpty && receipt.framesDeoptimized == 0, "\(receipt)") }
    #expect(stop(session).succeeded)
    #expect(session.finish() == 0)
    #expect(session.transcript.standardOutput == "old\nnew\n")
  }

  @Test(arguments: Tier.available)
  func row3ABlockKeepsItsCode(_ tier: Tier) throws {
    let session = try Session(
      tier,
      """
      Main = (
        run = ( | old |
          old := self make.
          1 to: 50 do: [ :i | old value. self use. self perform: #unrelated ].
          "settle"
          Main compile: 'make = ( ^[ 2 ] )'.
          old value println.
          self make value println.
          self use println )
        make = ( ^[ 1 ] )
        use = ( ^self make value )
        unrelated = ( ^self )
      )
      """)
    #expect(session.output() == "1\n2\n2\n")
    try session.expectInvalidated(
      by: "Main>>make", ["Main>>run"], inlined: "Main>>make", in: "Main>>use")
  }

  @Test(arguments: Tier.available)
  func row4MidRecursion(_ tier: Tier) throws {
    // The activations below the edit finish old, every deeper call is new.
    let session = try Session(
      tier,
      """
      Main = (
        run = (
          1 to: 60 do: [ :i | self down: 3. self perform: #unrelated ].
          "settle"
          (self down: 200) println )
        unrelated = ( ^self )
        down: n = (
          n = 0 ifTrue: [ ^0 ].
          n = 100 ifTrue: [ self edit ].
          ^1 + (self down: n - 1) )
        edit = ( Main compile: 'down: n = ( n = 0 ifTrue: [ ^0 ]. ^1000 + (self down: n - 1) )' )
      )
      """)
    #expect(session.output() == "\(101 + 99 * 1000)\n")
    try session.expectInvalidated(
      by: "Main>>down:", ["Main>>down:", "Main>>run"], inlined: "Main>>down:", in: "Main>>down:")
  }

  /// (It allocates nothing.)
  @Test(arguments: Tier.available.filter { $0 != .gcEvery })
  func row5AnOverrideInASubclass(_ tier: Tier) throws {
    let session = try Session(
      tier,
      """
      Main = (
        run = ( | a b |
          a := Animal new. b := Dog new.
          1 to: 100 do: [ :i | self ask: a. self ask: b. self perform: #unrelated ].
          "settle"
          Dog compile: 'sound = ( ^\\'woof\\' )'.
          (self ask: a) println. (self ask: b) println )
        ask: animal = ( ^animal sound )
        unrelated = ( ^self )
      )
      """, "Animal = ( sound = ( ^'...' ) )", "Dog = Animal ( )")
    #expect(session.output() == "...\nwoof\n")
    try session.expectInvalidated(
      by: "Dog>>sound", ["Main>>run", "Main>>ask:"], inlined: "Animal>>sound", in: "Main>>ask:")
  }

  @Test(arguments: Tier.compiling)
  func row5OtherReceiversAreNotInvalidated(_ tier: Tier) throws {
    let session = try Session(
      tier, loopProgram("", body: "Animal sound"),
      "Animal = ( ---- sound = ( ^1 ) )", "Dog = Animal ( )")
    try session.startLoop()
    let receipt = session.editor.accept(.method("Dog", "sound = ( ^2 )", classSide: true))
    #expect(receipt.succeeded, "\(receipt)")
    #expect(receipt.invalidated.isEmpty)
    #expect(stop(session).succeeded)
    #expect(session.finish() == 0)
  }

  @Test(arguments: Tier.available)
  func row6And7RemovalAndReturn(_ tier: Tier) throws {
    let session = try Session(
      tier,
      """
      Main = (
        run = (
          1 to: 100 do: [ :i | self ask. self perform: #unrelated ].
          "settle"
          Dog remove: #sound.
          self ask println.
          Animal remove: #sound.
          1 to: 100 do: [ :i | self ask ].
          self ask println.
          Dog compile: 'sound = ( ^\\'again\\' )'.
          self ask println )
        ask = ( ^Dog new sound )
        unrelated = ( ^self )
      )
      """, "Animal = ( sound = ( ^'inherited' ) doesNotUnderstand: s arguments: a = ( ^'missing ' + s ) )",
      "Dog = Animal ( sound = ( ^'own' ) )")
    #expect(session.output() == "inherited\nmissing sound\nagain\n")
    try session.expectInvalidated(
      by: "Dog>>sound", ["Main>>run"], inlined: "Dog>>sound", in: "Main>>ask")
  }

  @Test(arguments: Tier.available)
  func row8SuperPerformAndReflection(_ tier: Tier) throws {
    let session = try Session(
      tier,
      """
      Main = Base (
        run = (
          1 to: 100 do: [ :i | self viaSuper. self viaPerform. self perform: #unrelated ].
          "settle"
          Base compile: 'answer = ( ^2 )'.
          self viaSuper println.
          self viaPerform println.
          (self perform: #answer inSuperclass: Base) println )
        answer = ( ^10 )
        viaSuper = ( ^super answer )
        viaPerform = ( ^Base new perform: #answer )
        unrelated = ( ^self )
      )
      """, "Base = ( answer = ( ^1 ) )")
    #expect(session.output() == "2\n2\n2\n")
    // (A send through perform: is a lookup each time: no code depends on what it finds.)
    try session.expectInvalidated(
      by: "Base>>answer", ["Main>>run"], inlined: "Base>>answer", in: "Main>>viaSuper")
  }

  @Test(arguments: Tier.available)
  func row9HardWiredMethods(_ tier: Tier) throws {
    let session = try Session(
      tier,
      """
      Main = (
        run = ( | n |
          n := 0.
          [ n < 100 ] whileTrue: [ self plus. self perform: #unrelated. n := n - -1 ].
          "settle"
          Integer compile: '+ other = ( ^self - (0 - other) - 1000 )'.
          self plus println.
          n := 0.
          [ n < 100 ] whileTrue: [ self choose: true. n := n - -1 ].
          True compile: 'ifTrue: a ifFalse: b = ( ^\\'hijacked\\' )'.
          (self choose: true) println.
          (self choose: false) println )
        plus = ( ^3 + 4 )
        choose: b = ( ^b ifTrue: [ 'yes' ] ifFalse: [ 'no' ] )
        unrelated = ( ^self )
      )
      """)
    #expect(session.output() == "-993\nhijacked\nno\n")
    try session.expectInvalidated(by: "Integer>>+", ["Main>>run"])
    try session.expectInvalidated(by: "True>>ifTrue:ifFalse:", ["Main>>run", "Main>>choose:"])
  }

  @Test(arguments: Tier.available)
  func row9InARunningLoop(_ tier: Tier) throws {
    let session = try Session(
      tier,
      """
      Main = (
        run = ( system errorPrintln: 'ready'. self loop println )
        loop = ( | i | i := 0. [ i < 1000000 ] whileTrue: [ i := i * 1 ]. ^i )
      )
      """)
    try session.startLoop()
    let receipt = session.editor.accept(.method("Integer", "* other = ( ^5000000 )"))
    #expect(receipt.succeeded, "\(receipt)")
    if tier.isCompiled {
      #expect(receipt.invalidated.contains { $0.name.hasPrefix("Main>>loop") })
      #expect(receipt.framesDeoptimized == 1)
    }
    #expect(session.finish() == 0)
    #expect(session.transcript.standardOutput == "5000000\n")
  }

  @Test(arguments: Tier.available)
  func row10FieldsOfLiveInstances(_ tier: Tier) throws {
    let session = try Session(
      tier,
      """
      Main = (
        run = ( | p old |
          p := Point new x: 3 y: 4. old := p hashcode.
          1 to: 100 do: [ :i | self sum: p. self fresh: i ].
          "settle"
          Point addField: #z.
          Point compile: 'z = ( ^z )'. Point compile: 'z: v = ( z := v )'.
          p z println. p z: 5. p z println.
          (self sum: p) println. (p hashcode = old) println.
          Point compile: 'x: a y: b = ( y := b )'. Point removeField: #x.
          (self fresh: 9) println. p z println )
        sum: p = ( ^p x + p y )
        fresh: i = ( | q | q := Point new x: i y: i + 1. ^q y )
      )
      """, "Point = ( | x y | x = ( ^x ) y = ( ^y ) x: a y: b = ( x := a. y := b ) )")
    #expect(session.output().hasPrefix("nil\n5\n7\ntrue\n10\n5\n"))
  }

  private static let animal = """
    Animal = ( | name legs |
      name = ( ^name ) name: n = ( name := n ) legs: n = ( legs := n )
      noise = ( ^'-' ) call = ( ^'animal' )
    )
    """
  private static let robot = """
    Robot = ( | serial name |
      name = ( ^name ) noise = ( ^'bzz' ) call = ( ^'robot' )
    )
    """
  private static let pet = """
    Pet = Animal ( | toy |
      setUp = ( self name: 'Rex'. self legs: 4. toy := 'ball' )
      call = ( ^'my ' + super call )
      legs = ( ^legs )
      report = ( name println. toy println. self noise println. self call println )
      ---- | kind | kind = ( ^kind ) kind: k = ( kind := k )
    )
    """

  /// Instances keep what has the same name, those of subclasses too; lookups and `super` follow the new chain.
  @Test(arguments: Tier.available)
  func row11ANewSuperclass(_ tier: Tier) throws {
    let session = try Session(
      tier,
      """
      Main = ( | pet puppy old |
        run = (
          pet := Pet new. old := pet hashcode. pet setUp. Pet kind: 'pet'.
          puppy := Puppy new. puppy setUp. puppy setUpToo.
          system errorPrintln: 'ready'. self loop.
          (pet hashcode = old) println. pet report. Pet kind println.
          puppy report. puppy age println. Puppy superclass superclass println.
          puppy paws println )
        loop = ( [ self running ] whileTrue: [ pet name. pet noise. pet call ] )
        running = ( ^true )
        unrelated = ( ^self )
      )
      """, Self.animal, Self.robot, Self.pet,
      "Puppy = Pet ( | age | setUpToo = ( age := 1 ) age = ( ^age ) paws = ( ^legs ) )")
    try session.startLoop()
    let receipt = session.editor.accept(
      .classSource(Self.pet.replacing("Pet = Animal", with: "Pet = Robot"), file: nil))
    #expect(receipt.succeeded, "\(receipt)")
    #expect(receipt.description.contains("accept \(receipt.id): Pet is below Robot now"))
    #expect(stop(session).succeeded)
    // A field that is gone is an error, and not another one's value.
    #expect(session.finish() == 1)
    let report = "Rex\nball\nbzz\nmy robot\n"
    #expect(session.transcript.standardOutput == "true\n\(report)pet\n\(report)1\nRobot\n")
    #expect(session.transcript.standardError.contains("legs"), "\(session.transcript.standardError)")
    if tier.isCompiled {
      #expect(receipt.invalidated.contains { $0.name.hasPrefix("Main>>loop") })
      #expect(receipt.framesDeoptimized == 1)
    }
  }

  @Test func row11WhatCannotBeASuperclass() throws {
    let session = try Session(
      .interpreter, "Main = ( run = ( Pet new setUp ) )", Self.animal, Self.robot, Self.pet,
      "Toy = ( | toy | )", "Puppy = Pet ( | serial | )")
    for name in ["Main", "Toy", "Puppy"] { try session.evaluations.load(name) }
    func refusal(_ superclass: String, of text: String = Self.pet) -> String {
      let header = text.prefix { $0 != "(" }
      let name = header.split(separator: " ")[0]
      let receipt = session.editor.accept(
        .classSource("\(name) = \(superclass) \(text.dropFirst(header.count))", file: nil))
      return receipt.errors.first?.message ?? "accepted"
    }
    #expect(refusal("nil").contains("only Object is a root"))
    #expect(refusal("Nowhere").contains("there is no class Nowhere"))
    #expect(refusal("Puppy").contains("Pet"))
    #expect(refusal("Pet").contains("Pet"))
    #expect(refusal("Toy").contains("Pet would have two fields toy"))
    #expect(refusal("Robot").contains("Puppy would have two fields serial"))
    #expect(refusal("Array").contains("objects of another kind"))
    #expect(refusal("String").contains("objects of another kind"))
    #expect(refusal("Animal", of: "Object = nil ( )").contains("Object would be a superclass of itself"))
    #expect(refusal("Animal", of: "Integer = Object ( )").contains("built in"))
    // Nothing of that has changed anything.
    #expect(session.output() == "")
    #expect(session.runtime.universe.classes.named("Pet")?.fieldNames == ["name", "legs", "toy"])
  }

  /// What the superclass that is left has running for an instance would look for its fields where they are not any more.
  @Test(arguments: Tier.available)
  func row11NotWhileTheOldSuperclassIsAtWork(_ tier: Tier) throws {
    let session = try Session(
      tier,
      """
      Main = (
        run = ( | d b |
          d := Derived new. system errorPrintln: 'ready'. d loop.
          b := d block. system errorPrintln: 'block'. [ self waiting ] whileTrue: [ b value ].
          b := nil. system errorPrintln: 'nothing'. [ self waitingToo ] whileTrue: [ d hashcode ].
          (d loop: 3) println )
        waiting = ( ^true ) waitingToo = ( ^true ) unrelated = ( ^self )
      )
      """,
      """
      Base = ( | a b c |
        loop = ( [ self running ] whileTrue: [ c := (c isNil ifTrue: [ 0 ] ifFalse: [ c ]) + 1 ] )
        block = ( ^[ c := 1 ] )
        loop: n = ( ^n )
      )
      """, "Derived = Base ( running = ( ^true ) )")
    try session.startLoop(of: MethodKey(className: "Base", selector: "loop"))
    let moved = Change.classSource("Derived = Object ( loop: n = ( ^n + 1 ) )", file: nil)
    for (text, end) in [
      ("ready", Change.method("Derived", "running = ( ^false )")),
      ("block", .method("Main", "waiting = ( ^false )")),
    ] {
      try #require(session.transcript.wait(for: text), "\(session.transcript.standardError)")
      let refused = session.editor.accept(moved)
      let method = text == "ready" ? "Base>>loop" : "Base>>block"
      #expect(refused.errors.first?.message.contains(method) == true, "\(refused)")
      #expect(session.editor.accept(end).succeeded)
    }
    try #require(session.transcript.wait(for: "nothing"), "\(session.transcript.standardError)")
    // A compiled frame may have kept the block until now, and then says so.
    var receipt = session.editor.accept(moved)
    for _ in 0..<100 where !receipt.succeeded { receipt = session.editor.accept(moved) }
    #expect(receipt.succeeded, "\(receipt)")
    #expect(session.editor.accept(.method("Main", "waitingToo = ( ^false )")).succeeded)
    #expect(session.finish() == 0, "\(session.transcript.standardError)")
    #expect(session.transcript.standardOutput == "4\n")
  }

  /// The changes of one set together do not close a ring, either.
  /// Two texts of a class in one set: the last one counts, whatever the first has done to the methods.
  @Test func row13TwoTextsOfAClass() throws {
    let session = try Session(.interpreter, loopProgram("one = ( ^1 ) two = ( ^2 )", result: "self one"))
    try session.startLoop()
    func text(_ methods: String, _ running: String) -> String {
      loopProgram(methods, result: "self one").replacing("running = ( ^true )", with: "running = ( ^\(running) )")
    }
    let receipt = session.editor.accept(
      .classSource(text("one = ( ^3 ) three = ( ^3 )", "true"), file: nil),
      .classSource(text("one = ( ^1 )", "false"), file: nil))
    #expect(receipt.succeeded, "\(receipt)")
    #expect(session.finish() == 0)
    #expect(Set(session.inspector.methods(of: "Main").map(\.selector)) == ["run", "loop", "running", "value", "one"])
  }

  /// Two texts of a method in one set: both must be right, and the last one counts.
  @Test func row13TwoTextsOfAMethod() throws {
    let session = try Session(.interpreter, "Main = ( run = ( ) one = ( ^1 ) two = ( ^2 ) )")
    try session.evaluations.load("Main")
    let refused = session.editor.accept(
      .method("Main", "one = ( zork := 3 )"), .method("Main", "two = ( ^4 )"), .method("Main", "one = ( ^5 )"))
    #expect(refused.errors.map(\.change) == [0] && refused.methods.isEmpty, "\(refused)")
    #expect(session.inspector.methods(of: "Main").allSatisfy { $0.version == 1 })
    let removed = session.editor.accept(
      .method("Main", "new = ( zork := 3 )"), .method("Main", "two = ( ^4 )"),
      .removeMethod(MethodKey(className: "Main", isClassSide: false, selector: "new"), basedOn: nil))
    #expect(removed.errors.map(\.change) == [0], "\(removed)")
    let made = session.editor.accept(
      .method("Main", "one = ( ^3 )"), .method("Main", "new = ( ^4 )"), .method("Main", "one = ( ^5 )"),
      .removeMethod(MethodKey(className: "Main", isClassSide: false, selector: "new"), basedOn: nil))
    #expect(made.succeeded && made.methods.count == 1, "\(made)")
    #expect(Set(session.inspector.methods(of: "Main").map(\.selector)) == ["run", "one", "two"])
  }

  @Test func row11SeveralAtOnce() throws {
    let session = try Session(.interpreter, "Main = ( run = ( ) )", "A = ( )", "B = A ( )", "C = ( )")
    for name in ["B", "C"] { try session.evaluations.load(name) }
    func sources(_ texts: String...) -> Receipt {
      session.editor.accept(ChangeSet(texts.map { .classSource($0, file: nil) }))
    }
    #expect(sources("A = C ( )", "C = A ( )").errors.first?.message == "C would be a superclass of itself")
    #expect(sources("A = C ( )", "C = B ( )").errors.first?.message == "C would be a superclass of itself")
    let names = { (name: String) in
      session.runtime.universe.classes[session.runtime.universe.classes.named(name)!.superIndex].name
    }
    #expect(names("A") == "Object" && names("B") == "A" && names("C") == "Object")
  }

  /// What was no variable of the class is a field of the new superclass.
  @Test func row11NamesMeanWhatTheFileSays() throws {
    let session = try Session(
      .interpreter, "Main = ( run = ( | m | m := Middle new. m count println. m setUp. m count println ) )",
      "Counter = ( | count | setUp = ( count := 7 ) )",
      "Middle = ( count = ( ^count ) unknownGlobal: n = ( ^'none' ) )")
    for name in ["Main", "Counter", "Middle"] { try session.evaluations.load(name) }
    let moved = Change.classSource("Middle = Counter ( count = ( ^count ) unknownGlobal: n = ( ^'none' ) )", file: nil)
    #expect(session.editor.accept(moved).succeeded)
    #expect(session.output() == "nil\n7\n")
  }

  /// The new superclass keeps doubles in `x` unboxed; `Tag` brings something else.
  @Test(.enabled(if: GccBackend.unavailability == nil))
  func row11IntoAFieldOfDoubles() throws {
    let session = try Session(
      .compiled,
      """
      Main = ( | point tag |
        run = (
          point := Point new. point x: 1.5. tag := Tag new. tag x: 'one'.
          1 to: 1000 do: [ :i | point advance ].
          system errorPrintln: 'ready'.
          self loop.
          point x println. tag x println. tag x: 2.5. tag advance. tag x println )
        loop = ( [ self running ] whileTrue: [ point advance ] )
        running = ( ^true )
      )
      """, "Point = ( | x | x = ( ^x ) x: v = ( x := v ) advance = ( x := x + 1.0 - 1.0 ) )",
      "Tag = ( | x | x = ( ^x ) x: v = ( x := v ) )")
    try session.startLoop()
    #expect(session.runtime.universe.classes.named("Point")?.doubleFields == 1)
    #expect(session.editor.accept(.classSource("Tag = Point ( )", file: nil)).succeeded)
    #expect(stop(session).succeeded)
    #expect(session.finish() == 0, "\(session.transcript.standardError)")
    #expect(session.transcript.standardOutput == "1.5\none\n2.5\n")
  }

  /// (It allocates nothing.)
  @Test(arguments: Tier.available.filter { $0 != .gcEvery })
  func row12AGlobalTakenAsConstant(_ tier: Tier) throws {
    let session = try Session(
      tier,
      """
      Main = (
        run = (
          system global: #Setting put: Animal.
          1 to: 100 do: [ :i | self perform: #read. self perform: #unrelated ].
          "settle"
          system global: #Setting put: Stone.
          self read println )
        read = ( ^Setting sound )
        unrelated = ( ^self )
      )
      """, "Animal = ( ---- sound = ( ^'one' ) )", "Stone = ( ---- sound = ( ^'two' ) )")
    #expect(session.output() == "two\n")
    if tier.isCompiled {
      // No accept, so no receipt: what is compiled now was compiled before, and not from then on.
      let installed = session.transcript.allEvents.compactMap {
        if case .installed(let name, let isLoop) = $0, !isLoop { name } else { nil }
      }
      #expect(installed.contains("Main>>read") && installed.contains("Main>>unrelated"))
      let code = session.inspector.codeReports().map(\.name)
      #expect(!code.contains("Main>>read") && code.contains("Main>>unrelated"), "\(code)")
    }
  }

  @Test(arguments: Tier.available)
  func row13AllOrNothing(_ tier: Tier) throws {
    let session = try Session(
      tier,
      loopProgram(
        "a = ( ^0 ) b = ( ^0 )",  // An edit between the two sends is allowed, half an edit is not.
        body: "self a > self b ifTrue: [ 'torn' println ]. self b > self a ifTrue: [ 'torn' println ]"))
    try session.startLoop()
    for n in 1...5 {
      let receipt = session.editor.accept(
        .method("Main", "a = ( ^\(n) )"), .method("Main", "b = ( ^\(n) )"))
      #expect(receipt.succeeded && receipt.methods.count == 2)
      if tier.isCompiled, n == 1 {
        #expect(Set(receipt.callSites.map(\.callee)) == ["Main>>a", "Main>>b"], "\(receipt)")
        #expect(receipt.invalidated.allSatisfy { $0.name.hasPrefix("Main>>loop") }, "\(receipt)")
        #expect(receipt.framesDeoptimized == 1)
      }
    }
    let bad = session.editor.accept(.method("Main", "a = ( ^9 )"), .method("Main", "b = ( ^ )"))
    #expect(!bad.succeeded && bad.methods.isEmpty && bad.errors.first?.change == 1)
    #expect(stop(session).succeeded)
    #expect(session.finish() == 0)
    #expect(session.transcript.standardOutput == "1\n")
  }

  @Test(arguments: Tier.available)
  func row14ErrorsHaveAPlace(_ tier: Tier) throws {
    let session = try Session(tier, loopProgram(""))
    try session.startLoop()
    let syntax = session.editor.accept(.method("Main", "value = (\n  ^3 + )"))
    #expect(syntax.errors.first?.line == 2 && syntax.errors.first?.column == 8, "\(syntax)")
    #expect(syntax.errors.first?.expected != nil)
    #expect(!session.editor.accept(.method("Nowhere", "a = ( ^1 )")).succeeded)
    #expect(!session.editor.accept(.method("Main", "a = ( nowhere := 1 )")).succeeded)
    #expect(
      !session.editor.accept(.removeMethod(MethodKey(className: "Main", selector: "nope"), basedOn: nil)).succeeded)
    #expect(
      !session.editor.accept(.classSource("New = Nowhere ( )", file: nil), .method("Main", "value = ( ^2 )")).succeeded
    )
    if tier.isCompiled {
      #expect(session.runtime.inspect { $0.statistics.invalidations } == 0)
      #expect(session.inspector.codeReports().contains { $0.name.hasPrefix("Main>>loop") })
    }
    #expect(stop(session).succeeded)
    #expect(session.finish() == 0)
    #expect(session.transcript.standardOutput == "1\n")
  }

  @Test(arguments: Tier.available)
  func row15StaleEditsAreTold(_ tier: Tier) throws {
    let session = try Session(tier, loopProgram(""))
    try session.startLoop()
    func edit(_ n: Int) -> Receipt {
      session.editor.accept(
        .method(className: "Main", isClassSide: false, source: "value = ( ^\(n) )", basedOn: 1))
    }
    let first = edit(2)
    if tier == .redefineEvery {
      // It makes versions of its own: the first edit may be stale already.
      #expect(!edit(3).stale.isEmpty)
    } else {
      #expect(first.stale.isEmpty)
      #expect(edit(3).stale.first.map { [$0.basedOn, $0.found] } == [1, 2])
    }
    #expect(stop(session).succeeded)
    #expect(session.finish() == 0)
    #expect(session.transcript.standardOutput == "3\n")
  }

  @Test(arguments: Tier.available)
  func row16Undo(_ tier: Tier) throws {
    let session = try Session(tier, loopProgram(""))
    try session.startLoop()
    #expect(session.editor.accept(.method("Main", "value = ( ^2 )")).succeeded)
    let undo = session.runtime.history.bringBack(MethodKey(className: "Main", selector: "value"), .version(1))
    // (The stress tier makes versions of its own.)
    if tier != .redefineEvery { #expect(undo.methods.first.map { [$0.before, $0.after] } == [2, 3], "\(undo)") }
    #expect(stop(session).succeeded)
    #expect(session.finish() == 0)
    #expect(session.transcript.standardOutput == "1\n")
  }

  @Test(arguments: Tier.available)
  func row17TheRunningMethodRedefinesItself(_ tier: Tier) throws {
    let session = try Session(
      tier,
      """
      Main = (
        run = ( 1 to: 60 do: [ :i | self step: i. self perform: #unrelated ]. "settle" (self step: 100) println.
                (self step: 100) println )
        step: n = (
          n = 100 ifTrue: [ Main compile: 'step: n = ( ^\\'new\\' )' ].
          ^'old' )
        unrelated = ( ^self )
      )
      """)
    #expect(session.output() == "old\nnew\n")
    // Its own code is not asked for: the activation finishes, and the next send finds the new method.
    try session.expectInvalidated(
      by: "Main>>step:", ["Main>>run"], inlined: "Main>>step:", in: "Main>>run")
  }

  @Test(arguments: Tier.available)
  func aClassFileIsADiff(_ tier: Tier) throws {
    let session = try Session(tier, loopProgram(""))
    try session.startLoop()
    let text = loopProgram("extra = ( ^5 )", result: "self value")
      .replacing("value = ( ^1 )", with: "value = ( ^self extra )")
    let receipt = session.editor.accept(.classSource(text, file: "\(session.folder)/Main.som"))
    #expect(Set(receipt.methods.map(\.method.selector)) == ["value", "extra"], "\(receipt)")
    #expect(stop(session).succeeded)
    #expect(session.finish() == 0)
    #expect(session.transcript.standardOutput == "5\n")
  }

  @Test(arguments: Tier.available)
  func anEqualTextChangesNothing(_ tier: Tier) throws {
    let session = try Session(tier, loopProgram("", body: "self value"))
    try session.startLoop()
    let receipt = session.editor.accept(.method("Main", "value = ( ^1 )"))
    #expect(receipt.succeeded && receipt.invalidated.isEmpty)
    #expect(receipt.methods.first.map { $0.before == $0.after } == true)
    #expect(stop(session).succeeded)
    #expect(session.finish() == 0)
  }

  /// What a load refuses, an accept refuses.
  @Test func whatCouldNotBeLoadedIsRefused() throws {
    let session = try Session(
      .interpreter, "Main = Base ( | own | set = ( own := 1. base := 2 ) get = ( ^own ) )",
      "Base = ( | base other | other = ( ^other ) )")
    try session.evaluations.load("Main")
    func refused(_ changes: Change..., because reason: String) -> Bool {
      let receipt = session.editor.accept(ChangeSet(changes))
      let isRefused = receipt.errors.contains { $0.message.contains(reason) }
      if !isRefused { Issue.record("\(receipt)") }
      return isRefused
    }
    func field(_ className: String, _ name: String) -> Change {
      .addField(className: className, isClassSide: false, name: name)
    }
    #expect(refused(field("Base", "own"), because: "Main would have two fields own"))
    #expect(refused(field("Main", "a b"), because: "cannot be the name of a field"))
    #expect(refused(.classSource("Main = Base ( | self | )", file: nil), because: "cannot be named self"))
    #expect(refused(.classSource("nil = ( )", file: nil), because: "cannot be named nil"))
    // Assigned by a method of the class, or of one below.
    #expect(refused(.classSource("Main = Base ( set = ( own := 1 ) )", file: nil), because: "No such field 'own'"))
    #expect(refused(.removeField(className: "Main", isClassSide: false, name: "own"), because: "Main>>set: own is not"))
    #expect(
      refused(.removeField(className: "Base", isClassSide: false, name: "base"), because: "Main>>set: base is not"))
    #expect(refused(.classSource("Main = ( | own | set = ( base := 2 ) )", file: nil), because: "No such field 'base'"))
    // One that is only read may go: its name is a global's then.
    #expect(session.editor.accept(.removeField(className: "Base", isClassSide: false, name: "other")).succeeded)
    // Together with the method it may go, in any order.
    let set = Change.method("Main", "set = ( base := 2 )")
    let gone = Change.removeField(className: "Main", isClassSide: false, name: "own")
    #expect(refused(gone, .method("Main", "another = ( own := 1 )"), because: "No such field 'own'"))
    #expect(refused(.method("Main", "another = ( own := 1 )"), set, gone, because: "Main>>another: own is not"))
    #expect(session.editor.accept(ChangeSet([gone, set])).succeeded)
    // Classes that are new in the same accept.
    let above = Change.classSource("Above = ( | a | )", file: nil)
    #expect(
      refused(above, .classSource("Below = Above ( | a | )", file: nil), because: "already defined in a superclass"))
    #expect(refused(above, .classSource("Below = Above ( m = ( b := 1 ) )", file: nil), because: "No such field 'b'"))
    #expect(refused(above, above, because: "defined twice"))
    #expect(
      refused(
        .classSource("A = String ( )", file: nil), .classSource("B = A ( | x | )", file: nil),
        because: "cannot have fields"))
    #expect(session.inspector.classReport("Above") == nil && session.inspector.classReport("A") == nil)
    #expect(
      session.editor.accept(ChangeSet([above, .classSource("Below = Above ( m = ( a := 1 ) )", file: nil)])).succeeded)
  }

  @Test func aFileThatTheProgramDoesNotUseIsRefused() throws {
    let session = try Session(.interpreter, "Main = ( value = ( ^1 ) )")
    try session.evaluations.load("Main")
    let path = "\(session.folder)/Main.som", changed = "Main = ( value = ( ^2 ) )"
    let other = NSTemporaryDirectory() + "ovid-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: other) }
    try changed.write(toFile: "\(other)/Main.som", atomically: true, encoding: .utf8)
    for file in ["\(session.folder)/Main_backup.som", "\(other)/Main.som", "Main.som"] {
      #expect(!session.editor.accept(.classSource(changed, file: file)).succeeded, "\(file)")
    }
    let vector = Change.classSource("Integer = ( )", file: "\(session.folder)/Integer.som")
    #expect(session.editor.accept(vector).errors.first?.message.contains("core library") == true)
    // However the path is spelled.
    #expect(
      session.editor.accept(
        .classSource(changed, file: "\(session.folder)/../\(session.folder.split(separator: "/").last!)/Main.som")
      ).succeeded)
    #expect(session.editor.accept(.classSource("Main = ( value = ( ^3 ) )", file: path)).succeeded)
  }

  @Test func aPrimitiveComesBackAsItself() throws {
    let session = try Session(.interpreter, "Main = ( )")
    let key = MethodKey(className: "Integer", selector: "min:")
    #expect(session.editor.accept(.primitive(key, function: "Integer>>+")).succeeded)
    #expect(try session.calls.evaluation("3 min: 4").description == "7")
    #expect(session.editor.accept(.method("Integer", "min: x = ( ^0 )")).succeeded)
    #expect(session.runtime.history.bringBack(key, .version(2)).succeeded)
    #expect(try session.calls.evaluation("3 min: 4").description == "7")
    #expect(session.runtime.history.bringBack(key, .version(1)).succeeded)
    #expect(try session.calls.evaluation("3 min: 4").description == "3")
    #expect(!session.editor.accept(.primitive(key, function: "Integer>>zork:")).succeeded)
    #expect(!session.editor.accept(.primitive(key, function: "Integer>>abs")).succeeded)
  }
}
