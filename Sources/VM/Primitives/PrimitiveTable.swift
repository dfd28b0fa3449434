// Primitives by class and selector. The primitive function of "Foo class>>bar" is registered for class "Foo class".

/// One row: a primitive's class, selector and function (see NativeEntry in docs/contracts.md).
public struct PrimitiveRow: @unchecked Sendable {
  public let className: String
  public let selector: String
  public let function: NativeEntry
  public init(_ className: String, _ selector: String, _ function: @escaping NativeEntry) {
    self.className = className
    self.selector = selector
    self.function = function
  }
}

extension Universe {
  /// Makes functions known to `= primitive` methods of classes loaded from now on (before `boot`).
  public func register(_ rows: [PrimitiveRow]) {
    for row in rows { primitives["\(row.className)>>\(row.selector)"] = row.function }
  }

  /// True if a class may have a method that is `= primitive`.
  public func hasPrimitive(_ selector: String, in holder: ClassInfo) -> Bool {
    let name = "\(holder.plainName)>>\(selector)"
    return mayHavePrimitives(holder) && (primitives[name] != nil || Universe.specialPrimitives[name] != nil)
  }

  /// The key of the function that a `= primitive` method stands for; of none if its class may have no primitives.
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
    guard parts.count == 2, primitives[primitive] != nil || Universe.specialPrimitives[primitive] != nil else {
      return "there is no primitive \(primitive)"
    }
    let isClassSide = parts[0].hasSuffix(" class")
    let side = loadedLibraryClass(isClassSide ? String(parts[0].dropLast(6)) : parts[0])
    guard let own = side.map({ isClassSide ? $0.metaIndex : $0.index }), classes.inherits(classIndex, from: own),
      SymbolTable.argumentCount(of: parts[1]) == SymbolTable.argumentCount(of: selector)
    else { return "the primitive \(primitive) cannot stand for \(classes[classIndex].name)>>\(selector)" }
    return nil
  }

  /// The kinds of `= primitive` methods that the interpreter itself activates: no function is needed.
  static let specialPrimitives: [String: Method.Kind] = [
    "Block>>value": .blockValue, "Block1>>value": .blockValue, "Block2>>value:": .blockValue,
    "Block3>>value:with:": .blockValue, "Block>>value:": .blockValue, "Block>>value:with:": .blockValue,
    "Block1>>valueHandling": .blockValue, "Block1>>valueEnsuring": .blockValue,
    "Block>>restart": .restart,
    "Object>>perform:": .perform, "Object>>perform:withArguments:": .performWithArguments,
    "Object>>perform:inSuperclass:": .performInSuperclass,
    "Object>>perform:withArguments:inSuperclass:": .performWithArgumentsInSuperclass,
    "Method>>invokeOn:with:": .invokeOn, "Primitive>>invokeOn:with:": .invokeOn,
  ]
}
