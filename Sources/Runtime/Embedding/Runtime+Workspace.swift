// Inputs that share variables: what a prompt, a notebook or an editor's "do it" evaluates.

import Foundation
import Syntax
import VM

/// Variables that live from one input to the next. Belongs to the machine that made it.
public final class Workspace: Sendable {
  let variables: WorkspaceVariables
  init(_ variables: WorkspaceVariables) { self.variables = variables }
}

extension Workspace {
  /// Characters of an object's text that are shown at most.
  static let textLimit = 2000
}

/// What became of one input of a workspace.
public enum WorkspaceAnswer: Sendable {
  /// There was nothing to do: white space or comments.
  case nothing
  case value(EvaluationResult)
  /// The input was a class; the receipt tells whether it was accepted.
  case accepted(Receipt)
  /// The text ends too early: with more lines it may be right.
  case incomplete([AcceptError])
  /// The text is wrong; nothing was run.
  case refused([AcceptError])
  /// It ran into an error that nobody handled, which has been printed as for a program.
  case failed
  case interrupted
  /// It sent `system exit:`.
  case exit(status: Int)
}

extension Runtime {
  /// An empty workspace. Blocks; any thread but the VM's.
  public func makeWorkspace() -> Workspace {
    Workspace((try? perform { universe in WorkspaceVariables(universe) }) ?? WorkspaceVariables(universe))
  }

  /// Evaluates statements, or accepts a class. `self` is nil; a variable that is assigned and declared nowhere
  /// belongs to the workspace. Blocks; any thread but the VM's.
  public func evaluate(_ text: String, in workspace: Workspace) -> WorkspaceAnswer {
    let source = SourceText(name: "input", text)
    let input: ParsedInput
    do throws(SyntaxErrors) { input = try Parser.parseInput(source) } catch {
      return error.isIncomplete ? .incomplete(EditErrors(error).errors) : .refused(EditErrors(error).errors)
    }
    switch input {
    case .nothing: return .nothing
    case .classDefinition(let definition):
      let receipt = accept(ChangeSet([.classSource(text, file: nil)], author: "workspace"))
      if receipt.succeeded {
        _ = try? perform { _ in workspace.variables.forget(definition.name) }
      }
      return .accepted(receipt)
    case .expression(let definition):
      let answer = try? interruptibly {
        try perform { [self] _ in
          evaluate { try workspace.variables.evaluate(definition, source: source) }
        }
      }
      return answer ?? .failed
    }
  }

  /// The names of a workspace's variables, in order of appearance.
  public func variables(of workspace: Workspace) -> [String] {
    inspect { _ in workspace.variables.names.filter { !$0.hasPrefix("<") } }
  }

  /// The class of what a variable of the workspace holds.
  public func className(ofVariable name: String, in workspace: Workspace) -> String? {
    inspect { runtime in
      workspace.variables.classIndex(of: name).map { runtime.universe.classes[$0].name }
    }
  }

  /// True if the text of a method ends too early.
  public static func isIncomplete(method text: String) -> Bool {
    do throws(SyntaxErrors) { _ = try Parser.parseMethod(SourceText(name: "method", text)) } catch {
      return error.isIncomplete
    }
    return false
  }

  /// VM thread.
  private func evaluate(_ body: () throws -> Outcome) -> WorkspaceAnswer {
    do {
      switch try body() {
      case .value(let value): return .value(try result(value, limit: Workspace.textLimit))
      case .exit(let status): return ended(status)
      }
    } catch let failure as InstallError {
      if case .syntax(let errors) = failure { return .refused(EditErrors(errors).errors) }
      return .refused([AcceptError(change: 0, message: "\(failure)")])
    } catch EvaluationFailure.exit(let status) {
      return ended(status)
    } catch EvaluationFailure.interrupted {
      return .interrupted
    } catch {
      return .refused([AcceptError(change: 0, message: "\(error)")])
    }
  }

  private func ended(_ status: Int) -> WorkspaceAnswer {
    switch universe.ending {
    case .exit: .exit(status: status)
    case .error: .failed
    case .interrupted, .stopped, .process: .interrupted
    }
  }
}
