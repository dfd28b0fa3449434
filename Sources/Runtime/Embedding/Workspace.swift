// Inputs that share variables: what a prompt, a notebook or an editor's "do it" evaluates.

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
  /// It has run, and has this value.
  case value(EvaluationResult)
  /// The input was a class; the receipt tells whether it was accepted.
  case accepted(Receipt)
  /// The text ends too early: with more lines it may be right.
  case incomplete([AcceptError])
  /// The text is wrong; nothing was run.
  case refused([AcceptError])
  /// It ran into an error that nobody handled, which has been printed as for a program.
  case failed
  /// `interrupt` has ended it.
  case interrupted
  /// It sent `system exit:`.
  case exit(status: Int)
}
