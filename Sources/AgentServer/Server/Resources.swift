// Sources, history and receipts as resources.

import EditorProtocols
import Foundation
import LiveSession

extension AgentServer {
  static let resourceTemplates: JSON = [
    [
      "uriTemplate": "ovid://class/{name}", "name": "class", "mimeType": "text/x-som",
      "description": "The text of a class as it is now",
    ],
    [
      "uriTemplate": "ovid://method/{method}", "name": "method", "mimeType": "text/x-som",
      "description": "The text of a method as it is now: Class>>selector or Class class>>selector, percent-encoded",
    ],
    [
      "uriTemplate": "ovid://receipt/{entry}", "name": "receipt", "mimeType": "application/json",
      "description": "What an accept has changed, with texts and receipt",
    ],
  ]

  /// Entries of the history that are listed.
  private static let entryLimit = 50

  func resources() async throws -> JSON {
    var list: [JSON] = [
      [
        "uri": "ovid://history", "name": "history", "mimeType": "application/json",
        "description": "The accepts of this session, oldest first",
      ]
    ]
    for line in try await ask("classes")["classes"]?.array ?? [] where line["isLibrary"]?.bool == false {
      let name = line["name"]?.string ?? ""
      list.append([
        "uri": .string("ovid://class/\(name)"), "name": .string(name), "mimeType": "text/x-som",
        "description": "A class of the program",
      ])
    }
    let entries = try await ask("history", ["limit": .integer(Self.entryLimit)])["entries"]?.array ?? []
    for entry in entries {
      let number = entry["id"]?.integer ?? 0
      list.append([
        "uri": .string("ovid://receipt/\(number)"), "name": .string("accept \(number)"),
        "mimeType": "application/json", "description": "What it has changed",
      ])
    }
    return ["resources": .array(list)]
  }

  func read(_ parameters: JSON) async throws -> JSON {
    guard let uri = parameters["uri"]?.string else { throw RPCError(.invalidParameters, "uri is missing.") }
    let prefix = "ovid://"
    guard uri.hasPrefix(prefix) else { throw Self.noResource(uri) }
    let parts = uri.dropFirst(prefix.count).split(separator: "/", maxSplits: 1).map(String.init)
    let name = parts.count > 1 ? parts[1].removingPercentEncoding ?? parts[1] : ""
    let text: String, type: String
    do {
      switch parts.first {
      case "class" where !name.isEmpty:
        (text, type) = (try await ask("classText", ["name": .string(name)])["text"]?.string ?? "", "text/x-som")
      case "method" where !name.isEmpty:
        (text, type) = (try await ask("method", ["method": .string(name)])["text"]?.string ?? "", "text/x-som")
      case "receipt":
        guard let number = Int(name) else { throw Self.noResource(uri) }
        (text, type) = (try await ask("entry", ["entry": .integer(number)]).description, "application/json")
      case "history" where name.isEmpty: (text, type) = (try await ask("history").description, "application/json")
      default: throw Self.noResource(uri)
      }
    } catch let error as SessionRefusal {
      throw RPCError(RPCError.Code(-32002), error.description, data: ["uri": .string(uri)])
    }
    return [
      "contents": [
        [
          "uri": .string(uri), "mimeType": .string(type), "text": .string(text),
          "_meta": ["ovid/note": .string(Self.mark)],
        ]
      ]
    ]
  }

  private static func noResource(_ uri: String) -> RPCError {
    RPCError(
      RPCError.Code(-32002), "There is no resource \(uri.prefix(200)); resources/list and the templates tell them.",
      data: ["uri": .string(uri)])
  }
}
