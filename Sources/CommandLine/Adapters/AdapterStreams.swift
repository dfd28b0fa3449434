// What the commands on standard streams have in common: messages are read on a thread until nothing comes any more.

import EditorProtocols
import Foundation

enum AdapterStreams {
  /// Until `run` returns.
  static func serve(
    _ stream: MessageStream, receive: @escaping @Sendable ([UInt8]) -> Void, endOfInput: @escaping @Sendable () -> Void,
    run: @escaping @Sendable () async -> Void
  ) {
    let isOver = DispatchSemaphore(value: 0)
    Task {
      await run()
      isOver.signal()
    }
    Thread.detachNewThread {
      do throws(FramingError) {
        try stream.read { message in
          receive(message)
          return true
        }
      } catch { complain("\(error)") }
      endOfInput()
    }
    isOver.wait()
  }
}
