// Listens to the program of the demo: its lines, and from those that start with @ its speed, as it measured it.

import Foundation
import Ovid
import VM

/// What one `@` line says.
public struct SpeedSample: Equatable, Sendable {
  /// Sends of methB so far.
  public internal(set) var sends: Int
  /// The program's own clock.
  public internal(set) var microseconds: Int
  /// What methB added for each send since the sample before.
  public internal(set) var value: Int
  /// Sends per second since the sample before; nil in the first.
  public internal(set) var rate: Double?
  /// The same by the processor time of the program's thread, in which others on a busy machine have no part.
  public internal(set) var processorRate: Double?
  /// Processor time of the thread so far.
  public internal(set) var processorSeconds = 0.0
  /// When the line arrived here.
  public internal(set) var arrival: ContinuousClock.Instant

  static func parse(_ line: Substring) -> (sends: Int, microseconds: Int, value: Int)? {
    let words = line.split(separator: " ")
    guard words.count == 4, words[0] == "@", let sends = Int(words[1]), let time = Int(words[2]),
      let value = Int(words[3])
    else { return nil }
    return (sends, time, value)
  }
}

public final class LiveEditMonitor: @unchecked Sendable {
  private let condition = NSCondition()
  // Guarded by `condition`.
  private var partial: [UInt8] = []
  /// What wrote the last sample.
  private var thread: NativeThreadID?
  private var allSamples: [SpeedSample] = []
  private var allLines: [String] = []
  private var allEvents: [RuntimeEvent] = []
  private var errorText = ""
  private var exitStatus: Result<Int, any Error>?

  public func receive(_ bytes: UnsafeRawBufferPointer) {
    let now = ContinuousClock.now
    condition.withLock {
      partial.append(contentsOf: bytes)
      while let end = partial.firstIndex(of: UInt8(ascii: "\n")) {
        add(line: String(decoding: partial[..<end], as: UTF8.self), now)
        partial.removeSubrange(...end)
      }
      condition.broadcast()
    }
  }

  private func add(line: String, _ now: ContinuousClock.Instant) {
    guard let (sends, time, value) = SpeedSample.parse(line[...]) else {
      allLines.append(line)
      return
    }
    var sample = SpeedSample(
      sends: sends, microseconds: time, value: value, processorSeconds: Self.processorSeconds(), arrival: now)
    if let last = allSamples.last {
      let count = Double(sends - last.sends), processor = sample.processorSeconds - last.processorSeconds
      if time > last.microseconds { sample.rate = count * 1e6 / Double(time - last.microseconds) }
      if thread?.isCurrent == true, processor > 0 { sample.processorRate = count / processor }
    }
    thread = NativeThreadID()
    allSamples.append(sample)
  }

  /// Of the calling thread.
  private static func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  public func receiveError(_ bytes: UnsafeRawBufferPointer) {
    condition.withLock {
      errorText += String(decoding: bytes, as: UTF8.self)
      condition.broadcast()
    }
  }

  public func receive(_ event: RuntimeEvent) {
    condition.withLock {
      allEvents.append(event)
      condition.broadcast()
    }
  }

  func ended(_ result: Result<Int, any Error>) {
    condition.withLock {
      exitStatus = result
      condition.broadcast()
    }
  }

  /// The program has ended, and is about to start again.
  func forgetAll() {
    condition.withLock {
      partial = []
      allSamples = []
      allLines = []
      errorText = ""
      exitStatus = nil
    }
  }

  /// Waits until `body` answers something, and answers that; nil when the seconds have passed, or when the
  /// program has ended and still there is nothing.
  public func wait<T>(seconds: Double, for body: (State) -> T?) -> T? {
    let end = Date(timeIntervalSinceNow: seconds)
    return condition.withLock {
      while true {
        if let found = body(State(monitor: self)) { return found }
        if exitStatus != nil { return nil }
        if !condition.wait(until: end) { return body(State(monitor: self)) }
      }
    }
  }

  /// Drops all but the latest samples and events, for a program that runs long.
  public func forgetOld() {
    condition.withLock {
      allSamples.removeFirst(max(0, allSamples.count - 100))
      allEvents.removeFirst(max(0, allEvents.count - 100))
    }
  }

  /// A look at everything so far.
  public func look<T>(_ body: (State) -> T) -> T { condition.withLock { body(State(monitor: self)) } }

  /// Valid only inside `wait` and `look`.
  public struct State {
    fileprivate let monitor: LiveEditMonitor
    public var samples: [SpeedSample] { monitor.allSamples }
    public var lines: [String] { monitor.allLines }
    public var events: [RuntimeEvent] { monitor.allEvents }
    public var errorText: String { monitor.errorText }
    public var exitStatus: Result<Int, any Error>? { monitor.exitStatus }

    /// Median speed of the samples that arrived since a moment.
    public func rate(since start: ContinuousClock.Instant, by rate: KeyPath<SpeedSample, Double?> = \.rate) -> Double? {
      let rates = samples.reversed().prefix { $0.arrival >= start }.compactMap { $0[keyPath: rate] }.sorted()
      return rates.isEmpty ? nil : rates[rates.count / 2]
    }

    /// How much of a processor the program has had since a moment; nil if it said nothing.
    public func processorShare(since start: ContinuousClock.Instant) -> Double? {
      guard let first = samples.first(where: { $0.arrival >= start }), let last = samples.last,
        last.arrival > first.arrival
      else { return nil }
      return (last.processorSeconds - first.processorSeconds) / (last.arrival - first.arrival).seconds
    }
  }
}
