// What the machine tells its user on standard error: obstacles, once each, and traces.

import VM

final class Notices: @unchecked Sendable {
  private let universe: Universe
  private let topics: Set<TraceTopic>
  private let told = Guarded<Set<String>>([])
  /// Of other threads.
  private let waiting = Guarded<[String]>([])

  init(_ universe: Universe, topics: Set<TraceTopic>) {
    self.universe = universe
    self.topics = topics
  }

  /// Tells something once.
  func tell(_ text: String) {
    if told.update({ (set: inout Set<String>) -> Bool in set.insert(text).inserted }) {
      universe.output.printError("ovid: \(text)\n")
    }
  }

  /// The same from any thread: the program's own tells it, at a poll or at its end.
  func tellSoon(_ text: String) {
    waiting.update { $0.append(text) }
    universe.requestPoll()
  }

  /// VM thread.
  func tellWaiting() { for text in waiting.takeAll() { tell(text) } }

  func trace(_ topic: TraceTopic, _ text: @autoclosure () -> String) {
    if topics.contains(topic) { universe.output.printError("[\(topic.rawValue)] \(text())\n") }
  }
}
