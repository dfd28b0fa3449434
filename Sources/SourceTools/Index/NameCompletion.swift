// What can stand at a place of a class file: the text before it is closed as if it ended there, and parsed.

import Syntax

public struct NameCompletion {
  public struct Item {
    public enum Kind { case local, argument, field, global, classReference, constant, selector, override }
    public let text: String
    public let kind: Kind
    /// What it is or where it comes from, in a few words.
    public let detail: String?
    /// Of a selector: a method that would be found.
    public let method: MethodReference?
  }

  /// The unfinished word.
  public private(set) var word: SourceRange
  public private(set) var items: [Item] = []
  /// A name that the wanted message goes to, which a running program may know more about.
  public struct Receiver: Sendable {
    public let name: String
    public let className: String
    public let isClassSide: Bool
    public let selector: String
  }
  public private(set) var receiver: Receiver?
  private let observed: [ReceiverKind]
  private let prefix: String
  /// There are more.
  public private(set) var isCut = false

  private static let limit = 300
  private static let marker = "ovidCompletesThis"

  /// - Parameters:
  ///   - offset: of the cursor, in the text of `file`.
  ///   - observed: what the receiver has been in a running program, the most frequent first.
  public init(in file: ClassFile, at offset: Int, _ index: SourceIndex, observed: [ReceiverKind] = []) {
    self.observed = observed
    let bytes = file.source.bytes
    var start = offset
    while start > 0, Self.isWord(bytes[start - 1]) { start -= 1 }
    word = SourceRange(start, offset)
    prefix = file.source[word]
    var brackets = OpenBrackets()
    bytes[..<start].forEach { brackets.add($0) }
    guard prefix.first.map({ !$0.isNumber }) ?? true, !brackets.isQuoted else { return }
    func closed(_ end: String) -> ClassFile {
      let text = String(decoding: bytes[..<start], as: UTF8.self) + end + brackets.closing
      return ClassFile(path: file.path, SourceText(name: file.path, text))
    }
    if brackets.depth == 1 {
      addOverrides(closed(""), index, start)
    } else {
      let closed = closed(Self.marker)
      guard let name = closed.name(at: start), name.name == Self.marker, let method = name.method else { return }
      switch name.role {
      case .selector: addSelectors(name, closed, index)
      case .outer: if !name.isWrite { addOperands(closed, method, start, index) }
      default: return
      }
    }
    keep()
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    byte >= 0x80 || byte == 0x5F || (byte >= 0x30 && byte <= 0x39) || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A)
  }

  // MARK: Operands

  private mutating func addOperands(_ file: ClassFile, _ method: Int, _ offset: Int, _ index: SourceIndex) {
    var scopes = file.methods[method].definition.scopes.filter { $0.range.start <= offset && offset <= $0.range.end }
    scopes.reverse()
    for scope in scopes {
      for variable in scope.body.temporaries {
        let kinds = (file.localValues[variable.range.start] ?? []).prefix(4).reduce(into: Set<ReceiverKind>()) {
          $0.formUnion(index.kinds(of: $1, in: file, method: method))
        }
        add(variable.name, .local, detail: Self.text(kinds))
      }
      for variable in scope.arguments { add(variable.name, .argument) }
    }
    for (name, owner) in index.fields(of: file, classSide: file.methods[method].isClassSide).reversed() {
      add(name, .field, detail: owner.definition?.name)
    }
    for name in ["self", "super", "nil", "true", "false"] { add(name, .constant) }
    add("system", .global, detail: "System")
    for name in index.classNames.sorted() { add(name, .classReference) }
  }

  // MARK: Selectors

  private mutating func addSelectors(_ name: NamePlace, _ file: ClassFile, _ index: SourceIndex) {
    let kinds = index.kinds(ofReceiverOf: name, in: file)
    var isSuper = false
    if case .variable(let node)? = name.receiver {
      isSuper = node.name == "super"
      if !["self", "super", "nil", "true", "false"].contains(node.name), let method = name.method,
        let definition = file.definition
      {
        receiver = Receiver(
          name: node.name, className: definition.name, isClassSide: file.methods[method].isClassSide,
          selector: file.methods[method].definition.selector)
      }
    }
    for kind in observed + kinds.subtracting(observed).sorted(by: { $0.description < $1.description }) {
      for (side, isClassSide) in index.sides(
        of: kind, from: file.folder, above: isSuper ? file.definition?.name : nil)
      {
        // What is before the cursor is the file as it was; behind it, too.
        let side = index.files[side.path] ?? side
        for i in side.methods.indices where side.methods[i].isClassSide == isClassSide {
          add(MethodReference(file: side, index: i))
        }
      }
    }
    if !items.isEmpty { return }
    let wanted = prefix.lowercased()
    let fitting = index.selectors.filter { $0.lowercased().hasPrefix(wanted) && $0.first?.isLetter == true }
      .sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
    isCut = fitting.count > Self.limit
    for selector in fitting.prefix(Self.limit) {
      let methods = index.implementors(of: selector)
      guard let first = methods.first else { continue }
      add(
        selector, .selector, detail: methods.count == 1 ? first.title : "\(methods.count) implementors", method: first)
    }
  }

  private mutating func add(_ method: MethodReference) {
    add(method.selector, .selector, detail: method.title, method: method)
  }

  /// Where a method can begin: what the class inherits.
  private mutating func addOverrides(_ file: ClassFile, _ index: SourceIndex, _ offset: Int) {
    guard let definition = file.definition else { return }
    let isClassSide = definition.separatorRange.map { $0.end <= offset } ?? false
    let own = Set(file.methods.filter { $0.isClassSide == isClassSide }.map(\.definition.selector))
    for side in definition.superclassName.map({ index.chain(of: $0, from: file.folder) }) ?? [] {
      for i in side.methods.indices
      where side.methods[i].isClassSide == isClassSide && !own.contains(side.methods[i].definition.selector) {
        let method = MethodReference(file: side, index: i)
        add(method.selector, .override, detail: "overrides \(method.title)", method: method)
      }
    }
  }

  // MARK: -

  private static func text(_ kinds: Set<ReceiverKind>) -> String? {
    kinds.isEmpty ? nil : kinds.map(\.description).sorted().joined(separator: ", ")
  }

  private mutating func add(_ text: String, _ kind: Item.Kind, detail: String? = nil, method: MethodReference? = nil) {
    items.append(Item(text: text, kind: kind, detail: detail, method: method))
  }

  /// Those that begin as the word does, nearest first.
  private mutating func keep() {
    var seen: Set<String> = [Self.marker]
    let wanted = prefix.lowercased()
    let found = items.filter {
      $0.text.first.map { $0.isLetter || $0 == "_" } == true && $0.text.lowercased().hasPrefix(wanted)
        && seen.insert($0.text).inserted
    }
    isCut = isCut || found.count > Self.limit
    items = Array(found.prefix(Self.limit))
  }
}
