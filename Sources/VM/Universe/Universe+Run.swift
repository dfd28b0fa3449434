// Running programs and expressions from outside: on the VM thread, with an empty VM stack.

import Bytecode
import MachineLayout
import Syntax

/// How a run ended.
public enum Outcome: Equatable, Sendable {
  case value(Value)
  /// `system exit: n`, or 1 after an uncaught error.
  case exit(Int)
}

extension Universe {
  /// Loads class `name` and sends `run: arguments` (if it has that and `arguments` has more than the program's name)
  /// or `run` to a new instance. Answers the exit status.
  public func run(_ name: String, arguments: [String] = []) -> Int {
    let info: ClassInfo
    do { info = try loadClass(name) } catch {
      output.printError("\(error)\n")
      return 1
    }
    let mark = handles.count
    defer {
      handles.pop(to: mark)
      // The program ends with its main process.
      scheduler.endOthers()
    }
    let frame = bottomFrame
    let instance = send(classes.object(info.index), selectors.new, frame: frame)
    if instance == 0 { return status(finish(0)) }
    let receiver = handles.push(Value(bits: instance))
    let understandsRun = lookup.method(info.index, selectors.run) != nil
    if arguments.count > 1 || !understandsRun, lookup.method(info.index, selectors.runWithArguments) != nil {
      guard let array = makeStrings(arguments, frame) else { return status(finish(0)) }
      return status(finish(send(handles[receiver], selectors.runWithArguments, [array], frame: frame)))
    }
    return status(finish(send(handles[receiver], selectors.run, frame: frame)))
  }

  /// An array of strings. Nil: out of memory was raised.
  public func makeStrings(_ strings: [String], _ frame: Words) -> Value? {
    let mark = handles.count
    defer { handles.pop(to: mark) }
    guard let array = makeArray(strings.count, frame) else { return nil }
    let handle = handles.push(array)
    for (i, text) in strings.enumerated() {
      guard let string = makeString(text, frame) else { return nil }
      let object = handles[handle].object
      heap.store(object, elementBase(handles[handle]) + i, string)
    }
    return handles[handle]
  }

  /// Compiles statements as a method of Object and runs it with nil as `self`.
  public func evaluate(_ source: SourceText) throws(InstallError) -> Outcome {
    let definition: MethodDefinition
    do { definition = try Parser.parseExpression(source) } catch { throw .syntax(error) }
    return finish(call(try prepare(definition, source), bottomFrame))
  }

  /// Statements as a method of Object, for one call. At a safepoint.
  public func prepare(_ definition: MethodDefinition, _ source: SourceText) throws(InstallError) -> MethodInfo {
    let info = methodBuilder.make(definition, source, classes[.object])
    do { try variants.link(info) } catch { throw .syntax(error) }
    reclaimer.note(info)
    return info
  }
  /// Runs them with nil as `self`, above a frame with no more words in use than its header.
  public func call(_ statements: MethodInfo, _ frame: Words) -> UInt64 { call(statements.method, .nil, frame: frame) }

  /// Sends a message from outside; answers how it ended.
  public func perform(_ receiver: Value, _ selector: String, _ arguments: [Value] = []) -> Outcome {
    finish(send(receiver, symbols.intern(selector), arguments, frame: bottomFrame))
  }

  /// Turns the result of an outermost send into an outcome, and makes the thread ready for another one.
  public func finish(_ result: UInt64) -> Outcome {
    output.flush()
    // The next run may be on another thread.
    thread[.nativeLimit] = 0
    nativeStack = nil
    if result != 0 { return .value(Value(bits: result)) }
    if !isTerminating, thread[.unwindTarget] != 0 {
      output.printError("internal error: what the program unwinds to is not there\n")
    }
    let isEnd = isTerminating && ending == .exit
    let status = isTerminating ? Value(bits: thread[.unwindValue]).integer : 1
    thread[.unwindTarget] = 0
    thread[.unwindValue] = 0
    // Of all that runs, if somebody has said so.
    if isEnd { scheduler.endOthers() }
    return .exit(status)
  }
  private func status(_ outcome: Outcome) -> Int {
    if case .exit(let n) = outcome { return n }
    return 0
  }
}
