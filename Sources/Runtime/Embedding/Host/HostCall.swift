// A call of Swift code by the program: what it was given, and what it answers.

import MachineLayout
import VM

/// What a Swift method was called with, on the machine's own thread.
@frozen public struct HostCall {
  @usableFromInline let calls: Unmanaged<Calls>
  @usableFromInline let frame: Words
  @usableFromInline let argumentCount: Int

  @usableFromInline init(calls: Unmanaged<Calls>, frame: Words, argumentCount: Int) {
    self.calls = calls
    self.frame = frame
    self.argumentCount = argumentCount
  }

  @inlinable func reader(_ index: Int) -> ValueReader {
    ValueReader(bits: frame[index - argumentCount - 1], calls: calls)
  }

  /// Argument `index` from 1; 0 is the receiver.
  @inlinable func argument<T: ValueConvertible>(_ index: Int, _ type: T.Type = T.self) throws -> T {
    do throws(VirtualMachineError) { return try T.read(reader(index)) } catch {
      throw HostArgumentError(index: index, text: error.description)
    }
  }

  @inlinable func answer(_ value: some ValueConvertible) throws -> UInt64 { try value.write(writer).bits }
  @inlinable var writer: ValueWriter { ValueWriter(calls, frame) }
}

/// An argument is not what the Swift method takes.
@usableFromInline struct HostArgumentError: Error {
  @usableFromInline let index: Int
  @usableFromInline let text: String
  @usableFromInline init(index: Int, text: String) {
    self.index = index
    self.text = text
  }
}

extension Calls {
  /// A primitive that calls `body` on top of its frame, and answers what that answers.
  func hostFunction(_ body: @escaping (HostCall) throws -> UInt64) -> HostFunction {
    let me = Unmanaged.passUnretained(self)
    return HostFunction { frame, method in
      me._withUnsafeGuaranteedRef { calls in
        let count = method.argumentCount
        calls.hostFrame = frame
        do {
          let bits = try body(HostCall(calls: me, frame: frame, argumentCount: count))
          calls.hostFrame = nil
          // Swift code may have caught what leaves it; that leaves it nevertheless.
          return calls.universe.thread[.unwindTarget] == 0 ? bits : 0
        } catch {
          calls.hostFrame = nil
          return calls.raise(error, frame, method)
        }
      }
    }
  }

  /// An error of Swift code becomes an exception of the program. Answers what the primitive answers.
  func raise(_ error: any Error, _ frame: Words, _ method: Method) -> UInt64 {
    if universe.thread[.unwindTarget] != 0 { return 0 }
    let name = universe.methods[method].name
    switch error {
    case let wrong as HostArgumentError:
      let what = wrong.index == 0 ? "its receiver" : "argument \(wrong.index)"
      return universe.raiseWrongArgument("\(name): \(wrong.text), as \(what)", frame)
    case VirtualMachineError.failed(let failure):
      if let root = failure.exception?.root, root.link === link {
        return universe.send(root.value, universe.symbols.intern("signal"), frame: frame)
      }
      return signal(failure.className, failure.message, frame)
    case let error as VirtualMachineError:
      return signal("Error", "\(name): \(error.description)", frame)
    default: return signalSwiftError(error, frame)
    }
  }

  /// A new exception of the class; an Error if there is no such class of exceptions.
  private func signal(_ className: String, _ message: String, _ frame: Words) -> UInt64 {
    let mark = universe.handles.count
    defer { universe.handles.pop(to: mark) }
    guard let text = universe.makeString(message, frame) else { return 0 }
    universe.handles.push(text)
    var info = universe.classes.named(className)
    if let base = universe.classes.named("Exception"), let found = info,
      !universe.classes.inherits(found.index, from: base.index)
    {
      info = nil
    }
    guard let found = try? info ?? universe.loadClass("Error") else { return 0 }
    return universe.send(
      universe.classes.object(found.index), universe.symbols.intern("signal:"), [universe.handles[mark]], frame: frame)
  }

  private func signalSwiftError(_ error: any Error, _ frame: Words) -> UInt64 {
    let mark = universe.handles.count
    defer { universe.handles.pop(to: mark) }
    guard let info = try? universe.loadClass("SwiftError") else {
      return signal("Error", "\(error)", frame)
    }
    guard let text = universe.makeString("\(error)", frame) else { return 0 }
    universe.handles.push(text)
    guard let name = universe.makeString("\(type(of: error))", frame) else { return 0 }
    universe.handles.push(name)
    let box = try? write(ThrownError(error), ValueWriter(self, frame))
    universe.handles.push(box.map { VM.Value(bits: $0.bits) } ?? .nil)
    let handles = universe.handles
    return universe.send(
      universe.classes.object(info.index), universe.symbols.intern("signal:typeName:error:"),
      [handles[mark], handles[mark + 1], handles[mark + 2]], frame: frame)
  }

  /// The Swift error that an exception brings back. VM thread.
  func underlying(_ exception: VM.Value) -> (any Error & Sendable)? {
    let reader = ValueReader(bits: exception.bits, calls: Unmanaged.passUnretained(self))
    guard reader.isInstance(of: "SwiftError"), let box = reader.field("error") else { return nil }
    return (box.standIn as? ThrownError)?.error
  }
}

/// A Swift error while it is on its way through the program.
final class ThrownError {
  let error: any Error & Sendable
  init(_ error: any Error) { self.error = error }
}
