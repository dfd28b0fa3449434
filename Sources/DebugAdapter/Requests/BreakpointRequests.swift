// Breakpoints of all kinds. A client says all of a kind, or of a source, again each time: those that it has said before stay
// the ones that they are.

import EditorProtocols
import LiveSession
import SourceTools
import Syntax

struct SourceBreakpoint: Decodable, Sendable {
  var line: Int
  var condition: String?
  var hitCondition: String?
  var logMessage: String?
}

struct SetBreakpointsArguments: Decodable, Sendable {
  var source: SourceArguments.Source
  var breakpoints: [SourceBreakpoint]?
}

struct FunctionBreakpointsArguments: Decodable, Sendable {
  struct Wanted: Decodable, Sendable {
    var name: String
    var condition: String?
    var hitCondition: String?
  }
  var breakpoints: [Wanted]
}

struct ExceptionBreakpointsArguments: Decodable, Sendable {
  struct Option: Decodable, Sendable {
    var filterId: String
    var condition: String?
  }
  var filters: [String]
  var filterOptions: [Option]?
}

struct BreakpointLocationsArguments: Decodable, Sendable {
  var source: SourceArguments.Source
  var line: Int
  var column: Int?
  var endLine: Int?
  var endColumn: Int?
}

/// What this client has set.
struct BreakpointBook {
  struct Held {
    var id: Int
    /// The line that the client has said, and the one that it was told, both from 1; of a function, its name.
    var line: Int
    var toldLine: Int?
    var name = ""
    var condition: String?
    var hitCount: Int?
    var logMessage: String?
  }
  /// By path, or by number of a text; those on functions by "".
  var held: [String: [Held]] = [:]
  /// By class of exceptions.
  var exceptions: [String: Int] = [:]

  var ids: Set<Int> { Set(held.values.flatMap { $0.map(\.id) }).union(exceptions.values) }
  func isFunction(_ id: Int) -> Bool { held[""]?.contains { $0.id == id } == true }
  func isHeld(_ id: Int) -> Bool { held.values.contains { $0.contains { $0.id == id } } }
  mutating func tell(_ line: Int, of id: Int) {
    for key in held.keys {
      if let i = held[key]?.firstIndex(where: { $0.id == id }) { held[key]?[i].toldLine = line }
    }
  }
}

extension DebugAdapter {
  // MARK: Lines

  func setBreakpoints(_ arguments: SetBreakpointsArguments) async throws -> JSON? {
    let key: String
    var file: ClassFile?, text: MethodPlaces.OwnText?
    if let number = arguments.source.sourceReference, number > 0 {
      guard let found = places.texts[number] else { throw AdapterError("There is no text \(number).") }
      (key, text) = ("\(number)", found)
    } else if let given = arguments.source.path {
      key = path(given)
      file = ClassFile.onDisk(key)
    } else {
      throw AdapterError("A source has a path or a sourceReference.")
    }
    var old = breakpoints.held[key] ?? []
    var now: [BreakpointBook.Held] = []
    var answers: [JSON] = []
    let reports = try await reportsByID()
    for wanted in arguments.breakpoints ?? [] {
      do {
        var new = BreakpointBook.Held(
          id: 0, line: line(wanted.line), condition: wanted.condition, hitCount: try Self.count(wanted.hitCondition),
          logMessage: wanted.logMessage)
        let report: JSON
        if let same = old.firstIndex(where: { $0.isSame(as: new) }), let known = reports[old[same].id] {
          new.id = old.remove(at: same).id
          report = known
        } else {
          report = try await add(new, at: try place(of: new.line, key, file, text))
          new.id = report["id"]?.integer ?? 0
        }
        let shown = await breakpoint(report)
        new.toldLine = shown["line"]?.integer.map(line)
        now.append(new)
        answers.append(shown)
      } catch { answers.append(try Self.unverified(error)) }
    }
    breakpoints.held[key] = now
    for gone in old { _ = try? await ask("removeBreakpoint", ["id": .integer(gone.id)]) }
    return ["breakpoints": .array(answers)]
  }

  /// A place as the session names it.
  private func place(
    of line: Int, _ path: String, _ file: ClassFile?, _ text: MethodPlaces.OwnText?
  ) throws -> [String: JSON?] {
    if let text { return ["method": .string(text.method), "line": .integer(line)] }
    if let file {
      guard let method = file.method(atLine: line) else { throw AdapterError("No method stands there, or after it.") }
      let first = file.lines(ofMethod: method).lowerBound
      return ["method": .string(file.name(ofMethod: method)), "line": .integer(max(1, line - first + 1))]
    }
    return ["file": .string(path), "line": .integer(line)]
  }

  private func add(_ wanted: BreakpointBook.Held, at place: [String: JSON?]) async throws -> JSON {
    let rest: [String: JSON?] = [
      "condition": wanted.condition.map(JSON.string), "hitCount": wanted.hitCount.map(JSON.integer),
      "logMessage": wanted.logMessage.map(JSON.string),
    ]
    let parameters = JSON.fields(place.merging(rest) { first, _ in first })
    return try await ask("addBreakpoint", parameters)["breakpoint"] ?? .null
  }

  /// `5`, `>= 5`: from the fifth time on; `> 5`.
  private static func count(_ text: String?) throws -> Int? {
    guard let text = text?.filter({ !$0.isWhitespace }), !text.isEmpty else { return nil }
    let digits = text.drop { $0 == ">" || $0 == "=" }, sign = text.dropLast(digits.count)
    guard let number = Int(digits), number > 0, ["", ">=", ">"].contains(sign) else {
      throw AdapterError("A hit count is 5 or >= 5, from the fifth time on, or > 5; not \(text.prefix(20)).")
    }
    return sign == ">" ? number + 1 : number
  }

  // MARK: Places

  /// Where statements begin between two places.
  func breakpointLocations(_ arguments: BreakpointLocationsArguments) throws -> JSON? {
    let source: SourceText, methods: [MethodDefinition]
    if let number = arguments.source.sourceReference, number > 0 {
      guard let found = places.texts[number] else { throw AdapterError("There is no text \(number).") }
      source = SourceText(name: found.method, found.text)
      methods = (try? Parser.parseMethod(source)).map { [$0] } ?? []
    } else if let path = arguments.source.path {
      guard let file = ClassFile.onDisk(self.path(path)) else {
        throw AdapterError("\(path) cannot be read, or is no class at the moment.")
      }
      (source, methods) = (file.source, file.methods.map(\.definition))
    } else {
      throw AdapterError("A source has a path or a sourceReference.")
    }
    let first = line(arguments.line), last = arguments.endLine.map(line) ?? first
    let from = arguments.column.map { $0 - client.firstColumn } ?? 0
    let to = arguments.endColumn.map { $0 - client.firstColumn } ?? .max
    var found: [JSON] = []
    for statement in methods.flatMap(\.statements) {
      let (line, column) = source.position(of: statement.range.start)
      let text = source.line(line) ?? ""
      let units = String(text.unicodeScalars.prefix(column - 1)).utf16.count
      guard first <= line, line <= last, line > first || units >= from, line < last || units <= to else { continue }
      found.append(["line": clientLine(line), "column": clientColumn(column, in: text)])
    }
    return ["breakpoints": .array(found)]
  }

  /// One breakpoint may be wrong; the others are set.
  private static func unverified(_ error: any Error) throws -> JSON {
    switch error {
    case let error as AdapterError: return ["verified": false, "message": .string(error.message)]
    case let error as SessionRefusal where error.code != "ended":
      return ["verified": false, "message": .string(error.description)]
    default: throw error
    }
  }

  private func reportsByID() async throws -> [Int: JSON] {
    let all = try await ask("breakpoints")["breakpoints"]?.array ?? []
    return Dictionary(all.map { ($0["id"]?.integer ?? 0, $0) }) { first, _ in first }
  }

  /// A report of the session's as the client is told it.
  func breakpoint(_ report: JSON) async -> JSON {
    var fields: [String: JSON?] = [
      "id": report["id"], "verified": .bool(report["isVerified"]?.bool == true && !program.noDebug),
      "message": program.noDebug ? "The program runs without debugging." : report["message"],
    ]
    if let method = report["method"], let loaded = report["place"]?["line"]?.integer,
      let place = try? await placeOfInstalled(method)
    {
      fields["source"] = place.source
      fields["line"] = clientLine(loaded + place.lineShift)
    }
    return .fields(fields)
  }

  // MARK: Methods

  func setFunctionBreakpoints(_ arguments: FunctionBreakpointsArguments) async throws -> JSON? {
    var old = breakpoints.held[""] ?? []
    var now: [BreakpointBook.Held] = []
    var answers: [JSON] = []
    let reports = try await reportsByID()
    for wanted in arguments.breakpoints {
      do {
        let name = wanted.name.trimmingPrefix { $0.isWhitespace }
        guard name.contains(">>") else {
          throw AdapterError("A method is written Class>>selector, or Class class>>selector.")
        }
        var new = BreakpointBook.Held(
          id: 0, line: 0, name: String(name), condition: wanted.condition, hitCount: try Self.count(wanted.hitCondition)
        )
        let report: JSON
        if let same = old.firstIndex(where: { $0.isSame(as: new) }), let known = reports[old[same].id] {
          new.id = old.remove(at: same).id
          report = known
        } else {
          report = try await add(new, at: ["method": .string(new.name)])
          new.id = report["id"]?.integer ?? 0
        }
        now.append(new)
        answers.append(await breakpoint(report))
      } catch { answers.append(try Self.unverified(error)) }
    }
    breakpoints.held[""] = now
    for gone in old { _ = try? await ask("removeBreakpoint", ["id": .integer(gone.id)]) }
    return ["breakpoints": .array(answers)]
  }

  // MARK: Exceptions

  func setExceptionBreakpoints(_ arguments: ExceptionBreakpointsArguments) async throws -> JSON? {
    let options =
      arguments.filters.map { ExceptionBreakpointsArguments.Option(filterId: $0) }
      + (arguments.filterOptions ?? [])
    let known: Set<String> = ["unhandled", "error", "class"]
    if let wrong = options.first(where: { !known.contains($0.filterId) }) {
      throw AdapterError("There is no filter \(wrong.filterId.prefix(50)): unhandled, error or class.")
    }
    var answers: [JSON] = []
    var wanted: Set<String> = []
    for option in options {
      var names: [String] = []
      if option.filterId == "error" { names = ["Error"] }
      if option.filterId == "class" {
        names = (option.condition ?? "").split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init)
      }
      wanted.formUnion(names)
      answers.append(
        option.filterId == "class" && names.isEmpty
          ? ["verified": false, "message": "Which classes? Name them, with commas between."] : ["verified": true])
    }
    for (name, id) in breakpoints.exceptions where !wanted.contains(name) {
      _ = try await ask("removeBreakpoint", ["id": .integer(id)])
      breakpoints.exceptions[name] = nil
    }
    for name in wanted.sorted() where breakpoints.exceptions[name] == nil {
      let report = try await ask("addBreakpoint", ["signal": .string(name)])["breakpoint"]
      breakpoints.exceptions[name] = report?["id"]?.integer
    }
    stopsAtUnhandledErrors = options.contains { $0.filterId == "unhandled" }
    return ["breakpoints": .array(answers)]
  }

  func exceptionInfo(_ arguments: ThreadArguments) async throws -> JSON? {
    let processes = try await ask("processes")["processes"]?.array ?? []
    guard let process = processes.first(where: { $0["id"]?.integer == arguments.threadId }) else {
      throw AdapterError("There is no process \(arguments.threadId) any more.")
    }
    guard let stop = process["stop"], let reason = stop["reason"]?.string,
      ["unhandledError", "error"].contains(reason)
    else { throw AdapterError("Process \(arguments.threadId) has not stopped because of an error.") }
    let stack = try await ask("stack", ["process": .integer(arguments.threadId), "count": 50])["activations"]
    let lines = (stack?.array ?? []).map { activation in
      let place = activation["place"]
      return
        "\(activation["name"]?.string ?? "?"), \(place?["file"]?.string ?? "?"), line \(place?["line"]?.integer ?? 0)"
    }
    let name = stop["errorClass"] ?? "Error"
    return .fields([
      "exceptionId": name, "description": stop["message"],
      "breakMode": reason == "unhandledError" ? "unhandled" : "always",
      "details": .fields([
        "message": stop["message"], "typeName": name, "stackTrace": .string(lines.joined(separator: "\n")),
      ]),
    ])
  }
}

extension BreakpointBook.Held {
  /// Where it was set, or where the client was told that it is by now.
  func isSame(as new: BreakpointBook.Held) -> Bool {
    (line == new.line || toldLine == new.line) && name == new.name && condition == new.condition
      && hitCount == new.hitCount && logMessage == new.logMessage
  }
}
