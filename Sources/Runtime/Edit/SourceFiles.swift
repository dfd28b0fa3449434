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
    // The receipt says the names of now, the changes may not.
    let renamed = Dictionary(receipt.renamed.map { ($0.old, $0.new) }) { $1 }
    func now(_ name: String) -> String { renamed[name] ?? name }
    for renaming in receipt.renamed {
      touched[renaming.new, default: TouchedClass()].oldName = renaming.old
      // Their texts say the name of their superclass.
      for below in subclasses(of: renaming.new) { touched[below, default: TouchedClass()].sides.insert(false) }
    }
    for method in receipt.methods where method.before != method.after {
      touched[method.method.className, default: TouchedClass()].methods.insert(method.method)
    }
    for change in changes.changes {
      switch change {
      case .addField(let name, let isClassSide, _), .removeField(let name, let isClassSide, _):
        touched[now(name), default: TouchedClass()].sides.insert(isClassSide)
      case .classSource(let text, let file):
        // A saved file says itself what is true.
        guard let definition = try? Parser.parseClass(SourceText(name: "class", text)) else { continue }
        let name = now(definition.name)
        if file != nil {
          touched[name] = nil
        } else {
          touched[name, default: TouchedClass()].sides = [false, true]
          if receipt.restored.contains(name) { touched[name]?.text = text }
        }
      case .method, .primitive, .removeMethod, .removeClass, .renameClass: break
      }
    }
    lock.withLock {
      for removed in receipt.removed {
        do {
          if let path = try delete(removed.name) { receipt.deletedFiles = (receipt.deletedFiles ?? []) + [path] }
        } catch { receipt.fileFailure = "\(error)" }
      }
      for name in touched.keys.sorted() {
        do {
          let written = try write(name, touched[name] ?? TouchedClass())
          if let path = written.path { receipt.files = (receipt.files ?? []) + [path] }
          if let path = written.left { receipt.deletedFiles = (receipt.deletedFiles ?? []) + [path] }
          if !written.kept.isEmpty { receipt.kept = (receipt.kept ?? []) + written.kept }
        } catch {
          receipt.fileFailure = "\(error)"
        }
      }
    }
  }

  private func subclasses(of name: String) -> [String] {
    universe.lock.withLock {
      let indices = universe.classes.named(name)?.subclasses ?? []
      return indices.map { universe.classes[$0] }.filter { !$0.isRemoved }.map(\.name)
    }
  }

  private struct TouchedClass {
    /// What it was called before the accept.
    var oldName: String?
    /// Of a class that is back: what its file says, if that went with it.
    var text: String?
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

  /// What became of a class's file.
  private struct Written {
    /// Nil: there was nothing to write.
    var path: String?
    /// The file that it was before.
    var left: String?
    /// What is newer there.
    var kept: [KeptText] = []
  }

  private func write(_ className: String, _ touched: TouchedClass) throws -> Written {
    guard let wanted = wanted(className, touched) else { return Written() }
    if let text = touched.text, FileIdentity(path: wanted.path) == nil { return try make(className, wanted.path, text) }
    // A file of another name keeps that: the program has been started by it.
    let target = touched.oldName.flatMap { old -> String? in
      guard URL(fileURLWithPath: wanted.path).lastPathComponent == "\(old).som" else { return nil }
      return wanted.path.dropLast("\(old).som".count) + "\(className).som"
    }
    // Once more if somebody saves the file between the reading and the writing.
    for _ in 1...5 {
      let file: ReplaceableFile
      do { file = try ReplaceableFile(path: wanted.path) } catch {
        throw SourceFileError(description: "cannot read \(wanted.path), so the change is in the program only")
      }
      var edit = WrittenClass(className: className, known: wanted.known)
      let old = SourceText(name: wanted.path, bytes: file.bytes)
      do {
        try edit.apply(
          touched.oldName == nil ? nil : className, wanted.superclass, wanted.fields, wanted.methods, to: old)
      } catch {
        throw SourceFileError(description: "not written, because the file has errors: \(error)")
      }
      guard edit.definedClass == className, let new = edit.text else {
        throw SourceFileError(description: "not written: \(wanted.path) defines \(edit.definedClass ?? "nothing")")
      }
      let isChanged = new.bytes != old.bytes
      do {
        if let target {
          try file.move(to: target, with: new.bytes)
        } else if isChanged {
          try file.replace(with: new.bytes)
        }
      } catch ReplaceableFile.Failure.changed { continue } catch { throw SourceFileError(description: "\(error)") }
      if let known = edit.known {
        universe.classBuilder.noteFile(
          ClassSource(definition: known.definition, source: known.source, path: target ?? wanted.path),
          isMoved: target != nil)
      }
      if let target { return Written(path: target, left: wanted.path, kept: edit.kept) }
      return Written(path: isChanged ? wanted.path : nil, kept: edit.kept)
    }
    throw SourceFileError(description: "not written: \(wanted.path) changes all the time")
  }
}

extension SourceFiles {
  /// The file of a class that is back.
  private func make(_ className: String, _ path: String, _ text: String) throws -> Written {
    let source = SourceText(name: path, text)
    do { try ReplaceableFile.make(path, source.bytes) } catch { throw SourceFileError(description: "\(error)") }
    if let definition = try? Parser.parseClass(source) {
      universe.classBuilder.noteFile(ClassSource(definition: definition, source: source, path: path))
    }
    return Written(path: path)
  }

  /// Deletes the file of a class that was removed; answers its path, if there was one. Not if it says something that this
  /// machine has not seen.
  private func delete(_ className: String) throws -> String? {
    let (path, known) = universe.lock.withLock {
      let info = universe.classNames.removedClass(className)
      return (info?.path, info?.source?.bytes)
    }
    guard let path, FileIdentity(path: path) != nil else { return nil }
    do {
      let file = try ReplaceableFile(path: path)
      guard file.bytes == known else { throw ReplaceableFile.Failure.changed }
      try file.delete()
    } catch ReplaceableFile.Failure.changed {
      throw SourceFileError(
        description: "\(path) has changed since, so it stays; delete it, or the next start has \(className) again")
    } catch { throw SourceFileError(description: "\(error)") }
    return path
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
    _ name: String?, _ superclass: String?, _ fields: [(isClassSide: Bool, names: [String])],
    _ methods: [(key: MethodKey, text: String?)], to source: SourceText
  ) throws(SyntaxErrors) {
    file = try ClassFileEdit(source)
    if let name {
      try set("the name of \(className)", name) {
        $0.definition.name
      } to: {
        edit throws(SyntaxErrors) in
        try edit.setName(name)
      }
    }
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
