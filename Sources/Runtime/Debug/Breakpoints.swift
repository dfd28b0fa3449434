// What breakpoints are asked for, and what is told of them.

import VM

/// Where and when a program is to stop.
public struct Breakpoint: Hashable, Sendable, Codable {
  /// Where a breakpoint is.
  public enum Place: Hashable, Sendable, Codable {
    /// The first statement on this line, or the next one in that method. Lines count in the method's own text, from 1.
    case methodLine(MethodKey, Int)
    /// The same by the line of the class's file, or of the text that was loaded for it.
    case fileLine(String, Int)
    /// Where the method begins.
    case entry(MethodKey)
    /// Where an exception of this class, or one below, is signalled, whoever handles it.
    case signal(className: String)
  }
  /// Where it is.
  public var place: Place
  /// Statements, evaluated there: it stops if they answer true.
  public var condition: String?
  /// It stops from this time on that it comes by (and `condition` holds).
  public var hitCount: Int
  /// It does not stop, but tells this; what stands in braces is evaluated.
  public var logMessage: String?
  /// One that is not enabled stays, and stops nothing.
  public var isEnabled: Bool

  /// One that stops each time, unless something else is said.
  public init(
    _ place: Place, condition: String? = nil, hitCount: Int = 1, logMessage: String? = nil, isEnabled: Bool = true
  ) {
    self.place = place
    self.condition = condition
    self.hitCount = hitCount
    self.logMessage = logMessage
    self.isEnabled = isEnabled
  }
}

/// What has become of a breakpoint.
public struct BreakpointReport: Hashable, Sendable, Codable {
  /// By which it is changed and removed.
  public var id: Int
  /// As somebody has set it.
  public var breakpoint: Breakpoint
  /// It has a place in a method that is installed.
  public var isVerified: Bool
  /// The method that it stands in; nil: there is none now.
  public var method: MethodKey?
  /// Where it stands in the source.
  public var place: SourcePlace?
  /// Why it has none, or what has become of it.
  public var message: String?
  /// How often a process has come by since it was set.
  public var hits: Int
}

extension Breakpoint.Place {
  /// The method, if it says which.
  var method: MethodKey? {
    switch self {
    case .methodLine(let key, _), .entry(let key): key
    case .fileLine, .signal: nil
    }
  }
}
