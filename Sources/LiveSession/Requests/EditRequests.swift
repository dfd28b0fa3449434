// Writing code: what is wrong with a text, and accepting it.

import Foundation
import Ovid
import SourceTools
import Syntax

extension RequestTable {
  private struct Checked: Decodable {
    var className: String?
    var isClassSide: Bool?
    var text: String
  }
  private struct Formatted: Decodable {
    var text: String
    var kind: String?
  }

  static let editRequests: [String: RequestHandler] = [
    "check": answering { (session, _, wanted: Checked) in
      let source = SourceText(name: "text", wanted.text)
      let findings = try session.findings(source, wanted.className, wanted.isClassSide ?? false)
      return Fields("findings", findings.prefix(200).map { $0.json(in: source) })
    },
    "complete": answering { (session, _, wanted: CompletionParameters) in
      try Completion(session, wanted).fields
    },
    "format": answering { (_, _, wanted: Formatted) in
      Fields("text", try MethodFormat.format(wanted.text, isMethod: wanted.kind != "class"))
    },
    "accept": answering { (session, call, wanted: AcceptParameters) in
      try session.accept(wanted, author: call.client.author)
    },
    "dryRun": answering { (session, call, wanted: AcceptParameters) in
      Fields("dryRun", session.vm.dryRun(try wanted.set(author: call.client.author)))
    },
  ]
}

extension LiveSession {
  /// What is wrong with the text of a method, or, without a class, with that of a class.
  fileprivate func findings(_ source: SourceText, _ className: String?, _ classSide: Bool) throws -> [Finding] {
    let code = vm.code
    let loadable = Set(vm.loadableClassNames())
    let checker = MethodChecker(
      selectors: vm.selectors(understoodBy: nil), classNames: vm.classNames()
    ) { code.isGlobal($0) || loadable.contains($0) }
    func scope(_ name: String, _ isClassSide: Bool) -> MethodChecker.Scope? {
      code.scope(of: name, classSide: isClassSide).map {
        MethodChecker.Scope(
          fields: $0.fields, answersMessages: $0.answersMessages, answersGlobals: $0.answersGlobals)
      }
    }
    if let className {
      guard let scope = scope(className, classSide) else { throw RequestError.noSuchClass(className) }
      return checker.check(method: source, className: className, scope)
    }
    return checker.check(class: source) { superclass in
      guard let superclass, superclass != "nil" else {
        return (MethodChecker.Scope(fields: []), scope("Class", false) ?? MethodChecker.Scope(fields: []))
      }
      guard let instance = scope(superclass, false), let classSide = scope(superclass, true) else { return nil }
      return (instance, classSide)
    }
  }

  fileprivate func accept(_ wanted: AcceptParameters, author: String) throws -> Fields {
    let set = try wanted.set(author: author)
    let receipt: Receipt
    if wanted.force != true, wanted.changes.contains(where: { $0.basedOnText != nil }) {
      // Between looking at the text and replacing it, nobody else of this session does.
      receipt = try accepting.withLock { _ in
        for change in wanted.changes { try refuseStaleClass(change) }
        return vm.accept(set, written: tellWritten)
      }
    } else {
      receipt = vm.accept(set, written: tellWritten)
    }
    if receipt.errors.contains(where: { $0.code == .stale }) { throw stale(wanted, receipt) }
    return try answer(receipt)
  }

  /// Files are told by an event, when they are written.
  var tellWritten: @Sendable (Receipt) -> Void {
    { [log] receipt in
      let fields = Fields("files", receipt.files).with("deletedFiles", receipt.deletedFiles)
        .with("kept", receipt.kept).with("fileFailure", receipt.fileFailure)
      if fields.text.isEmpty { return }
      var event = Fields("receipt", receipt.id)
      event.append(fields)
      log.append("written", event)
    }
  }

  /// The answer to an accept of any kind.
  func answer(_ receipt: Receipt) throws -> Fields {
    guard let error = receipt.errors.first else { return Fields("receipt", receipt) }
    throw RequestError(
      error.code.rawValue,
      error.message + (error.expected.map { error.message.contains($0) ? "" : ", expected \($0)" } ?? ""),
      remedy: error.remedy,
      more: Fields("receipt", receipt))
  }

  // MARK: Stale edits

  /// An edit of something that has moved on, with all that is needed to decide what to do.
  private struct StaleReport: Encodable {
    var method: MethodKey?
    var `class`: String?
    var basedOn: Int?
    var found: Int?
    var base: String?
    var theirs: String?
    var yours: String?
    var difference: TextDifference
    var author: String?
    var entry: Int?
  }

  private func stale(_ wanted: AcceptParameters, _ receipt: Receipt) -> RequestError {
    let reports = wanted.changes.compactMap(staleReport)
    let error = receipt.errors.first { $0.code == .stale }!
    return RequestError(
      "stale", error.message + ".",
      remedy: "Look at the difference; accept again with `force` to replace it.",
      more: Fields("stale", reports).with("receipt", receipt))
  }

  private func staleReport(_ change: ChangeParameters) -> StaleReport? {
    guard let basedOn = change.basedOn else { return nil }
    let key: MethodKey
    if let method = change.method?.key {
      key = method
    } else {
      guard let className = change.className, let text = change.text,
        let definition = try? Parser.parseMethod(SourceText(name: "method", text))
      else { return nil }
      key = MethodKey(
        className: className, isClassSide: change.isClassSide ?? false, selector: definition.selector)
    }
    let found = vm.version(of: key) ?? 0
    if found == basedOn { return nil }
    let theirs = found == 0 ? nil : vm.source(of: key)
    let version = vm.versions(of: key).last { $0.isCurrent }
    return StaleReport(
      method: key, class: nil, basedOn: basedOn, found: found, base: vm.source(of: key, version: basedOn),
      theirs: theirs, yours: change.text, difference: TextDifference(theirs ?? "", change.text ?? ""),
      author: version?.author, entry: version?.entry)
  }

  private func refuseStaleClass(_ change: ChangeParameters) throws {
    guard let base = change.basedOnText, let text = change.text,
      let name = (try? Parser.parseClass(SourceText(name: "class", base)))?.name
    else { return }
    let theirs = vm.text(ofClass: name)
    if theirs == base { return }
    throw RequestError(
      "stale", theirs == nil ? "The class \(name) was removed." : "The class \(name) was changed since.",
      remedy: "Look at the difference; accept again with `force` to replace it.",
      more: Fields(
        "stale",
        [
          StaleReport(
            class: name, base: base, theirs: theirs, yours: text, difference: TextDifference(theirs ?? "", text))
        ]))
  }
}
