// Inputs that share variables (a session at a prompt). Each input is a method of a hidden class, and the variables
// are the fields of its only instance: so blocks, interpreter and compiler need to know nothing about them.

import Bytecode
import MachineLayout
import Syntax

public final class WorkspaceVariables: @unchecked Sendable {
  /// How many variables there can be: the words of the hidden object.
  public static let limit = 4096

  let classIndex: Int
  /// A root.
  let word: Words
  /// In the order of their words. VM thread.
  public fileprivate(set) var names: [String] = []

  fileprivate init(classIndex: Int, object: Value) {
    self.classIndex = classIndex
    word = .allocate(capacity: 1)
    word[0] = object.bits
  }
  deinit { word.deallocate() }

  fileprivate var object: Value { Value(bits: word[0]) }
}

extension Universe {
  /// An empty workspace. VM thread.
  public func makeWorkspace() -> WorkspaceVariables {
    let info = classes.add(name: "<workspace \(classes.added)>", isMetaclass: false)
    classes.setFields(info, own: [], inherited: [], base: WorkspaceVariables.limit, format: .fields)
    classes.setSuperclass(info, WellKnownClass.object.rawValue)
    classes.objects[info.index] = classes.object(WellKnownClass.object.rawValue)
    lock.withLock {
      info.metaIndex = WellKnownClass.metaclass.rawValue
      info.isLoaded = true
      info.isOpen = true
    }
    let object = heap.allocateTenured(info.classWord, bodyWords: info.bodyWords)
    for i in 0..<info.bodyWords { object[i] = .nil }
    let variables = WorkspaceVariables(classIndex: info.index, object: Value(object))
    hooks.extraRoots.append { visit in visit(variables.word) }
    return variables
  }

  /// Runs an input with nil as `self`. What it assigns and nothing declares becomes a variable of the workspace.
  /// VM thread, no program runs.
  public func evaluate(
    _ definition: MethodDefinition, source: SourceText, in workspace: WorkspaceVariables
  ) throws(InstallError) -> Outcome {
    let known = workspace.names.count
    workspace.names += BytecodeCompiler.undeclaredVariables(definition, scope: scope(of: workspace))
      .filter { !isGlobal($0) }
    if workspace.names.count > WorkspaceVariables.limit {
      workspace.names.removeSubrange(known...)
      throw .compile("a session can have \(WorkspaceVariables.limit) variables, and this would be one too many")
    }
    let info = makeMethod(definition, source, classes[workspace.classIndex], name: "input")
    info.scope = scope(of: workspace)
    do { try compileAndLink(info) } catch {
      workspace.names.removeSubrange(known...)
      throw .syntax(error)
    }
    reclaimableBytes += byteCount(of: info)
    return finish(call(info.method, workspace.object, frame: bottomFrame))
  }

  /// The class index of what a variable holds now; nil if there is no such variable. VM thread.
  public func classIndex(ofVariable name: String, in workspace: WorkspaceVariables) -> Int? {
    workspace.names.lastIndex(of: name).map { workspace.object.object[$0].classIndex }
  }

  /// A class of that name has come: the name means the class from now on.
  public func forget(_ name: String, in workspace: WorkspaceVariables) {
    if let index = workspace.names.firstIndex(of: name) { workspace.names[index] = "<\(name)>" }
  }

  private func scope(of workspace: WorkspaceVariables) -> ClassScope {
    ClassScope(className: "the session", instanceFields: workspace.names, isWorkspace: true)
  }

  /// True for globals that are set and for classes that can be loaded.
  private func isGlobal(_ name: String) -> Bool {
    if globals.value(name) != .none { return true }
    guard name.unicodeScalars.first?.properties.isUppercase == true else { return false }
    return loader.exists(name, options)
  }
}
