// `accept`: from an editor, from a file, or as it is typed.

import Foundation
import Ovid
import SourceTools

extension DebugSession {
  func accept(_ words: String) throws {
    let words = try AcceptWords(words)
    let argument = words.rest, policy = words.policy
    if argument.isEmpty {
      let activation = try activation()
      // An old version is edited no more: what is installed counts.
      return try edit(activation.method, policy)
    }
    if argument.contains(">>") {
      guard let key = MethodKey(argument) else { throw Refusal("\(argument): expected Class>>selector") }
      return try edit(key, policy)
    }
    if argument.hasSuffix(".som") { return try acceptFile(argument, policy) }
    try acceptTyped(argument, policy)
  }

  private func edit(_ key: MethodKey, _ policy: AcceptPolicy) throws {
    guard let text = vm.source(of: key), let version = vm.version(of: key) else {
      throw Refusal("\(key.holderName) has no method \(key.selector)")
    }
    let name = key.className + "-" + key.selector.filter { $0.isLetter || $0.isNumber }
    let edited = try lendTerminal { try TextEditor.edit(text + "\n", named: name) }
      .trimmingCharacters(in: .whitespacesAndNewlines)
    if edited == text { return console.say("the text is as it was: nothing is accepted") }
    accept(
      ChangeSet(
        [.method(className: key.className, isClassSide: key.isClassSide, source: edited, basedOn: version)],
        author: "debugger", policy: policy), edited)
  }

  private func acceptFile(_ path: String, _ policy: AcceptPolicy) throws {
    try ProgramFile.check(ProgramName(path), written: path)
    let text = try SomFiles.text(path, shown: path)
    accept(ChangeSet([.classSource(text, file: path)], author: "debugger", policy: policy), text)
  }

  /// `Class`, or `Class class`, and what there is of the method.
  private func acceptTyped(_ argument: String, _ policy: AcceptPolicy) throws {
    let words = argument.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
    let name = String(words[0])
    guard vm.classReport(name) != nil else {
      throw Refusal(
        "no class \(name) is loaded; accept takes nothing, Class>>selector, File.som, or Class and a method")
    }
    let method = MethodText(words.count > 1 ? words[1].trimmingCharacters(in: .whitespaces) : "")
    expectMethod(className: name, isClassSide: method.isClassSide, policy, beginning: method.text)
  }
}

/// What stands behind the name of a class in `accept`: `class`, for its class side, and the beginning of a method.
struct MethodText {
  let isClassSide: Bool
  let text: String

  init(_ rest: String) {
    // A method may have that name.
    isClassSide = rest == "class" || rest.hasPrefix("class ") && !rest.dropFirst(5).drop { $0 == " " }.hasPrefix("=")
    text = isClassSide ? rest.dropFirst(5).trimmingCharacters(in: .whitespaces) : rest
  }
}
