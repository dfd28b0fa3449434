// One request on its way to its answer. It is answered once: by whoever carries it out, or because its time is over.

import Foundation
import Synchronization

final class LiveCall: Sendable {
  /// Seconds within which a request is answered, unless it tells its progress.
  static let patience = 10.0

  private struct State {
    var isAnswered = false
    /// Ends what it has begun.
    var cancel: (@Sendable () -> Void)?
    var progress: (@Sendable () -> Fields)?
    /// When it is given up; nil: never.
    var deadline: Double?
    var nextProgress = 0.0
    var began = 0.0
  }
  /// Nil: nobody wants an answer.
  let id: Int?
  let request: String
  let message: Data
  let client: LiveClient
  private let state = Mutex(State())

  init(_ id: Int?, _ request: String, _ message: Data, _ client: LiveClient, at now: Double) {
    self.id = id
    self.request = request
    self.message = message
    self.client = client
    state.withLock {
      $0.began = now
      $0.deadline = now + Self.patience
    }
  }

  func parameters<P: Decodable>(_ type: P.Type) throws -> P { try RequestMessage.parameters(type, of: message) }

  // MARK: Answering

  func answer(_ result: Fields) { finish("result", result) }
  func fail(_ error: any Error) { finish("error", RequestError(any: error).fields) }

  private func finish(_ kind: String, _ fields: Fields) {
    let isFirst = state.withLock { state -> Bool in
      defer { (state.isAnswered, state.cancel, state.progress) = (true, nil, nil) }
      return !state.isAnswered
    }
    if isFirst { client.finish(self, kind, fields) }
  }
  var isAnswered: Bool { state.withLock { $0.isAnswered } }

  // MARK: Taking long

  /// From now on it may take as long as it wants, or `seconds`: it tells its progress, and `cancel` ends it.
  func takesLong(
    seconds: Double?, progress: @escaping @Sendable () -> Fields, cancel: @escaping @Sendable () -> Void
  ) {
    state.withLock { state in
      state.deadline = seconds.map { state.began + $0 }
      state.nextProgress = state.began + 1
      (state.progress, state.cancel) = (progress, cancel)
    }
    // It may have gone before there was anything to cancel.
    if client.isGone { self.cancel(.gone) }
  }

  /// Somebody does not want it any more.
  func cancel(_ error: RequestError) {
    let cancel = state.withLock { $0.isAnswered ? nil : $0.cancel }
    cancel?()
    fail(error)
  }

  /// Whether `cancel` ends something.
  var isLong: Bool { state.withLock { $0.cancel != nil } }

  /// From time to time.
  func tick(_ now: Double) {
    enum Due { case nothing, progress(@Sendable () -> Fields, Double), deadline(isLong: Bool) }
    let due = state.withLock { state -> Due in
      if state.isAnswered { return .nothing }
      if let deadline = state.deadline, deadline <= now { return .deadline(isLong: state.progress != nil) }
      guard let progress = state.progress, state.nextProgress <= now else { return .nothing }
      state.nextProgress = now + 1
      return .progress(progress, (now - state.began).rounded())
    }
    switch due {
    case .nothing: break
    case .progress(let fields, let seconds):
      client.progress(self, fields().with("seconds", seconds))
    case .deadline(true):
      cancel(RequestError("tooSlow", "It has not ended in its time, and was given up."))
    case .deadline(false):
      fail(
        RequestError(
          "timeout", "The program has come to no safepoint for \(Int(Self.patience)) seconds.",
          remedy: "What was asked for may still happen; events tell it."))
    }
  }
}
