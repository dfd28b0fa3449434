// A live session: one program, and everybody who looks at it and changes it. Start reading here.
//
//   LiveClient ── requests ─► RequestTable ─► VirtualMachine
//   VirtualMachine ── events ─► RuntimeFeed ─► EventLog ─► every LiveClient
//
// It knows nothing of sockets: a server gives the texts of its connections to `LiveClient.receive`, and sends what
// `LiveClient.next` answers. docs/protocol.md says what is in them.

import Foundation
import Ovid
import Synchronization

public final class LiveSession: Sendable {
  public static let protocolVersion = 1

  /// What a session is made of.
  public struct Program: Sendable {
    /// The class that is run.
    public var className: String
    public var file: String?
    public var arguments: [String]
    /// An expression whose number grows with the work done: the rate `sends` is taken from it.
    public var speed: String?

    public init(className: String, file: String? = nil, arguments: [String] = [], speed: String? = nil) {
      self.className = className
      self.file = file
      self.arguments = arguments
      self.speed = speed
    }
  }

  public let vm: VirtualMachine
  /// Another one at each start.
  public let name: String
  let log = EventLog()
  let output: OutputFeed
  let program: ProgramRun
  let watches: Watches
  let rates = Rates()
  let drafts = Drafts()
  let presence = Presence()
  let workspaces: Workspaces
  /// Accepts that look at the text of a class first are made one after the other.
  let accepting = Mutex(())
  private let feed: RuntimeFeed
  private let ticker = Ticker()
  private let speed: SideEvaluations.Watched?
  /// Nobody is there to answer a program that stops while no client is connected: then it does not stop.
  private let debugsWhileWatched: Bool
  private let poller = DispatchQueue(label: "ovid poller")
  private let state = Mutex(State())
  private let recording = Mutex<SessionRecorder?>(nil)
  /// The compiler's state takes long to find out.
  let compiler = Mutex<CompilerSupport?>(nil)

  private struct State {
    var clients: [Int: LiveClient] = [:]
    var lastConnection = 0
    var isPolling = false
    var nextFigures = 0.0
    var nextProcesses = 0.0
    var processes = ""
    var frame: UInt32 = 0
  }

  /// A session for a program that is loaded. `output` gets what the machine prints (`OutputFeed.sinks`).
  public convenience init(_ vm: VirtualMachine, _ program: Program, output: OutputFeed) throws {
    let report = ProgramReport(
      className: program.className, file: program.file, arguments: program.arguments, state: .notStarted)
    try self.init(vm, report, output, speed: program.speed, debugsWhileWatched: false)
    try vm.debugger.attach()
  }

  /// A session for the machine of a program in Swift, which goes on calling it as it did. While somebody is connected, an
  /// error that nothing handles stops its process, and the call that it is in, until somebody lets it go on.
  /// - Parameters:
  ///   - className: the class that is shown first.
  ///   - speed: as in `Program`.
  public convenience init(_ vm: VirtualMachine, showing className: String? = nil, speed: String? = nil) throws {
    let report = ProgramReport(
      className: className, file: className.flatMap { vm.classReport($0)?.path }, arguments: [], state: .embedded)
    let output = OutputFeed()
    let (out, error) = output.sinks
    try self.init(vm, report, output, speed: speed, debugsWhileWatched: true)
    vm.onOutput { bytes, isError in isError ? error(bytes) : out(bytes) }
  }

  private init(
    _ vm: VirtualMachine, _ report: ProgramReport, _ output: OutputFeed, speed expression: String?,
    debugsWhileWatched: Bool
  ) throws {
    self.vm = vm
    self.output = output
    self.debugsWhileWatched = debugsWhileWatched
    name = "s-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
    feed = RuntimeFeed(log)
    program = ProgramRun(vm, log, output, report)
    watches = Watches(vm, log)
    workspaces = Workspaces(vm)
    let side = vm.side, workspace = vm.makeWorkspace()
    speed = try expression.map { try side.watched($0, id: 0, in: workspace) }
    let feed = feed
    vm.onEvent { feed.add($0) }
    vm.onFrame { [weak self] in self?.show($0) }
    output.onOutput { [ticker] in ticker.wake() }
    ticker.start { [weak self] in self?.tick($0) }
    DispatchQueue.global().async { [weak self] in
      guard let self else { return }
      let support = vm.compilerSupport()
      compiler.withLock { $0 = support }
    }
  }

  /// Runs the program.
  public func start() { program.start() }

  /// What happens is written to `file`, from now on until the end of the session, so that it can be shown again. At the
  /// beginning, before `start`.
  public func record(to file: RecordingFile) throws {
    let recorder = SessionRecorder(self, file)
    try recorder.begin()
    recording.withLock { $0 = recorder }
    ticker.setRecording()
  }
  var recorder: SessionRecorder? { recording.withLock { $0 } }

  /// Everybody is told to go.
  public func end() {
    // What was printed last is told, and recorded.
    output.tell(log)
    for client in clients { client.close(1001, "the session ends") }
    ticker.stop()
    feed.stop()
    recorder?.end()
  }

  // MARK: Clients

  /// How many are connected.
  public var clientCount: Int { state.withLock { $0.clients.count } }
  var clients: [LiveClient] { state.withLock { Array($0.clients.values) } }

  public func connect() -> LiveClient {
    let client = state.withLock { state -> LiveClient in
      state.lastConnection += 1
      let client = LiveClient(self, state.lastConnection)
      state.clients[client.connection] = client
      ticker.setClients(state.clients.count)
      return client
    }
    debugWhileWatched()
    log.listen(client.connection) { [weak client] in client?.wake() }
    return client
  }

  func forget(_ client: LiveClient) {
    log.stopListening(client.connection)
    state.withLock { state in
      state.clients[client.connection] = nil
      ticker.setClients(state.clients.count)
    }
    debugWhileWatched()
    presence.set(nil, of: client.connection)
    if presence.takeChange() { tellPresence() }
  }

  private func debugWhileWatched() {
    guard debugsWhileWatched else { return }
    // Not on a thread of the sockets: the machine may be long without a safepoint.
    poller.async { [self] in try? vm.debugger.attach(clientCount > 0) }
  }

  func tellPresence() { log.append("presence", Fields("clients", presence.reports)) }

  // MARK: The canvas

  /// The program has finished a frame. The machine's thread.
  func show(_ frame: [UInt8]) {
    recorder?.picture(frame)
    let clients = clients.filter(\.watchesCanvas)
    if !clients.isEmpty { show(frame, to: clients) }
  }

  func show(_ frame: [UInt8], to clients: [LiveClient]) {
    let number = state.withLock { state in
      state.frame &+= 1
      return state.frame
    }
    let message = FrameQueue.message(number, frame), canvas = FrameQueue.canvas(of: frame)
    for client in clients { client.canvasFrames { $0.add(number, canvas: canvas, message) } }
  }

  // MARK: From time to time

  private func tick(_ now: Double) {
    output.tell(log)
    let clients = clients
    for client in clients { client.tick(now) }
    if presence.takeChange() { tellPresence() }
    let recorder = recorder
    if clients.isEmpty && recorder == nil { return }
    recorder?.tick(now)
    watches.tick(now)
    poll(now)
  }

  /// Asks the machine for figures and processes, on a thread that may wait for it.
  private func poll(_ now: Double) {
    let (figures, processes) = state.withLock { state -> (Bool, Bool) in
      if state.isPolling { return (false, false) }
      let due = (state.nextFigures <= now, state.nextProcesses <= now)
      if due.0 { state.nextFigures = now + 1 }
      if due.1 { state.nextProcesses = now + 0.25 }
      state.isPolling = due.0 || due.1
      return due
    }
    guard figures || processes else { return }
    poller.async { [self] in
      if processes { tellProcesses() }
      if figures { tellFigures() }
      state.withLock { $0.isPolling = false }
    }
  }

  private func tellProcesses() {
    guard let processes = try? programProcesses() else { return }
    // What each does at this moment is no change: it goes on all the time.
    let key = processes.map { "\($0.id) \($0.name) \($0.priority) \($0.stop?.number ?? 0)" }.joined(separator: "\n")
    let isNew = state.withLock { state -> Bool in
      defer { state.processes = key }
      return state.processes != key
    }
    if isNew { log.append("processes", Fields("processes", processes)) }
  }

  /// Without those that look for the session.
  func programProcesses() throws -> [ProcessReport] {
    try vm.debugger.processes().filter { $0.name != SideEvaluations.watchLabel || $0.stop != nil }
  }

  private func tellFigures() {
    let figures = vm.liveFigures()
    let now = ProcessInfo.processInfo.systemUptime
    guard let speed else {
      log.append("statistics", Fields("rates", rates.note(figures, sends: nil, at: now)))
      return
    }
    vm.side.evaluate([speed]) { [log, rates] values in
      DispatchQueue.global().async {
        let now = ProcessInfo.processInfo.systemUptime
        log.append("statistics", Fields("rates", rates.note(figures, sends: values.first?.number, at: now)))
      }
    }
  }
}
