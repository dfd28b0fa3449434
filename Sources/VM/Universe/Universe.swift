// One virtual machine: everything it owns, and nothing global. Only the VM thread touches it, except where a
// method says "any thread".

import Bytecode
import Foundation
import MachineLayout

public final class Universe: @unchecked Sendable {
  public let thread: Thread
  let threadMemory = ThreadMemory()
  public let symbols = SymbolTable()
  public let classes: ClassTable
  public let globals: GlobalTable
  public let methods: MethodTable
  public let heap: Heap
  public let handles = Handles()
  public let selectors: WellKnownSelectors
  /// Guards classes, method dictionaries, globals and method tables against the compiler thread.
  public let lock = NSRecursiveLock()
  public var options: VMOptions
  public var hooks = Hooks()
  public let output: Output
  public let canvases = CanvasBoard()
  public let hostObjects = HostObjects()
  /// While `Hooks.unhandled` is told of an error of the virtual machine itself: which.
  public internal(set) var raisedError: VMError?
  let input = StandardInput()
  public let startTime = ContinuousClock.now
  /// Of the process that runs.
  @exclusivity(unchecked) var stack: VMStack
  /// The same; nil: the thread's own.
  var nativeStack: NativeStack?
  /// Of the process that runs: deoptimizing has filled its native stack, and a handler runs above.
  public var handlesNativeOverflow = false
  private(set) var scheduler: Scheduler! = nil
  public let lookup: MethodLookup
  let loader = ClassLoader()
  /// Of the process that runs.
  public internal(set) var handlers: Handlers!
  /// Handlers of all processes have numbers of their own.
  @exclusivity(unchecked) var lastHandlerID = 0
  private(set) var library: LibraryNames!
  public private(set) var primitives: PrimitiveTable!
  private(set) var linker: Linker!
  public private(set) var variants: Variants!
  public private(set) var assumptions: Assumptions!
  public private(set) var methodBuilder: MethodBuilder!
  public private(set) var classBuilder: ClassBuilder!
  public private(set) var classNames: ClassNames!
  public private(set) var reshaper: Reshaper!
  public private(set) var shapeObstacles: ShapeObstacles!
  public private(set) var fieldPlaces: FieldPlaces!
  public private(set) var unboxedFields: UnboxedFields!
  public private(set) var reclaimer: Reclaimer!
  public private(set) var room: Room!
  /// The strings of one ASCII character, by its code.
  let characters = RootTable(capacity: 128)
  /// The one box of 0.0.
  let zero = RootTable(capacity: 1)
  /// What `methods` answered, by class index.
  let methodArrays = RootTable()
  @exclusivity(unchecked) var cursor = ScalarCursor()
  /// Counts what may change objects while running code polls: edits, and the program's reactions to them.
  public var changesAtPolls = 0
  /// Of the last `Outcome.exit`.
  public internal(set) var ending = Ending.exit

  public init(options: VMOptions = VMOptions(), output: Output = Output()) {
    self.options = options
    self.output = output
    thread = threadMemory.thread
    classes = ClassTable(lock: lock)
    globals = GlobalTable(lock: lock)
    methods = MethodTable(lock: lock)
    selectors = WellKnownSelectors(symbols)
    lookup = MethodLookup(classes, methods, symbols)
    stack = VMStack(bytes: options.stackBytes)
    heap = Heap(thread: thread, options: options)
    heap.universe = self
    hostObjects.requestDrop = { [thread] in thread.requestPoll() }
    handlers = Handlers(self)
    library = LibraryNames(self)
    primitives = PrimitiveTable(self)
    linker = Linker(self)
    variants = Variants(self)
    assumptions = Assumptions(self)
    methodBuilder = MethodBuilder(self)
    classBuilder = ClassBuilder(self)
    classNames = ClassNames(self)
    reshaper = Reshaper(self)
    shapeObstacles = ShapeObstacles(self)
    fieldPlaces = FieldPlaces(self)
    unboxedFields = UnboxedFields(self)
    reclaimer = Reclaimer(self)
    room = Room(classes, heap, reclaimer)
    thread[.universe] = UInt64(UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque()))
    installStack()
    installFunctions()
    scheduler = Scheduler(self, mainFiber: Fiber(stack: stack, handlers))
  }

  deinit {
    scheduler.shutDown()
    heap.releaseAll()
  }

  /// The universe whose thread words these are: how primitives and runtime functions find it.
  @inlinable public static func of(_ threadWords: Words) -> Universe { unmanaged(threadWords).takeUnretainedValue() }

  @inlinable static func unmanaged(_ threadWords: Words) -> Unmanaged<Universe> {
    let raw = UnsafeRawPointer(bitPattern: UInt(threadWords[Thread.Slot.universe.rawValue])).unsafelyUnwrapped
    return Unmanaged<Universe>.fromOpaque(raw)
  }
}

/// What can be set from outside before a universe is made.
public struct VMOptions: Sendable {
  /// Bytes of the nursery.
  public var nurseryBytes = 4 << 20
  /// The heap may grow to this many bytes.
  public var heapLimit = 4 << 30
  /// Bytes of the VM stack, without the reserve.
  public var stackBytes = 32 << 20
  /// The same for each process that a program starts.
  public var processStackBytes = 8 << 20
  /// Milliseconds after which another process of the same priority has its turn; 0: not before the one that runs waits
  /// or yields.
  public var timeSlice = 10
  /// Another process has its turn at every N-th poll, and polls are at every chance; 0: when a time slice is over.
  public var preemptEvery = 0
  /// Collect everything at every N-th allocation; 0: never.
  public var gcEvery = 0
  /// Collect a large old space in steps.
  public var incrementalGC = false
  /// Make a minor collection, and the least step of one that is made in steps, at every N-th allocation; 0: never.
  public var gcSteps = 0
  public var traceGC = false
  /// Where methods' counters start (`Method.Slot.counter`).
  public var compileThreshold = 1000
  /// The same for its first time: then it may be given baseline code.
  public var firstThreshold = 1000
  /// After the error of an argument of the wrong kind, print the line of `UpstreamWording.swift`, too.
  public var upstreamWording = false
  public var classPath: [String] = []
  public var capabilities = Capabilities.unrestricted
  /// Answers the source of a bundled class.
  public var bundled: @Sendable (String) -> [UInt8]? = { CoreLibrary.source(of: $0) }
  public init() {}
}
