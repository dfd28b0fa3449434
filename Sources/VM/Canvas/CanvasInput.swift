// What somebody does with pointer and keys in front of a canvas: kept for the program, which looks when it wants to.

import Synchronization

/// Something that happened in front of a canvas. What is missing in its JSON form has the value below.
public struct CanvasEvent: Sendable, Hashable, Codable {
  /// What was done.
  public enum Kind: String, Sendable, Codable {
    /// With the pointer (or a finger), the wheel, or a key.
    case pointerDown, pointerMove, pointerUp, wheel, keyDown, keyUp
  }
  /// The canvas's number, from the frame; nil: the one that was drawn on last.
  public var canvas: Int?
  /// What was done.
  public var kind: Kind
  /// The pointer's place in the canvas's coordinates; of a wheel, how far it was turned.
  public var x: Double
  /// In pixels of the canvas, from the top.
  public var y: Double
  /// Of `pointerDown` and `pointerUp`: 0 is the main button, 1 the middle one, 2 the other.
  public var button: Int
  /// Of a key: the `key` of a browser's event, such as "a", "A", " " or "ArrowLeft".
  public var key: String

  /// Of keys, the place is 0.
  public init(
    _ kind: Kind, canvas: Int? = nil, x: Double = 0, y: Double = 0, button: Int = 0, key: String = ""
  ) {
    self.canvas = canvas
    self.kind = kind
    self.x = x
    self.y = y
    self.button = button
    self.key = key
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      try values.decode(Kind.self, forKey: .kind), canvas: try values.decodeIfPresent(Int.self, forKey: .canvas),
      x: try values.decodeIfPresent(Double.self, forKey: .x) ?? 0,
      y: try values.decodeIfPresent(Double.self, forKey: .y) ?? 0,
      button: try values.decodeIfPresent(Int.self, forKey: .button) ?? 0,
      key: try values.decodeIfPresent(String.self, forKey: .key) ?? "")
  }

  /// Whether a browser can have sent it.
  var isSound: Bool {
    abs(x) <= 1e6 && abs(y) <= 1e6 && (0..<32).contains(button) && key.utf8.count <= 64
      && (kind != .keyDown && kind != .keyUp || !key.isEmpty)
  }
}

/// Pointer, keys and waiting events of one canvas. Any thread.
final class CanvasInput: Sendable {
  struct State: Sendable {
    var x = 0.0
    var y = 0.0
    var buttons: Set<Int> = []
    var keys: [String] = []
    fileprivate(set) var events: [CanvasEvent] = []
  }
  /// When the program does not look, the oldest ones are forgotten.
  static let limit = 1000
  private static let keyLimit = 32
  private let state = Mutex(State())

  var current: State { state.withLock { $0 } }
  var hasEvents: Bool { state.withLock { !$0.events.isEmpty } }

  func add(_ event: CanvasEvent) {
    state.withLock { state in
      switch event.kind {
      case .pointerDown, .pointerMove, .pointerUp:
        state.x = event.x
        state.y = event.y
        if event.kind == .pointerDown { state.buttons.insert(event.button) }
        if event.kind == .pointerUp { state.buttons.remove(event.button) }
      case .keyDown:
        if !state.keys.contains(event.key), state.keys.count < Self.keyLimit { state.keys.append(event.key) }
      case .keyUp: state.keys.removeAll { $0 == event.key }
      case .wheel: break
      }
      // Where the pointer was in between, nobody asks.
      if event.kind == .pointerMove, state.events.last?.kind == .pointerMove { state.events.removeLast() }
      if state.events.count == Self.limit { state.events.removeFirst() }
      state.events.append(event)
    }
  }

  func take() -> CanvasEvent? { state.withLock { $0.events.isEmpty ? nil : $0.events.removeFirst() } }
}
