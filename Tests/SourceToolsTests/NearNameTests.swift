import SourceTools
import Testing

@Suite struct NearNameTests {
  @Test(arguments: [
    ("foo", ["fo", "fooo", "bar"], "fo"), ("methodd:", ["method:", "method"], "method:"), ("ab", ["ba"], "ba"),
    ("straße", ["strase", "strasse"], "strase"), ("abcd", ["dcba"], nil), ("abc", ["abc"], nil),
    ("+", ["a", "-"], "-"),
    ("zorkel", ["sorkle", "zork", "zorkl"], "zorkl"), ("printn", ["println", "print"], "print"),
  ])
  func theClosest(word: String, candidates: [String], closest: String?) {
    #expect(NearName.closest(to: word, among: candidates) == closest)
  }
}
