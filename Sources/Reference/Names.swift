// Names of methods and globals, each with a number of its own, and tables by these numbers.

import Synchronization

/// What is sent, or what a global is called. Names that say the same are the same, in the whole process.
struct Name: Hashable, Sendable {
  let number: Int

  init(_ text: String) {
    number = Self.known.withLock { known in
      if let number = known.numbers[text] { return number }
      known.texts.append(text)
      known.numbers[text] = known.texts.count - 1
      return known.texts.count - 1
    }
  }

  var text: String { Self.known.withLock { $0.texts[number] } }

  private struct Known {
    var numbers: [String: Int] = [:]
    var texts: [String] = []
  }
  private static let known = Mutex(Known())

  static let doesNotUnderstand = Name("doesNotUnderstand:arguments:"), unknownGlobal = Name("unknownGlobal:")
  static let value = Name("value"), escapedBlock = Name("escapedBlock:")
  static let exception = Name("Exception"), exceptionHandler = Name("ExceptionHandler")
}

/// What some names stand for.
struct NameTable<Element> {
  private var elements: [Element?] = []

  subscript(name: Name) -> Element? {
    get { name.number < elements.count ? elements[name.number] : nil }
    set {
      if name.number >= elements.count {
        if newValue == nil { return }
        elements += Array(repeating: nil, count: name.number + 1 - elements.count)
      }
      elements[name.number] = newValue
    }
  }

  /// In no particular order.
  var values: [Element] { elements.compactMap(\.self) }
}
