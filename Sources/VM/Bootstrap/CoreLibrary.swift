// The core library, embedded in the executable: Sources/VM/CoreLibrary/*.som as bytes, by class name. A new
// file there needs a row in each of the two tables here (`CoreLibraryTests/everyFileIsEmbedded` checks that).

public enum CoreLibrary {
  /// The source text of a class of the core library (UTF-8), or nil if it has none of that name.
  public static func source(of className: String) -> [UInt8]? {
    switch className {
    case "Array": PackageResources.Array_som
    case "Association": PackageResources.Association_som
    case "Bag": PackageResources.Bag_som
    case "Block": PackageResources.Block_som
    case "Block1": PackageResources.Block1_som
    case "Block2": PackageResources.Block2_som
    case "Block3": PackageResources.Block3_som
    case "Boolean": PackageResources.Boolean_som
    case "Canvas": PackageResources.Canvas_som
    case "CanvasEvent": PackageResources.CanvasEvent_som
    case "Class": PackageResources.Class_som
    case "Collection": PackageResources.Collection_som
    case "Color": PackageResources.Color_som
    case "CompileError": PackageResources.CompileError_som
    case "Date": PackageResources.Date_som
    case "DateAndTime": PackageResources.DateAndTime_som
    case "Delay": PackageResources.Delay_som
    case "Dictionary": PackageResources.Dictionary_som
    case "Double": PackageResources.Double_som
    case "Duration": PackageResources.Duration_som
    case "EmptyCollection": PackageResources.EmptyCollection_som
    case "Error": PackageResources.Error_som
    case "Exception": PackageResources.Exception_som
    case "ExceptionHandler": PackageResources.ExceptionHandler_som
    case "ExceptionSet": PackageResources.ExceptionSet_som
    case "False": PackageResources.False_som
    case "File": PackageResources.File_som
    case "FileError": PackageResources.FileError_som
    case "FileNotFound": PackageResources.FileNotFound_som
    case "FileStream": PackageResources.FileStream_som
    case "HashEntry": PackageResources.HashEntry_som
    case "Hashtable": PackageResources.Hashtable_som
    case "IdentityDictionary": PackageResources.IdentityDictionary_som
    case "IdentityHashEntry": PackageResources.IdentityHashEntry_som
    case "IdentitySet": PackageResources.IdentitySet_som
    case "IllegalResume": PackageResources.IllegalResume_som
    case "IndexOutOfRange": PackageResources.IndexOutOfRange_som
    case "Integer": PackageResources.Integer_som
    case "Interval": PackageResources.Interval_som
    case "KeyNotFound": PackageResources.KeyNotFound_som
    case "KeyedCollection": PackageResources.KeyedCollection_som
    case "LimitedWriteStream": PackageResources.LimitedWriteStream_som
    case "LoadError": PackageResources.LoadError_som
    case "LoopParts": PackageResources.LoopParts_som
    case "MergeSort": PackageResources.MergeSort_som
    case "Message": PackageResources.Message_som
    case "MessageNotUnderstood": PackageResources.MessageNotUnderstood_som
    case "Metaclass": PackageResources.Metaclass_som
    case "Method": PackageResources.Method_som
    case "MethodArray": PackageResources.MethodArray_som
    case "Mutex": PackageResources.Mutex_som
    case "Nil": PackageResources.Nil_som
    case "NotFound": PackageResources.NotFound_som
    case "NotPermitted": PackageResources.NotPermitted_som
    case "Notification": PackageResources.Notification_som
    case "Object": PackageResources.Object_som
    case "ObjectAdditions": PackageResources.ObjectAdditions_som
    case "OrderedCollection": PackageResources.OrderedCollection_som
    case "OutOfMemory": PackageResources.OutOfMemory_som
    case "Pair": PackageResources.Pair_som
    case "Point": PackageResources.Point_som
    case "Primitive": PackageResources.Primitive_som
    case "Process": PackageResources.Process_som
    case "Processor": PackageResources.Processor_som
    case "Random": PackageResources.Random_som
    case "ReadStream": PackageResources.ReadStream_som
    case "ReadWriteStream": PackageResources.ReadWriteStream_som
    case "Rectangle": PackageResources.Rectangle_som
    case "Semaphore": PackageResources.Semaphore_som
    case "SequenceableCollection": PackageResources.SequenceableCollection_som
    case "Set": PackageResources.Set_som
    case "SharedQueue": PackageResources.SharedQueue_som
    case "SortedCollection": PackageResources.SortedCollection_som
    case "StackOverflow": PackageResources.StackOverflow_som
    case "Stdin": PackageResources.Stdin_som
    case "String": PackageResources.String_som
    case "SwiftBlock": PackageResources.SwiftBlock_som
    case "SwiftBox": PackageResources.SwiftBox_som
    case "SwiftError": PackageResources.SwiftError_som
    case "Symbol": PackageResources.Symbol_som
    case "System": PackageResources.System_som
    case "TestCase": PackageResources.TestCase_som
    case "TestFailure": PackageResources.TestFailure_som
    case "TestSkip": PackageResources.TestSkip_som
    case "Time": PackageResources.Time_som
    case "TimedOut": PackageResources.TimedOut_som
    case "Transcript": PackageResources.Transcript_som
    case "True": PackageResources.True_som
    case "UnknownGlobal": PackageResources.UnknownGlobal_som
    case "Vector": PackageResources.Vector_som
    case "Warning": PackageResources.Warning_som
    case "WriteStream": PackageResources.WriteStream_som
    case "WrongArgument": PackageResources.WrongArgument_som
    case "WrongArgumentCount": PackageResources.WrongArgumentCount_som
    case "ZeroDivide": PackageResources.ZeroDivide_som
    default: nil
    }
  }

  /// All classes of the core library.
  public static let classNames = [
    "Array",
    "Association",
    "Bag",
    "Block",
    "Block1",
    "Block2",
    "Block3",
    "Boolean",
    "Canvas",
    "CanvasEvent",
    "Class",
    "Collection",
    "Color",
    "CompileError",
    "Date",
    "DateAndTime",
    "Delay",
    "Dictionary",
    "Double",
    "Duration",
    "EmptyCollection",
    "Error",
    "Exception",
    "ExceptionHandler",
    "ExceptionSet",
    "False",
    "File",
    "FileError",
    "FileNotFound",
    "FileStream",
    "HashEntry",
    "Hashtable",
    "IdentityDictionary",
    "IdentityHashEntry",
    "IdentitySet",
    "IllegalResume",
    "IndexOutOfRange",
    "Integer",
    "Interval",
    "KeyNotFound",
    "KeyedCollection",
    "LimitedWriteStream",
    "LoadError",
    "LoopParts",
    "MergeSort",
    "Message",
    "MessageNotUnderstood",
    "Metaclass",
    "Method",
    "MethodArray",
    "Mutex",
    "Nil",
    "NotFound",
    "NotPermitted",
    "Notification",
    "Object",
    "ObjectAdditions",
    "OrderedCollection",
    "OutOfMemory",
    "Pair",
    "Point",
    "Primitive",
    "Process",
    "Processor",
    "Random",
    "ReadStream",
    "ReadWriteStream",
    "Rectangle",
    "Semaphore",
    "SequenceableCollection",
    "Set",
    "SharedQueue",
    "SortedCollection",
    "StackOverflow",
    "Stdin",
    "String",
    "SwiftBlock",
    "SwiftBox",
    "SwiftError",
    "Symbol",
    "System",
    "TestCase",
    "TestFailure",
    "TestSkip",
    "Time",
    "TimedOut",
    "Transcript",
    "True",
    "UnknownGlobal",
    "Vector",
    "Warning",
    "WriteStream",
    "WrongArgument",
    "WrongArgumentCount",
    "ZeroDivide",
  ]
}
