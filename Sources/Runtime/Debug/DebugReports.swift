// What a debugger is told. All of it are values that can be sent as JSON: nothing refers to an object of the machine but by
// a number, which counts as long as its process stands still.

import VM

/// Why a request of a debugger was refused.
public struct DebugError: Error, Hashable, Sendable, Codable, CustomStringConvertible {
  /// Kinds of refusals, for programs.
  public enum Code: String, Sendable, Codable {
    /// The process has ended, or there never was one.
    case noProcess
    /// It runs: only what stands still can be looked at.
    case notStopped
    /// The activation, value or breakpoint is not there any more.
    case gone
    /// It cannot be done with this activation.
    case refused
    /// The text is no statement, or what it names is not there.
    case text
    /// What was evaluated has failed, or was left.
    case failed
    /// It has not ended yet.
    case running
    /// Asked for on the machine's own thread.
    case fromWithin
  }
  /// What kind it is.
  public var code: Code
  /// What is wrong, and what can be done.
  public var message: String
  public var description: String { message }

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
}

/// A place in the text of a class.
public struct SourcePlace: Hashable, Sendable, Codable {
  /// As the text is named: a path, for a class that has a file.
  public var file: String
  /// Both from 1; a column counts Unicode scalars.
  public var line: Int
  /// From 1, in characters.
  public var column: Int
  /// The line.
  public var text: String
}

/// A value: of a variable, a field, an evaluation.
public struct ValueReport: Hashable, Sendable, Codable {
  /// A number, a string or a symbol as it is written; `a Point`, `an Array (3)`.
  public var text: String
  /// The name of its class.
  public var className: String
  /// Names it in requests; nil for what exists in compiled code only.
  public var id: ValueID?
  /// How many fields and elements `DebugController.children` answers.
  public var childCount: Int
}

/// A value of a process that stands still.
public struct ValueID: Hashable, Sendable, Codable {
  /// The process that is stopped.
  public var process: Int
  /// The number of the stop: when the process has gone on, the activation is not there any more.
  public var stop: Int
  var index: Int
}

/// A variable of an activation, or a part of a value.
public struct VariableReport: Hashable, Sendable, Codable {
  /// What kind of variable it is.
  public enum Kind: String, Sendable, Codable {
    /// Of a method or block.
    case argument, temporary
    /// Of the method, or block, that the activation's block is in.
    case outer
    /// Of an object.
    case field, element
  }
  /// As the source has it; of elements, the index.
  public var name: String
  /// What it is.
  public var kind: Kind
  /// Nil: it cannot be told; see `note`.
  public var value: ValueReport?
  /// Why the value cannot be told, in words.
  public var note: String?
  /// Set if it is one of the values that were named with the request (`DebugController.inspect`): which.
  public var above: Int?
}

/// An activation of a process that stands still.
public struct ActivationReport: Hashable, Sendable, Codable {
  /// To be asked about it.
  public var id: ActivationID
  /// `Point>>x:`; of a block `Point>>x:[]`; `evaluation`, of what a debugger has asked for.
  public var name: String
  /// The method whose code it runs; of a block, the one that the block is written in.
  public var method: MethodKey
  /// Whether it is a block that runs.
  public var isBlock: Bool
  /// The version of the method that it runs, and the one that the class has now; nil: none any more.
  public var version: Int
  /// The version that a send would run now; nil: there is none any more.
  public var installedVersion: Int?
  /// Where it is in the source.
  public var place: SourcePlace?
  /// The statement or message that it is at: UTF-8 offsets in the text of its class, from and to.
  public var start: Int
  /// Behind the statement, in bytes of the text.
  public var end: Int
  /// What `self` is.
  public var receiver: ValueReport
  /// It was running compiled code when the process stopped.
  public var isCompiled: Bool
  /// One of the machine's own: it evaluates blocks, or looks for who handles an error.
  public var isMachinery: Bool
  /// Why it cannot start again, or answer a value of one's choice; nil: it can.
  public var restartObstacle: String?
  /// Why it cannot be made to return, in words; nil: it can.
  public var returnObstacle: String?
}

/// The text of the method that an activation runs, in the version that it runs.
public struct ActivationText: Hashable, Sendable, Codable {
  /// What the method or block says.
  public var text: String
  /// Where it begins in the text of its class, from 1.
  public var line: Int
  /// From 1: where in the line the text begins.
  public var column: Int
}

/// Names an activation in requests.
public struct ActivationID: Hashable, Sendable, Codable {
  /// The process that is stopped.
  public var process: Int
  /// The stop it belongs to.
  public var stop: Int
  /// From the innermost, 0; the machine's own are counted.
  public var index: Int
}

/// A process of the program.
public struct ProcessReport: Hashable, Sendable, Codable {
  /// 1 is the main one.
  public var id: Int
  /// As the program names it; of the first one "main".
  public var name: String
  /// 1 to 100; more is more urgent.
  public var priority: Int
  /// What it does, in words: "runs", "waits for semaphore 3", "is stopped by the debugger".
  public var activity: String
  /// Nil: it goes on.
  public var stop: StopReport?
}

/// Where a process stands still, and why.
public struct StopReport: Hashable, Sendable, Codable {
  /// Why a process stands still.
  public enum Reason: String, Sendable, Codable {
    /// It has come to a breakpoint, has made its step, or was asked to.
    case breakpoint, step, pause
    /// The program has sent `halt`.
    case halt
    /// An error that nobody handles: what goes on from here ends the process.
    case unhandledError
    /// An error is about to be signalled; somebody may handle it.
    case error
  }
  /// The process that stands still.
  public var process: Int
  /// Counts the stops of a machine, from 1.
  public var number: Int
  /// Why it does.
  public var reason: Reason
  /// Of an error: what it says; of a breakpoint: why it stops, if there is more to say.
  public var message: String?
  /// Of an error: the name of its class, if it has one.
  public var errorClass: String?
  /// The numbers of those that it has come to.
  public var breakpoints: [Int]
  /// The innermost activation that is not the machine's own.
  public var activation: ActivationReport?
  /// Where a step has ended behind a message: what that has answered.
  public var answered: ValueReport?
  /// Activations on its stack, the machine's own too.
  public var depth: Int
  /// In how many evaluations the process was when it stopped: `leave` ends the innermost.
  public var evaluations: Int
}

/// What an evaluation has come to.
public enum EvaluationReport: Hashable, Sendable, Codable {
  /// It has a value.
  case value(ValueReport)
  /// It has stopped itself: look at it, and go on, or `leave`.
  case stopped(StopReport)
}

/// What debuggers are told without asking, in order, through `VirtualMachine.onEvent`.
public enum DebugEvent: Sendable, Codable {
  /// It stands still itself.
  case stopped(StopReport)
  /// It goes on, or was ended.
  case continued(process: Int)
  /// A breakpoint has another place, has got one, or has lost it.
  case breakpointChanged(BreakpointReport)
  /// An evaluation that had stopped has ended: with a value, or why it has none. The process stands again where it was
  /// evaluated, unless it has left that, too.
  case evaluated(process: Int, value: ValueReport?, failure: DebugError?)
  /// What a logpoint says.
  case logged(breakpoint: Int, process: Int, text: String)
}
