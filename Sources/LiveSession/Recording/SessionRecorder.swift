// What of a session is recorded (docs/recordings.md): all its events, and what pages ask for besides, which nobody could answer
// later: the texts of classes, entries of the history, frames of canvases, drafts; and what clients were answered of stacks and
// of code that runs. From time to time everything as it is then, so that what comes after a damaged place can be shown; the library
// once, as it does not change.

import EditorProtocols
import Foundation
import Ovid
import Synchronization

final class SessionRecorder: Sendable {
  static let formatVersion = 1
  /// Seconds between two snapshots, at least; large ones come less often, so that they take so many bytes a second.
  private static let snapshotInterval = 30.0
  /// Until the first one after that of the beginning: by then, a program has loaded most of its classes.
  private static let firstInterval = 2.0
  private static let snapshotRate = 20_000.0
  private static let classLimit = 500

  private struct State {
    var nextSnapshot = 0.0
    var isLooking = false
    var pictures = PictureBudget()
    /// What clients were answered last, by what they asked.
    var answers: [String: String] = [:]
    var answerBytes = ByteBudget(perSecond: 50_000, atOnce: 2 << 20)
    /// Classes of the library whose sources are written.
    var written: Set<String> = []
    /// Classes of the library that somebody has changed.
    var touched: Set<String> = []
    /// The source of each class, with what it depends on.
    var sources: [String: (key: String, fields: Fields)] = [:]
    var texts: [MethodKey: (version: Int, text: String)] = [:]
  }
  private unowned let session: LiveSession
  private let file: RecordingFile
  private let looking = DispatchQueue(label: "ovid recorder")
  private let state = Mutex(State())

  init(_ session: LiveSession, _ file: RecordingFile) {
    self.session = session
    self.file = file
  }

  private var time: String { "\"time\":" + String(format: "%.6f", Date().timeIntervalSince1970) }

  func begin() throws {
    file.write(
      "{"
        + Fields("recording", Self.formatVersion).with("version", VirtualMachine.version).with("session", session.name)
        .text + ",\(time)}")
    file.write(try snapshot())
    library()
    session.log.record { [file] in file.write($0) }
    session.vm.onEvent { [weak self] event in
      if case .accepted(let receipt) = event, receipt.succeeded { self?.accepted(receipt) }
    }
  }

  func end() {
    // Texts of the last accepts; a program that comes to no safepoint is not waited for.
    let looked = DispatchSemaphore(value: 0)
    looking.async { looked.signal() }
    _ = looked.wait(timeout: .now() + 1)
    file.write("{\"ended\":true,\(time)}")
    file.finish()
  }

  // MARK: Snapshots

  /// From time to time.
  func tick(_ now: Double) {
    let isDue = state.withLock { state -> Bool in
      if state.nextSnapshot == 0 { state.nextSnapshot = now + Self.firstInterval }
      if state.isLooking || state.nextSnapshot > now { return false }
      state.isLooking = true
      return true
    }
    guard isDue else { return }
    looking.async { [self] in
      let text = try? snapshot()
      if let text { file.write(text) }
      library()
      let pause = max(Self.snapshotInterval, Double(text?.utf8.count ?? 0) / Self.snapshotRate)
      state.withLock { ($0.isLooking, $0.nextSnapshot) = (false, now + pause) }
    }
  }

  private func snapshot() throws -> String {
    let seen = session.log.last
    let fields = try session.snapshot(for: "")
    let touched = state.withLock { $0.touched }
    let names = session.classLines.filter { !$0.isLibrary || touched.contains($0.name) }.map(\.name)
    let sources = names.prefix(Self.classLimit).compactMap { source(of: $0)?.object }
    return "{\"snapshot\":{\(fields.text),\"sources\":[\(sources.joined(separator: ","))]},\"event\":\(seen),\(time)}"
  }

  /// The sources of classes of the library that were loaded meanwhile.
  private func library() {
    let written = state.withLock { $0.written }
    let names = session.classLines.filter { $0.isLibrary && !written.contains($0.name) }.map(\.name)
    let sources = names.compactMap { source(of: $0)?.object }
    state.withLock { state in
      state.written.formUnion(names)
      // Of these there are many, and each is asked for once.
      for name in names { state.sources[name] = nil }
    }
    if !sources.isEmpty { file.write("{\"sources\":[\(sources.joined(separator: ","))],\(time)}") }
  }

  // MARK: Texts

  private struct MethodText: Encodable {
    var selector: String
    var isClassSide: Bool
    var text: String
  }

  /// What the requests `class`, `classText` and `method` would answer about a class. Nil: there is none of that name.
  private func source(of name: String) -> Fields? {
    let vm = session.vm
    guard let report = vm.classReport(name) else { return nil }
    let methods = vm.code.methods(of: name)
    var fields = Fields("class", report).with("methods", methods)
    let key = fields.text
    if let known = state.withLock({ $0.sources[name] }), known.key == key { return known.fields }
    let texts = methods.map { summary in
      MethodText(
        selector: summary.method.selector, isClassSide: summary.method.isClassSide,
        text: text(of: summary.method, version: summary.version))
    }
    fields = fields.with("texts", texts).with("text", vm.text(ofClass: name))
      .with("comment", vm.code.comment(ofClass: name)).with("isLibrary", vm.code.isLibrary(name))
    state.withLock { $0.sources[name] = (key, fields) }
    return fields
  }

  private func text(of method: MethodKey, version: Int) -> String {
    if let known = state.withLock({ $0.texts[method] }), known.version == version { return known.text }
    let text = session.vm.source(of: method) ?? ""
    state.withLock { $0.texts[method] = (version, text) }
    return text
  }

  /// The machine's thread.
  private func accepted(_ receipt: Receipt) {
    looking.async { [self] in
      var names = Set(receipt.methods.map(\.method.className))
      for change in receipt.classes {
        names.insert(change.name.hasSuffix(" class") ? String(change.name.dropLast(6)) : change.name)
      }
      names.formUnion(receipt.loaded + receipt.restored + receipt.renamed.map(\.new))
      state.withLock { state in
        state.touched.formUnion(names)
        for name in names { state.sources[name] = nil }
        for change in receipt.methods { state.texts[change.method] = nil }
      }
      // Names of classes that are gone are told by the list of classes.
      let sources = names.sorted().compactMap { source(of: $0)?.object }
      var fields = Fields("classes", session.classLines)
      fields.set("entry", session.vm.historyEntry(receipt.id))
      file.write(
        "{\"sources\":[\(sources.joined(separator: ","))],\"accept\":\(receipt.id),\(fields.text),\(time)}")
    }
  }

  // MARK: What clients see and write

  /// What only the running program can answer, and only then.
  private static let answered: Set = ["lens", "senders", "references", "stack", "activation", "inspect"]

  /// A client was answered: what it saw is shown again.
  func answered(_ call: LiveCall, _ result: Fields) {
    guard Self.answered.contains(call.request), let message = try? JSON(parsing: [UInt8](call.message)) else { return }
    // (Fields in the order of their names: the same answer is the same text.)
    let parameters = (message["parameters"] ?? [:]).description
    guard let shown = try? JSON(parsing: [UInt8](result.object.utf8)).description else { return }
    let answer = "\"request\":\"\(call.request)\",\"parameters\":\(parameters),\"result\":\(shown)"
    let text = "{\"answer\":{\(answer)},\(time)}"
    let now = ProcessInfo.processInfo.systemUptime, key = call.request + parameters
    let isTaken = state.withLock { state -> Bool in
      // Windows ask again and again; what is the same is known.
      if state.answers[key] == shown || !state.answerBytes.takes(text.utf8.count, at: now) { return false }
      if state.answers.count > 1000 { state.answers = [:] }
      state.answers[key] = shown
      return true
    }
    if isTaken { file.write(text) }
  }

  func draft(_ draft: Draft?, at place: String, of client: LiveClient) {
    var fields = Fields("place", place).with("client", client.key).with("name", client.name)
    fields = fields.with("text", draft?.text).with("basedOn", draft?.basedOn)
    file.write("{\"draft\":\(fields.object),\(time)}")
  }

  /// The machine's thread.
  func picture(_ frame: [UInt8]) {
    let now = ProcessInfo.processInfo.systemUptime
    guard file.takesPictures, state.withLock({ $0.pictures.takes(frame.count, FrameQueue.canvas(of: frame), at: now) })
    else { return }
    let time = time
    file.write(frame.count * 4 / 3) { "{\"frame\":\"\(Data(frame).base64EncodedString())\",\(time)}" }
  }
}

/// Which frames are recorded: so many of each canvas in a second, and so many bytes of all; of larger ones, fewer.
struct PictureBudget {
  static let interval = 0.05
  static let bytesPerSecond = 100_000.0
  /// A picture that is larger is never recorded.
  static let byteLimit = 1 << 20

  private var last: [UInt32: Double] = [:]
  private var bytes = ByteBudget(perSecond: bytesPerSecond, atOnce: byteLimit)

  mutating func takes(_ bytes: Int, _ canvas: UInt32, at now: Double) -> Bool {
    // A little early is on time: programs draw at rates of which this interval is a multiple.
    if let before = last[canvas], now - before < Self.interval * 0.9 { return false }
    guard self.bytes.takes(bytes, at: now) else { return false }
    last[canvas] = now
    if last.count > 64 { last = [canvas: now] }
    return true
  }
}

/// So many bytes a second on average (a token bucket).
struct ByteBudget {
  private let perSecond: Double
  private let atOnce: Double
  private var room: Double
  private var time = 0.0

  /// - Parameter atOnce: the most that is taken after a time in which little came.
  init(perSecond: Double, atOnce: Int) {
    self.perSecond = perSecond
    self.atOnce = Double(atOnce)
    room = self.atOnce
  }

  /// - Parameter now: seconds, from where does not matter.
  mutating func takes(_ bytes: Int, at now: Double) -> Bool {
    if time == 0 { time = now }
    room = min(atOnce, room + (now - time) * perSecond)
    time = now
    guard Double(bytes) <= room else { return false }
    room -= Double(bytes)
    return true
  }
}
