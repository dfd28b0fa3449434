// The options that the machine code of a graph depends on: those whose rows say so (`CodeEffect`). The backend is given
// these and no others, and the key of cached code is made of the same: an option that changes code cannot be missing in
// the key.

import GccBackend
import IR

struct CodeOptions: Sendable {
  /// The default in place of what code does not depend on.
  private let options: Options
  /// Values with names.
  let key: String

  init(_ all: Options) {
    var options = Options()
    var key: [String] = []
    for row in Options.table {
      let value: String
      switch row.code {
      case .none: continue
      case .value: value = row.print(all)
      case .presence(let other): value = row.print(all) == row.defaultText ? row.defaultText : other
      }
      _ = row.parse(&options, value)
      key.append("\(row.name)=\(value)")
    }
    self.options = options
    self.key = key.joined(separator: " ")
  }

  /// What the backend is told, to compile `graphs` into one object file at `path`.
  func backend(for graphs: [Graph], path: String) -> BackendOptions {
    var backend = BackendOptions(outputPath: path)
    backend.optimizationLevel = optimizationLevel(for: graphs)
    backend.elideEditability = options.uneditable
    backend.countsDeopts = options.deoptEvery > 0
    return backend
  }

  /// GCC's level for what is compiled together. Small units are where each instruction counts, and GCC's time does not:
  /// fib, the loops of a demo.
  private func optimizationLevel(for graphs: [Graph]) -> Int {
    let isSmall = graphs.reduce(0) { $0 + $1.nodeCount } <= 150
    return isSmall && options.optimizationLevel == 1 ? 2 : options.optimizationLevel
  }
}
