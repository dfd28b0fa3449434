// Finding one's way through the loaded code: who sends a selector, who implements it, what mentions a class, where a text
// stands.

import Syntax
import VM

/// A place in the text of a method.
public struct TextPlace: Hashable, Sendable, Codable {
  /// The method that the text is of.
  public var method: MethodKey
  /// In the method's own text, from 1.
  public var line: Int
  /// The line, without the white space around.
  public var text: String
}

/// A method in the list of a class.
public struct MethodSummary: Hashable, Sendable, Codable {
  /// Class and selector.
  public var method: MethodKey
  /// Counts from 1.
  public var version: Int
  /// Whether the machine, or Swift code, does it.
  public var isPrimitive: Bool
  /// Where it begins in the text that it was loaded from, a file or what was accepted: lines of receipts and reports count
  /// in that, from 1.
  public var line: Int
}

/// Any thread. Answers are sorted by class, then in the order of the text.
public final class CodeSearch: @unchecked Sendable {
  private let universe: Universe
  init(_ universe: Universe) { self.universe = universe }

  /// The methods of both sides of a class, in the order of their definition.
  public func methods(of className: String) -> [MethodSummary] {
    universe.lock.withLock {
      [className, className + " class"].compactMap(universe.classes.named).flatMap(methods)
    }
  }

  /// The comment before a class's text; nil: there is none, or no such class.
  public func comment(ofClass name: String) -> String? {
    universe.lock.withLock {
      guard let info = universe.classes.named(name), let source = info.source, let definition = info.definition else {
        return nil
      }
      let before = source[SourceRange(0, definition.nameRange.start)].drop { $0.isWhitespace }
      guard before.first == "\"", let end = before.dropFirst().firstIndex(of: "\"") else { return nil }
      return String(before[before.index(after: before.startIndex)..<end])
    }
  }

  /// Whether a class is of the bundled library.
  public func isLibrary(_ name: String) -> Bool {
    universe.lock.withLock {
      guard let info = universe.classes.named(name) else { return false }
      return info.path == nil && info.source?.isBundled == true
    }
  }

  /// Where messages of this selector are sent.
  public func senders(of selector: String, limit: Int = .max) -> [TextPlace] {
    places(limit) { body, found in
      body.forEachPlace(send: { if $0 == selector { found($1) } }, name: { _, _ in })
    }
  }

  /// The methods that a class itself defines for this selector.
  public func implementors(of selector: String) -> [MethodKey] {
    universe.lock.withLock {
      let symbol = universe.symbols.intern(selector)
      return sides.filter { $0.methods[symbol] != nil }.map { universe.key(selector, in: $0.index) }
    }
  }

  /// Where this name stands for a global or a class: not for a variable or a field.
  public func references(to name: String, limit: Int = .max) -> [TextPlace] {
    places(limit) { body, found in
      body.forEachPlace(send: { _, _ in }, name: { if $0 == name { found($1) } })
    }
  }

  /// Where this text stands in the text of methods, however it is written (capitals or not).
  public func text(_ wanted: String, limit: Int = .max) -> [TextPlace] {
    let wanted = wanted.lowercased()
    if wanted.isEmpty { return [] }
    return universe.lock.withLock {
      var result: [TextPlace] = []
      for (key, info) in allMethods {
        guard let text = info.sourceText, text.lowercased().contains(wanted) else { continue }
        for (i, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
        where line.lowercased().contains(wanted) {
          if result.count >= limit { return result }
          result.append(TextPlace(method: key, line: i + 1, text: Self.trimmed(line)))
        }
      }
      return result
    }
  }

  /// All methods whose selector contains a text.
  public func selectors(containing wanted: String) -> [MethodKey] {
    let wanted = wanted.lowercased()
    return universe.lock.withLock { allMethods.map(\.key).filter { $0.selector.lowercased().contains(wanted) } }
  }

  /// The fields that methods of a class can name, and whether it answers for messages and names that it does not know.
  public func scope(of className: String, classSide: Bool) -> (
    fields: [String], answersMessages: Bool, answersGlobals: Bool
  )? {
    universe.lock.withLock {
      guard let info = universe.classes.named(MethodKey.holderName(className, classSide)) else { return nil }
      func answers(_ selector: String) -> Bool {
        guard let method = universe.classes.lookup(info.index, universe.symbols.intern(selector)) else { return false }
        return universe.classes[method.holderIndex].name != "Object"
      }
      return (info.fieldNames, answers("doesNotUnderstand:arguments:"), answers("unknownGlobal:"))
    }
  }

  /// Whether a name stands for a global that is set.
  public func isGlobal(_ name: String) -> Bool { universe.lock.withLock { universe.globals.value(name) != .none } }

  // Require the universe's lock.

  private var sides: [ClassInfo] {
    universe.classes.infos.compactMap { $0 }
      .filter { $0.isLoaded && $0.isCurrent && !$0.isRemoved && !$0.name.hasPrefix("<") }
      .sorted { $0.name < $1.name }
  }

  private func methods(of side: ClassInfo) -> [MethodSummary] {
    side.selectors.compactMap { selector in
      side.methods[selector].map { method in
        let info = universe.methods[method]
        return MethodSummary(
          method: universe.key(info.selector, in: side.index), version: info.version,
          isPrimitive: info.primitive != nil || info.definition?.isPrimitive == true,
          line: info.definition.flatMap { info.source?.position(of: $0.range.start).line } ?? 1)
      }
    }
  }

  private var allMethods: [(key: MethodKey, info: MethodInfo)] {
    sides.flatMap { side in
      side.selectors.compactMap { selector in
        side.methods[selector].map {
          (universe.key(universe.symbols.name(selector), in: side.index), universe.methods[$0])
        }
      }
    }
  }

  private func places(
    _ limit: Int, _ look: (_ body: Body, _ found: (SourceRange) -> Void) -> Void
  ) -> [TextPlace] {
    universe.lock.withLock {
      var result: [TextPlace] = []
      for (key, info) in allMethods {
        if result.count >= limit { break }
        guard let definition = info.definition, let source = info.source else { continue }
        var offsets: [Int] = []
        look(definition.body) { offsets.append($0.start) }
        if offsets.isEmpty { continue }
        let first = source.position(of: definition.range.start).line
        var lines: Set<Int> = []
        for offset in offsets.sorted() {
          let line = source.position(of: offset).line
          guard lines.insert(line).inserted else { continue }
          result.append(
            TextPlace(method: key, line: line - first + 1, text: Self.trimmed((source.line(line) ?? "")[...])))
        }
      }
      return Array(result.prefix(limit))
    }
  }

  private static func trimmed(_ line: Substring) -> String {
    String(line.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
