// What people who know another Smalltalk write, and how SOM has it: a hint behind the error that it leads to.

public enum ForeignSpelling {
  /// For a text that does not parse.
  /// - Parameters:
  ///   - token: what was not expected.
  ///   - previousEnd: where the token before it ends.
  static func hint(_ token: Token, previousEnd: Int, in lexer: Lexer, expected: String) -> String? {
    let bytes = lexer.bytes
    func at(_ offset: Int) -> Character {
      offset >= 0 && offset < lexer.count ? Character(UnicodeScalar(bytes[offset])) : " "
    }
    switch (token.kind, at(token.start)) {
    case (.string, _) where previousEnd == token.start && at(token.start - 1) == "'":
      return #"a quote in a string is \' in SOM: 'it\'s'"#
    case (.invalid, "$"):
      return "SOM has no characters: $a is 'a', a string of length 1"
    case (.invalid, "{"), (.invalid, "}"):
      return "SOM has no { }: of literals #(1 2), of other things Array with: a with: b"
    case (.invalid, "!"):
      return "SOM has no ! between methods: a class is one file, Name = ( methods )"
    case (.invalid, "#") where at(token.textStart) == "[":
      return "SOM has no byte arrays: #(1 2) is an array of integers"
    case (.invalid, "#") where at(token.textStart) == "{":
      return "SOM has no #{ }: a class is its name"
    case (.semicolon, _) where at(token.start - 1) == ";":
      return "one ; stands between the messages of a cascade"
    case (.binary, "<") where startsPragma(token, lexer):
      return "SOM has no pragmas: a method of the virtual machine is written name = primitive"
    default: break
    }
    switch expected {
    case "= after the method's pattern", "( or primitive":
      return "a method is written name = ( ^value )"
    default: return nil
    }
  }

  private static func startsPragma(_ token: Token, _ lexer: Lexer) -> Bool {
    var ahead = lexer
    ahead.offset = token.end
    return ahead.next().kind == .keyword
  }

  /// For the message of an error that nobody handles: a number as others write it is a message in SOM.
  public static func hint(forMessage message: String) -> String? {
    let words = message.split(separator: " ")
    guard words.count >= 7, words[0] == "Method",
      words.dropFirst(2).prefix(4).elementsEqual(["not", "found", "in", "class"])
    else { return nil }
    let selector = words[1], className = words[6]
    if className == "Integer" || className == "Double" {
      if selector == "e" || selector.first == "e" && selector.dropFirst().allSatisfy(\.isNumber) {
        return "Numbers have no exponent in SOM: 1e3 is the message e3 to 1. Write 1000, or 1000.0."
      }
      if selector.first == "r", selector.dropFirst().allSatisfy({ $0.isNumber || $0.isUppercase }), selector.count > 1 {
        return "Numbers are decimal in SOM: 16r1F is the message r1F to 16. Write 31."
      }
    }
    if selector.hasPrefix("subclass:"), selector != "subclass:" {
      return "A class is written Name = Superclass ( | fields | methods ), in a file Name.som or at the prompt."
    }
    return nil
  }
}
