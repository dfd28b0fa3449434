// The `.som` file stays the truth: what an editor's accept changed is written into the class's file, and every other
// byte of it stays as it is. Not on the VM thread: the program does not wait for a disk.
//
// What is written is what is current when it is written, whoever accepted it: so two editors that accept at the
// same moment may write in any order. What somebody has edited in the file since this machine read or wrote it is newer,
// and stays as it is.

import Foundation
import Syntax
import VM

/// A file that could not be brought up to date; it is as it was.
struct SourceFileError: Error, CustomStringConvertible {
  let description: String
}

/// Any thread but the VM's.
final class SourceFiles {
  private let universe: Universe
  private let versions: MethodVersions
  private let isWritten: Bool
  /// Held while class files are written, one writer at a time.
  private let lock = NSLock()

  init(_ machine: Machine, _ versions: MethodVersions) {
    universe = machine.universe
    self.versions = versions
    isWritten = machine.options.writeBack
  }

  /// Writes what a change touched into the files of its classes, and notes in the receipt what was written.
  func write(_ changes: ChangeSet, _ receipt: inout Receipt) {
    guard isWritten, receipt.succeeded else { return }
    var touched: [String: TouchedClass] = [:]
    for method in receipt.methods where method.before != method.after {
      touched[method.method.className, default: TouchedClass()].methods.insert(method.method)
    }
    for change in changes.changes {
      switch change {
      case .addField(let name, let isClassSide, _), .removeField(let name, let isClassSide, _):
        touched[name, default: TouchedClass()].sides.insert(isClassSide)
      case .classSource(let text, let file):
        // A saved file says itself what is true.
        guard let definition = try? Parser.parseClass(SourceText(name: "class", text)) else { continue }
        if file != nil {
          touched[definition.name] = nil
        } else {
          touched[definition.name, default: TouchedClass()].sides = [false, true]
        }
      case .method, .primitive, .removeMethod: break
      }
    }
    lock.withLock {
      for name in touched.keys.sorted() {
        do {
          let written = try write(name, touched[name] ?? TouchedClass())
          if let path = written.path { receipt.files = (receipt.files ?? []) + [path] }
          if !written.kept.isEmpty { receipt.kept = (receipt.kept ?? []) + written.kept }
        } catch {
          receipt.fileFailure = "\(error)"
        }
      }
    }
  }

  private struct TouchedClass {
    var methods: Set<MethodKey> = []
    /// Whose fields and superclass may have changed: false the instance side, true the class side.
    var sides: Set<Bool> = []
  }

  /// What the file of a class must say, and what it said when this machine last read or wrote it.
  private struct Wanted {
    var path: String
    var known: SourceText?
    var methods: [(key: MethodKey, text: String?)] = []
    var fields: [(isClassSide: Bool, names: [String])] = []
    var superclass: String?
  }

  private func wanted(_ className: String, _ touched: TouchedClass) -> Wanted? {
    universe.lock.withLock {
      guard let info = universe.classes.named(className), let path = info.path else { return nil }
      var wanted = Wanted(path: path, known: info.source)
      if touched.sides.contains(false), info.superIndex != 0 {
        wanted.superclass = universe.classes[info.superIndex].name
      }
      for key in touched.methods.sorted(by: { $0.description < $1.description }) {
        wanted.methods.append((key, versions.currentInfo(key)?.sourceText))
      }
      for isClassSide in touched.sides.sorted(by: { !$0 && $1 }) {
        let side = universe.classes.named(MethodKey.holderName(className, isClassSide))
        if let side { wanted.fields.append((isClassSide, side.ownFieldNames)) }
      }
      return wanted
    }
  }

  /// Answers the path, if there was something to write, and what is newer there.
  private func write(_ className: String, _ touched: TouchedClass) throws -> (path: String?, kept: [KeptText]) {
    guard let wanted = wanted(className, touched) else { return (nil, []) }
    // Once more if somebody saves the file between the reading and the writing.
    for _ in 1...5 {
      let file: ReplaceableFile
      do { file = try ReplaceableFile(path: wanted.path) } catch {
        throw SourceFileError(description: "cannot read \(wanted.path), so the change is in the program only")
      }
      var edit = WrittenClass(className: className, known: wanted.known)
      let old = SourceText(name: wanted.path, bytes: file.bytes)
      do { try edit.apply(wanted.superclass, wanted.fields, wanted.methods, to: old) } catch {
        throw SourceFileError(description: "not written, because the file has errors: \(error)")
      }
      guard edit.definedClass == className, let new = edit.text else {
        throw SourceFileError(description: "not written: \(wanted.path) defines \(edit.definedClass ?? "nothing")")
      }
      let isChanged = new.bytes != old.bytes
      if isChanged {
        do { try file.replace(with: new.bytes) } catch ReplaceableFile.Failure.changed { continue } catch {
          throw SourceFileError(description: "\(error)")
        }
      }
      if let known = edit.known {
        universe.classBuilder.noteFile(
          ClassSource(definition: known.definition, source: known.source, path: wanted.path))
      }
      return (isChanged ? wanted.path : nil, edit.kept)
    }
    throw SourceFileError(description: "not written: \(wanted.path) changes all the time")
  }
}

/// The text of a class's file with what an accept changed, but for what is newer there.
private struct WrittenClass {
  let className: String
  /// What the file said as far as this machine has seen it; then, with what it writes now.
  private(set) var known: ClassFileEdit?
  private(set) var kept: [KeptText] = []
  private var file: ClassFileEdit?

  init(className: String, known: SourceText?) {
    self.className = className
    self.known = known.flatMap { try? ClassFileEdit($0) }
  }

  var text: SourceText? { file?.source }
  var definedClass: String? { file?.definition.name }

  mutating func apply(
    _ superclass: String?, _ fields: [(isClassSide: Bool, names: [String])],
    _ methods: [(key: MethodKey, text: String?)], to source: SourceText
  ) throws(SyntaxErrors) {
    file = try ClassFileEdit(source)
    if let superclass {
      try set("the superclass of \(className)", superclass) {
        $0.definition.superclassName
      } to: {
        edit throws(SyntaxErrors) in
        try edit.setSuperclass(superclass)
      }
    }
    for (isClassSide, names) in fields {
      let place = "the fields of " + MethodKey.holderName(className, isClassSide)
      try set(place, names.joined(separator: " ")) {
        (isClassSide ? $0.definition.classFields : $0.definition.instanceFields).joined(separator: " ")
      } to: { edit throws(SyntaxErrors) in
        try edit.setFields(names, classSide: isClassSide)
      }
    }
    for (key, text) in methods {
      try set("\(key)", text) {
        $0.method(key.selector, classSide: key.isClassSide)
      } to: {
        edit throws(SyntaxErrors) in
        try edit.setMethod(key.selector, classSide: key.isClassSide, to: text)
      }
    }
  }

  /// Makes one change, unless its place is something else now than when this machine saw it, and not yet what it is
  /// to be.
  private mutating func set(
    _ place: String, _ new: String?, from part: (ClassFileEdit) -> String?,
    to change: (inout ClassFileEdit) throws(SyntaxErrors) -> Void
  ) throws(SyntaxErrors) {
    func plain(_ text: String?) -> String? { text.map { SourceText.withLineEnds("\n", $0) } }
    let found = file.flatMap(part)
    if let known, plain(part(known)) != plain(found), plain(found) != plain(new) {
      kept.append(KeptText(place: place, kept: found, other: new))
      return
    }
    if var edit = file {
      try change(&edit)
      file = edit
    }
    if var edit = known {
      try change(&edit)
      known = edit
    }
  }
}
