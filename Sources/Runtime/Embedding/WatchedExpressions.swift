// Expressions whose values somebody watches: evaluated together, in one process, as often as somebody asks.

import Foundation
import MachineLayout
import Syntax
import VM

extension SideEvaluations {
  /// An expression that can be evaluated again and again.
  public struct Watched: @unchecked Sendable {
    /// The number that it was given.
    public let id: Int
    let definition: MethodDefinition
    let source: SourceText
    let variables: WorkspaceVariables
  }

  /// Prepares an expression. Throws what is wrong with its text.
  public func watched(_ text: String, id: Int, in workspace: Workspace) throws(AcceptError) -> Watched {
    let source = SourceText(name: "watch", text)
    do throws(SyntaxErrors) {
      let definition = try Parser.parseExpression(source)
      return Watched(id: id, definition: definition, source: source, variables: workspace.variables)
    } catch {
      throw EditErrors(error).errors.first ?? AcceptError(change: 0, message: "This is no expression.")
    }
  }

  /// An evaluation of several expressions that is under way.
  public struct Round: Sendable {
    fileprivate let process: Guarded<Int?>
    fileprivate let side: SideEvaluations

    /// It ends soon; if it does not, its process is the least urgent one from now on.
    public func giveUp() { side.giveUp { process.get() } }
  }

  /// What the processes that evaluate them are called.
  public static let watchLabel = "watches"
  /// Seconds for one expression.
  static let watchPatience = 0.1
  private static let watchTextLimit = 200

  /// Evaluates them one after the other; an error ends only the one that has made it. `completion` is called once, on the
  /// machine's thread, when all of them have ended.
  @discardableResult
  public func evaluate(
    _ expressions: [Watched], _ completion: @escaping @Sendable ([WatchedValue]) -> Void
  ) -> Round {
    let number = Guarded<Int?>(nil)
    let values = Guarded<[WatchedValue]>([])
    let hasEnded = Guarded(false)
    request { [self] in
      let process = startProcess(
        Self.watchLabel,
        ended: {
          hasEnded.set(true)
          completion(values.get())
        }
      ) { [self] frame in
        for expression in expressions {
          guard let value = evaluate(expression, frame) else { return 0 }
          values.update { $0.append(value) }
        }
        return Value.nil.bits
      }
      number.set(process)
      calm(process) { hasEnded.get() }
    }
    return Round(process: number, side: self)
  }

  /// On the stack of the process. Nil: something unwinds.
  private func evaluate(_ expression: Watched, _ frame: Words) -> WatchedValue? {
    var result = WatchedValue(id: expression.id)
    let began = Clock.microseconds()
    let handles = handles
    let mark = handles.count
    defer { handles.pop(to: mark) }
    var problem: String?
    let tooSlow = "It took longer than \(Int(Self.watchPatience * 1000)) ms."
    let outcome = limited(Self.watchPatience, tooSlow) {
      do throws(InstallError) {
        let info = try expression.variables.prepare(expression.definition, source: expression.source)
        return expression.variables.call(info, frame)
      } catch {
        problem = "\(error)"
        return Value.nil.bits
      }
    }
    func fail(_ message: String) {
      if message == tooSlow { result.isTooSlow = true }
      result.error = message
    }
    switch outcome {
    case .success(nil): return nil
    case .failure(let error): fail(error.message)
    case .success(let value?):
      if let problem {
        fail(problem)
        break
      }
      result.number = number(value)
      let rest = Self.watchPatience - Double(Clock.microseconds() - began) / 1e6
      switch printed(handles.push(value), frame, Self.watchTextLimit, seconds: max(0.01, rest)) {
      case .success(nil): return nil
      case .success(let text?): result.text = text
      case .failure(let error):
        result.isTooSlow = true
        result.error = error.message
      }
    }
    result.microseconds = Clock.microseconds() - began
    return result
  }
}
