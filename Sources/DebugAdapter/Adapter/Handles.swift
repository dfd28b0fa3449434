// The numbers by which clients name activations, scopes and values. They count as long as the process stands still.

import EditorProtocols

struct Handles {
  struct Frame {
    var process: Int
    /// As the session names it.
    var activation: JSON
    /// Among all of its stack, the machine's own too.
    var index: Int
    var method: JSON
    var isBlock: Bool
  }
  /// What has variables.
  enum Container {
    /// Variables of an activation, of these kinds.
    case scope(frame: Int, kinds: Set<String>)
    case value(JSON, process: Int)
  }
  private(set) var frames: [Int: Frame] = [:]
  private(set) var containers: [Int: Container] = [:]
  /// Children of values that were told, by name: their numbers, from 0.
  private var children: [Int: [String: Int]] = [:]
  private var last = 0

  private mutating func next() -> Int {
    last += 1
    return last
  }

  mutating func add(_ frame: Frame) -> Int {
    let id = next()
    frames[id] = frame
    return id
  }
  mutating func add(_ container: Container) -> Int {
    let id = next()
    containers[id] = container
    return id
  }
  mutating func note(child name: String, at index: Int, of container: Int) {
    children[container, default: [:]][name] = index
  }
  func child(_ name: String, of container: Int) -> Int? { children[container]?[name] }

  /// It goes on. What evaluations have answered belongs to no process (0), and stays.
  mutating func forget(process: Int) {
    frames = frames.filter { $0.value.process != process }
    containers = containers.filter { entry in
      switch entry.value {
      case .scope(let frame, _): frames[frame] != nil
      case .value(_, let owner): owner != process
      }
    }
    children = children.filter { containers[$0.key] != nil }
  }

  func frame(_ id: Int) throws -> Frame {
    guard let frame = frames[id] else {
      throw AdapterError("There is no frame \(id) any more: its process has gone on. Ask for the stack again.")
    }
    return frame
  }
  func container(_ id: Int) throws -> Container {
    guard let container = containers[id] else {
      throw AdapterError("There is nothing \(id) with variables any more: its process has gone on.")
    }
    return container
  }
}
