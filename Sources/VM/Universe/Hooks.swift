// What the runtime (compiler, live editing) plugs into the virtual machine. Everything is optional.

import MachineLayout

public struct Hooks {
  /// How many arguments compiled frame H has (without the receiver), and which of its words (>= 3) hold tagged
  /// values. Required once there is compiled code.
  public var liveSlots: ((_ frame: Words) -> (argumentCount: Int, slots: [Int]))?
  /// Words of compiled frame H that a send from it must not overwrite, at its current safepoint.
  public var wordsInUse: ((_ frame: Words) -> Int)?
  /// The activations that compiled frame H stands for, innermost first.
  public var activations: ((_ frame: Words) -> [Activation])?
  /// The blocks that are alive in compiled frame H only, each with the self it closed over (nil: not allocated either).
  public var unallocatedBlocks: ((_ frame: Words) -> [Activation])?
  /// A register of one of them; 0 is the outermost.
  public var argument: ((_ frame: Words, _ number: Int, _ register: Int) -> GivenArgument)?
  /// Ids of the method versions that the compiled code of frame H may run or go on in.
  public var methodsInFrame: ((_ frame: Words) -> [Int])?
  /// Ids of the method versions that the valid code of a version may run or go on in.
  public var methodsInCode: ((_ method: Int) -> [Int])?
  /// Class indices that code which may still run knows, beside those of current shapes.
  public var classesInCode: (() -> Set<Int>)?
  /// Before these versions are freed (ids): whoever has code or notes of them gives those up.
  public var reclaimed: [(Set<Int>) -> Void] = []
  /// Visits further roots (tables of compiled code, buffers of the deoptimizer): call it on each word's address.
  public var extraRoots: [((Words) -> Void) -> Void] = []
  /// After the program has changed something itself, outside of an accept.
  public var changed: [(Effects) -> Void] = []
  /// Lets the innermost activation of compiled frame H, which waits for a call to return, start again after it.
  public var restart: ((_ frame: Words) -> Void)?
  /// Offered every error before it ends the program: a value (the value of the failed send), 0 to unwind, or nil
  /// to decline.
  public var handleError: ((VMError, _ frame: Words) -> UInt64?)?
  /// The interpreted frame H has come to a breakpoint (`MethodInfo.breakpoints`). False: unwind.
  public var reachedBreakpoint: ((_ frame: Words) -> Bool)?
  /// Told of an error that nobody handles, before anything is left: the value with which the failed send goes on, 0 to
  /// unwind, or nil to end the program as it would have ended.
  public var unhandled: ((_ message: String, _ frame: Words) -> UInt64?)?
  /// The program has sent `halt`. False: unwind; nil: nobody looks.
  public var halted: ((_ frame: Words) -> Bool?)?
  /// A method has got bytecode (it and its blocks).
  public var linked: ((MethodInfo) -> Void)?
  /// Carries out a change that the program asks for (`Foo compile: …`). Answers the method that it defines, or else the
  /// class that it changes or makes; no value unwinds.
  /// `policy`: a raw value of the runtime's `AcceptPolicy`; nil is its default.
  public var edit: ((Change, _ policy: String?, _ frame: Words) -> Result<Value, VMError>)?
  /// Milliseconds spent compiling so far.
  public var totalCompilationTime: (() -> Int)?
  /// The program goes on on another native stack.
  public var nativeStackChanged: ((NativeStack) -> Void)?
  /// The program goes on after a time in which nobody could.
  public var resumed: (() -> Void)?
  /// Called on the VM thread when a poll was requested.
  public var poll: ((_ frame: Words) -> Bool)?
}
