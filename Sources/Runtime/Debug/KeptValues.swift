// Values that belong to nobody's stack, and that somebody looks at: what evaluations beside the program have answered, and
// what was found in that. The machine keeps the latest ones, and those that were asked for lately.

import MachineLayout
import VM

/// VM thread.
final class KeptValues {
  /// So many groups of values are kept.
  static let limit = 500
  private var groups: [Int: ValueKeeper] = [:]
  /// From the one that was asked for longest ago.
  private var order: [Int] = []
  private var last = 0

  /// A group for what a request answers.
  func make() -> ValueKeeper {
    last += 1
    let group = ValueKeeper(number: last, process: 0)
    groups[last] = group
    order.append(last)
    if order.count > Self.limit { groups[order.removeFirst()] = nil }
    return group
  }

  func find(_ number: Int) throws(DebugError) -> ValueKeeper {
    guard let group = groups[number] else {
      throw DebugError(.gone, "This value is not kept any more; evaluate it again.")
    }
    if let place = order.firstIndex(of: number) { order.append(order.remove(at: place)) }
    return group
  }

  func forEachRoot(_ visit: (Words) -> Void) { for group in groups.values { group.forEachRoot(visit) } }
}
