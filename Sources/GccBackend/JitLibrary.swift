// libgccjit, loaded on first use.

import CGccJit

struct JitLibrary: @unchecked Sendable {
  let functions: OvidGccJit

  struct LoadError: Error {
    let message: String
  }

  /// The library of this process, or why there is none.
  static let shared: Result<JitLibrary, LoadError> = {
    #if !arch(x86_64)
      // `Toolchain` and `ObjectImage` know no other machine yet.
      return .failure(LoadError(message: "machine code is made for x86-64 only"))
    #endif
    var table = OvidGccJit()
    var message = [CChar](repeating: 0, count: 256)
    if ovid_gccjit_load(&table, &message, message.count) != 0 {
      return .success(JitLibrary(functions: table))
    }
    let bytes = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return .failure(LoadError(message: String(decoding: bytes, as: UTF8.self)))
  }()
}
