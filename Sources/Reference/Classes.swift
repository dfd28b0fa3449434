// Classes and methods, and the lookup that every send makes.

final class Class: Object {
  /// "Foo" or "Foo class".
  var name: String
  /// No name leads to it any more: it stays what it is.
  var isRemoved = false
  let isMetaclass: Bool
  private(set) var superclass: Class?
  private(set) var subclasses: [Class] = []
  var ownFields: [Field] = []
  private(set) var methods: [String: Method] = [:]
  /// In the order of definition. What ObjectAdditions adds to Object is not listed.
  private(set) var selectors: [String] = []
  /// For each change of shape, where the fields that were kept went.
  private(set) var reshapings: [[Field: Field]] = []
  /// The one view of the methods that `methods` answers.
  var methodArray: ArrayObject?

  init(name: String, isMetaclass: Bool, superclass: Class?, fields: [String]) {
    self.name = name
    self.isMetaclass = isMetaclass
    super.init(nil)
    ownFields = fields.map { Field($0) }
    setSuperclass(superclass)
  }

  func setSuperclass(_ new: Class?) {
    superclass?.subclasses.removeAll { $0 === self }
    superclass = new
    new?.subclasses.append(self)
  }

  /// Inherited ones first.
  var fields: [Field] { (superclass?.fields ?? []) + ownFields }
  /// The class and everything below it.
  var family: [Class] { [self] + subclasses.flatMap(\.family) }

  func inherits(from other: Class) -> Bool { self === other || superclass?.inherits(from: other) == true }

  /// Full lookup, up the chain of superclasses.
  func lookup(_ selector: String) -> Method? {
    var place: Class? = self
    while let current = place {
      if let method = current.methods[selector] { return method }
      place = current.superclass
    }
    return nil
  }

  func add(_ method: Method, as selector: String, listed: Bool = true) {
    if methods.updateValue(method, forKey: selector) == nil, listed { selectors.append(selector) }
  }

  func remove(_ selector: String) {
    methods[selector] = nil
    selectors.removeAll { $0 == selector }
  }

  /// Instances keep the values of the fields that are keys here, in the fields that are values.
  func noteReshaping(_ moved: [Field: Field]) { reshapings.append(moved) }

  /// Where a field is that some code means: it may have moved since that code was bound; nil if it is gone.
  func current(_ field: Field) -> Field? {
    var field = field
    if has(field) { return field }
    for moved in reshapings { field = moved[field] ?? field }
    return has(field) ? field : nil
  }

  private func has(_ field: Field) -> Bool { ownFields.contains { $0 === field } || superclass?.has(field) == true }

  /// What accepts may change, to be put back if there is an error in them.
  struct State {
    fileprivate let superclass: Class?
    fileprivate let ownFields: [Field]
    fileprivate let methods: [String: Method]
    fileprivate let bindings: [String: Bindings]
    fileprivate let selectors: [String]
    fileprivate let reshapings: [[Field: Field]]
  }

  var state: State {
    get {
      State(
        superclass: superclass, ownFields: ownFields, methods: methods, bindings: methods.mapValues(\.bindings),
        selectors: selectors, reshapings: reshapings)
    }
    set {
      if superclass !== newValue.superclass { setSuperclass(newValue.superclass) }
      ownFields = newValue.ownFields
      methods = newValue.methods
      for (selector, method) in methods { method.bindings = newValue.bindings[selector] ?? method.bindings }
      selectors = newValue.selectors
      reshapings = newValue.reshapings
    }
  }

  /// The names of methods mean what they mean now, for activations that start from now on.
  func bindAgain() {
    if isRemoved { return }
    for method in methods.values { method.bindings = method.bindings.again(in: self) }
  }
}

/// A version of a method. Redefinition makes another one.
final class Method {
  let selector: String
  let holder: Class
  let code: Code
  /// What an activation takes with it when it starts.
  var bindings: Bindings
  /// The object that stands for the method.
  var object: MethodObject?

  enum Code {
    case tree(MethodTree)
    case primitive(Primitive, argumentCount: Int)
  }

  init(_ selector: String, _ holder: Class, _ code: Code, _ bindings: Bindings) {
    self.selector = selector
    self.holder = holder
    self.code = code
    self.bindings = bindings
  }

  var name: String { "\(holder.name)>>\(selector)" }
  /// Whether it is a method of the core library as that comes, which knows the library's classes itself.
  var isBundled: Bool {
    switch code {
    case .tree(let tree): tree.source.isBundled
    case .primitive: true
    }
  }
  var argumentCount: Int {
    switch code {
    case .tree(let tree): tree.code.argumentCount
    case .primitive(_, let count): count
    }
  }
}
