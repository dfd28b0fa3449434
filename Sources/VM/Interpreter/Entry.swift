// Entry into the interpreter from native code: compiled code, primitives, Swift.

/// `Method.entry` of everything without native code of its own.
let interpretEntry: NativeEntry = { threadWords, frame, method in 0 }
