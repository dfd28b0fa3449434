// The stencils that come with the program, so that nobody waits for GCC, or needs it, to have baseline code. They are an
// object file in `Sources/GccBackend/Stencils`, which `StencilTests.bundled` compares with what GCC makes, and writes. Where
// there is none, of this processor and this layout of memory, the program has its own made.

import IR

extension StencilLibrary {
  public static let bundled: StencilLibrary? = {
    #if arch(x86_64) && os(Linux)
      return try? StencilLibrary(object: PackageResources.Stencils_x86_64)
    #else
      return nil
    #endif
  }()

  /// A symbol of every object of stencils: they know the numbers of this layout.
  static func layoutSymbol(_ layout: BaselineLayout) -> String {
    // FNV-1a of all the numbers.
    let hash = "\(layout)".utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    return "ovid_layout_" + String(hash, radix: 16)
  }
}
