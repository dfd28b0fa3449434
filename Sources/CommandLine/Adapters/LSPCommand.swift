// `ovid lsp`: the language server, for editors.

import ArgumentParser
import EditorProtocols
import Foundation
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

  @Option(help: ArgumentHelp("The address of a session, as ovid live prints it.", valueName: "address"))
  var attach: String?

  func run() throws {
    let library = LibraryFolder(CheckCommand.library, folder: Self.libraryFolder)
    let configuration = LanguageServer.Configuration(
      version: VirtualMachine.version, library: library, helpers: CheckCommand.helpers)
    do {
      let address = attach
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
