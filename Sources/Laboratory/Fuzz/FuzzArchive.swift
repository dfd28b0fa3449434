// Failures on disk: the program, ready to become a test of the corpus, and how to run it.

import Foundation

extension FuzzProgram {
  /// What cuts leave behind. Strings of generated programs have no line ends.
  public var withoutEmptyLines: FuzzProgram {
    var result = self
    result.files = files.mapValues { text in
      text.split(separator: "\n").filter { !$0.allSatisfy(\.isWhitespace) }.joined(separator: "\n") + "\n"
    }
    return result
  }
}

public struct FuzzArchive {
  let folder: String

  public init(folder: String) { self.folder = folder }

  /// Writes the program under names of its own, with what it must print; answers where.
  public func store(_ program: FuzzProgram, _ failure: FuzzFailure) throws -> String {
    let place = "\(folder)/\(failure.seed)"
    try? FileManager.default.removeItem(atPath: place)
    let expected = FuzzCase.reference(program, steps: 5_000_000)
    var renamed: [String: String] = [:]
    // The corpus has all of a group's classes in one folder; it has no accepts from outside.
    let tag = program.accepts.isEmpty ? "\(failure.seed)" : ""
    for (name, text) in program.files { renamed[Self.rename(name, tag)] = Self.rename(text, tag) }
    let main = Self.rename(FuzzProgram.main, tag)
    var comments = "\"Seed \(failure.seed)\(failure.flags.map { ", with \($0)" } ?? "").\"\n"
    for line in Self.rename(expected.output, tag).split(separator: "\n", omittingEmptySubsequences: false)
      .dropLast()
    {
      comments += "\"prints: \(line)\"\n"
    }
    if expected.status != 0 { comments += "\"exits: \(expected.status)\"\n" }
    renamed[main] = comments + (renamed[main] ?? "")
    try FuzzProgram(files: renamed, accepts: program.accepts).write(to: place)
    let flags = failure.flags?.description ?? ""
    try """
    seed \(failure.seed) after \(Int(failure.time)) s: \(failure.description)
    ovid fuzz --program \(place)/\(main).som --reference
    \(failure.flags?.steps == nil ? "ovid run \(flags)" : "ovid fuzz --flags='\(flags)' --program") \(place)/\(main).som

    """.write(toFile: "\(place)/README", atomically: true, encoding: .utf8)
    return place
  }

  private static func rename(_ text: String, _ tag: String) -> String {
    text.replacing("Fuzz", with: "Fuzz\(tag)").replacing("Fz", with: "Fz\(tag)")
  }

  /// The program as one text, for people.
  public static func listing(_ program: FuzzProgram) -> String {
    let accepts = program.accepts.enumerated().flatMap { i, changes in
      changes.map { "\"accept \(i + 1), \($0.className ?? "a class"):\" \($0.text)\n" }
    }
    return (program.files.sorted { $0.key < $1.key }.map(\.value) + accepts).joined()
  }
}
