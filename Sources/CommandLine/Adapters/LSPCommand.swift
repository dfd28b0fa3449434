// `ovid lsp`: the language server, for editors.

import ArgumentParser
import EditorProtocols
import Foundation
import Laboratory
import LanguageServer
import LiveServer
import LiveSession
import Ovid
import SourceTools
import Synchronization
import Syntax
import VM

struct LSPCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lsp",
    abstract: "Serves an editor: the Language Server Protocol on standard input and output.",
    discussion: """
      Editors start it themselves. It reads the SOM sources of the folders that the editor names, and answers what is \
      asked of them: diagnostics as of ovid check with their fixes, completion, definitions, senders, implementors, \
      renaming, the layout of ovid format, and more. No program runs, unless --attach names one: then what is saved is \
      accepted there, and lenses tell how methods run. The pages docs/editors/neovim.md and \
      docs/editors/emacs.md say how to set editors up, and docs/protocols.md what is offered.
      """)

  @Flag(help: "What is saved is accepted by a program that runs under ovid live.") var attach = false
  @Argument(
    help: ArgumentHelp(
      "Which program: its class, its process number, or the address that ovid live prints. Not needed if only one runs.",
      valueName: "session"))
  var session: String?

  func validate() throws {
    if session != nil && !attach {
      throw ValidationError("Which folders there are, the editor says; \(session ?? "") goes with --attach.")
    }
  }

  func run() throws {
    let library = LibraryFolder(CheckCommand.library, folder: Self.libraryFolder)
    var configuration = LanguageServer.Configuration(
      version: VirtualMachine.version, library: library, helpers: CheckCommand.helpers)
    configuration.tests = OvidTests()
    do {
      let address = attach ? try SessionRegistry().address(of: session) : nil
      let status = try LanguageServerProcess.serve(
        .standard(.contentLength), configuration,
        attach: address.map { address in { try AttachedProgram(address, onEvent: $0) } })
      RunCommand.end(status)
    } catch {
      complain("\(error)")
      RunCommand.end(ExitStatus.failure)
    }
  }

  /// Where editors are shown the bundled library.
  private static var libraryFolder: String {
    let environment = ProcessInfo.processInfo.environment
    let caches =
      environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
      ?? environment["HOME"].map { $0 + "/.cache" } ?? NSTemporaryDirectory()
    return "\(caches)/ovid/library"
  }
}

/// `ovid test`, in a process of its own.
private struct OvidTests: TestRuns {
  static let patience = 300.0

  func run(_ path: String, filter: String?, _ ended: @escaping @Sendable (TestRunReport) -> Void) {
    Thread.detachNewThread {
      do {
        let outcome = try ChildProcess.run(
          ChildProcess.own, ["test", path] + (filter.map { ["--filter", $0] } ?? []), timeout: Self.patience)
        let text = outcome.output + outcome.errors
        ended(
          TestRunReport(
            isSuccess: outcome.isSuccess, text: text.isEmpty ? "ovid test \(outcome.ending)" : text))
      } catch { ended(TestRunReport(isSuccess: false, text: "\(error)")) }
    }
  }
}

/// A session of `ovid live`, through its socket.
private final class AttachedProgram: RunningProgram {
  private let client: SessionClient

  init(_ address: String, onEvent: @escaping @Sendable (JSON) -> Void) throws {
    let client = SessionClient(try SessionSocket(address: address), onEvent: onEvent)
    self.client = client
    let refusal = Mutex<SessionRefusal?>(nil)
    let isAnswered = DispatchSemaphore(value: 0)
    Task.detached {
      do throws(SessionRefusal) { _ = try await client.hello(as: "ovid lsp") } catch {
        refusal.withLock { $0 = error }
      }
      isAnswered.signal()
    }
    isAnswered.wait()
    if let refusal = refusal.withLock({ $0 }) { throw refusal }
  }

  func ask(
    _ request: String, _ parameters: JSON, _ answered: @escaping @Sendable (Result<JSON, ProgramRefusal>) -> Void
  ) {
    Task.detached { [client] in
      do throws(SessionRefusal) { answered(.success(try await client.ask(request, parameters))) } catch {
        answered(.failure(ProgramRefusal(error.fields)))
      }
    }
  }
}
