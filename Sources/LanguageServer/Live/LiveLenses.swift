// How methods run: asked for when something has happened, and shown in lenses and hovers.

import EditorProtocols
import SourceTools

extension LanguageServer {
  /// Methods of a document that are asked about.
  private static let methodLimit = 40

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

  func liveText(ofMethod index: Int, in file: ClassFile) -> String? {
    live.methods[Self.key(file, index)]?.text
  }

  private static func key(_ file: ClassFile, _ index: Int) -> String {
    let method = file.methods[index]
    return "\(file.definition?.name ?? "")\(method.isClassSide ? " class" : "")>>\(method.definition.selector)"
  }

  /// Asks for the methods of what is open; one round at a time.
  func askForMethods() {
    guard let program, live.underWay == 0, !live.outdated.isEmpty else { return }
    let schedule = schedule
    // A session takes a limited number of requests at once: one document, then the next.
    while live.underWay == 0, let path = live.outdated.popFirst() {
      guard workspace.open[path] != nil, let file = workspace.index.files[path] else { continue }
      for index in file.methods.indices.prefix(Self.methodLimit) {
        let key = Self.key(file, index)
        live.underWay += 1
        program.ask("lens", ["method": .string(key)]) { result in
          schedule { $0.noteMethod(key, try? result.get()["tier"]) }
        }
      }
    }
  }

  private func noteMethod(_ key: String, _ report: JSON?) {
    live.underWay -= 1
    let method = report.flatMap { report in
      report["version"]?.integer.map {
        LiveState.Method(
          version: $0, tier: report["tier"]?.string ?? "", inlinedCount: report["inlined"]?.array?.count ?? 0)
      }
    }
    if live.methods[key] != method {
      live.methods[key] = method
      live.hasChanged = true
    }
    guard live.underWay == 0 else { return }
    askForMethods()
    guard live.hasChanged else { return }
    live.hasChanged = false
    if client["workspace"]?["codeLens"]?["refreshSupport"]?.bool == true {
      peer.ask("workspace/codeLens/refresh", .null) { _ in }
    }
  }
}
