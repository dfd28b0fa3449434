// Methods of the core library that compilers take as built in, with what they may be redefined as. In these texts
// nothing is sent that could end in the redefined method itself.

import Syntax
import VM

struct HardWired {
  let className: String
  let selector: String
  let variants: [String]

  /// The text in the core library; nil if the class has no such method.
  var original: String? {
    guard let bytes = CoreLibrary.source(of: className) else { return nil }
    let source = SourceText(name: className, bytes: bytes)
    guard let definition = try? Parser.parseClass(source) else { return nil }
    return definition.instanceMethods.first { $0.selector == selector }?.text(in: source)
  }

  private init(_ className: String, _ selector: String, _ variants: String...) {
    self.className = className
    self.selector = selector
    self.variants = variants
  }

  static let table: [HardWired] = [
    HardWired("True", "ifTrue:", "ifTrue: b = ( FzLog tick. ^b value )", "ifTrue: b = ( b value. ^3 )"),
    HardWired("False", "ifTrue:", "ifTrue: b = ( FzLog tick. ^nil )", "ifTrue: b = ( ^4 )"),
    HardWired("True", "ifFalse:", "ifFalse: b = ( FzLog tick. ^nil )"),
    HardWired("True", "ifFalse:", "ifFalse: b = ( ^b value )"),
    HardWired("False", "ifFalse:", "ifFalse: b = ( FzLog tick. ^b value )"),
    HardWired(
      "True", "ifTrue:ifFalse:", "ifTrue: a ifFalse: b = ( FzLog tick. ^a value )",
      "ifTrue: a ifFalse: b = ( ^b value )"),
    HardWired(
      "False", "ifTrue:ifFalse:", "ifTrue: a ifFalse: b = ( FzLog tick. ^b value )",
      "ifTrue: a ifFalse: b = ( ^a value )"),
    HardWired("True", "and:", "and: b = ( FzLog tick. ^b value )", "and: b = ( ^false )", "and: b = ( ^7 )"),
    HardWired("False", "and:", "and: b = ( FzLog tick. ^false )"),
    HardWired("True", "or:", "or: b = ( FzLog tick. ^true )"),
    HardWired("False", "or:", "or: b = ( FzLog tick. ^b value )", "or: b = ( ^true )", "or: b = ( ^8 )"),
    HardWired("True", "&&", "&& b = ( FzLog tick. ^b value )"),
    HardWired("False", "||", "|| b = ( FzLog tick. ^b value )"),
    HardWired("Boolean", "&&", "&& b = ( FzLog tick. ^false )"),
    HardWired("Boolean", "||", "|| b = ( FzLog tick. ^true )"),
    HardWired("Boolean", "&", "& b = ( FzLog tick. ^self and: b )"),
    HardWired("Boolean", "|", "| b = ( FzLog tick. ^self or: b )"),
    HardWired("True", "not", "not = ( FzLog tick. ^false )", "not = ( ^true )"),
    HardWired("False", "not", "not = ( FzLog tick. ^true )"),
    HardWired(
      "Block", "whileTrue:", "whileTrue: b = ( FzLog tick. self value ifFalse: [ ^nil ]. b value. self restart )",
      "whileTrue: b = ( ^nil )", "whileTrue: b = ( self value ifTrue: [ b value ] )"),
    HardWired(
      "Block", "whileFalse:", "whileFalse: b = ( FzLog tick. self value ifTrue: [ ^nil ]. b value. self restart )",
      "whileFalse: b = ( ^nil )"),
    HardWired("Block", "restart", "restart = ( ^5 )"),
    HardWired("Block1", "value", "value = ( ^42 )", "value = ( ^nil )", "value = ( ^false )"),
    HardWired("Block2", "value:", "value: x = ( ^nil )", "value: x = ( ^x )"),
    HardWired("Block3", "value:with:", "value: x with: y = ( ^x )"),
    HardWired("Object", "value", "value = ( FzLog tick. ^self )"),
    HardWired(
      "Integer", "to:do:",
      "to: l do: b = ( | i | FzLog tick. i := self. [ i <= l ] whileTrue: [ b value: i. i := i + 1 ] )",
      "to: l do: b = ( ^nil )", "to: l do: b = ( b value: self )"),
    HardWired(
      "Integer", "downTo:do:",
      "downTo: l do: b = ( | i | FzLog tick. i := self. [ i >= l ] whileTrue: [ b value: i. i := i - 1 ] )",
      "downTo: l do: b = ( b value: l )"),
    HardWired(
      "Integer", "to:by:do:",
      "to: l by: s do: b = ( | i | FzLog tick. i := self. [ i <= l ] whileTrue: [ b value: i. i := i + s ] )"),
    HardWired(
      "Integer", "timesRepeat:",
      "timesRepeat: b = ( | i | FzLog tick. i := 1. [ i <= self ] whileTrue: [ b value. i := i + 1 ] )",
      "timesRepeat: b = ( b value )"),
    HardWired("Object", "isNil", "isNil = ( FzLog tick. ^false )"),
    HardWired("Nil", "isNil", "isNil = ( FzLog tick. ^true )"),
    HardWired("Object", "notNil", "notNil = ( FzLog tick. ^true )"),
    HardWired("Nil", "notNil", "notNil = ( FzLog tick. ^false )"),
    HardWired("Object", "ifNil:", "ifNil: b = ( FzLog tick. ^self )", "ifNil: b = ( ^b value )"),
    HardWired("Nil", "ifNil:", "ifNil: b = ( FzLog tick. ^b value )", "ifNil: b = ( ^6 )"),
    HardWired("Object", "ifNotNil:", "ifNotNil: b = ( FzLog tick. ^b value )"),
    HardWired("Nil", "ifNotNil:", "ifNotNil: b = ( FzLog tick. ^self )"),
    HardWired("Object", "ifNil:ifNotNil:", "ifNil: a ifNotNil: b = ( FzLog tick. ^b value )"),
    HardWired("Nil", "ifNil:ifNotNil:", "ifNil: a ifNotNil: b = ( FzLog tick. ^a value )"),
    HardWired("Integer", "+", "+ o = ( FzLog tick. ^self - (0 - o) )"),
    HardWired("Integer", "-", "- o = ( FzLog tick. ^self + (o * -1) )"),
    HardWired("Integer", "*", "* o = ( FzLog tick. ^self + self )", "* o = ( ^self )"),
    HardWired("Integer", "/", "/ o = ( FzLog tick. ^self >>> 1 )"),
    HardWired("Integer", "%", "% o = ( FzLog tick. ^self rem: o )"),
    HardWired("Integer", "&", "& o = ( FzLog tick. ^self rem: o + 1 )", "& o = ( ^o )"),
    HardWired("Integer", "<", "< o = ( FzLog tick. ^o > self )"),
    HardWired("Integer", ">", "> o = ( FzLog tick. ^o < self )"),
    HardWired("Integer", "<=", "<= o = ( FzLog tick. ^o >= self )", "<= o = ( ^false )"),
    HardWired("Integer", ">=", ">= o = ( FzLog tick. ^o <= self )"),
    HardWired("Integer", "=", "= o = ( FzLog tick. ^self == o )"),
    HardWired("Integer", "~=", "~= o = ( FzLog tick. ^(self == o) not )"),
    HardWired("Integer", "==", "== o = ( FzLog tick. ^self = o )"),
    HardWired("Integer", "bitXor:", "bitXor: o = ( FzLog tick. ^self )"),
    HardWired("Integer", "max:", "max: o = ( FzLog tick. ^o )"),
    HardWired("Integer", "abs", "abs = ( ^self )"),
    HardWired("Integer", "isNil", "isNil = ( FzLog tick. ^false )"),
    HardWired("Double", "+", "+ o = ( FzLog tick. ^self - (0 - o) )"),
    HardWired("Double", "*", "* o = ( FzLog tick. ^self )"),
    HardWired("Double", "<", "< o = ( FzLog tick. ^o > self )"),
    HardWired("Object", "==", "== o = ( FzLog tick. ^false )"),
    HardWired("Object", "=", "= o = ( FzLog tick. ^self == o )"),
    HardWired("Array", "at:", "at: i = ( FzLog tick. ^5 )"),
    HardWired("Array", "at:put:", "at: i put: v = ( FzLog tick. ^self )"),
    HardWired("Array", "length", "length = ( FzLog tick. ^4 )"),
    HardWired("Array", "do:", "do: b = ( 1 to: self length do: [ :i | FzLog tick. b value: (self at: i) ] )"),
    HardWired("String", "length", "length = ( FzLog tick. ^2 )"),
    HardWired("String", "=", "= o = ( FzLog tick. ^true )"),
    HardWired("String", "+", "+ o = ( FzLog tick. ^self concatenate: o asString )"),
    HardWired("Object", "class", "class = ( FzLog tick. ^Object )"),
    HardWired("Block", "on:do:", "on: c do: h = ( FzLog tick. ^self valueHandling )"),
    HardWired("Block", "ensure:", "ensure: b = ( | r | r := self valueEnsuring. FzLog tick. b value. ^r )"),
    HardWired("Exception", "isResumable", "isResumable = ( FzLog tick. ^true )"),
    HardWired(
      "Exception", "handlerFrom:",
      """
      handlerFrom: aHandlerOrNil = ( | found last count | FzLog tick. last := aHandlerOrNil. count := 1. [ \
      found := ExceptionHandler next: count outside: last. found do: [ :each | (each accepts: self) ifTrue: [ ^each ]. \
      last := each ]. found length < count ] whileFalse: [ count := count * 4 ]. ^nil )
      """),
  ]
}
