// The front-end fuzzer itself: that it makes valid and invalid texts, and that all of them are dealt with.

import Foundation
import Testing

@testable import Laboratory

@Suite struct FrontEndFuzzTests {
  @Test func aFewHundredInputs() throws {
    let fuzzer = try FrontEndFuzzer(
      folder: FileManager.default.temporaryDirectory.path, seed: 7, seconds: 60, count: 200)
    let (outcome, failure) = fuzzer.run()
    #expect(failure == nil)
    #expect(outcome.inputs > 20 && outcome.valid > outcome.inputs / 20 && outcome.valid < outcome.inputs)
  }

  @Test func generatedClassesParse() {
    var random = SeededRandom(seed: 1)
    for _ in 0..<100 {
      let text = ClassGenerator.generate(&random)
      let outcome = FrontEndCase.check(text)
      #expect(outcome.isValid && outcome.failure == nil, "\(String(decoding: text, as: UTF8.self))")
    }
  }

  @Test func sameSeedSameInputs() {
    var a = SourceMutator(seed: 3, sources: FrontEndFuzzer.sources())
    var b = SourceMutator(seed: 3, sources: FrontEndFuzzer.sources())
    for _ in 0..<20 { #expect(a.next() == b.next()) }
  }

  /// On a busy machine 20 s by the clock can be a moment of the processor.
  @Test func aHangIsMeasuredInTimeOfTheProcessor() {
    let start = Date()
    var watch = HangWatch()
    func look(_ inputs: Int, _ processorTime: Double, after seconds: Double) -> String? {
      watch.look(inputs: inputs, processorTime: processorTime, now: start.addingTimeInterval(seconds))
    }
    #expect(look(1, 100, after: 0) == nil)
    #expect(look(1, 101, after: 30) == nil)
    #expect(look(2, 121, after: 31) == nil)
    #expect(look(2, 142, after: 52) == "an input takes longer than 20 s")
    #expect(look(3, 143, after: 53) == nil)
    #expect(look(3, 143, after: 700) == "an input waits for 600 s")
  }
}
