// Stencils: what GCC makes of them can be copied and filled in, and what is no object of stencils is refused.

import Foundation
import IR
import Testing

@testable import GccBackend

@Suite(.serialized, .enabled(if: GccBackend.unavailability == nil)) struct StencilTests {
  private static let object: [UInt8] = {
    let path = NSTemporaryDirectory() + "ovid-stencils-\(UUID().uuidString).o"
    defer { try? FileManager.default.removeItem(atPath: path) }
    var times = PhaseTimes()
    try? GccBackend.compileStencils(options: BackendOptions(outputPath: path), times: &times)
    return [UInt8](FileManager.default.contents(atPath: path) ?? Data())
  }()

  @Test func allAreThere() throws {
    let library = try StencilLibrary(object: Self.object)
    for name in StencilName.allCases {
      let stencil = library[name]
      #expect(!stencil.code.isEmpty, "\(name)")
      #expect(stencil.code.count < 400, "\(name)")
      for fixup in stencil.fixups { #expect(fixup.offset + 4 <= stencil.code.count, "\(name)") }
    }
  }

  @Test func whatFollowsIsReachedWithoutAJump() throws {
    let library = try StencilLibrary(object: Self.object)
    for name in [StencilName.move, .loadConstant, .loadLiteral, .loadWord] {
      #expect(library[name].last == .next, "\(name)")
      // A register to a register is two instructions, of seven bytes each, and the jump.
      #expect(library[name].code.count <= 40, "\(name)")
    }
    #expect(library[.jump].last == .target)
  }

  /// The number of each hole is filled into the instruction itself, and nothing else is asked for.
  @Test func holesAreInTheInstructions() throws {
    let library = try StencilLibrary(object: Self.object)
    func holes(_ name: StencilName) -> Set<String> {
      Set(library[name].fixups.compactMap { if case .hole(let hole) = $0.filling { "\(hole)" } else { nil } })
    }
    #expect(holes(.move) == ["a", "b"])
    #expect(holes(.add) == ["a", "b", "c", "pc", "site"])
    #expect(holes(.lessConstantBranch) == ["b", "value", "pc", "site"])
    #expect(holes(.storeWord) == ["a", "c", "place", "pc"])
    #expect(holes(.sendToObject) == ["b", "callee", "entry", "pc"])
  }

  @Test func nothingOfTheFileIsTrusted() throws {
    #expect(throws: ObjectImageError.self) { try StencilLibrary(object: []) }
    #expect(throws: ObjectImageError.self) { try StencilLibrary(object: Array(Self.object.prefix(300))) }
    // Each byte of the header and of the tables may be wrong: that is an error or another library, never a crash.
    for i in stride(from: 0, to: Self.object.count, by: 97) {
      var broken = Self.object
      broken[i] ^= 0xFF
      _ = try? StencilLibrary(object: broken)
    }
  }
}
