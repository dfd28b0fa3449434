// Which methods stand on one line, and where: an author's table, that is neighbours whose `=` are in one column,
// stays a table.

import Syntax

struct EqualsColumns {
  /// By index of the item: distance of the `=` from the beginning of the pattern; nil for what needs several
  /// lines, or is no method.
  private var columns: [Int?]

  subscript(item: Int) -> Int? { columns[item] }

  init(_ items: [LayoutItem], indent: Int) {
    columns = Array(repeating: nil, count: items.count)
    let widest = LayoutPrinter.width - indent
    var side: [(item: Int, least: Int, column: Int?)] = []

    func finishSide(_ columns: inout [Int?]) {
      for (i, method) in side.enumerated() {
        guard let column = method.column else { continue }
        let isInTable =
          i > 0 && side[i - 1].column == column || i + 1 < side.count && side[i + 1].column == column
        columns[method.item] = isInTable ? column : method.least
      }
      side = []
    }

    for (i, item) in items.enumerated() {
      switch item.kind {
      case .separator: finishSide(&columns)
      case .method(let method):
        guard let pattern = method.patternWidth, let rest = method.restWidth, pattern + 1 + rest <= widest
        else {
          side.append((i, 0, nil))
          continue
        }
        let aligned = max(method.equalsColumn ?? 0, pattern + 1)
        side.append((i, pattern + 1, aligned + rest <= widest ? aligned : pattern + 1))
      default: break
      }
    }
    finishSide(&columns)
  }
}
