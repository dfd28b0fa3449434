// The core library, embedded in the executable: Sources/VM/CoreLibrary/*.som as bytes, by class name. A new
// file there needs one row here (CorpusTests checks that none is missing).

public enum CoreLibrary {
  /// The source text of a class of the core library (UTF-8), or nil if it has none of that name.
  public static func source(of className: String) -> [UInt8]? {
    switch className {
    case "Array": PackageResources.Array_som
    case "Block": PackageResources.Block_som
    case "Block1": PackageResources.Block1_som
    case "Block2": PackageResources.Block2_som
    case "Block3": PackageResources.Block3_som
    case "Boolean": PackageResources.Boolean_som
    case "Class": PackageResources.Class_som
    case "CompileError": PackageResources.CompileError_som
    case "Dictionary": PackageResources.Dictionary_som
    case "Double": PackageResources.Double_som
    case "Error": PackageResources.Error_som
    case "Exception": PackageResources.Exception_som
    case "ExceptionHandler": PackageResources.ExceptionHandler_som
    case "ExceptionSet": PackageResources.ExceptionSet_som
    case "False": PackageResources.False_som
    case "HashEntry": PackageResources.HashEntry_som
    case "Hashtable": PackageResources.Hashtable_som
    case "IllegalResume": PackageResources.IllegalResume_som
    case "IndexOutOfRange": PackageResources.IndexOutOfRange_som
    case "Integer": PackageResources.Integer_som
    case "LoadError": PackageResources.LoadError_som
    case "Message": PackageResources.Message_som
    case "MessageNotUnderstood": PackageResources.MessageNotUnderstood_som
    case "Metaclass": PackageResources.Metaclass_som
    case "Method": PackageResources.Method_som
    case "MethodArray": PackageResources.MethodArray_som
    case "Nil": PackageResources.Nil_som
    case "Notification": PackageResources.Notification_som
    case "Object": PackageResources.Object_som
    case "OutOfMemory": PackageResources.OutOfMemory_som
    case "Pair": PackageResources.Pair_som
    case "Primitive": PackageResources.Primitive_som
    case "Set": PackageResources.Set_som
    case "StackOverflow": PackageResources.StackOverflow_som
    case "String": PackageResources.String_som
    case "Symbol": PackageResources.Symbol_som
    case "System": PackageResources.System_som
    case "True": PackageResources.True_som
    case "UnknownGlobal": PackageResources.UnknownGlobal_som
    case "Vector": PackageResources.Vector_som
    case "Warning": PackageResources.Warning_som
    case "WrongArgument": PackageResources.WrongArgument_som
    case "WrongArgumentCount": PackageResources.WrongArgumentCount_som
    case "ZeroDivide": PackageResources.ZeroDivide_som
    default: nil
    }
  }

  /// All classes of the core library.
  public static let classNames = [
    "Array",
    "Block",
    "Block1",
    "Block2",
    "Block3",
    "Boolean",
    "Class",
    "CompileError",
    "Dictionary",
    "Double",
    "Error",
    "Exception",
    "ExceptionHandler",
    "ExceptionSet",
    "False",
    "HashEntry",
    "Hashtable",
    "IllegalResume",
    "IndexOutOfRange",
    "Integer",
    "LoadError",
    "Message",
    "MessageNotUnderstood",
    "Metaclass",
    "Method",
    "MethodArray",
    "Nil",
    "Notification",
    "Object",
    "OutOfMemory",
    "Pair",
    "Primitive",
    "Set",
    "StackOverflow",
    "String",
    "Symbol",
    "System",
    "True",
    "UnknownGlobal",
    "Vector",
    "Warning",
    "WrongArgument",
    "WrongArgumentCount",
    "ZeroDivide",
  ]
}
