// One line of source, and the instructions of the inlined variant. (`m: a`, in a class with the fields f and
// g; the instructions of the n-th block follow `/n:`.)

import Bytecode
import Syntax
import Testing

struct BytecodeCase: CustomTestStringConvertible, Sendable {
  let source: String
  let instructions: String
  var testDescription: String { source }
  init(_ source: String, _ instructions: String) {
    self.source = source
    self.instructions = instructions
  }
}

func compile(
  _ body: String, _ variant: BytecodeVariant = .inlined, pattern: String = "m: a"
) throws -> BytecodeChunk {
  let source = SourceText(name: "t", "\(pattern) = ( \(body) )")
  let chunk = try BytecodeCompiler.compile(
    try Parser.parseMethod(source), source: source,
    scope: ClassScope(className: "T", instanceFields: ["f", "g"]), variant: variant)
  try BytecodeVerifier.verify(chunk)
  return chunk
}

func listing(_ chunk: BytecodeChunk, _ path: String = "") -> [String] {
  (path.isEmpty ? [] : [path + ":"]) + chunk.instructionTexts
    + chunk.blocks.enumerated().flatMap { listing($1, "\(path)/\($0)") }
}

@Suite struct CompilerTests {
  @Test(arguments: cases) func instructions(_ example: BytecodeCase) throws {
    #expect(listing(try compile(example.source)).joined(separator: "\n") == example.instructions)
  }
}

private let cases: [BytecodeCase] = [
  BytecodeCase(
    "^a + 1",
    """
    addImmediate r3, arg1, 1
    return r3
    """),
  BytecodeCase(
    "^a + (a := 2)",
    """
    move r3, arg1
    loadInteger arg1, 2
    move r4, arg1
    add r3, r3, r4
    return r3
    """),
  BytecodeCase(
    "^a foo: a + f bar: 100000",
    """
    move r3, arg1
    loadField r4, self, field 0
    add r4, arg1, r4
    loadInteger r5, 100000
    send r3, r3, #foo:bar:
    return r3
    """),
  BytecodeCase(
    "a < 3 ifTrue: [ self x ] ifFalse: [ self y ]",
    """
    lessImmediateBranch r3, arg1, 3
    jumpIfFalse r3, -> 5
    move r3, self
    send r3, r3, #x
    jump -> 7
    move r3, self
    send r3, r3, #y
    returnSelf
    """),
  BytecodeCase(
    "^a ifTrue: [ 1 ]",
    """
    jumpIfFalse arg1, -> 3
    loadInteger r3, 1
    jump -> 4
    loadNil r3
    return r3
    """),
  BytecodeCase(
    "^a and: [ f ]",
    """
    jumpIfFalse arg1, -> 3
    loadField r3, self, field 0
    jump -> 4
    loadFalse r3
    return r3
    """),
  BytecodeCase(
    "^a ifNil: [ 1 ]",
    """
    jumpIfNil arg1, -> 3
    move r3, arg1
    jump -> 4
    loadInteger r3, 1
    return r3
    """),
  BytecodeCase(
    "^f ifNotNil: [ :x | x foo ]",
    """
    loadField r4, self, field 0
    jumpIfNil r4, -> 6
    move r3, r4
    move r5, r3
    send r4, r5, #foo
    jump -> 7
    loadNil r4
    return r4
    """),
  BytecodeCase(
    "[ a > 0 ] whileTrue: [ a := a - 1 ]",
    """
    jump -> 1
    greaterImmediateBranch r3, arg1, 0
    jumpIfFalse r3, -> 5
    subtractImmediate arg1, arg1, 1
    loopJump 0, -> 1
    returnSelf
    """),
  BytecodeCase(
    "^1 to: a foo do: [ :i | i print ]",
    """
    loadInteger r4, 1
    move r5, arg1
    send r5, r5, #foo
    guardInteger r5
    move r3, r4
    lessOrEqualBranch r6, r3, r5
    jumpIfFalse r6, -> 11
    move r6, r3
    send r6, r6, #print
    addImmediate r3, r3, 1
    loopJump 0, -> 5
    loadInteger r4, 1
    return r4
    """),
  BytecodeCase(
    "^a to: 10 do: [ :i | f := [ i ] ]",
    """
    guardInteger arg1
    move r4, arg1
    lessOrEqualImmediateBranch r5, r4, 10
    jumpIfFalse r5, -> 10
    newEnvironment r3, none, 1
    storeVariable r3, variable 0, r4
    newBlock r5, block 0, r3
    storeField self, field 0, r5
    addImmediate r4, r4, 1
    loopJump 0, -> 2
    move r4, arg1
    return r4
    /0:
    loadBlockEnvironment r3
    loadVariable r4, r3, variable 0
    return r4
    """),
  BytecodeCase(
    "5 timesRepeat: [ self x ]",
    """
    loadInteger r3, 1
    lessOrEqualImmediateBranch r4, r3, 5
    jumpIfFalse r4, -> 7
    move r4, self
    send r4, r4, #x
    addImmediate r3, r3, 1
    loopJump 0, -> 1
    returnSelf
    """),
  BytecodeCase(
    "10 downTo: 1 do: [ :i | a x: i ]",
    """
    loadInteger r3, 10
    greaterOrEqualImmediateBranch r4, r3, 1
    jumpIfFalse r4, -> 8
    move r4, arg1
    move r5, r3
    send r4, r4, #x:
    subtractImmediate r3, r3, 1
    loopJump 0, -> 1
    returnSelf
    """),
  BytecodeCase(
    "1 to: a by: 100000 do: [ :i | i := i x ]",
    """
    guardInteger arg1
    loadInteger r4, 1
    lessOrEqualBranch r5, r4, arg1
    jumpIfFalse r5, -> 10
    move r3, r4
    move r5, r3
    send r3, r5, #x
    loadInteger r5, 100000
    add r4, r4, r5
    loopJump 0, -> 2
    returnSelf
    """),
  BytecodeCase(
    "^[ :x | ^x + a ]",
    """
    newEnvironment r3, none, 1
    storeVariable r3, variable 0, arg1
    newBlock r4, block 0, r3
    closeHome r3
    return r4
    /0:
    loadBlockEnvironment r3
    loadVariable r4, r3, variable 0
    add r4, arg1, r4
    returnNonLocal r4, r4, r3
    return r4
    """),
  BytecodeCase(
    "^[ [ a := self ] ]",
    """
    newEnvironment r3, none, 1
    storeVariable r3, variable 0, arg1
    newBlock r4, block 0, r3
    return r4
    /0:
    loadBlockEnvironment r3
    newBlock r4, block 0, r3
    return r4
    /0/0:
    loadSelf r3
    loadBlockEnvironment r4
    move r5, r3
    storeVariable r4, variable 0, r5
    return r5
    """),
  BytecodeCase(
    "^super m: a",
    """
    move r3, self
    move r4, arg1
    superSend r3, r3, #m:
    return r3
    """),
  BytecodeCase(
    "^[ super m: 1 ]",
    """
    newBlock r3, block 0, none
    return r3
    /0:
    loadSelf r3
    move r4, r3
    loadInteger r5, 1
    superSend r4, r4, #m:
    return r4
    """),
  BytecodeCase(
    "^Foo == nil",
    """
    loadGlobal r3, Foo
    loadNil r4
    identical r3, r3, r4
    return r3
    """),
  BytecodeCase(
    "| x | x := a and: [ x ]",
    """
    jumpIfFalse arg1, -> 2
    jump -> 3
    loadFalse r3
    returnSelf
    """),
  BytecodeCase(
    "(a or: [ f ]) ifTrue: [ ^1 ]",
    """
    jumpIfTrue arg1, -> 3
    loadField r3, self, field 0
    jumpIfFalse r3, -> 5
    loadInteger r3, 1
    return r3
    returnSelf
    """),
  BytecodeCase(
    "a foo; bar: 1; yourself",
    """
    move r3, arg1
    move r4, r3
    send r4, r4, #foo
    move r4, r3
    loadInteger r5, 1
    send r4, r4, #bar:
    send r3, r3, #yourself
    returnSelf
    """),
  BytecodeCase(
    "a timesRepeat: [ | t | t foo. t := 1 ]",
    """
    guardSmallInteger arg1
    loadInteger r4, 1
    lessOrEqualBranch r5, r4, arg1
    jumpIfFalse r5, -> 10
    loadNil r3
    move r5, r3
    send r5, r5, #foo
    loadInteger r3, 1
    addImmediate r4, r4, 1
    loopJump 0, -> 2
    returnSelf
    """),
  BytecodeCase(
    "f := g := a",
    """
    move r3, arg1
    storeField self, field 1, r3
    storeField self, field 0, r3
    returnSelf
    """),
  BytecodeCase(
    "^a foo: (a ifTrue: [ 1 ] ifFalse: [ 2 ])",
    """
    move r3, arg1
    jumpIfFalse arg1, -> 4
    loadInteger r4, 1
    jump -> 5
    loadInteger r4, 2
    send r3, r3, #foo:
    return r3
    """),
  BytecodeCase(
    "3",
    """
    returnSelf
    """),
  BytecodeCase(
    "[ ^1 ] value. ^a",
    """
    newEnvironment r3, none, 0
    newBlock r4, block 0, r3
    send r4, r4, #value
    closeHome r3
    return arg1
    /0:
    loadBlockEnvironment r3
    loadInteger r4, 1
    returnNonLocal r4, r4, r3
    return r4
    """),
  BytecodeCase(
    "a value: [ | t | t := [ ^t ] ]",
    """
    newEnvironment r3, none, 0
    move r4, arg1
    newBlock r5, block 0, r3
    send r4, r4, #value:
    closeHome r3
    returnSelf
    /0:
    loadBlockEnvironment r3
    newEnvironment r4, r3, 1
    newBlock r5, block 0, r4
    storeVariable r4, variable 0, r5
    return r5
    /0/0:
    loadBlockEnvironment r3
    loadVariable r4, r3, variable 0
    loadOuter r5, r3
    returnNonLocal r4, r4, r5
    return r4
    """),
  BytecodeCase(
    "1. a. f. #x",
    """
    returnSelf
    """),
  BytecodeCase(
    "^super ifTrue: [ 1 ]",
    """
    move r3, self
    newBlock r4, block 0, none
    superSend r3, r3, #ifTrue:
    return r3
    /0:
    loadInteger r3, 1
    return r3
    """),
  BytecodeCase(
    "^a ifTrue: 1 ifFalse: [ 2 ]",
    """
    move r3, arg1
    loadInteger r4, 1
    newBlock r5, block 0, none
    send r3, r3, #ifTrue:ifFalse:
    return r3
    /0:
    loadInteger r3, 2
    return r3
    """),
  BytecodeCase(
    "[ a ] whileFalse: [ ]",
    """
    jump -> 1
    jumpIfTrue arg1, -> 3
    loopJump 0, -> 1
    returnSelf
    """),
  BytecodeCase(
    "^a = #x",
    """
    loadLiteral r3, #x
    equal r3, arg1, r3
    return r3
    """),
  BytecodeCase(
    "a := 1 < a",
    """
    loadInteger r3, 1
    less arg1, r3, arg1
    returnSelf
    """),
  BytecodeCase(
    "^-1 - -2",
    """
    loadInteger r3, -1
    subtractImmediate r3, r3, -2
    return r3
    """),
  BytecodeCase(
    "^a == 3 ifTrue: [ 1 ] ifFalse: [ 2 ]",
    """
    loadInteger r3, 3
    identicalBranch r3, arg1, r3
    jumpIfFalse r3, -> 5
    loadInteger r3, 1
    jump -> 6
    loadInteger r3, 2
    return r3
    """),
  BytecodeCase(
    "^a - 40000",
    """
    loadInteger r3, 40000
    subtract r3, arg1, r3
    return r3
    """),
  BytecodeCase(
    "^a , 'x' , 2.5",
    """
    move r3, arg1
    loadLiteral r4, 'x'
    send r3, r3, #,
    loadLiteral r4, 2.5
    send r3, r3, #,
    return r3
    """),
]
