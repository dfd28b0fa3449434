import LanguageServer
import Testing

@Suite(.languageServerThread) struct TextPositionsTests {
  @Test func columnsCountUTF16() {
    let text = "aä😀b\r\nx\ry\n"
    let positions = TextPositions(Array(text.utf8))
    #expect(positions.lineCount == 4)
    #expect(positions.position(7) == TextPosition(0, 4))
    #expect(positions.offset(TextPosition(0, 4)) == 7)
    // Within the pair: before it.
    #expect(positions.offset(TextPosition(0, 3)) == 3)
    #expect(positions.offset(TextPosition(0, 99)) == 8)
    #expect(positions.offset(TextPosition(1, 0)) == 10)
    #expect(positions.offset(TextPosition(2, 1)) == 13)
    #expect(positions.offset(TextPosition(9, 9)) == text.utf8.count)
  }

  @Test func everyScalarGoesThereAndBack() {
    let text = "| a |\n'ä😀\u{301}' foo: 3\r\n\n\"é\""
    let positions = TextPositions(Array(text.utf8))
    var offset = 0
    for scalar in text.unicodeScalars {
      if scalar != "\r", scalar != "\n" { #expect(positions.offset(positions.position(offset)) == offset) }
      offset += scalar.utf8.count
    }
  }
}
