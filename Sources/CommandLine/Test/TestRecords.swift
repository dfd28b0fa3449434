// What TestDriver.som tells, read out of the output of its process: lines that begin with a token that nobody can
// guess. What follows a line, up to the next one, is its body.

import Foundation

struct TestRecord: Equatable {
  enum Kind: String {
    /// Before the first line, or a line of another form.
    case none
    /// A test of the class, when they are listed.
    case test
    /// A test begins; the body is what it prints.
    case begin
    case end
    /// The body is a traceback.
    case trace
    /// The body is a message, and the test has failed.
    case fail
    /// The body is the reason, and the test does not apply.
    case skip
    /// After a message: the body is what the test goes on to print.
    case more
    case done
  }

  var kind: Kind
  var argument = ""
  var body = ""
  /// When it was told, in seconds since the start of the process.
  var seconds = 0.0
}

struct TestRecordReader {
  private let token: [UInt8]
  private var rest: [UInt8] = []
  private var records: [TestRecord] = [TestRecord(kind: .none)]
  private var kept = 0

  init(token: String) { self.token = Array(token.utf8) }

  /// Takes what came `seconds` after the start of the process. Answers true if the driver has told something.
  mutating func append(_ bytes: ArraySlice<UInt8>, at seconds: Double) -> Bool {
    rest.append(contentsOf: bytes)
    var told = false
    while let start = find(), let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
      addBody(rest[..<start])
      let words = String(decoding: rest[(start + token.count)..<end], as: UTF8.self)
        .split(separator: " ", maxSplits: 1)
      let kind = words.first.flatMap { TestRecord.Kind(rawValue: String($0)) } ?? .none
      records.append(
        TestRecord(kind: kind, argument: words.count > 1 ? String(words[1]) : "", seconds: seconds))
      rest.removeSubrange(...end)
      told = true
    }
    // What cannot be the beginning of a line of the driver goes to the body.
    if rest.count > 1 << 16, find() == nil {
      let count = rest.count - token.count
      addBody(rest[..<count])
      rest.removeSubrange(..<count)
    }
    return told
  }

  mutating func finish() -> [TestRecord] {
    addBody(rest[...])
    rest = []
    return records
  }

  private mutating func addBody(_ bytes: ArraySlice<UInt8>) {
    let room = max(0, TestProcess.outputLimit - kept)
    kept += bytes.count
    records[records.count - 1].body += String(decoding: bytes.prefix(room), as: UTF8.self)
  }

  private func find() -> Int? {
    guard let first = token.first else { return nil }
    var i = 0
    while let start = rest[i...].firstIndex(of: first), start + token.count <= rest.count {
      if rest[start..<(start + token.count)].elementsEqual(token) { return start }
      i = start + 1
    }
    return nil
  }
}
