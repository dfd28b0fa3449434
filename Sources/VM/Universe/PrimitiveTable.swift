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
