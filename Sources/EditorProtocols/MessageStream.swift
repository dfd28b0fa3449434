// Messages on file descriptors: an adapter's standard input and output.

import Foundation
import Synchronization

public final class MessageStream: Sendable {
  private let framing: MessageFraming
  private let input: Int32
  private let output: Int32
  private let isBroken = Mutex(false)

  /// Standard input and output. What else the process prints on standard output goes to standard error from now on, so that
  /// it cannot stand between messages; and whoever else reads standard input finds that it has ended.
  public static func standard(_ framing: MessageFraming) -> MessageStream {
    fflush(nil)
    let output = dup(STDOUT_FILENO)
    dup2(STDERR_FILENO, STDOUT_FILENO)
    let input = dup(STDIN_FILENO)
    let nothing = open("/dev/null", O_RDONLY)
    dup2(nothing, STDIN_FILENO)
    close(nothing)
    return MessageStream(framing, input: input, output: output)
  }

  public init(_ framing: MessageFraming, input: Int32, output: Int32) {
    self.framing = framing
    self.input = input
    self.output = output
  }

  /// Writes a message; from any thread. When nobody reads any more, nothing happens.
  public func write(_ message: [UInt8]) {
    let framed = framing.frame(message)
    isBroken.withLock { isBroken in
      var rest = framed[...]
      while !rest.isEmpty, !isBroken {
        let count = rest.withUnsafeBytes { Foundation.write(output, $0.baseAddress, $0.count) }
        if count > 0 { rest = rest.dropFirst(count) } else { isBroken = count == 0 || errno != EINTR }
      }
    }
  }

  /// Reads until the stream ends or `receive` answers false. Throws if what comes cannot be divided into messages.
  public func read(_ receive: ([UInt8]) -> Bool) throws(FramingError) {
    var reader = MessageReader(framing)
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = buffer.withUnsafeMutableBytes { Foundation.read(input, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return }
      reader.append(buffer[..<count])
      while let message = try reader.next() {
        if !receive(message) { return }
      }
    }
  }
}
