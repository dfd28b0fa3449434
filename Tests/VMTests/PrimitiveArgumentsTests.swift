// Every primitive, called as a primitive frame calls it, with every kind of value as receiver and arguments: it may
// answer a value or raise an error, but must not end the process, and the heap must stay sound.

import Testing

@testable import VM

@Suite struct PrimitiveArgumentsTests {
  /// Expressions for one value of each kind that primitives tell apart.
  private static let kinds = [
    "nil", "true", "0", "-1", "1", "4611686018427387903", "-4611686018427387904", "1 << 100", "(1 << 100) negated",
    "1.5", "0.0", "1.0 / 0.0", "(0.0 / 0.0)", "1.0 // 3.0", "''", "'abc'", "#foo", "#foo:", "#at:put:",
    "Array new: 0", "Array with: 1 with: 2", "[ 3 ]", "[ :x | x ]", "[ :x :y | y ]", "Object", "Object class",
    "Metaclass", "Integer", "Array", "Shape", "Shape new", "Object new", "system", "Shape methods",
    "Shape methods at: 1", "Integer methods at: 1", "ExceptionHandler new",
    "ExceptionHandler new instVarAt: 3 put: 1 << 40",
  ]

  /// These end the run, change a class, or replace a listener; they have tests of their own.
  private static let left: Set<String> = [
    "System>>global:put:", "System>>onChange:",
    // Files called abc are not wanted; Tests/CoreLibrary/FileTest.som gives these wrong arguments.
    "File class>>write:to:", "File class>>append:to:", "File class>>delete:", "File class>>rename:to:",
    "File class>>makeFolder:",
  ]

  private static let shape = "Shape = ( | a b | a = ( ^a ) b: x = ( b := x. ^b ) )"

  @Test func noPrimitiveCrashes() throws {
    var options = VMOptions()
    options.heapLimit = 128 << 20
    let calls = try TestMachine.run([Self.shape], options: options) { machine -> Int in
      let universe = machine.universe
      var calls = 0
      let values = try Self.kinds.map { text in
        guard case .value(let value) = try universe.evaluate(.init(name: "kind", text)) else {
          throw VMError.other(text)
        }
        return universe.handles.push(value)
      }
      for row in Primitives.rows where !Self.left.contains("\(row.className)>>\(row.selector)") {
        // Those that the interpreter activates are below.
        guard case .function = row.action else { continue }
        let side = row.className.hasSuffix(" class")
        let name = side ? String(row.className.dropLast(6)) : row.className
        try universe.loadClass(name)
        let holder = universe.classes[try universe.loadClass(name).index]
        let index = side ? holder.metaIndex : holder.index
        guard let method = universe.classes[index].methods[universe.symbols.intern(row.selector)] else {
          Issue.record("\(row.className)>>\(row.selector) has no method")
          continue
        }
        for receiver in values {
          for (i, argument) in values.enumerated() {
            let count = method.argumentCount
            if count == 0 && i > 0 { break }
            let seconds = count < 2 ? [argument] : [values[0], values[4], values[(i * 7 + 3) % values.count]]
            for second in seconds {
              let handles = universe.handles
              let arguments = (0..<count).map { handles[$0 == 1 ? second : argument] }
              _ = universe.finish(
                universe.call(method, handles[receiver], arguments, frame: universe.bottomFrame))
              calls += 1
            }
          }
        }
      }
      universe.heap.collectFull(frame: universe.bottomFrame, moveEverything: false)
      #expect(try machine.eval("3 + 4") == "7")
      return calls
    }
    #expect(calls > 20_000)
  }

  /// The kinds of methods that the interpreter activates itself.
  @Test(arguments: [
    "5 perform: nil", "5 perform: 'abs'", "5 perform: #abs withArguments: 3", "5 perform: #+ withArguments: #()",
    "5 perform: #a inSuperclass: Shape", "Object new perform: #a inSuperclass: Shape",
    "5 perform: #abs inSuperclass: 3",
    "5 perform: #value inSuperclass: Block1", "5 perform: #restart inSuperclass: Block",
    "Object new perform: #b: withArguments: #(3) inSuperclass: Shape",
    "(Shape methods at: 1) invokeOn: 5 with: #()", "(Shape methods at: 1) invokeOn: Object new with: #()",
    "(Shape methods at: 2) invokeOn: Object new with: #(3)", "(Shape methods at: 1) invokeOn: Shape new with: 3",
    "(Shape methods at: 1) invokeOn: Shape new with: #(1)", "(Array methods at: 1) invokeOn: 5 with: #(1)",
    "Object class new", "Integer new", "Double new", "Block1 new value", "Symbol new", "Class new", "Metaclass new",
    "Method new signature", "True new", "Array new: -1", "Array new: 1 << 40", "Array new: 1 << 62", "nil foo: 1",
    "system exit: 'x'", "3 ifTrue: [ 4 ]", "[ nil ] whileTrue: [ 3 ]", "nil to: 3 do: [ :i | i ]", "super foo",
    "[ :a | a ] value: 1 with: 2", "Shape new instVarAt: 0",
    "Shape new instVarAt: -1", "Shape new instVarAt: 1 << 61", "Shape new instVarAt: 3",
  ])
  func errorsOfSpecialMethods(_ text: String) throws {
    let (result, error) = try TestMachine.run([Self.shape]) { machine in
      let result = try machine.eval(text)
      return (result, machine.error + machine.out)
    }
    #expect(result == "exit 1")
    #expect(!error.isEmpty)
  }
}
