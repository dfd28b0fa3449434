// What of the stages below belongs to the public interface: a program that imports Ovid sees these names.

@_exported import struct Runtime.AcceptError
@_exported import class Runtime.CacheFolder
@_exported import typealias Runtime.Change
@_exported import struct Runtime.ChangeSet
@_exported import struct Runtime.ClassReport
@_exported import struct Runtime.CodeID
@_exported import struct Runtime.CodeReport
@_exported import enum Runtime.CompileWorker
@_exported import enum Runtime.CompilerPlace
@_exported import struct Runtime.Disassembly
@_exported import struct Runtime.EvaluationResult
@_exported import typealias Runtime.MethodKey
@_exported import enum Runtime.OptionError
@_exported import struct Runtime.OptionRow
@_exported import struct Runtime.Options
@_exported import struct Runtime.ProcessMemory
@_exported import struct Runtime.Receipt
@_exported import enum Runtime.RuntimeEvent
@_exported import struct Runtime.Statistics
@_exported import struct Runtime.TierReport
@_exported import enum Runtime.TraceTopic
@_exported import class Runtime.Workspace
@_exported import enum Runtime.WorkspaceAnswer
@_exported import struct Syntax.OpenText
