// Primitives by class and selector. The primitive of "Foo class>>bar" is registered for class "Foo class".

/// What a `= primitive` method does.
public enum PrimitiveAction: @unchecked Sendable {
  /// Calls a function (see NativeEntry in docs/contracts.md).
  case function(NativeEntry)
  /// Activates something: the interpreter knows how (`SpecialMethods.swift`).
  case activation(Method.Kind)
  /// Calls a closure of the program that embeds the machine.
  case host(HostFunction)
}

/// One row: a primitive's class, selector and action.
public struct PrimitiveRow: Sendable {
  public let className: String
  public let selector: String
  public let action: PrimitiveAction

  public init(_ className: String, _ selector: String, _ function: @escaping NativeEntry) {
    self.init(className, selector, .function(function))
  }
  public init(_ className: String, _ selector: String, activates kind: Method.Kind) {
    self.init(className, selector, .activation(kind))
  }
  private init(_ className: String, _ selector: String, _ action: PrimitiveAction) {
    self.className = className
    self.selector = selector
    self.action = action
  }
}

public final class PrimitiveTable {
  private unowned(unsafe) let universe: Universe
  private let classes: ClassTable
  /// By key: "Class>>selector".
  private var actions: [String: PrimitiveAction] = [:]
  private var hostFunctions: [HostFunction] = []

  init(_ universe: Universe) {
    self.universe = universe
    classes = universe.classes
  }

  /// Makes primitives known to `= primitive` methods of classes loaded from now on (before `boot`).
  public func register(_ rows: [PrimitiveRow]) {
    for row in rows { actions["\(row.className)>>\(row.selector)"] = row.action }
  }

  /// Makes a closure of the host known by its key, "Class>>selector", to methods that are compiled from now on. It lives as
  /// long as the machine: methods refer to it.
  public func register(_ function: HostFunction, for key: String) {
    hostFunctions.append(function)
    actions[key] = .host(function)
  }

  /// True if a class may have a method that is `= primitive`.
  public func isThere(_ selector: String, in holder: ClassInfo) -> Bool { actions[key(selector, in: holder)] != nil }

  /// The key of what a `= primitive` method does; of nothing if its class may have no primitives.
  func key(_ selector: String, in holder: ClassInfo) -> String {
    (universe.library.mayHavePrimitives(holder) ? "" : "undefined ") + "\(holder.plainName)>>\(selector)"
  }
  public func key(of method: MethodInfo) -> String {
    key(method.selector, in: classes[method.holderIndex])
  }

  func action(_ key: String) -> PrimitiveAction? { actions[key] }

  /// Why a primitive ("Class>>selector") cannot be what a class has for a selector; nil if it can. It knows what to do
  /// with instances of its own class only, and with as many arguments as it takes.
  public func obstacle(toInstalling primitive: String, as selector: String, in classIndex: Int) -> String? {
    let parts = primitive.split(separator: ">>", maxSplits: 1).map(String.init)
    guard parts.count == 2, actions[primitive] != nil else {
      return "there is no primitive \(primitive)"
    }
    let isClassSide = parts[0].hasSuffix(" class")
    let side = universe.library.loaded(isClassSide ? String(parts[0].dropLast(6)) : parts[0])
    guard let own = side.map({ isClassSide ? $0.metaIndex : $0.index }), classes.inherits(classIndex, from: own),
      SymbolTable.argumentCount(of: parts[1]) == SymbolTable.argumentCount(of: selector)
    else { return "the primitive \(primitive) cannot stand for \(classes[classIndex].name)>>\(selector)" }
    return nil
  }
}
