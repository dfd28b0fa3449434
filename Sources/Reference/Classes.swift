// Classes and methods, and the lookup that every send makes.

final class Class: Object {
  /// "Foo" or "Foo class".
  var name: String
  /// No name leads to it any more: it stays what it is.
  var isRemoved = false
  let isMetaclass: Bool
  /// The machine keeps all classes.
  @exclusivity(unchecked) private var above: Unmanaged<Class>?
  var superclass: Class? { above?.takeUnretainedValue() }
  private(set) var subclasses: [Class] = []
  @exclusivity(unchecked) var ownFields: [Field] = []
  @exclusivity(unchecked) private(set) var methods = NameTable<Method>()
  /// In the order of definition. What ObjectAdditions adds to Object is not listed.
  private(set) var selectors: [String] = []
  /// For each change of shape, where the fields that were kept went.
  @exclusivity(unchecked) private(set) var reshapings: [[Field: Field]] = []
  /// All versions that its methods ever had: activations do not keep them.
  fileprivate var versions: [Method] = []
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
    above = new.map { .passUnretained($0) }
    new?.subclasses.append(self)
  }

  /// Inherited ones first.
  var fields: [Field] { (superclass?.fields ?? []) + ownFields }
  /// The field of that name that its methods mean.
  func field(named name: String) -> Field? {
    ownFields.last { $0.name == name } ?? superclass?.field(named: name)
  }
  /// The class and everything below it.
  var family: [Class] { [self] + subclasses.flatMap(\.family) }

  func inherits(from other: Class) -> Bool { self === other || superclass?.inherits(from: other) == true }

  /// Full lookup, up the chain of superclasses.
  func lookup(_ selector: Name) -> Method? {
    var place: Unmanaged<Class>? = .passUnretained(self)
    while let class_ = place {
      if let method = class_._withUnsafeGuaranteedRef({ $0.methods[selector] }) { return method }
      place = class_._withUnsafeGuaranteedRef { $0.above }
    }
    return nil
  }

  func add(_ method: Method, as selector: String, listed: Bool = true) {
    let name = Name(selector)
    if methods[name] == nil, listed { selectors.append(selector) }
    methods[name] = method
  }

  func remove(_ selector: String) {
    methods[Name(selector)] = nil
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
    fileprivate let methods: NameTable<Method>
    fileprivate let bindings: [(Method, Bindings)]
    fileprivate let selectors: [String]
    fileprivate let reshapings: [[Field: Field]]
  }

  var state: State {
    get {
      State(
        superclass: superclass, ownFields: ownFields, methods: methods,
        bindings: methods.values.map { ($0, $0.bindings) }, selectors: selectors, reshapings: reshapings)
    }
    set {
      if superclass !== newValue.superclass { setSuperclass(newValue.superclass) }
      ownFields = newValue.ownFields
      methods = newValue.methods
      for (method, bindings) in newValue.bindings { method.bindings = bindings }
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
  let argumentCount: Int
  /// What an activation takes with it when it starts.
  @exclusivity(unchecked) var bindings: Bindings
  /// The object that stands for the method.
  var object: MethodObject?

  enum Code {
    case tree(MethodTree)
    case primitive(Primitive)
  }

  init(_ selector: String, _ holder: Class, _ code: Code, argumentCount: Int, _ bindings: Bindings) {
    self.argumentCount = argumentCount
    self.selector = selector
    self.holder = holder
    self.code = code
    self.bindings = bindings
    holder.versions.append(self)
  }

  var name: String { "\(holder.name)>>\(selector)" }
  /// Whether it is a method of the core library as that comes, which knows the library's classes itself.
  var isBundled: Bool {
    switch code {
    case .tree(let tree): tree.source.isBundled
    case .primitive: true
    }
  }
}
