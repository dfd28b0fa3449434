// Random SOM programs that end, print the same whenever they are run, and change themselves on the way: methods,
// fields, classes, globals, and the core library's own methods that compilers take as built in.
//
// The methods l<level>… have levels: one sends only those of lower levels, and few of them, loops counted. So programs
// end soon, whatever is redefined by what; those that do not (a redefined `<=` may go on for ever) are stopped by the
// reference, and forgotten.

/// A program: class files by name. `Fuzz` is the one to run.
public struct FuzzProgram: Equatable, Sendable {
  public internal(set) var files: [String: String]
  /// Accepts from outside: the first is made when the program prints "accept 1".
  public internal(set) var accepts: [[FuzzChange]] = []
  public static let main = "Fuzz"
  /// The method that programs call to fill the stack.
  static let recursion = "endless:"
  /// What it prints does not depend on whose turn it is.
  var hasProcesses: Bool { files[ProgramGenerator.processClass] != nil }
}

/// One change of an accept: a method, or with no class name the whole text of a class.
public struct FuzzChange: Equatable, Codable, Sendable {
  var className: String?
  var isClassSide = false
  var text: String
}

public struct ProgramGenerator {
  static let classes = ["FzA", "FzB", "FzC", "FzD"]
  static let superclasses = ["FzA": "Object", "FzB": "FzA", "FzC": "FzA", "FzD": "FzB"]
  /// Fields that are there at the start, and names that may become fields, or be fields no longer.
  static let fields = ["FzA": ["e0", "e1"], "FzB": ["p0"], "FzC": ["p0"], "FzD": ["q0"]]
  static let laterFields = ["e0", "e1", "e2", "p0", "q0", "FzG", "FzH"]
  static let firstBaseFields = ["FzX": ["a", "b"], "FzY": ["b", "d"]]
  static let levels = 3
  static let selectorsPerLevel = 3

  var random: SeededRandom
  /// Places in the program at which edits are made, each with a counter of its own.
  var sites = 0
  /// Classes that edits make.
  var newClasses = 0
  var accepts: [[FuzzChange]] = []
  /// Fields of the classes that another moves between, as the last text of them says.
  var baseFields = firstBaseFields
  var scope = MethodScope()
  let features: Set<FuzzFeature>
  /// For the hot loops, so that they change nothing else.
  private var hotRandom: SeededRandom
  private let isHotFirst: Bool
  /// The same for processes.
  private var processRandom: SeededRandom
  private let areProcessesFirst: Bool
  /// And for what is edited under a policy.
  private var policyRandom: SeededRandom
  /// Nothing gets hot: what is repeated to be compiled is repeated less, for more programs in the same time.
  private let isCool: Bool

  public init(seed: UInt64, tier: FuzzTier = .both, without excluded: Set<FuzzFeature> = []) {
    isCool = tier == .interpreter || tier == .baseline
    random = SeededRandom(seed: seed)
    hotRandom = SeededRandom(seed: seed ^ 0x407)
    isHotFirst = hotRandom.chance(70)
    processRandom = SeededRandom(seed: seed ^ 0x9B0C)
    areProcessesFirst = processRandom.chance(50)
    let sequential = FuzzFeature.some(&random, without: excluded).union(
      FuzzFeature.someHot(&hotRandom, without: excluded))
    policyRandom = SeededRandom(seed: seed ^ 0x9011C)
    features = sequential.union(FuzzFeature.someProcesses(&processRandom, beside: sequential, without: excluded))
      .union(FuzzFeature.somePolicies(&policyRandom, beside: sequential, without: excluded))
  }

  func has(_ feature: FuzzFeature) -> Bool { features.contains(feature) }

  /// How often to do what is done so often for heat.
  func cooled(_ rounds: Int, by divisor: Int) -> Int { isCool ? rounds / divisor : rounds }

  public mutating func generate() -> FuzzProgram {
    var files: [String: String] = [:]
    for name in Self.classes { files[name] = classFile(name) }
    files["FzP"] = FixedClasses.point
    files["FzX"] = FixedClasses.firstBase
    files["FzY"] = FixedClasses.secondBase
    baseFields = Self.firstBaseFields
    files["FzZ"] = movingClass()
    files["FzCons"] = FixedClasses.cons
    files["FzErr"] = "FzErr = Error ( )\n"
    files["FzNote"] = "FzNote = Notification ( | answer | answer = ( ^answer ) answer: a = ( answer := a ) )\n"
    files[FuzzProgram.main] = mainFile()
    random = hotRandom
    if let hot = hotFile() {
      files[Self.hotClass] = hot
      files["FzV"] = FixedClasses.vector
    }
    random = processRandom
    if let processes = processFile() {
      files[Self.processClass] = processes
      files["FzQ"] = FixedClasses.processPoint
    }
    random = policyRandom
    if let policies = policyFile() { files[Self.policyClass] = policies }
    // Last, when the number of sites is known.
    files["FzLog"] = FixedClasses.log(sites: sites)
    return FuzzProgram(files: files, accepts: accepts)
  }

  private mutating func classFile(_ name: String) -> String {
    var text = "\(name) = \(Self.superclasses[name] ?? "Object") (\n"
    let fields = (name == "FzA" ? ["f", "g", "h", "arr", "peers"] : []) + (Self.fields[name] ?? [])
    text += "    | \(fields.joined(separator: " ")) |\n"
    if name == "FzA" { text += FixedClasses.root }
    for level in 1...Self.levels {
      for index in 0..<Self.selectorsPerLevel where name == "FzA" || chance(35) {
        text += "    \(method(level, index, of: name, isEdit: false))\n"
      }
    }
    text += "    ----------------\n"
    text += name == "FzA" ? "    | made |\n    made = ( ^made )\n" : ""
    text += "    \(classMethod(of: name))\n"
    return text + ")\n"
  }

  /// The program: calls everything often, edits between the calls, and prints what became of it.
  private mutating func mainFile() -> String {
    let rounds = cooled(12 + pick(24), by: 3)
    scope = MethodScope(className: FuzzProgram.main, level: Self.levels + 1)
    scope.ints = ["sum"]
    scope.readOnly = ["i"]
    var body = ""
    for index in 0..<Self.selectorsPerLevel where index == 0 || chance(70) {
      body += """
                1 to: objects size do: [ :k |
                    sum := sum + (self guard: [ (objects at: k) \(send(Self.levels, index, "i", "k")) ]) % 1000003 ].

        """
    }
    for _ in 0..<(1 + pick(5)) {
      let round = 1 + pick(rounds)
      if has(.hardWired), chance(40) {
        let (edit, undo) = hardWired()
        body += "        i = \(round) ifTrue: [ \(edit) ].\n        i = \(round + 1 + pick(3)) ifTrue: [ \(undo) ].\n"
      } else {
        body += "        i = \(round) ifTrue: [ \(edits(1 + pick(3))) ].\n"
      }
    }
    let every = 2 + pick(4)
    // In a loop that is under way when the edits come, or in none.
    let (start, next) =
      chance(50)
      ? ("1 to: \(rounds) do: [ :i | self round: i ]", "^nil")
      : ("self round: 1", "^i >= \(rounds) ifTrue: [ nil ] ifFalse: [ self round: i + 1 ]")
    let hot = hasHotLoops ? "\(Self.hotClass) new run.\n        " : ""
    let processes = hasProcesses ? "\(Self.processClass) new run.\n        " : ""
    let first = (areProcessesFirst ? processes : "") + (isHotFirst ? hot : "")
    let policies = hasPolicies ? "\(Self.policyClass) new run.\n        " : ""
    let last = (isHotFirst ? "" : hot) + (areProcessesFirst ? "" : processes) + policies
    return """
      Fuzz = (
          | objects sum |
          guard: aBlock = ( ^FzLog int: ([ aBlock value ] on: Error do: [ :e | FzLog caught: e. e return: 3 ]) )
          objects = ( ^objects )
          run = (
              FzLog reset.
              ZeroDivide. MessageNotUnderstood. IndexOutOfRange. StackOverflow. FzErr. FzNote. FzP. FzX. FzY. FzZ. Array. Object.
              system global: #FzG put: 17.
              system global: #FzProgram put: self.
              objects := OrderedCollection new.
              objects add: FzA new; add: FzB new; add: FzC new; add: FzD new.
              objects do: [ :each | each peers: objects ].
              sum := 0.
              \(first)\(start).
              \(last)sum println
          )
          round: i = (
      \(body)        (i % \(every)) = 0 ifTrue: [
                  (i asString + ' ' + sum + ' ' + FzLog count) println.
                  objects do: [ :each | self guard: [ each describe println. 1 ] ] ].
              \(next)
          )
      )

      """
  }

  // MARK: Choices

  mutating func pick(_ n: Int) -> Int { random.pick(n) }
  mutating func chance(_ percent: Int) -> Bool { random.chance(percent) }
  mutating func one<T>(of list: [T]) -> T { random.one(of: list) }
  mutating func newSite() -> Int {
    sites += 1
    return sites
  }

  func selector(_ level: Int, _ index: Int) -> String { "l\(level)\(["a", "b", "c"][index]):b:" }
  func send(_ level: Int, _ index: Int, _ x: String, _ y: String) -> String {
    "l\(level)\(["a", "b", "c"][index]): \(x) b: \(y)"
  }

  /// A text as a string literal.
  static func quote(_ text: String) -> String {
    "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
  }
}

/// What the method at hand may use.
struct MethodScope {
  var className = "FzA"
  var level = 1
  var isEdit = false
  var isClassSide = false
  /// Sends of methods with levels that it may still make, loops counted.
  var budget = 4
  /// How often the place at hand runs in each activation.
  var times = 1
  /// Inside a block that is evaluated after its method may have returned: no `^`, if that is to be the method's.
  var isEscaping = false
  /// Variables that hold integers, and names of integers that cannot be assigned.
  var ints: [String] = []
  var readOnly: [String] = []
  /// Temporaries that statements have asked for.
  var temporaries: [String] = []
  var nextName = 0
}
