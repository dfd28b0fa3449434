// Frames of the canvas on their way to one client: two of them at most, and of what comes meanwhile the latest of each
// canvas.

struct FrameQueue {
  /// So many may be sent and not yet drawn.
  static let limit = 2
  /// Seconds after which one is sent to a client that does not say what it has drawn.
  static let patience = 1.0
  /// Canvases that wait for their turn at once, at most.
  static let canvasLimit = 8

  var isWatching = false { didSet { if !isWatching { (latest, sent) = ([], []) } } }
  /// In the order of their turns.
  private var latest: [(canvas: UInt32, number: UInt32, bytes: [UInt8])] = []
  private var sent: [UInt32] = []
  private var lastTime = 0.0

  /// Something waits for its turn.
  var isWaiting: Bool { !latest.isEmpty }

  mutating func add(_ number: UInt32, canvas: UInt32, _ bytes: [UInt8]) {
    guard isWatching else { return }
    if let place = latest.firstIndex(where: { $0.canvas == canvas }) {
      latest[place] = (canvas, number, bytes)
    } else {
      latest.append((canvas, number, bytes))
      if latest.count > Self.canvasLimit { latest.removeFirst() }
    }
  }

  /// The client has drawn it, and those before it.
  mutating func drawn(_ number: UInt32) { sent.removeAll { $0 <= number } }

  mutating func take(at now: Double) -> [UInt8]? {
    if latest.isEmpty { return nil }
    if sent.count >= Self.limit {
      if now - lastTime < Self.patience { return nil }
      sent = []
    }
    let frame = latest.removeFirst()
    sent.append(frame.number)
    lastTime = now
    return frame.bytes
  }

  /// The header of docs/protocol.md, and the frame.
  static func message(_ number: UInt32, _ frame: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = [1, 1, 0, 0]
    bytes.reserveCapacity(frame.count + 8)
    for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: number >> UInt32(shift))) }
    bytes.append(contentsOf: frame)
    return bytes
  }

  /// The number of the canvas that a frame is of (docs/canvas.md).
  static func canvas(of frame: [UInt8]) -> UInt32 {
    frame.count < 12 ? 0 : frame[8..<12].reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }
}
