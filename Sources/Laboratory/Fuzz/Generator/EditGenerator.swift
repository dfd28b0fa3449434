// Edits: everything that a program can change about itself, at moments that its own counters say.

extension ProgramGenerator {
  /// One or more edits at some passage of the place at hand, and for those that break things, their undoing soon after.
  mutating func timedEdit() -> String {
    let site = newSite(), n = temporary("n")
    let first = 1 + pick(chance(50) ? 12 : 60)
    if has(.hardWired), chance(45) {
      let (edit, undo) = hardWired()
      return "\(n) := FzLog hit: \(site). \(n) = \(first) ifTrue: [ \(edit) ]. "
        + "\(n) = \(first + 1 + pick(chance(50) ? 3 : 30)) ifTrue: [ \(undo) ]"
    }
    var result = "\(n) := FzLog hit: \(site). \(n) = \(first) ifTrue: [ \(edits(1 + pick(2))) ]"
    if chance(30) { result += ". \(n) = \(first + 1 + pick(20)) ifTrue: [ \(edits(1)) ]" }
    return result
  }

  /// A redefinition of what compilers take as built in, and what undoes it.
  mutating func hardWired() -> (edit: String, undo: String) {
    let row = one(of: HardWired.table)
    let undo = row.original.map { "\(row.className) compile: \(Self.quote($0))" }
    return (
      wrap("\(row.className) compile: \(Self.quote(one(of: row.variants)))"),
      wrap(undo ?? "\(row.className) remove: #\(row.selector)")
    )
  }

  mutating func edits(_ count: Int) -> String { (0..<count).map { _ in wrap(edit()) }.joined(separator: ". ") }

  private func wrap(_ edit: String) -> String { "FzLog edit: [ \(edit) ]" }

  private mutating func edit() -> String {
    let className = one(of: Self.classes)
    switch pick(24) {
    case 20 where has(.accepts), 21 where has(.accepts), 22 where has(.accepts): return accept()
    case 0 where has(.methods), 1 where has(.methods), 2 where has(.methods), 3 where has(.methods):
      let level = 1 + pick(max(1, min(scope.level, Self.levels)) - (scope.level > Self.levels ? 0 : 1))
      let text = method(min(level, Self.levels), pick(Self.selectorsPerLevel), of: className, isEdit: true)
      return "\(className) compile: \(Self.quote(text))"
    case 5 where has(.removals), 6 where has(.removals):
      let subclass = one(of: ["FzB", "FzC", "FzD"])
      let key = "#\(selector(1 + pick(Self.levels), pick(Self.selectorsPerLevel)))"
      return "(\(subclass) hasMethod: \(key)) ifTrue: [ \(subclass) remove: \(key) ]"
    case 7 where has(.fields), 8 where has(.fields), 9 where has(.fields): return fieldEdit(className)
    case 10 where has(.points): return pointEdit()
    case 11 where has(.accessors):
      let text = one(of: [
        "f = ( ^\(one(of: ["f", "3", "(FzLog int: e0)", "f + 1"])) )",
        "e0 = ( ^\(one(of: ["e0", "e1", "4", "e2", "FzG"])) )",
        "e0: x = ( \(one(of: ["e0 := x", "e1 := x", "g := x", "e2 := x"])) )",
        "h = ( ^\(one(of: ["h", "nil", "self"])) )",
        "each: aBlock = ( 2 downTo: 1 do: [ :i | aBlock value: i ] )", "g = ( ^\(one(of: ["g", "1.5", "e0"])) )",
        "apply: aBlock to: x = ( ^aBlock value: x + 1 )", "zork: x b: y = ( ^x + y )",
        "while: c do: b = ( [ c value ] whileTrue: [ b value ] )", "unknownGlobal: n = ( ^\(pick(9)) )",
        "fail: x = ( x % 2 = 0 ifTrue: [ ^FzErr new signal: 'y' ]. ^x )",
        "doesNotUnderstand: s arguments: a = ( ^a length )", "escapedBlock: b = ( ^\(pick(9)) )",
      ])
      return "\(className) compile: \(Self.quote(text))"
    case 12 where has(.classSide): return "\(className) class compile: \(Self.quote(classMethod(of: className)))"
    case 13 where has(.classSide):
      return one(of: [
        "FzA class addField: #extra", "FzB class addField: #more. FzB class compile: 'made: x = ( more := x. ^more )'",
        "FzA class compile: 'made: x = ( ^x * 2 )'",
      ])
    case 14 where has(.globals):
      let name = one(of: ["FzG", "FzH"])
      return "system global: #\(name) put: \(one(of: ["3", "nil", "2.5", "'g'", "FzB", "4611686018427387904"]))"
    case 15 where has(.newClasses): return newClass(className)
    case 16 where has(.replacing):
      let level = 1 + pick(Self.levels)
      return "FzLog replace: FzA at: #\(selector(level, 0)) with: #\(selector(max(1, level - 1), pick(3)))"
    case 17 where has(.replacing) && chance(40):
      return "FzLog restore: \(one(of: ["FzA at: #e0", "FzP at: #x", "FzA at: #g"]))"
    case 17 where has(.replacing):
      return "FzLog replace: \(one(of: ["FzA at: #e0 with: #f", "FzP at: #x with: #y", "FzA at: #g with: #h"]))"
    case 18 where has(.refused):
      return one(of: [
        "FzA compile: 'e0 = ( ^'", "FzA compile: 'e0 = ( nowhere := 3 )'", "FzA remove: #nothing", "FzA addField: #f",
        "FzA removeField: #none", "FzB removeField: #f",
      ])
    case 19 where has(.newClasses): return nameEdit()
    default: return "system fullGC"
    }
  }

  /// Several changes from outside at a time, perhaps with an error among them, so that all are refused.
  private mutating func accept() -> String {
    let number = accepts.count + 1
    accepts.append([])
    var changes: [FuzzChange] = []
    for _ in 0...pick(3) {
      let className = one(of: Self.classes)
      switch pick(8) {
      // One text of a class in an accept.
      case 0...1 where changes.allSatisfy({ $0.className != nil }):
        changes.append(FuzzChange(className: nil, text: movingClass()))
      case 2 where changes.allSatisfy({ $0.className != nil }):
        changes += movedFields().map { FuzzChange(className: nil, text: $0) }
      case 3: changes.append(FuzzChange(className: className, isClassSide: true, text: classMethod(of: className)))
      case 4 where has(.refused):
        changes.append(
          FuzzChange(className: className, text: one(of: ["e0 = ( ^", "e0 = ( nowhere := 1 )", "f = primitive"])))
      case 5: changes.append(FuzzChange(className: className, text: "f = ( ^\(pick(99)) )"))
      default:
        let text = method(1, pick(Self.selectorsPerLevel), of: className, isEdit: true)
        changes.append(FuzzChange(className: className, text: text))
      }
    }
    accepts[number - 1] = changes
    return "FzLog accept: \(number)"
  }

  /// The class that gets other superclasses, fields and methods.
  mutating func movingClass() -> String {
    let above = one(of: ["FzX", "FzY", "Object"])
    var fields = one(of: [["c"], ["c", "e"], ["e", "c"], ["e"], ["c", "a"], ["b", "c"], ["d", "c"]])
    let inherited = baseFields[above] ?? []
    fields.removeAll { inherited.contains($0) && chance(80) }
    return movingClass(below: above, inherited, fields)
  }

  private mutating func movingClass(below above: String, _ inherited: [String], _ fields: [String]) -> String {
    let all = inherited + fields
    func name() -> String { one(of: all.isEmpty ? ["nil"] : all) }
    var text = "FzZ = \(above) ( | \(fields.joined(separator: " ")) |\n"
    text += "    set: x = ( \(all.isEmpty ? "^x" : "\(name()) := x. \(name()) := x") )\n"
    text += "    sum = ( ^(FzLog int: \(name())) + (FzLog int: \(one(of: ["a", "c", "e", "d", "self kind"]))) )\n"
    if above == "Object" || chance(20) { text += "    kind = ( ^3 )\n    a: x = ( ^x )\n    b: x = ( ^x )\n" }
    if chance(50) { text += "    unknownGlobal: n = ( FzLog tick. ^\(pick(9)) )\n" }
    return text + ")\n"
  }

  /// Fields that move up and down between three classes, in one accept; the superclasses may change in it, too.
  private mutating func movedFields() -> [String] {
    var homes: [String: [String]] = [:]
    for field in ["a", "b", "c", "d", "e"] where chance(80) {
      homes[one(of: ["FzX", "FzY", "FzZ"]), default: []].append(field)
    }
    let (x, y) = (homes["FzX"] ?? [], homes["FzY"] ?? [])
    let isBelow = chance(40)
    baseFields = ["FzX": x, "FzY": isBelow ? x + y : y]
    let above = one(of: ["FzX", "FzY"])
    let texts = [
      base("FzX", "Object", [], x, kind: 1), base("FzY", isBelow ? "FzX" : "Object", isBelow ? x : [], y, kind: 2),
      movingClass(below: above, baseFields[above] ?? [], homes["FzZ"] ?? []),
    ]
    return chance(50) ? texts : texts.reversed()
  }

  private mutating func base(_ name: String, _ above: String, _ inherited: [String], _ own: [String], kind: Int)
    -> String
  {
    let all = inherited + own
    var text = "\(name) = \(above) ( | \(own.joined(separator: " ")) |\n"
    for selector in ["a", "b"] {
      let field = all.contains(selector) && chance(70) ? selector : all.isEmpty ? "nil" : one(of: all)
      text += "    \(selector) = ( ^\(field) )\n"
      text += "    \(selector): x = ( \(field == "nil" ? "^x" : "\(field) := x") )\n"
    }
    return text + "    kind = ( ^\(kind) )\n)\n"
  }

  private mutating func fieldEdit(_ className: String) -> String {
    let own = one(of: Self.fields[className] ?? ["e0"])
    switch pick(7) {
    case 0: return "\(className) addField: #\(one(of: Self.laterFields))"
    case 1: return "\(className) removeField: #\(own)"
    case 2: return "\(className) removeField: #\(own). \(className) addField: #\(own)"
    case 3:
      // Moved up, or down.
      return one(of: [
        "FzB removeField: #p0. FzC removeField: #p0. FzA addField: #p0", "FzA removeField: #e1. FzB addField: #e1",
        "FzD removeField: #q0. FzB addField: #q0",
      ])
    case 4:
      return
        "\(className) addField: #e2. \(className) compile: 'e1 = ( e2 isNil ifTrue: [ e2 := 1 ]. e2 := e2 + 1. ^e2 )'"
    // A name that means a global becomes a field.
    case 5: return "\(className) addField: #\(one(of: ["FzG", "FzH"]))"
    default:
      return "FzA removeField: #e0. FzA addField: #e0. FzA compile: 'e0 = ( ^e0 )'. FzA compile: 'e0: x = ( e0 := x )'"
    }
  }

  private mutating func pointEdit() -> String {
    one(of: [
      "FzP addField: #z. FzP compile: 'y = ( z isNil ifTrue: [ z := 0 ]. z := z + 1. ^y )'",
      "FzP removeField: #y. FzP addField: #y. FzP compile: 'y = ( ^y )'. FzP compile: 'y: a = ( y := a )'. FzP compile: 'x: a y: b = ( x := a. y := b )'",
      "FzP removeField: #x. FzP addField: #x", "FzP compile: 'sum = ( ^x * y )'", "FzP compile: 'x = ( ^y )'",
      "FzP compile: 'x = ( ^x )'", "FzP compile: 'x: a y: b = ( y := a. x := b )'",
      "FzP class compile: 'x: a y: b = ( | p | p := self new. p x: a. p y: b. ^p )'", "FzP addField: #w",
    ])
  }

  /// A class that is removed, or gets another name: one that the program has made, of which there may be instances, or for a
  /// moment one that code takes for constant.
  private mutating func nameEdit() -> String {
    let name = "#FzN\(1 + pick(newClasses + 1))"
    func ifThere(_ edit: String) -> String {
      "(system hasGlobal: \(name)) ifTrue: [ (system global: \(name)) \(edit) ]"
    }
    switch pick(5) {
    case 0: return ifThere("removeFromSystem")
    case 1: return ifThere("rename: #FzN\(1 + pick(newClasses + 2))")
    case 2 where has(.fields):
      return ifThere("removeFromSystem") + ". FzA addField: #\(one(of: Self.laterFields))"
    case 3 where has(.refused):
      return one(of: ["FzA removeFromSystem", "FzA rename: #FzB", "FzB class rename: #FzM", "FzA rename: #'F z'"])
    default:
      let className = one(of: Self.classes + ["FzP"])
      let between = chance(50) ? "compile: 'f = ( ^\(pick(9)) )'" : "new"
      return "\(className) rename: #FzM. (system global: #FzM) \(between). (system global: #FzM) rename: #\(className)"
    }
  }

  /// A new class, perhaps with methods, and perhaps an instance among the others.
  private mutating func newClass(_ above: String) -> String {
    newClasses += 1
    let name = "FzN\(newClasses)"
    var text = "\(above) subclass: #\(name)"
    if chance(70) {
      text += ". (system global: #\(name)) compile: \(Self.quote(method(1, pick(3), of: above, isEdit: true)))"
    }
    if chance(70) {
      text +=
        ". (system global: #FzProgram) objects add: ((system global: #\(name)) new peers: (system global: #FzProgram) objects; yourself)"
    }
    return text
  }
}
