// The versions that a method has had: what can be compared and brought back.

import VM

/// A text that a method has had.
public struct VersionReport: Hashable, Sendable, Codable {
  /// Class and selector.
  public var method: MethodKey
  /// Its number on this machine; nil if it is of an earlier session of the change log.
  public var version: Int?
  /// The accept that has made it; nil if it was loaded, or that is not known any more.
  public var entry: Int?
  /// Who has accepted it; nil: it was loaded.
  public var author: String?
  /// Seconds since 1970.
  public var time: Double?
  /// Its text, or that there was none.
  public var state: MethodState
  /// Whether it is the one that a send runs.
  public var isCurrent: Bool
  /// By which it can be asked for.
  public var place: VersionPlace
}

/// One of the versions of a method.
public enum VersionPlace: Hashable, Sendable, Codable {
  /// By its number on this machine.
  case version(Int)
  /// As an accept has left it, or before it.
  case after(entry: Int)
  /// What it was before an accept.
  case before(entry: Int)

  /// `v2`, `7` (after accept 7), `-7` (before it).
  public init?(_ text: String) {
    if text.hasPrefix("v"), let number = Int(text.dropFirst()) {
      self = .version(number)
    } else if text.hasPrefix("-"), let number = Int(text.dropFirst()) {
      self = .before(entry: number)
    } else if let number = Int(text) {
      self = .after(entry: number)
    } else {
      return nil
    }
  }
}

extension VersionPlace: CustomStringConvertible {
  /// What `init(_:)` reads.
  public var spelling: String {
    switch self {
    case .version(let number): "v\(number)"
    case .after(let entry): "\(entry)"
    case .before(let entry): "-\(entry)"
    }
  }

  public var description: String {
    switch self {
    case .version(let number): "version \(number)"
    case .after(let entry): "version after accept \(entry)"
    case .before(let entry): "version before accept \(entry)"
    }
  }
}
