// Where clients see the text of a method: in the file of its class if that has it, else as a text of its own, which they ask
// for by number. Lines that the session tells count in the text that the class was loaded from, which may have become
// another one since.

import EditorProtocols
import Foundation
import SourceTools

struct MethodPlace {
  /// A `Source` of the protocol.
  var source: JSON
  /// What is added to a line of the session's.
  var lineShift: Int
  /// What is added to a column in the first line of the method.
  var columnShift = 0
  var firstLine: Int
}

struct MethodPlaces {
  struct OwnText {
    var text: String
    var method: String
    var version: Int
  }
  /// By method and version.
  var known: [String: MethodPlace] = [:]
  private(set) var texts: [Int: OwnText] = [:]
  private var numbers: [String: Int] = [:]

  /// Something was accepted, or a file written.
  mutating func forget() { known = [:] }

  /// The number of a text that is in no file.
  mutating func number(_ text: OwnText) -> Int {
    let name = "\(text.method) v\(text.version)"
    let number = numbers[name] ?? numbers.count + 1
    numbers[name] = number
    texts[number] = text
    return number
  }
}

extension JSON {
  /// Of a `MethodKey`: `Foo>>bar:`, `Foo class>>bar:`.
  var methodName: String {
    let side = self["isClassSide"]?.bool == true ? " class" : ""
    return "\(self["className"]?.string ?? "")\(side)>>\(self["selector"]?.string ?? "")"
  }
}

extension DebugAdapter {
  // MARK: Paths and lines, as the client counts

  func clientPath(_ path: String) -> String {
    client.hasURIs ? URL(fileURLWithPath: path).absoluteString : path
  }
  func path(_ given: String) -> String {
    let path = given.hasPrefix("file:") ? URL(string: given)?.path ?? given : given
    return URL(fileURLWithPath: path).standardizedFileURL.path
  }
  func clientLine(_ line: Int) -> JSON { .integer(line - 1 + client.firstLine) }
  func line(_ given: Int) -> Int { given - client.firstLine + 1 }
  /// Clients count UTF-16 units, the session Unicode scalars.
  func clientColumn(_ column: Int, in text: String?) -> JSON {
    let units = text.map { String($0.unicodeScalars.prefix(column - 1)).utf16.count } ?? column - 1
    return .integer(units + client.firstColumn)
  }

  func fileSource(_ path: String) -> JSON {
    ["name": .string((path as NSString).lastPathComponent), "path": .string(clientPath(path))]
  }

  // MARK: Methods

  /// The place of the installed version of a method.
  func placeOfInstalled(_ method: JSON) async throws -> MethodPlace {
    let name = method.methodName
    let found = try await ask("method", ["method": .string(name)])
    let version = found["version"]?.integer ?? 0, text = found["text"]?.string ?? ""
    if let place = places.known["\(name) v\(version)"] { return place }
    let loadedLine = found["line"]?.integer ?? 1
    if let (path, line) = try await inFile(name, text, className: method["className"]?.string ?? "") {
      let place = MethodPlace(source: fileSource(path), lineShift: line - loadedLine, firstLine: line)
      places.known["\(name) v\(version)"] = place
      return place
    }
    return ownText(.init(text: text, method: name, version: version), loadedLine: loadedLine)
  }

  /// The file of the class, and the line in it where this text of a method begins.
  private func inFile(_ name: String, _ text: String, className: String) async throws -> (String, Int)? {
    guard let path = try await ask("class", ["name": .string(className)])["class"]?["path"]?.string else { return nil }
    let absolute = self.path(path)
    guard let file = ClassFile.onDisk(absolute), let method = file.method(named: name),
      file.methods[method].definition.text(in: file.source) == text
    else { return nil }
    return (absolute, file.lines(ofMethod: method).lowerBound)
  }

  private func ownText(_ text: MethodPlaces.OwnText, loadedLine: Int, column: Int = 1) -> MethodPlace {
    let number = places.number(text)
    let place = MethodPlace(
      source: [
        "name": .string("\(text.method) v\(text.version)"), "sourceReference": .integer(number),
        "presentationHint": "normal", "origin": "a version of a method",
      ],
      lineShift: 1 - loadedLine, columnShift: 1 - column, firstLine: 1)
    places.known["\(text.method) v\(text.version)"] = place
    return place
  }

  /// The place of the version that an activation runs.
  func place(ofActivation activation: JSON) async throws -> MethodPlace {
    let method = activation["method"] ?? .null, version = activation["version"]?.integer ?? 0
    if let place = places.known["\(method.methodName) v\(version)"] { return place }
    if activation["installedVersion"]?.integer == version, activation["name"]?.string != "evaluation",
      let place = try? await placeOfInstalled(method)
    {
      return place
    }
    let found = try await ask("activation", ["activation": activation["id"] ?? .null])["text"] ?? .null
    return ownText(
      .init(text: found["text"]?.string ?? "", method: method.methodName, version: version),
      loadedLine: found["line"]?.integer ?? 1, column: found["column"]?.integer ?? 1)
  }
}
