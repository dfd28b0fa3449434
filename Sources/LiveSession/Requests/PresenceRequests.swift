// Drafts, presence, the canvas: what a client says of itself.

import Foundation
import Ovid

extension RequestTable {
  private struct DraftSet: Decodable {
    var place: String
    var text: String?
    var basedOn: Int?
    var note: JSONValue?
  }
  private struct Present: Decodable {
    var looksAt: [String]?
    var name: String?
  }
  private struct Canvas: Decodable { var isWatched: Bool }

  static let presenceRequests: [String: RequestHandler] = [
    "draft": answering { (session, call, wanted: DraftSet) in
      let draft = wanted.text.map {
        Draft(
          place: wanted.place, text: $0, basedOn: wanted.basedOn, note: wanted.note,
          time: Date().timeIntervalSince1970)
      }
      try session.drafts.set(draft, at: wanted.place, of: call.client.key)
      session.recorder?.draft(draft, at: wanted.place, of: call.client)
      return Fields()
    },
    "drafts": answering { session, call in Fields("drafts", session.drafts.all(of: call.client.key)) },
    "presence": answering { (session, call, wanted: Present) in
      let client = call.client
      if let name = wanted.name { client.rename(String(name.prefix(200))) }
      let looksAt = (wanted.looksAt ?? []).prefix(50).map { String($0.prefix(200)) }
      session.presence.set(
        PresenceReport(client: client.key, name: client.name, looksAt: looksAt), of: client.connection)
      return Fields()
    },
    "canvas": answering { (session, call, wanted: Canvas) in
      call.client.canvasFrames { $0.isWatching = wanted.isWatched }
      // Who begins to watch sees what is there.
      if wanted.isWatched, let frame = session.vm.lastFrame { session.show(frame, to: [call.client]) }
      return Fields()
    },
  ]
}
