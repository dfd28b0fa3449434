// Workspaces by name: clients that say the same name share variables.

import Ovid
import Synchronization

final class Workspaces: Sendable {
  static let limit = 100
  private let vm: VirtualMachine
  private let all = Mutex<[String: Workspace]>([:])

  init(_ vm: VirtualMachine) { self.vm = vm }

  /// Made when it is first named.
  func named(_ name: String?) throws -> Workspace {
    let name = name ?? ""
    if let found = all.withLock({ $0[name] }) { return found }
    // Not under the lock: it waits for the program.
    let new = vm.makeWorkspace()
    return try all.withLock { all in
      if let found = all[name] { return found }
      if all.count >= Self.limit {
        throw RequestError("tooMany", "There are \(Self.limit) workspaces already.", remedy: "Use one of their names.")
      }
      all[name] = new
      return new
    }
  }
}
