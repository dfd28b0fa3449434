import Ovid
import Testing

@testable import CommandLine
@testable import Laboratory

@Suite struct DemoTests {
  @Test func panesFillTheScreenExactly() {
    for (rows, columns) in [(24, 80), (12, 40), (16, 50), (50, 200), (1, 1)] {
      let layout = PaneLayout(rows: rows, columns: columns, usesColours: false)
      let sample = SpeedSample(sends: 1, microseconds: 1, value: 1, rate: 5e8, arrival: .now)
      let picture = layout.draw(
        methA: "methA = (\n  [ self x ] whileTrue: [ self methB ]\n)",
        methB: String(repeating: "long ", count: 100),
        samples: [sample, sample], lines: ["one"],
        story: [.init(text: "title", isTitle: true), .init(text: "detail", isTitle: false)])
      #expect(picture.count == rows)
      #expect(picture.allSatisfy { $0.count == columns })
    }
  }

  /// Whatever the size, the step that is told now is there, in full if it fits.
  @Test func panesCutNothingOffTheStory() {
    let detail = (1...40).map { "word\($0)" }.joined(separator: " ")
    for (rows, columns) in [(24, 80), (20, 60), (50, 200)] {
      let layout = PaneLayout(rows: rows, columns: columns, usesColours: false)
      let story = (0..<30).map { PaneLayout.StoryLine(text: "earlier \($0)", isTitle: $0 % 3 == 0) }
      let now = [PaneLayout.StoryLine(text: "now", isTitle: true), .init(text: detail, isTitle: false)]
      let text = layout.draw(methA: "a", methB: "b", samples: [], lines: [], story: story + now)
        .joined(separator: " ").split { " │".contains($0) }
      #expect((1...40).allSatisfy { text.contains("word\($0)") } && text.contains("now"))
    }
    #expect(PaneLayout.wrap("one two three four", 9) == ["one two", "three", "four"])
    #expect(PaneLayout.wrap("abcdefghijklmnopqr", 8) == ["abcdefgh", "ijklmnop", "qr"])
  }

  @Test func theLineOfTheDemo() {
    var field = LineField()
    #expect(field.take("^3x\u{7F}\r".utf8) == [.entered("^3")])
    #expect(field.take("ab\u{1B}[D\u{1B}[Dé\r".utf8) == [.entered("éab")])
    #expect(field.take("\u{1B}[A\u{1B}[A\r".utf8) == [.entered("^3")])
    #expect(field.take("one two\u{17}2\u{01}>\r".utf8) == [.entered(">one 2")])
    #expect(field.take("x\u{04}".utf8).isEmpty && field.take("\u{15}\u{04}".utf8) == [.end])
    #expect(field.take("abc\u{03}".utf8) == [.end])
    var long = LineField()
    _ = long.take(String(repeating: "x", count: 30).utf8)
    #expect(long.window(10).text.count == 9 && long.window(10).cursor == 9)
  }

  @Test func methodNames() {
    #expect(MethodKey("Foo>>bar:")?.description == "Foo>>bar:")
    #expect(MethodKey("Foo class>>new")?.isClassSide == true)
    #expect(MethodKey("Foo") == nil && MethodKey(">>x") == nil && MethodKey("Foo>>") == nil)
  }
}
