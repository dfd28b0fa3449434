// Boot: the well-known classes, `system`, and the globals of the constants.

import Bytecode
import MachineLayout

extension Universe {
  /// Loads the core library. Register primitives first.
  public func boot() throws(LoadError) {
    library.boot()
    for wellKnown in WellKnownClass.allCases {
      let name = wellKnown.className
      let isLibrary = library.isBundled && wellKnown != .environment
      let info = classes.add(name: isLibrary ? library.key(name) : name, isMetaclass: false)
      precondition(info.index == wellKnown.rawValue)
    }
    makeSharedValues()
    let environment = classes[.environment]
    environment.isLoaded = true
    classes.setFields(environment, own: [], inherited: [], base: 1, format: .indexable)
    for wellKnown in WellKnownClass.allCases where wellKnown != .environment {
      _ = try library.load(wellKnown.className)
    }
    classes.setSuperclass(environment, WellKnownClass.object.rawValue)
    environment.metaIndex = WellKnownClass.metaclass.rawValue
    classBuilder.makeClassSides()
    try addToObject()
    try addLoopParts()
    classes.objects[environment.index] = classes.object(WellKnownClass.object.rawValue)
    classBuilder.bootEnds()
    setGlobal("nil", .nil)
    setGlobal("true", .true)
    setGlobal("false", .false)
    let system = classes[.system]
    let object = heap.allocateTenured(system.classWord, bodyWords: system.bodyWords)
    for i in 0..<system.bodyWords { object[i] = .nil }
    setGlobal("system", Value(object))
    changing { library.setGlobal("system", Value(object), &$0) }
  }

  /// The methods of ObjectAdditions.som become Object's, without being listed among its methods: upstream's tests
  /// count those. A core library of the class path has none, unless it is Ovid's own.
  private func addToObject() throws(LoadError) {
    let file: ClassSource
    do throws(LoadError) {
      file =
        try library.isBundled
        ? loader.findBundled("ObjectAdditions", options) : loader.find("ObjectAdditions", options)
    } catch .unknownClass {
      return
    }
    addToObject(file) { _ in nil }
  }

  /// The rests of loops, whatever the core library is.
  private func addLoopParts() throws(LoadError) {
    addToObject(try loader.findBundled("LoopParts", options)) { LoopPart(rawValue: $0)?.methodName }
  }

  private func addToObject(_ file: ClassSource, name: (_ selector: String) -> String?) {
    let object = classes[.object]
    for definition in file.definition.instanceMethods {
      let selector = definition.selector
      let info = methodBuilder.make(
        definition, file.source, object, name: definition.isPrimitive ? "Object>>\(selector)" : name(selector))
      lock.withLock { object.methods[info.method.selector] = info.method }
    }
  }
}

extension WellKnownClass {
  var className: String {
    switch self {
    case .environment: return "<environment>"
    default:
      let name = "\(self)"
      return name.prefix(1).uppercased() + name.dropFirst()
    }
  }
}
