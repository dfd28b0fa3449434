import EditorProtocols
import Testing

@Suite struct JSONTests {
  @Test(arguments: [
    "null", "true", "[]", "{}", "-12", "0", "1.5", "\"\"", #""ä😀\n\"\\""#, #"{"a":[1,2,{"b":null}],"c":"d"}"#,
    "9223372036854775807", "1e+300",
  ])
  func textGoesThroughUnchanged(text: String) throws {
    #expect(try JSON(parsing: text).description == text)
  }

  @Test func escapesAndSurrogates() throws {
    #expect(try JSON(parsing: #""\ud83d\ude00\u00e4\/\t""#).string == "😀ä/\t")
    #expect(try JSON(parsing: #""\ud83d""#).string == "\u{FFFD}")
    #expect(try JSON(parsing: #""\ud83d\u0041""#).string == "\u{FFFD}A")
    #expect(JSON.string("\u{1}\u{1F}").description == #""\u0001\u001f""#)
    #expect(try JSON(parsing: #""e\u0301""#).string == "e\u{301}")
  }

  @Test(arguments: [
    "", " ", "nul", "[1,]", "{\"a\"}", "{a:1}", "01", "1.", "-", "1e", "\"", "\"\\x\"", "\"\\u12\"", "\"\n\"", "[1 2]",
    "1 2", "{\"a\":1,}", "1e999", "'a'", "\u{0}", "[\u{0}]",
  ])
  func whatIsNoJSONIsRefused(text: String) {
    #expect(throws: JSONError.self) { try JSON(parsing: text) }
  }

  @Test func nestingIsLimited() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(throws: Never.self) { try JSON(parsing: nested(JSON.depthLimit)) }
    #expect(throws: JSONError.self) { try JSON(parsing: nested(JSON.depthLimit + 1)) }
    #expect(throws: JSONError.self) { try JSON(parsing: String(repeating: "[", count: 1_000_000)) }
  }

  @Test func bytesThatAreNotUTF8AreRefused() {
    #expect(throws: JSONError.self) { try JSON(parsing: [0x22, 0xFF, 0x22]) }
  }

  @Test func randomBytesNeverCrash() {
    var random = SystemRandomNumberGenerator()
    let alphabet = Array(#"{}[]",:\u0d8-e.tfn 1 "#.utf8) + [0xC3, 0x00]
    for _ in 0..<5000 {
      let bytes = (0..<Int.random(in: 0...30, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? 0 }
      guard let value = try? JSON(parsing: bytes) else { continue }
      #expect(try! JSON(parsing: value.bytes) == value)
    }
  }

  @Test func codableValues() throws {
    struct Place: Codable, Equatable {
      var line: Int
      var name: String?
    }
    let json = try JSON(encoding: Place(line: 3, name: "a"))
    #expect(json == ["line": 3, "name": "a"])
    #expect(try json.decoded(as: Place.self) == Place(line: 3, name: "a"))
  }
}
