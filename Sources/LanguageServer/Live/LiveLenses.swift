// How methods run: asked for when something has happened, and shown in lenses and hovers.

import EditorProtocols
import SourceTools

extension LanguageServer {
  /// Methods of a document that are asked about.
  private static let methodLimit = 1000
  private static let askedAtOnce = 32

  /// An event of the session; null: it has ended.
  public func noteEvent(_ event: JSON) {
    if event.isNull { return say(.warning, "the running program's session has ended") }
    switch event["kind"]?.string {
    case "accepted", "installed", "reoptimized", "settled", "takenBack", "program", "overflow": outdate()
    default: return
    }
  }

  /// What is known of the methods of open documents may not be so any more.
  func outdate() {
    if program != nil { live.outdated.formUnion(workspace.open.keys) }
  }

  func liveMethod(_ index: Int, in file: ClassFile) -> LiveState.Method? {
    live.methods[Self.key(file, index)]
  }

  private static func key(_ file: ClassFile, _ index: Int) -> String {
    let method = file.methods[index]
    return "\(file.definition?.name ?? "")\(method.isClassSide ? " class" : "")>>\(method.definition.selector)"
  }

  /// Asks for the methods of what is open, some at a time: a session takes a limited number of requests at once.
  func askForMethods() {
    guard let program, live.underWay == 0 else { return }
    while live.unasked.isEmpty, let path = live.outdated.popFirst() {
      guard workspace.open[path] != nil, let file = workspace.index.files[path] else { continue }
      live.unasked = file.methods.indices.prefix(Self.methodLimit).map { Self.key(file, $0) }
    }
    let schedule = schedule
    let some = live.unasked.prefix(Self.askedAtOnce)
    live.unasked.removeFirst(some.count)
    for key in some {
      live.underWay += 1
      program.ask("lens", ["method": .string(key)]) { result in
        schedule { $0.noteMethod(key, try? result.get()["tier"]) }
      }
    }
  }

  private func noteMethod(_ key: String, _ report: JSON?) {
    live.underWay -= 1
    let method = report.flatMap { report in
      report["version"]?.integer.map {
        LiveState.Method(
          version: $0, tier: report["tier"]?.string ?? "",
          inlinedAt: (report["inlined"]?.array ?? []).map {
            "\($0["caller"]?.string ?? "?"), line \($0["line"]?.integer ?? 0)"
          })
      }
    }
    if live.methods[key] != method {
      live.methods[key] = method
      live.hasChanged = true
    }
    guard live.underWay == 0 else { return }
    askForMethods()
    guard live.underWay == 0, live.hasChanged else { return }
    live.hasChanged = false
    for what in ["codeLens", "inlayHint"] where client["workspace"]?[what]?["refreshSupport"]?.bool == true {
      peer.ask("workspace/\(what)/refresh", .null) { _ in }
    }
  }

  // MARK: Hints

  /// Behind the patterns of the methods: which version runs, and how.
  static let inlayHint: Request = { parameters in
    let file = try parameters.file(), range = try parameters.range(in: file)
    let server = parameters.server, positions = server.workspace.positions(of: file)
    return .array(
      file.methods.enumerated().compactMap { i, method in
        let pattern = method.definition.patternRange
        guard pattern.end >= range.start, pattern.end <= range.end, let running = server.liveMethod(i, in: file) else {
          return nil
        }
        return .fields([
          "position": positions.position(pattern.end).json, "label": .string(running.text), "paddingLeft": true,
          "tooltip": running.inlinedAt.isEmpty
            ? nil : .string("inlined in\n" + running.inlinedAt.prefix(20).joined(separator: "\n")),
        ])
      })
  }
}
