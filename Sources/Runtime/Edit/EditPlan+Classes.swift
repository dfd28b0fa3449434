// What a set of changes does to classes: their fields, superclasses, and whole files.

import Bytecode
import Foundation
import MachineLayout
import Syntax
import VM

extension EditPlan {
  /// The current version of a class; loads it if the class path has it.
  func classInfo(_ className: String, _ isClassSide: Bool) throws(EditErrors) -> ClassInfo {
    if universe.classes.named(className) == nil { _ = try? universe.loadClass(className) }
    guard let info = universe.classes.named(MethodKey.holderName(className, isClassSide)) else {
      if newClasses[className] != nil {
        throw EditErrors(
          "\(className) is new in this accept", .contradiction, className,
          remedy: "put what is to be in it into its text")
      }
      throw EditErrors(
        "there is no class \(className)", .noSuchClass, className,
        remedy: "accept its text, in the same accept or before")
    }
    return info
  }

  func ownFields(_ info: ClassInfo) -> [String] { fields[info.name] ?? info.ownFieldNames }

  mutating func setFields(_ info: ClassInfo, _ names: [String]) {
    fields[info.name] = names
    shaped.removeAll { $0.name == info.name }
    shaped.append((info.name, change))
  }

  private mutating func setSuperclass(_ info: ClassInfo, _ meta: ClassInfo, _ superName: String?) throws(EditErrors) {
    guard let superName, superName != "nil" else {
      throw EditErrors("only Object is a root: \(info.name) needs a superclass", .badSuperclass, info.name)
    }
    let above = current(superName)
    // A later change of the set may bring it.
    if universe.classes.named(above) == nil, newClasses[above] == nil { _ = try? universe.loadClass(above) }
    for side in [info, meta] {
      superclasses[side.name] = MethodKey.holderName(above, side.isMetaclass)
      setFields(side, ownFields(side))
    }
  }

  /// The name that the superclass of a new class has before the set is made; "nil" if the text says none.
  func superName(of definition: ClassDefinition) -> String { current(definition.superclassName ?? "nil") }

  private mutating func addNewClass(_ file: ClassSource) throws(EditErrors) {
    let name = file.definition.name
    if newClasses[name] != nil { throw EditErrors("class \(name) is defined twice", .contradiction, name) }
    newClasses[name] = (file, change)
    _ = try? universe.loadClass(superName(of: file.definition))
  }

  /// A class's whole text: a new class, or the difference from what is loaded.
  mutating func addClass(_ source: SourceText, _ file: String?) throws(EditErrors) {
    let definition: ClassDefinition
    do throws(SyntaxErrors) { definition = try Parser.parseClass(source) } catch { throw EditErrors(error) }
    let name = current(definition.name)
    // What the program makes itself is new (`subclass:`).
    let known = universe.classes.named(name) ?? (origin == .program ? nil : restore(name))
    if let file { try checkFile(file, definition, known) }
    guard let info = known, info.isLoaded, let meta = universe.classes.named(name + " class") else {
      try addNewClass(ClassSource(definition: definition, source: source, path: file))
      return
    }
    let superclass = info.superIndex == 0 ? nil : universe.classes[info.superIndex]
    let above = superclasses[info.name] ?? superclass?.name ?? "nil"
    let moves = above != superName(of: definition) || superclass?.isRemoved == true
    if moves { try setSuperclass(info, meta, definition.superclassName) }
    for (isClassSide, side, names, methods) in [
      (false, info, definition.instanceFields, definition.instanceMethods),
      (true, meta, definition.classFields, definition.classMethods),
    ] {
      if names != ownFields(side) { setFields(side, names) }
      func key(_ selector: String) -> MethodKey {
        MethodKey(className: name, isClassSide: isClassSide, selector: selector)
      }
      // Another text of the class may have come in the same set.
      let there = side.selectors.map { key(universe.symbols.name($0)) }.filter { !removed.contains($0) }
      let new = defined.filter { $0.className == name && $0.isClassSide == isClassSide }
      let said = Set(methods.map(\.selector))
      for key in Set(there).union(new).sorted(by: { $0.selector < $1.selector }) where !said.contains(key.selector) {
        try remove(key, nil)
      }
      for method in methods {
        let key = key(method.selector)
        // Below another class its names may mean something else.
        if superclasses[side.name] == nil, !defined.contains(key), !removed.contains(key),
          let old = current(method.selector, in: side),
          isSame(old, method, source)
        {
          note(method, source, key)
        } else {
          try define(method, source, name, isClassSide, nil)
        }
      }
    }
    if let file { files.append(ClassSource(definition: definition, source: source, path: file)) }
  }

  /// A file is one of the program's if a load would take the class from it.
  private func checkFile(
    _ file: String, _ definition: ClassDefinition, _ info: ClassInfo?
  ) throws(EditErrors) {
    let name = definition.name
    let isItsOwn = info?.path.map { $0 == file || FileIdentity.same($0, file) } ?? false
    if !isItsOwn, URL(fileURLWithPath: file).lastPathComponent != "\(name).som" {
      let other = universe.classNames.className(ofFile: file)
      throw EditErrors(
        "the file defines class \(name), which the program would look for in \(name).som"
          + (other.map { ": to rename \($0), give the file that name, too" } ?? ""), .otherFile, name,
        remedy: other.map { "to rename \($0), give the file that name, too" })
    }
    guard let info, info.isLoaded else { return }
    if let used = info.path {
      // A class may have moved with its name, or to the next folder that has a file for it.
      if !isItsOwn, currentNames[name] == nil, FileIdentity(path: used) != nil {
        throw EditErrors("the program has \(name) from another file, \(used)", .otherFile, name)
      }
    } else if info.source?.isBundled == true {
      throw EditErrors(
        "the program has \(name) from the core library; the file counts when the program is started again", .otherFile,
        name, remedy: "the file counts when the program is started again")
    }
  }
}
