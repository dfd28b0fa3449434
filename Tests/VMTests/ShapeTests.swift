// Changing fields while instances and activations live (docs/live-editing.md, row 10).

import MachineLayout
import Testing

@testable import VM

@Suite struct ShapeTests {
  private static let program = [
    """
    Point = ( | x y | x = ( ^x ) y = ( ^y ) x: a y: b = ( x := a. y := b )
      run: b = ( | r | r := y. b value. ^r * 100 + y )
      ruin: b = ( b value. ^x )
      ---- | made | make = ( made := self new. ^made ) made = ( ^made ) )
    """,
    "Point3 = Point ( | z | z = ( ^z ) z: c = ( z := c ) all = ( ^x * 100 + (y * 10) + z ) )",
    "Bag = Array ( | name | name = ( ^name ) name: n = ( name := n ) )",
  ]

  private func change(_ m: TestMachine, _ name: String, _ fields: [String]) throws {
    let u = m.universe, change = ShapeChange(name: name, fields: fields)
    try #require(u.shapeObstacles.first(in: [change]) == nil)
    _ = u.reshaper.set([change], frame: u.bottomFrame)
    #expect(u.heap.verify(frame: u.bottomFrame) == [])
  }

  @Test(arguments: [0, 1])
  func instancesMigrate(_ every: Int) throws {
    var options = VMOptions()
    options.gcEvery = every
    try TestMachine.run(ShapeTests.program, options: options) { (m: TestMachine) throws -> Void in
      _ = try m.eval("| p | p := Point3 new. p x: 1 y: 2. p z: 3. system global: #P put: p")
      _ = try m.eval("system global: #B put: (Bag new: 3). B at: 2 put: 7. B name: 'bag'")
      let hash = try m.eval("P hashcode")
      #expect(try m.eval("P all") == "123")
      try change(m, "Point", ["w", "y", "x"])
      #expect(try m.eval("P all") == "123")
      #expect(try m.eval("P hashcode") == hash)
      #expect(try m.eval("P class == Point3") == "true")
      try m.install("w = ( ^w )", in: "Point")
      try m.install("w: a = ( w := a )", in: "Point")
      #expect(try m.eval("P w isNil") == "true")
      #expect(try m.eval("P w: 5. P all + (P w * 1000)") == "5123")
      #expect(try m.eval("| q | q := Point3 new. q x: 4 y: 5. q z: 6. q all") == "456")
      try change(m, "Bag", ["other", "name"])
      #expect(try m.eval("(B at: 2) asString + B name") == "7bag")
    }
  }

  @Test(arguments: [0, 1])
  func fieldsOfDoublesAreUnboxedAndBoxed(_ every: Int) throws {
    var options = VMOptions()
    options.gcEvery = every
    try TestMachine.run(ShapeTests.program, options: options) { (m: TestMachine) throws -> Void in
      let u = m.universe
      func verify() { #expect(u.heap.verify(frame: u.bottomFrame) == []) }
      func point() -> ClassInfo { u.classes.named("Point")! }
      _ = try m.eval("| p | p := Point3 new. p x: 1.5 y: (2.0 raisedTo: 900). p z: 3. system global: #P put: p")
      _ = try m.eval("| p | p := Point new. p x: nil y: 0.0. system global: #Q put: p")
      let y = try m.eval("P y")
      let unboxed = NewShape(own: ["x", "y"], superIndex: point().superIndex, doubles: 3)
      u.reshaper.reshape([point().index: unboxed], frame: u.bottomFrame)
      verify()
      #expect(u.classes.named("Point3")!.doubleFields == 3 && point().format == .mixed)
      #expect(try m.eval("P x") == "1.5" && m.eval("P y") == y && m.eval("P z") == "3")
      #expect(try m.eval("Q x isNil") == "true" && m.eval("Q y") == "0.0")
      #expect(try m.eval("Point new x isNil") == "true")
      #expect(try m.eval("P x: 2.5 y: 0.25. P x + P y") == "2.75")
      try m.install("sum = ( ^x + y )", in: "Point")
      #expect(try m.eval("P sum") == "2.75")
      // Below, fields move, and those of the superclass stay what they are.
      try change(m, "Point3", ["name", "z"])
      #expect(u.classes.named("Point3")!.doubleFields == 3)
      #expect(try m.eval("P sum") == "2.75" && m.eval("P z") == "3")
      #expect(try m.eval("P x: #a y: 0.5. P x == #a") == "true")
      verify()
      #expect(u.classes.named("Point3")!.doubleFields == 0 && point().format == .fields)
      #expect(try m.eval("P y") == "0.5" && m.eval("Q x isNil") == "true" && m.eval("Q y") == "0.0")
    }
  }

  /// The fields of a superclass are looked at after those of the subclass have been unboxed.
  @Test func aSubclassMayUnboxItsFieldsFirst() throws {
    try TestMachine.run(ShapeTests.program) { (m: TestMachine) throws -> Void in
      let u = m.universe
      _ = try m.eval("| p | p := Point3 new. p x: 1.5 y: 2. p z: 3.25. system global: #P put: p")
      func unbox(_ name: String, _ word: Int) {
        let info = u.classes.named(name)!
        // As if it had a file.
        info.path = "\(name).som"
        u.unboxedFields.unbox(of: info.index, word: word, frame: u.bottomFrame)
        #expect(u.heap.verify(frame: u.bottomFrame) == [])
      }
      unbox("Point3", 2)
      #expect(u.classes.named("Point3")!.doubleFields == 4)
      unbox("Point", 0)
      #expect(u.classes.named("Point3")!.doubleFields == 5 && u.classes.named("Point")!.doubleFields == 1)
      #expect(try m.eval("P x + P z") == "4.75" && m.eval("P y") == "2")
    }
  }

  /// What is unboxed moves, too, and what is not comes below a class that keeps doubles unboxed.
  @Test(arguments: [0, 1])
  func fieldsMoveBetweenClasses(_ every: Int) throws {
    var options = VMOptions()
    options.gcEvery = every
    try TestMachine.run(ShapeTests.program, options: options) { (m: TestMachine) throws -> Void in
      let u = m.universe
      func info(_ name: String) -> ClassInfo { u.classes.named(name)! }
      func change(_ changes: ShapeChange...) throws {
        try #require(u.shapeObstacles.first(in: changes) == nil)
        _ = u.reshaper.set(changes, frame: u.bottomFrame)
        #expect(u.heap.verify(frame: u.bottomFrame) == [])
      }
      _ = try m.eval("| p | p := Point3 new. p x: 1.5 y: 2.5. p z: 3.5. system global: #P put: p")
      _ = try m.eval("| p | p := Point new. p x: 4.5 y: nil. system global: #Q put: p")
      u.reshaper.reshape(
        [info("Point").index: NewShape(own: ["x", "y"], superIndex: info("Point").superIndex, doubles: 3)],
        frame: u.bottomFrame)
      let hash = try m.eval("P hashcode")
      try change(ShapeChange(name: "Point3", fields: []), ShapeChange(name: "Point", fields: ["z", "y", "x"]))
      #expect(try m.eval("P z") == "3.5" && m.eval("P x + P y") == "4.0")
      try m.install("z = ( ^z )", in: "Point")
      #expect(try m.eval("Q z isNil") == "true" && m.eval("Q x") == "4.5" && m.eval("Q y isNil") == "true")
      try change(ShapeChange(name: "Point3", fields: ["x"]), ShapeChange(name: "Point", fields: ["z", "y"]))
      // The methods of Point that use `x` are there, and find that of the subclass's instances.
      #expect(try m.eval("P x") == "1.5" && m.eval("P x: #a y: 7. P x == #a") == "true")
      #expect(try m.eval("P hashcode") == hash)
      u.reshaper.reshape(
        [info("Point").index: NewShape(own: ["z", "y"], superIndex: info("Point").superIndex)], frame: u.bottomFrame)
      #expect(try m.eval("P x == #a") == "true")
      // Out from under Point, and back.
      try change(
        ShapeChange(name: "Point3", fields: ["y", "x"], superclass: "Object"),
        ShapeChange(name: "Point3 class", fields: ["made"], superclass: "Object class"))
      try m.install("y = ( ^y )", in: "Point3")
      #expect(try m.eval("P y") == "7")
      u.reshaper.reshape(
        [info("Point").index: NewShape(own: ["z", "y"], superIndex: info("Point").superIndex, doubles: 1)],
        frame: u.bottomFrame)
      try m.install("z = ( ^x )", in: "Point3")
      try change(
        ShapeChange(name: "Point", fields: ["x", "y"]),
        ShapeChange(name: "Point3", fields: [], superclass: "Point"),
        ShapeChange(name: "Point3 class", fields: [], superclass: "Point class"))
      #expect(try m.eval("P y") == "7" && m.eval("P z == #a") == "true")
    }
  }

  @Test func whatShapesCannotBe() throws {
    try TestMachine.run(ShapeTests.program) { (m: TestMachine) throws -> Void in
      func obstacle(_ changes: ShapeChange...) -> String? { m.universe.shapeObstacles.first(in: changes)?.description }
      #expect(
        obstacle(ShapeChange(name: "Point", fields: ["x", "z"]))
          == "Point3 would have two fields z: only one of its classes can define it")
      #expect(
        obstacle(ShapeChange(name: "Point", fields: ["x", "x"]))
          == "Point would have two fields x: only one of its classes can define it")
      #expect(obstacle(ShapeChange(name: "Integer", fields: ["x"])) == "the fields of Integer cannot change")
      #expect(obstacle(ShapeChange(name: "Object", fields: ["a"]))?.contains("cannot change") == true)
      #expect(
        obstacle(ShapeChange(name: "Point", fields: [], superclass: "Point3"))
          == "Point would be a superclass of itself")
      #expect(
        obstacle(ShapeChange(name: "Point", fields: ["x", "z"]), ShapeChange(name: "Point3", fields: ["y"])) == nil)
    }
  }

  @Test func removedFieldsAreErrors() throws {
    try TestMachine.run(ShapeTests.program) { (m: TestMachine) throws -> Void in
      _ = try m.eval("system global: #P put: Point new. P x: 1 y: 2")
      try change(m, "Point", ["y"])
      #expect(try m.eval("P y") == "2")
      #expect(try m.eval("P x") == "exit 1")
      #expect(m.error.contains("uses a field that was removed"))
    }
  }

  @Test func classSideFields() throws {
    try TestMachine.run(ShapeTests.program) { (m: TestMachine) throws -> Void in
      _ = try m.eval("Point make x: 3 y: 4. Point3 make x: 5 y: 6")
      try change(m, "Point class", ["extra", "made"])
      #expect(try m.eval("Point made x * 10 + Point3 made x") == "35")
      #expect(try m.eval("Point class class asString + Point3 asString") == "MetaclassPoint3")
      #expect(try m.eval("Point3 superclass == Point") == "true")
    }
  }

}
