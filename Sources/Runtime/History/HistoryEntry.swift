// What the history of accepts says of one: plain values, which can be sent as JSON.

import Foundation
import Syntax
import VM

/// What a method was: the text of a version, and of a primitive what it runs.
public struct MethodState: Hashable, Sendable, Codable {
  /// The whole text.
  public var text: String
  /// Of a primitive: whose function it runs ("Class>>selector"), if that is known.
  public var primitive: String?

  /// Of a method that was written, or stands for a primitive.
  public init(text: String, primitive: String? = nil) {
    self.text = text
    self.primitive = primitive
  }

  /// Whether it is the same method, however its lines end.
  func isSame(as other: MethodState) -> Bool {
    if let primitive, let theirs = other.primitive { return primitive == theirs }
    return SourceText.withLineEnds("\n", text) == SourceText.withLineEnds("\n", other.text)
  }
}

/// What an accept made of one method.
public struct MethodDifference: Hashable, Sendable, Codable {
  /// Class and selector.
  public var method: MethodKey
  /// nil: there was none.
  public var before: MethodState?
  /// nil: it was removed.
  public var after: MethodState?
}

/// Superclass and fields of a class, or of a class side.
public struct ClassShape: Hashable, Sendable, Codable {
  /// nil: it is a root, or a class side, whose superclass follows from that of its class.
  public var superclass: String?
  /// Those that it defines itself.
  public var fields: [String]
  /// Of a class that was removed: its whole text.
  public var text: String?

  /// Without a text: nobody has kept it.
  public init(superclass: String?, fields: [String], text: String? = nil) {
    self.superclass = superclass
    self.fields = fields
    self.text = text
  }
}

/// What an accept made of one class.
public struct ClassDifference: Hashable, Sendable, Codable {
  /// "Foo" or "Foo class".
  public var name: String
  /// nil: it is a new class.
  public var before: ClassShape?
  /// nil: it was removed.
  public var after: ClassShape?
  /// What it is called after the accept, if that has given it another name.
  public var newName: String?
}

/// That an accept takes back what another one did, or does it again.
public struct TakingBack: Hashable, Sendable, Codable {
  /// The number of that accept.
  public var entry: Int
  /// True if it does again what had been taken back.
  public var isRedo: Bool
  /// If it was about this method only.
  public var method: MethodKey?

  /// The same where accepts have other numbers; nil if there is no such accept.
  func renumbered(by numbers: [Int: Int]) -> TakingBack? {
    numbers[entry].map { TakingBack(entry: $0, isRedo: isRedo, method: method) }
  }
}

/// An accept of the history.
public struct HistoryEntry: Sendable, Codable, Identifiable {
  /// Of all that it changed, what is still done.
  public enum State: String, Sendable, Codable {
    /// Of what it has done, all is still done, a part, or nothing.
    case done, partlyTakenBack, takenBack
  }

  /// The number of the accept; it goes on counting where the change log ends.
  public var id: Int
  /// Who has made it.
  public var author: String
  /// Seconds since 1970.
  public var time: Double
  /// What was asked for.
  public var changes: [Change]
  /// What became otherwise, in the order of the changes.
  public var methods: [MethodDifference]
  /// What it did to classes as a whole.
  public var classes: [ClassDifference]
  /// Set if it was an undo or a redo.
  public var takingBack: TakingBack?
  /// Whether it is still done.
  public var state: State
  /// False for accepts that earlier versions of Ovid have logged: they do not say what was there before.
  public var knowsBefore: Bool
  /// nil for those, too.
  public var receipt: Receipt?

  /// Whether anything is otherwise since.
  public var changedSomething: Bool { !methods.isEmpty || !classes.isEmpty }
}

extension HistoryEntry: CustomStringConvertible {
  /// One line.
  public var description: String {
    var line = "\(id)  \(Self.clock(time))  \(author.isEmpty ? "somebody" : author): "
    if let takingBack {
      line += (takingBack.isRedo ? "does \(takingBack.entry) again" : "takes back \(takingBack.entry)") + ": "
    }
    let names = summary
    line += names.isEmpty ? "nothing changed" : names.prefix(Self.shownNames).joined(separator: ", ")
    if names.count > Self.shownNames { line += " and \(names.count - Self.shownNames) more" }
    switch state {
    case .done: break
    case .partlyTakenBack: line += " (in part taken back)"
    case .takenBack: line += " (taken back)"
    }
    return line
  }
  private static let shownNames = 4

  private var summary: [String] {
    classes.map { difference in
      if difference.before == nil { return "\(difference.name) (new class)" }
      guard let before = difference.before, let after = difference.after else {
        return "\(difference.name) (class removed)"
      }
      if let newName = difference.newName { return "\(difference.name) → \(newName)" }
      return before.superclass == after.superclass
        ? "fields of \(difference.name)" : "superclass of \(difference.name)"
    }
      + methods.map { difference in
        "\(difference.method)"
          + (difference.before == nil && knowsBefore ? " (new)" : difference.after == nil ? " (removed)" : "")
      }
  }

  private static func clock(_ time: Double) -> String {
    var seconds = time_t(time), parts = tm()
    localtime_r(&seconds, &parts)
    return String(
      format: "%d-%02d-%02d %02d:%02d:%02d", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
      parts.tm_min, parts.tm_sec)
  }
}
