// String and Symbol: texts of Unicode scalars, indexed from 1.

extension Primitives {
  static let strings: [String: Primitive] = [
    "String>>length": onText { call, text throws(Unwinding) in Value(text.unicodeScalars.count) },
    "String>>charAt:": onText { call, _ throws(Unwinding) in
      guard let i = call.arguments[0].smallInteger else { return try call.wrongArgument(needs: "an integer") }
      return try call.substring(i, i)
    },
    "String>>primSubstringFrom:to:": onText { call, _ throws(Unwinding) in
      guard let start = call.arguments[0].smallInteger, let end = call.arguments[1].smallInteger else {
        return try call.wrongArgument(needs: "an integer")
      }
      return try call.substring(start, end)
    },
    "String>>concatenate:": onTexts { call, a, b throws(Unwinding) in
      if a.utf8.count + b.utf8.count > 1 << 20 { throw .limit("a string of a megabyte") }
      return call.machine.string(a + b)
    },
    "String>>=": onText { call, text throws(Unwinding) in
      guard let other = call.arguments[0].text else { return call.machine.falseValue }
      return call.machine.boolean(text.utf8.elementsEqual(other.utf8))
    },
    "String>>hashcode": onText { call, text throws(Unwinding) in
      var hash: UInt64 = 0xCBF2_9CE4_8422_2325
      for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
      return Value(Int((hash ^ hash >> 31) & 0x3FFF_FFFF))
    },
    "String>>asSymbol": onText { call, text throws(Unwinding) in call.machine.symbol(text) },
    "Symbol>>asString": onText { call, text throws(Unwinding) in call.machine.string(text) },
    "String>>isWhiteSpace": predicate { $0.properties.isWhitespace },
    "String>>isLetters": predicate { $0.properties.isAlphabetic },
    "String>>isDigits": predicate { ("0"..."9").contains($0) },
    "String>>indexOf:startingAt:": onTexts { call, text, pattern throws(Unwinding) in
      guard let start = call.arguments[1].smallInteger else { return try call.wrongArgument(needs: "an integer") }
      let scalars = Array(text.unicodeScalars), wanted = Array(pattern.unicodeScalars)
      guard start >= 1 else { return try call.outOfBounds(start, start, scalars.count) }
      var i = start - 1
      while i + wanted.count <= scalars.count {
        if scalars[i..<(i + wanted.count)].elementsEqual(wanted) { return Value(i + 1) }
        i += 1
      }
      return Value(-1)
    },
    "String>>compareWith:": onTexts { call, a, b throws(Unwinding) in
      Value(a.utf8.lexicographicallyPrecedes(b.utf8) ? -1 : a.utf8.elementsEqual(b.utf8) ? 0 : 1)
    },
    "String>>asUppercase": onText { call, text throws(Unwinding) in call.machine.string(text.uppercased()) },
    "String>>asLowercase": onText { call, text throws(Unwinding) in call.machine.string(text.lowercased()) },
    "String>>trim": onText { call, text throws(Unwinding) in
      let rest = text.unicodeScalars.drop { $0.properties.isWhitespace }
      guard let last = rest.lastIndex(where: { !$0.properties.isWhitespace }) else { return call.machine.string("") }
      return call.machine.string(String(rest[...last]))
    },
    "String>>characters": onText { call, text throws(Unwinding) in
      call.machine.array(text.unicodeScalars.map(call.machine.character))
    },
    "String>>codePoint": onText { call, text throws(Unwinding) in
      let scalars = Array(text.unicodeScalars)
      if scalars.count != 1 { return try call.raise(.other("String>>codePoint needs a string of one character")) }
      return Value(Int(scalars[0].value))
    },
    "String class>>fromCodePoint:": Primitive { call throws(Unwinding) in
      guard let code = call.arguments[0].integer, let value = UInt32(exactly: code),
        let scalar = Unicode.Scalar(value)
      else { return try call.wrongArgument(needs: "a Unicode code point") }
      return call.machine.string(String(Character(scalar)))
    },
    "String class>>fromStrings:": Primitive { call throws(Unwinding) in
      guard let elements = call.arguments[0].elements else {
        return try call.wrongArgument(needs: "an array of strings")
      }
      var text = ""
      for element in elements {
        guard let part = element.text else {
          return try call.wrongArgument(needs: "an array of strings", not: element)
        }
        text += part
      }
      return call.machine.string(text)
    },
  ]

  private static func onText(_ body: @escaping @Sendable (PrimitiveCall, String) throws(Unwinding) -> Value)
    -> Primitive
  {
    Primitive { call throws(Unwinding) in
      guard let text = call.receiver.text else { return try call.wrongReceiver() }
      return try body(call, text)
    }
  }

  private static func onTexts(
    _ body: @escaping @Sendable (PrimitiveCall, String, String) throws(Unwinding) -> Value
  ) -> Primitive {
    Primitive { call throws(Unwinding) in
      guard let text = call.receiver.text else { return try call.wrongReceiver() }
      guard let other = call.arguments[0].text else { return try call.wrongArgument(needs: "a string") }
      return try body(call, text, other)
    }
  }

  /// False for the empty string.
  private static func predicate(_ holds: @escaping @Sendable (Unicode.Scalar) -> Bool) -> Primitive {
    onText { call, text throws(Unwinding) in
      call.machine.boolean(!text.isEmpty && text.unicodeScalars.allSatisfy(holds))
    }
  }
}

extension PrimitiveCall {
  fileprivate func substring(_ start: Int, _ end: Int) throws(Unwinding) -> Value {
    let scalars = Array((receiver.text ?? "").unicodeScalars)
    guard start >= 1, end <= scalars.count, end >= start - 1 else {
      return try outOfBounds(start, end, scalars.count)
    }
    if start == end { return machine.character(scalars[start - 1]) }
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars[(start - 1)..<end])
    return machine.string(String(text))
  }

  fileprivate func outOfBounds(_ start: Int, _ end: Int, _ length: Int) throws(Unwinding) -> Value {
    try raise(
      .other("Attempting to index string out of its bounds (start: \(start) end: \(end) length: \(length))"))
  }
}
