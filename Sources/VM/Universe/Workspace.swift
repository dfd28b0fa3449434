// Inputs that share variables (a session at a prompt). Each input is a method of a hidden class, and the variables
// are the fields of its only instance: so blocks, interpreter and compiler need to know nothing about them.

import Bytecode
import MachineLayout
import Syntax

public final class WorkspaceVariables: @unchecked Sendable {
  /// How many variables there can be: the words of the hidden object.
  public static let limit = 4096

  private unowned let universe: Universe
  private let holder: ClassInfo
  /// A root: the hidden object.
  private let word: Words
  /// In the order of their words. VM thread.
  public private(set) var names: [String] = []

  /// An empty workspace. VM thread.
  public init(_ universe: Universe) {
    self.universe = universe
    let classes = universe.classes
    holder = classes.add(name: "<workspace \(classes.added)>", isMetaclass: false)
    classes.setFields(holder, own: [], inherited: [], base: Self.limit, format: .fields)
    classes.setSuperclass(holder, WellKnownClass.object.rawValue)
    classes.objects[holder.index] = classes.object(WellKnownClass.object.rawValue)
    universe.lock.withLock { [holder] in
      holder.metaIndex = WellKnownClass.metaclass.rawValue
      holder.isLoaded = true
      holder.isOpen = true
    }
    let object = universe.heap.allocateTenured(holder.classWord, bodyWords: holder.bodyWords)
    for i in 0..<holder.bodyWords { object[i] = .nil }
    word = .allocate(capacity: 1)
    word[0] = Value(object).bits
    universe.hooks.extraRoots.append { [self] visit in visit(word) }
  }
  deinit { word.deallocate() }

  private var object: Value { Value(bits: word[0]) }
  private var scope: ClassScope {
    ClassScope(className: "the session", instanceFields: names, isWorkspace: true)
  }

  /// Runs an input with nil as `self`. VM thread, no program runs.
  public func evaluate(_ definition: MethodDefinition, source: SourceText) throws(InstallError) -> Outcome {
    let info = try prepare(definition, source: source)
    return universe.finish(call(info, universe.bottomFrame))
  }

  /// Runs what was prepared, from a frame without operands. Answers its value, or 0 while something unwinds.
  public func call(_ input: MethodInfo, _ frame: Words) -> UInt64 { universe.call(input.method, object, frame: frame) }

  /// What an input assigns and nothing declares becomes a variable of the workspace. VM thread, at a safepoint.
  public func prepare(_ definition: MethodDefinition, source: SourceText) throws(InstallError) -> MethodInfo {
    let known = names.count
    names += BytecodeCompiler.undeclaredVariables(definition, scope: scope).filter { !isGlobal($0) }
    if names.count > Self.limit {
      names.removeSubrange(known...)
      throw .compile("a session can have \(Self.limit) variables, and this would be one too many")
    }
    let info = universe.methodBuilder.make(definition, source, holder, name: "input")
    info.scope = scope
    do { try universe.variants.link(info) } catch {
      names.removeSubrange(known...)
      throw .syntax(error)
    }
    universe.reclaimer.note(info)
    return info
  }

  /// The class index of what a variable holds now; nil if there is no such variable. VM thread.
  public func classIndex(of name: String) -> Int? {
    names.lastIndex(of: name).map { object.object[$0].classIndex }
  }

  /// A class of that name has come: the name means the class from now on.
  public func forget(_ name: String) {
    if let index = names.firstIndex(of: name) { names[index] = "<\(name)>" }
  }

  /// True for globals that are set and for classes that can be loaded.
  private func isGlobal(_ name: String) -> Bool {
    if universe.globals.value(name) != .none { return true }
    guard name.unicodeScalars.first?.properties.isUppercase == true, !universe.classNames.isWithdrawn(name) else {
      return false
    }
    return universe.loader.exists(name, universe.options)
  }
}
