// Primitives by class and selector. The primitive of "Foo class>>bar" is registered for class "Foo class".

/// What a `= primitive` method does.
public enum PrimitiveAction: @unchecked Sendable {
  /// Calls a function (see NativeEntry in docs/contracts.md).
  case function(NativeEntry)
  /// Activates something: the interpreter knows how (`SpecialMethods.swift`).
  case activation(Method.Kind)
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

extension Universe {
  /// Makes primitives known to `= primitive` methods of classes loaded from now on (before `boot`).
  public func register(_ rows: [PrimitiveRow]) {
    for row in rows { primitives["\(row.className)>>\(row.selector)"] = row.action }
  }

  /// True if a class may have a method that is `= primitive`.
  public func hasPrimitive(_ selector: String, in holder: ClassInfo) -> Bool {
    let name = "\(holder.plainName)>>\(selector)"
    return mayHavePrimitives(holder) && primitives[name] != nil
  }

  /// The key of what a `= primitive` method does; of nothing if its class may have no primitives.
  func primitiveKey(_ selector: String, in holder: ClassInfo) -> String {
    (mayHavePrimitives(holder) ? "" : "undefined ") + "\(holder.plainName)>>\(selector)"
  }
  public func primitiveKey(of method: MethodInfo) -> String {
    primitiveKey(method.selector, in: classes[method.holderIndex])
  }

  /// Why a primitive ("Class>>selector") cannot be what a class has for a selector; nil if it can. It knows what to do
  /// with instances of its own class only, and with as many arguments as it takes.
  public func obstacle(toInstalling primitive: String, as selector: String, in classIndex: Int) -> String? {
    let parts = primitive.split(separator: ">>", maxSplits: 1).map(String.init)
    guard parts.count == 2, primitives[primitive] != nil else {
      return "there is no primitive \(primitive)"
    }
    let isClassSide = parts[0].hasSuffix(" class")
    let side = loadedLibraryClass(isClassSide ? String(parts[0].dropLast(6)) : parts[0])
    guard let own = side.map({ isClassSide ? $0.metaIndex : $0.index }), classes.inherits(classIndex, from: own),
      SymbolTable.argumentCount(of: parts[1]) == SymbolTable.argumentCount(of: selector)
    else { return "the primitive \(primitive) cannot stand for \(classes[classIndex].name)>>\(selector)" }
    return nil
  }
}
