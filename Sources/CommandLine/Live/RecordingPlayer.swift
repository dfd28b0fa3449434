// `ovid replay RECORDING`: serves the pages that show a recorded session.

import Foundation
import LiveServer
import Ovid

enum RecordingPlayer {
  /// - Parameter recording: which of the words names the file.
  static func execute(_ words: [String], recording place: Int) -> Int32 {
    var others = words
    let path = others.remove(at: place)
    do {
      let live = try LiveArguments(others)
      if let word = live.others.first ?? live.record.map({ _ in "--record" }) ?? live.speed.map({ _ in "--speed" }) {
        throw RunArguments.UsageError(
          description: "\(word) is of no use here: \(path) is a recording, of which nothing runs; "
            + "--port N, --open and --pages FOLDER are")
      }
      try serve(try Recording(path), live)
    } catch let error as RunArguments.UsageError {
      complain("\(error)")
      return ExitStatus.usage
    } catch {
      complain("\(error)")
      return ExitStatus.failure
    }
  }

  private static func serve(_ recording: Recording, _ live: LiveArguments) throws -> Never {
    if recording.endsTorn {
      complain("\(recording.path): the last line is cut short, as by a crash; what is before it is shown")
    }
    let server = try LiveServer(recording, LiveServer.Configuration(port: live.port, pagesFolder: live.pages))
    server.start()
    print(server.address)
    fflush(nil)
    if live.isOpening { Browser.open(server.address) }
    // Until a signal ends the process.
    while true { Thread.sleep(forTimeInterval: 3600) }
  }
}
