// Lenses above tests, and what runs them.

import EditorProtocols
import SourceTools
import Syntax

/// What becomes of a run of tests.
public struct TestRunReport: Sendable, Equatable {
  public var isSuccess: Bool
  /// What `ovid test` has printed.
  public var text: String
  public init(isSuccess: Bool, text: String) {
    self.isSuccess = isSuccess
    self.text = text
  }
}

/// Who runs tests, beside the server.
public protocol TestRuns: Sendable {
  /// Runs the tests of a class file, or one of them; `ended` is called once, on any thread.
  /// - Parameter filter: as `ovid test --filter` wants it; nil: all.
  func run(_ path: String, filter: String?, _ ended: @escaping @Sendable (TestRunReport) -> Void)
}

extension LanguageServer {
  static let runTests = "ovid.runTests"

  /// Above a class of tests, and above each of them.
  func testLenses(_ file: ClassFile, _ positions: TextPositions) -> [JSON] {
    guard tests != nil, !file.isLibrary, let definition = file.definition, isTestClass(file) else { return [] }
    func lens(_ range: SourceRange, _ title: String, _ selector: String?) -> JSON {
      [
        "range": positions.json(range),
        "command": [
          "title": .string(title), "command": .string(Self.runTests),
          "arguments": .array([.string(workspace.uri(of: file.path))] + (selector.map { [.string($0)] } ?? [])),
        ],
      ]
    }
    let selectors = file.methods.filter { Self.isTest($0) }
    if selectors.isEmpty { return [] }
    return [lens(definition.nameRange, "run \(selectors.count) test\(selectors.count == 1 ? "" : "s")", nil)]
      + selectors.map { lens($0.definition.patternRange, "run test", $0.definition.selector) }
  }

  private static func isTest(_ method: MethodPlace) -> Bool {
    !method.isClassSide && method.definition.selector.hasPrefix("test") && method.definition.arguments.isEmpty
  }

  private func isTestClass(_ file: ClassFile) -> Bool {
    workspace.index.chain(of: file.definition?.name ?? "", from: file.folder).dropFirst()
      .contains { $0.definition?.name == "TestCase" }
  }

  /// Runs them as the files say them on disk, and tells the outcome.
  func runTests(_ parameters: Parameters, _ call: RPCCall) throws {
    guard let tests else { throw RPCError(.requestFailed, "there is nobody to run tests here") }
    guard let uri = parameters.json["arguments"]?[0]?.string else { throw Parameters.wrong("arguments") }
    let selector = parameters.json["arguments"]?[1]?.string
    let path = DocumentAddress.path(of: uri)
    guard let file = workspace.file(path), let name = file.definition?.name else {
      throw RPCError(.requestFailed, "there is no class at \(path)")
    }
    guard isTestClass(file) else { throw RPCError(.requestFailed, "\(name) is no class of tests") }
    if let selector, !file.methods.contains(where: { Self.isTest($0) && $0.definition.selector == selector }) {
      throw RPCError(.requestFailed, "\(name) has no test \(selector.prefix(100))")
    }
    let schedule = schedule
    tests.run(path, filter: selector.map { "*\(name)>>#\($0)" }) { report in
      schedule { server in
        let lines = report.text.split(separator: "\n").map(String.init)
        server.say(report.isSuccess ? .info : .error, report.isSuccess ? lines.last ?? "passed" : report.text)
        call.answer(["isSuccess": .bool(report.isSuccess), "text": .string(report.text)])
      }
    }
  }
}
