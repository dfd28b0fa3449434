// Which method a message finds, whatever happens; and a method that goes because all its senders do themselves what it did.

import Syntax

public struct MethodInlining {
  /// More senders than this are not changed at once.
  static let senderLimit = 100
  private let index: SourceIndex

  public init(_ index: SourceIndex) { self.index = index }

  // MARK: At a message

  /// - Returns: the edits and the method; nil: no message that some class understands is there.
  public func inline(
    at offset: Int, in file: ClassFile
  ) throws(RefactoringObstacle) -> (edits: [RefactoringEdit], title: String)? {
    guard let name = file.name(at: offset), case .selector = name.role, let target = try target(of: name, in: file)
    else { return nil }
    return (try edits(name, target, in: file), target.title)
  }

  private func edits(
    _ name: NamePlace, _ target: MethodReference, in file: ClassFile
  ) throws(RefactoringObstacle) -> [RefactoringEdit] {
    guard let method = MethodRefactoring(file, around: name.range) else {
      throw RefactoringObstacle("the message is in no method")
    }
    if target.file.path == file.path, target.index == name.method {
      throw RefactoringObstacle("\(target.title) sends it to itself")
    }
    return try method.inlineMethod(name, target, index)
  }

  /// The only method that the message can find, if its receiver understands it.
  private func target(of name: NamePlace, in file: ClassFile) throws(RefactoringObstacle) -> MethodReference? {
    guard let receiver = name.receiver, let method = name.method, let className = file.definition?.name else {
      return nil
    }
    let isClassSide = file.methods[method].isClassSide
    let own = ReceiverKind(className, isClassSide: isClassSide)
    switch receiver {
    case .variable(let node) where node.name == "super":
      return index.lookup(name.name, own, from: file.folder, above: className)
    case .variable(let node) where node.name == "self":
      guard let found = index.lookup(name.name, own, from: file.folder) else { return nil }
      let below = index.allSubclasses(of: className).flatMap { file in
        file.methods.indices.map { MethodReference(file: file, index: $0) }
      }
      if let other = below.first(where: { $0.selector == name.name && $0.place.isClassSide == isClassSide }) {
        throw RefactoringObstacle("\(other.title) overrides it")
      }
      return found
    case .literal, .block:
      if let kind = index.kinds(of: receiver, in: file, method: method).first {
        return index.lookup(name.name, kind, from: file.folder)
      }
    case .variable(let node) where isClass(node, in: file, method):
      return index.lookup(name.name, ReceiverKind(node.name, isClassSide: true), from: file.folder)
    default: break
    }
    let all = index.implementors(of: name.name)
    if all.count > 1 { throw RefactoringObstacle("\(all.count) methods are called \(name.name)") }
    return all.first
  }

  private func isClass(_ node: VariableReference, in file: ClassFile, _ method: Int) -> Bool {
    file.name(at: node.range.start)?.role == .outer
      && index.owner(ofField: node.name, in: file, method: method) == nil
      && index.classFile(node.name, from: file.folder) != nil
  }

  // MARK: Everywhere

  /// A method that may go, and how many send it.
  public struct Candidate {
    public let title: String
    public let senderCount: Int
  }

  /// Without looking at what its senders do: whether they can do without it, `inlineEverywhere` finds out. nil: no method is
  /// defined there.
  public func candidate(at offset: Int, in file: ClassFile) throws(RefactoringObstacle) -> Candidate? {
    guard let target = defined(at: offset, in: file) else { return nil }
    return Candidate(title: target.title, senderCount: try senders(of: target).count)
  }

  private func defined(at offset: Int, in file: ClassFile) -> MethodReference? {
    guard let name = file.name(at: offset), case .pattern = name.role, let number = name.method else { return nil }
    return MethodReference(file: file, index: number)
  }

  private func senders(of target: MethodReference) throws(RefactoringObstacle) -> [FoundName] {
    let selector = target.selector
    try checkOnlyOne(target)
    let senders = index.senders(of: selector)
    if senders.isEmpty { throw RefactoringObstacle("nobody sends \(selector)") }
    if senders.count > Self.senderLimit {
      throw RefactoringObstacle(
        "\(senders.count) messages are called \(selector), and \(Self.senderLimit) can be changed at once")
    }
    if let bundled = senders.first(where: \.file.isLibrary) {
      throw RefactoringObstacle("\(bundled.file.definition?.name ?? "") of the bundled library sends it")
    }
    if senders.contains(where: { $0.file.path == target.file.path && $0.name.method == target.index }) {
      throw RefactoringObstacle("\(target.title) sends it to itself")
    }
    return senders
  }

  /// The edits after which nobody needs the method, its removal among them. nil: no method is defined there.
  public func inlineEverywhere(
    at offset: Int, in file: ClassFile
  ) throws(RefactoringObstacle) -> [(file: ClassFile, edit: RefactoringEdit)]? {
    guard let target = defined(at: offset, in: file) else { return nil }
    let selector = target.selector, senders = try senders(of: target)
    try checkSymbols(selector)
    var edits: [(ClassFile, RefactoringEdit)] = []
    for path in Set(senders.map(\.file.path)).union([file.path]).sorted() {
      guard let old = index.files[path] else { continue }
      var new = old
      while let sender = new.names.first(where: { $0.name == selector && $0.role == .selector(part: 0) }) {
        guard let found = try self.target(of: sender, in: new), found.file.path == file.path else {
          throw RefactoringObstacle("\(old.definition?.name ?? "") sends it to somebody who does not understand it")
        }
        let text = MethodRefactoring.text(new.source, with: try self.edits(sender, target, in: new))
        new = ClassFile(path: path, SourceText(name: old.source.name, text))
      }
      if path == file.path {
        edits.append((old, try removal(of: target, from: new)))
      } else {
        for (before, after) in zip(old.methods, new.methods) {
          let text = after.definition.text(in: new.source)
          if text != before.definition.text(in: old.source) {
            edits.append((old, RefactoringEdit(before.definition.range, text)))
          }
        }
      }
    }
    return edits
  }

  private func checkOnlyOne(_ target: MethodReference) throws(RefactoringObstacle) {
    let all = index.implementors(of: target.selector)
    if all.count > 1 { throw RefactoringObstacle("\(all.count) methods are called \(target.selector)") }
    let isTest = target.selector.hasPrefix("test") && target.place.definition.arguments.isEmpty
    if ["run", "run:"].contains(target.selector) || isTest {
      throw RefactoringObstacle("what begins a program or a test may send \(target.selector)")
    }
    if !target.file.errors.isEmpty { throw RefactoringObstacle("the class does not parse") }
  }

  /// Somebody may send what a symbol names.
  private func checkSymbols(_ selector: String) throws(RefactoringObstacle) {
    for file in index.files.values where file.source.contains(selector) {
      var arrays = 0, parentheses: [Bool] = []
      for (kind, range) in file.tokens {
        var isSymbol = kind == .symbol || kind == .symbolString
        switch kind {
        case .arrayStart, .openParenthesis:
          parentheses.append(kind == .arrayStart || arrays > 0)
          if kind == .arrayStart || arrays > 0 { arrays += 1 }
        case .closeParenthesis: if parentheses.popLast() == true { arrays -= 1 }
        case .identifier, .keyword, .binary: isSymbol = arrays > 0
        default: break
        }
        if isSymbol, file.source[range].filter({ !"#'".contains($0) }) == selector {
          throw RefactoringObstacle("\(file.definition?.name ?? "") names it as a symbol, which may be sent")
        }
      }
    }
  }

  /// The file with the senders' new texts and without the method.
  private func removal(of target: MethodReference, from new: ClassFile) throws(RefactoringObstacle) -> RefactoringEdit {
    guard var edit = try? ClassFileEdit(new.source),
      (try? edit.setMethod(target.selector, classSide: target.place.isClassSide, to: nil)) != nil
    else { throw RefactoringObstacle("the class does not parse") }
    let (range, text) = edit.source.difference(from: target.file.source)
    return RefactoringEdit(range, text)
  }
}

extension SourceText {
  fileprivate func contains(_ text: String) -> Bool {
    let wanted = Array(text.utf8)
    guard let first = wanted.first else { return true }
    return bytes.withUnsafeBufferPointer { bytes in
      guard bytes.count >= wanted.count else { return false }
      for i in 0...(bytes.count - wanted.count) where bytes[i] == first {
        if bytes[i..<(i + wanted.count)].elementsEqual(wanted) { return true }
      }
      return false
    }
  }

  /// What this text has where another one has something else: one range of that, in whole characters.
  public func difference(from other: SourceText) -> (range: SourceRange, text: String) {
    let old = other.bytes, new = bytes
    var start = 0
    while start < min(old.count, new.count), old[start] == new[start] { start += 1 }
    var end = 0
    while end < min(old.count, new.count) - start, old[old.count - 1 - end] == new[new.count - 1 - end] { end += 1 }
    while start > 0, start < old.count, old[start] & 0xC0 == 0x80 { start -= 1 }
    while end > 0, old[old.count - end] & 0xC0 == 0x80 { end -= 1 }
    return (SourceRange(start, old.count - end), String(decoding: new[start..<(new.count - end)], as: UTF8.self))
  }
}
