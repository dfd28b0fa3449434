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
      #expect(stencil.code.count < 800, "\(name)")
      for fixup in stencil.fixups { #expect(fixup.offset + 4 <= stencil.code.count, "\(name)") }
    }
  }

  /// The program comes with these stencils; another GCC may make others, which are as good.
  @Test func bundled() throws {
    let made = try StencilLibrary(object: Self.object)
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources/GccBackend/Stencils/Stencils.x86_64")
    #if arch(x86_64) && os(Linux)
      if ProcessInfo.processInfo.environment["OVID_UPDATE_TESTS"] == "1" {
        try Data(made.encoded()).write(to: file)
        return
      }
      let there = try StencilLibrary(encoded: [UInt8](Data(contentsOf: file)))
      #expect(StencilLibrary.bundled != nil)
      guard GccBackend.compilerVersion == 12 else { return }
      for name in StencilName.allCases {
        let hint: Comment = "\(name): OVID_UPDATE_TESTS=1 swift test --filter StencilTests"
        #expect(there[name].code.elementsEqual(made[name].code), hint)
        #expect("\(Array(there[name].fixups))" == "\(Array(made[name].fixups))", hint)
      }
    #endif
    var other = BaselineLayout()
    other.siteFlags += 1
    #expect(throws: ObjectImageError.self) { try StencilLibrary(object: Self.object, layout: other) }
    #expect(throws: ObjectImageError.self) { try StencilLibrary(encoded: made.encoded(), layout: other) }
  }

  /// The key is a hash of the layout's bytes, so there are none between the numbers.
  @Test func aLayoutIsWords() {
    func count(_ value: Any) -> Int { Mirror(reflecting: value).children.reduce(0) { $0 + max(1, count($1.value)) } }
    let layout = BaselineLayout()
    #expect(MemoryLayout.size(ofValue: layout) == 8 * count(layout))
    #expect(layout.key == BaselineLayout().key)
    var other = layout
    other.runtime.doubleClassWord += 1
    #expect(other.key != layout.key)
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
    #expect(holes(.add) == ["a", "b", "c", "callee", "pc", "site"])
    #expect(holes(.lessImmediateBranch) == ["b", "value", "callee", "pc", "site"])
    #expect(holes(.storeWord) == ["a", "c", "place", "pc"])
    #expect(holes(.sendToObject) == ["b", "callee", "entry", "pc"])
  }

  /// A double is handed on by what makes one, and taken from the instruction before where there is such a stencil; if it
  /// cannot be used there, the same instruction goes on with registers.
  @Test func doublesAreHandedOn() throws {
    let library = try StencilLibrary(object: Self.object)
    func exits(_ name: StencilName) -> Set<String> {
      Set(library[name].fixups.compactMap { if case .exit(let exit) = $0.filling { "\(exit)" } else { nil } })
    }
    for name in [StencilName.addDoubles, .subtractDoubles, .multiplyDoubles, .divideDoubles] {
      let takers = try #require(name.takers)
      #expect(library[name].makesDouble && exits(name).isSuperset(of: ["next", "nextDouble"]), "\(name)")
      for taker in [takers.left, takers.right] { #expect(exits(taker) == ["nextDouble", "again"], "\(taker)") }
    }
    for name in [StencilName.loadDouble, .sendDoubleGetter, .divideDouble, .divideIntegers, .moveKeeping] {
      #expect(library[name].makesDouble, "\(name)")
    }
    for name in [StencilName.move, .bitAnd, .less, .sendGetter] { #expect(!library[name].makesDouble, "\(name)") }
  }

  /// Only what goes on by itself can be followed directly; an answer comes back by the table.
  @Test func sendsGoOnWithAnAnswer() throws {
    let library = try StencilLibrary(object: Self.object)
    for name in [StencilName.send, .sendToObject, .sendToInteger, .sendToBlock, .superSend] {
      #expect(!library[name].goesOn, "\(name)")
    }
    for name in [StencilName.sendGetter, .newObject, .superNew, .stringAt, .add] {
      #expect(library[name].goesOn, "\(name)")
    }
    #expect(library[.putAnswer].last == .next)
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
    let encoded = try StencilLibrary(object: Self.object).encoded()
    #expect(throws: ObjectImageError.self) { try StencilLibrary(encoded: Array(encoded.dropLast())) }
    for i in stride(from: 8, to: encoded.count, by: 97) {
      var broken = encoded
      broken[i] ^= 0xFF
      _ = try? StencilLibrary(encoded: broken)
    }
  }
}
