// What machine and worker tell each other; docs/contracts.md has the order. Encoded as the code cache encodes.

import Foundation
import GccBackend
import IR

/// The worker's first message.
struct WorkerHello: Codable, Sendable {
  /// GCC's major version.
  var version: Int?
  /// Why nothing can be compiled.
  var problem: String?
  /// Whether it can be another time.
  var isPassing: Bool?
}

struct WorkerRequest: Codable, Sendable {
  var options: BackendOptions
  /// The text of each graph.
  var graphs: [String]
  /// The stencils of baseline code are wanted instead.
  var stencils = false
  /// Seconds until the next request, after which the worker ends; nil: it waits for ever.
  var patience: Double?
}

enum WorkerAnswer: Codable, Sendable {
  case compiled([CodeMetadata], PhaseTimes)
  case failed(BackendError)
  /// The request is none.
  case misunderstood(String)
}

extension MessageChannel {
  func send(_ message: some Encodable, within seconds: Double? = nil) throws(Failure) {
    guard let data = try? JSONEncoder().encode(message) else { throw .garbage("a message cannot be encoded") }
    try send(bytes: [UInt8](data), within: seconds)
  }

  func receive<T: Decodable>(_ type: T.Type, within seconds: Double? = nil) throws(Failure) -> T {
    let bytes = try receive(within: seconds)
    do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch {
      throw .garbage("\(bytes.count) bytes that are no \(type)")
    }
  }
}
