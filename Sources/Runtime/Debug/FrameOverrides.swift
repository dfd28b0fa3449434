// Variables of compiled frames that somebody has set while their process stood still. A compiled frame cannot be written
// to: its code is invalidated, so that it leaves for the interpreter when it goes on, and what was set counts then.

import IR
import MachineLayout
import VM

/// VM thread.
final class FrameOverrides {
  enum Place: Hashable {
    /// A register of an activation; 0 is the outermost.
    case register(Int, Int)
    /// A body word of an object that was never allocated.
    case field(Int, Int)
  }
  private struct Override {
    let frame: Words
    let code: CodeID
    let safepoint: UInt64
    let place: Place
    var value: UInt64
  }
  private var all: [Override] = []

  func set(_ place: Place, _ entry: StackEntry, _ code: CompiledCode, _ value: Value, _ tiering: Tiering) {
    let frame = entry.place.frame
    all.removeAll { $0.frame == frame && ($0.code != code.id || $0.safepoint != frame[2] || $0.place == place) }
    all.append(Override(frame: frame, code: code.id, safepoint: frame[2], place: place, value: value.bits))
    tiering.invalidate(code, because: "a variable was set", .changed)
  }

  /// What was set in a frame that is being rebuilt at this safepoint; none of it counts any more after that.
  func take(_ frame: Words, _ code: CompiledCode, _ safepoint: Int) -> [(place: Place, value: Value)] {
    if all.isEmpty { return [] }
    let taken = all.filter { $0.frame == frame && $0.code == code.id && $0.safepoint == UInt64(safepoint) }
    all.removeAll { $0.frame == frame }
    return taken.map { ($0.place, Value(bits: $0.value)) }
  }

  /// What was set in a frame that waits.
  func value(_ place: Place, _ frame: Words) -> Value? {
    all.first { $0.frame == frame && $0.place == place && $0.safepoint == frame[2] }.map { Value(bits: $0.value) }
  }

  func forEachRoot(_ visit: (Words) -> Void) {
    all.withUnsafeMutableBufferPointer { buffer in
      for i in buffer.indices { withUnsafeMutablePointer(to: &buffer[i].value, visit) }
    }
  }
}
