// The language server: one message after the other, and between them what can wait. It answers whatever is asked, with an
// error if it must.

import EditorProtocols
import Foundation
import SourceTools
import Syntax

public final class LanguageServer {
  public struct Configuration {
    public var version: String
    public var library: LibraryFolder
    /// Classes that are there when a program runs, though no program names them.
    public var helpers: [SourceText]
    /// Runs tests; without it, there are no lenses for that.
    public var tests: (any TestRuns)?
    /// What saving is accepting in.
    public var program: (any RunningProgram)?
    public init(version: String, library: LibraryFolder, helpers: [SourceText] = []) {
      self.version = version
      self.library = library
      self.helpers = helpers
    }
  }

  enum State { case new, initialized, shutDown }

  let workspace: Workspace
  let peer: RPCPeer
  private let version: String
  private(set) var state = State.new
  /// What the client can do, as `initialize` says.
  private(set) var client: JSON = .null
  let program: (any RunningProgram)?
  let tests: (any TestRuns)?
  var live = LiveState()
  /// Does something later, where messages are handled.
  let schedule: Schedule
  /// Set when the client has said `exit`: what the process ends with.
  public private(set) var exitStatus: Int32?
  /// Files whose diagnostics are not up to date, in the order in which they are looked at.
  private var unchecked: [String] = []
  private var isUnchecked: Set<String> = []
  /// Files for which diagnostics are shown.
  private var complained: Set<String> = []

  public typealias Schedule = @Sendable (_ work: @escaping @Sendable (LanguageServer) -> Void) -> Void

  /// - Parameter schedule: brings what a running program answers to the thread that handles messages.
  public init(_ peer: RPCPeer, _ configuration: Configuration, schedule: @escaping Schedule = { _ in }) {
    self.peer = peer
    self.schedule = schedule
    program = configuration.program
    tests = configuration.tests
    version = configuration.version
    workspace = Workspace(configuration.library, helpers: configuration.helpers)
  }

  // MARK: Messages

  public func handle(_ call: RPCCall) {
    let isRequest = call.id != nil
    do {
      if call.isCancelled { throw RPCError(.requestCancelled, "cancelled") }
      if let handler = Self.requests[call.method] {
        guard isRequest else { return }
        try admit(call)
        call.answer(try handler(Parameters(json: call.parameters, server: self)))
      } else if let handler = Self.lateRequests[call.method] {
        guard isRequest else { return }
        try admit(call)
        try handler(Parameters(json: call.parameters, server: self), call)
      } else if let handler = Self.notifications[call.method] {
        // One that is sent as a request is answered.
        if call.method != "exit" { try admit(call) }
        try handler(Parameters(json: call.parameters, server: self))
        if isRequest { call.answer(.null) }
      } else {
        try admit(call)
        call.fail(.methodNotFound, "there is no method \(call.method.prefix(100))")
      }
    } catch let error as RPCError {
      call.answer(.failure(error))
    } catch {
      call.fail(.internalError, "\(error)")
    }
  }

  private func admit(_ call: RPCCall) throws {
    switch state {
    case .new where call.method != "initialize": throw RPCError(.notInitialized, "the first request is initialize")
    case .initialized where call.method == "initialize":
      throw RPCError(.invalidRequest, "initialize has been answered already")
    case .shutDown: throw RPCError(.invalidRequest, "after shutdown, there is only exit")
    default: return
    }
  }

  typealias Request = @Sendable (Parameters) throws -> JSON
  /// Answers the call, now or later.
  typealias LateRequest = @Sendable (Parameters, RPCCall) throws -> Void
  typealias Notification = @Sendable (Parameters) throws -> Void

  /// Every request by its name.
  static let requests: [String: Request] = [
    "initialize": { try $0.server.initialize($0.json) },
    "shutdown": { parameters in
      parameters.server.state = .shutDown
      return .null
    },
    "completionItem/resolve": resolveCompletion,
    "textDocument/hover": hover,
    "textDocument/signatureHelp": signatureHelp,
    "textDocument/declaration": definition,
    "textDocument/definition": definition,
    "textDocument/typeDefinition": typeDefinition,
    "textDocument/implementation": implementation,
    "textDocument/references": references,
    "textDocument/documentHighlight": documentHighlight,
    "textDocument/documentSymbol": documentSymbol,
    "workspace/symbol": workspaceSymbol,
    "textDocument/prepareCallHierarchy": prepareCallHierarchy,
    "callHierarchy/incomingCalls": incomingCalls,
    "callHierarchy/outgoingCalls": outgoingCalls,
    "textDocument/prepareTypeHierarchy": prepareTypeHierarchy,
    "typeHierarchy/supertypes": supertypes,
    "typeHierarchy/subtypes": subtypes,
    "textDocument/prepareRename": prepareRename,
    "textDocument/rename": rename,
    "textDocument/formatting": formatting,
    "textDocument/rangeFormatting": rangeFormatting,
    "textDocument/semanticTokens/full": semanticTokens,
    "textDocument/semanticTokens/range": semanticTokens,
    "textDocument/foldingRange": foldingRange,
    "textDocument/selectionRange": selectionRange,
    "textDocument/codeAction": codeAction,
    "codeAction/resolve": resolveCodeAction,
    "textDocument/codeLens": codeLens,
    "textDocument/inlayHint": inlayHint,
  ]

  static let lateRequests: [String: LateRequest] = [
    "textDocument/completion": completion, "workspace/executeCommand": executeCommand,
  ]

  static let notifications: [String: Notification] = [
    "initialized": { $0.server.watchFiles() },
    "exit": { $0.server.exitStatus = $0.server.state == .shutDown ? 0 : 1 },
    "$/cancelRequest": { _ in },
    "$/setTrace": { _ in },
    "$/unreadable": { _ in },
    "$/progress": { _ in },
    "window/workDoneProgress/cancel": { _ in },
    "workspace/didChangeConfiguration": { _ in },
    "textDocument/didOpen": didOpen,
    "textDocument/didChange": didChange,
    "textDocument/willSave": { _ in },
    "textDocument/didSave": didSave,
    "textDocument/didClose": didClose,
    "workspace/didChangeWatchedFiles": didChangeWatchedFiles,
    "workspace/didChangeWorkspaceFolders": didChangeWorkspaceFolders,
  ]

  /// Every request and notification that is understood.
  public static var methods: [String] { (Array(requests.keys) + lateRequests.keys + notifications.keys).sorted() }

  // MARK: Life cycle

  private func initialize(_ parameters: JSON) throws -> JSON {
    guard parameters.object != nil else { throw Parameters.wrong("capabilities") }
    client = parameters["capabilities"] ?? .null
    state = .initialized
    var folders = (parameters["workspaceFolders"]?.array ?? []).compactMap { $0["uri"]?.string }
    if folders.isEmpty, let root = parameters["rootUri"]?.string { folders = [root] }
    var paths = folders.map(DocumentAddress.path(of:))
    if paths.isEmpty, let root = parameters["rootPath"]?.string { paths = [root] }
    if let problem = workspace.add(folders: paths.map(Self.withoutSlash)) {
      peer.notify("window/showMessage", ["type": 2, "message": .string(problem)])
    }
    checkAll()
    return ["capabilities": Self.capabilities, "serverInfo": ["name": "ovid lsp", "version": .string(version)]]
  }

  private static func withoutSlash(_ path: String) -> String {
    path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  private static let capabilities: JSON = [
    "positionEncoding": "utf-16",
    "textDocumentSync": ["openClose": true, "change": 2, "save": ["includeText": false]],
    "completionProvider": ["resolveProvider": true, "triggerCharacters": [" "]],
    "hoverProvider": true,
    "signatureHelpProvider": ["triggerCharacters": [":"]],
    "declarationProvider": true,
    "definitionProvider": true,
    "typeDefinitionProvider": true,
    "implementationProvider": true,
    "referencesProvider": true,
    "documentHighlightProvider": true,
    "documentSymbolProvider": true,
    "workspaceSymbolProvider": true,
    "callHierarchyProvider": true,
    "typeHierarchyProvider": true,
    "renameProvider": ["prepareProvider": true],
    "documentFormattingProvider": true,
    "documentRangeFormattingProvider": true,
    "semanticTokensProvider": ["legend": SemanticLegend.json, "full": true, "range": true],
    "foldingRangeProvider": true,
    "selectionRangeProvider": true,
    "codeActionProvider": [
      "codeActionKinds": ["quickfix", "refactor.rewrite", "refactor.extract", "refactor.inline"],
      "resolveProvider": true,
    ],
    "codeLensProvider": [:],
    "inlayHintProvider": true,
    "executeCommandProvider": ["commands": ["ovid.senders", "ovid.implementors", .string(runTests)]],
    "workspace": ["workspaceFolders": ["supported": true, "changeNotifications": true]],
  ]

  private func watchFiles() {
    let watched = client["workspace"]?["didChangeWatchedFiles"]
    guard watched?["dynamicRegistration"]?.bool == true else { return }
    let watcher: JSON = ["watchers": [["globPattern": "**/*.som"]]]
    peer.ask(
      "client/registerCapability",
      [
        "registrations": [
          ["id": "som-files", "method": "workspace/didChangeWatchedFiles", "registerOptions": watcher]
        ]
      ]
    ) { _ in }
  }

  // MARK: Diagnostics

  /// Does a piece of what can wait until nobody asks anything; answers whether there is more.
  public func workWhileIdle() -> Bool {
    guard state == .initialized else { return false }
    askForMethods()
    guard let path = unchecked.popLast() else { return workspace.index.countSome(10) }
    isUnchecked.remove(path)
    publish(path)
    return true
  }

  /// Documents that are open come first.
  func checkAll() {
    let files = workspace.programFiles.map(\.path)
    unchecked = files.filter { workspace.open[$0] == nil }.reversed() + files.filter { workspace.open[$0] != nil }
    isUnchecked = Set(unchecked)
  }

  func check(first path: String) {
    if !isUnchecked.insert(path).inserted { unchecked.removeAll { $0 == path } }
    unchecked.append(path)
  }

  /// Shows what is wrong in a file; nothing, if it is gone.
  private func publish(_ path: String) {
    var diagnostics: [JSON] = []
    if let file = workspace.index.files[path] {
      let positions = workspace.positions(of: file)
      diagnostics = workspace.findings(in: file).map { Self.json($0, positions) }
      for (position, message) in live.refused[path] ?? [] {
        diagnostics.append([
          "range": ["start": position.json, "end": position.json], "severity": 1, "source": "ovid live",
          "message": .string(message),
        ])
      }
    }
    let isOpen = workspace.open[path] != nil
    if diagnostics.isEmpty, !isOpen, !complained.contains(path) { return }
    if diagnostics.isEmpty { complained.remove(path) } else { complained.insert(path) }
    peer.notify(
      "textDocument/publishDiagnostics",
      .fields([
        "uri": .string(workspace.uri(of: path)), "version": workspace.open[path]?.version.map(JSON.integer),
        "diagnostics": .array(diagnostics),
      ]))
  }

  static func json(_ finding: Finding, _ positions: TextPositions) -> JSON {
    let isUnnecessary = [.unusedVariable, .unusedField, .unreachable].contains(finding.code)
    return .fields([
      "range": positions.json(finding.range), "severity": finding.severity == .error ? 1 : 2,
      "code": .string(finding.code.rawValue), "source": "ovid", "message": .string(finding.message),
      "tags": isUnnecessary ? [1] : nil,
    ])
  }
}
