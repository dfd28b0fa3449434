// What becomes of the files that are saved, renamed or deleted while a program is watched: those that are saved together
// are one accept, or one each if that is refused. One that is refused waits for others that may make it right, as when a
// field moves up and both files change.

import Foundation
import Ovid
import SourceTools
import Syntax

final class SavedFiles {
  private struct File {
    var path: String
    var changes: [Change]
    /// It is the file of its class: if it is refused, others may make it right.
    var isItsClass: Bool
    /// The file that it takes the place of.
    var replaced: String?
  }

  private let vm: VirtualMachine
  private let receipts: PrintedReceipts
  private let suspended: SuspendedErrors
  /// In the order in which classes are looked for.
  let folders: [String]
  /// Refused, and nothing wrong with them alone: each is the file of its class, or was.
  private var waiting: [File] = []
  /// What was said of each file that is accepted though it does not look right.
  private var warnings: [String: Set<String>] = [:]
  /// Those that accepts have written: that they are saved is no news.
  private var written: Set<String> = []

  init(vm: VirtualMachine, folders: [String]) {
    self.vm = vm
    receipts = PrintedReceipts(vm)
    suspended = SuspendedErrors(vm)
    self.folders = folders
  }

  /// See `FileWatcher.Handler`.
  func accept(_ saved: [SavedFile], missing: [String]) -> [SavedFile: String] {
    var files: [(saved: SavedFile, file: File)] = []
    var missing = missing
    for one in saved {
      guard let file = change(one, missing) else { continue }
      missing.removeAll { $0 == file.replaced }
      files.append((one, file))
    }
    var accepted = files
    if files.count < 2 || !makeTogether(files.map(\.file)) { accepted = files.filter { make($0.file) } }
    return Dictionary(uniqueKeysWithValues: accepted.compactMap { one in one.file.replaced.map { (one.saved, $0) } })
  }

  /// What a saved file changes; nil if nothing may be.
  private func change(_ saved: SavedFile, _ missing: [String]) -> File? {
    let path = saved.path
    if let first = hiding(path) {
      complain("\(path): not accepted: the program would take the class from \(first)")
      return nil
    }
    let definition = try? Parser.parseClass(SourceText(name: path, saved.text))
    if let definition, let former = saved.former, vm.className(ofFile: former) == definition.name {
      let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
      complain(
        "\(former) is \(path) now, but defines class \(definition.name), which stays as it is: to rename it, "
          + "call it \(name) there, too")
      return nil
    }
    let text = Change.classSource(saved.text, file: path)
    if let definition, let old = renamedClass(definition, path, saved.former, missing) {
      let rename = Change.renameClass(old.name, to: definition.name)
      return File(path: path, changes: [rename, text], isItsClass: true, replaced: old.path)
    }
    let isItsClass = definition.map { URL(fileURLWithPath: path).lastPathComponent == "\($0.name).som" } ?? false
    return File(path: path, changes: [text], isItsClass: isItsClass)
  }

  /// A file is not there any more, and no other has taken its place.
  func noteGone(_ path: String) {
    waiting.removeAll { $0.path == path }
    guard let name = vm.className(ofFile: path) else { return }
    let others = folders.map { "\($0)/\(name).som" }
    if let next = others.first(where: { FileManager.default.fileExists(atPath: $0) }),
      let text = try? String(contentsOfFile: next, encoding: .utf8)
    {
      complain("\(path) is gone: \(name) comes from \(next) now")
      _ = make(File(path: next, changes: [.classSource(text, file: next)], isItsClass: true))
      return
    }
    let file = File(path: path, changes: [.removeClass(name)], isItsClass: true)
    if !make(file) {
      complain(
        "\(path) is gone, but the program keeps \(name) as it is; save the file again, or mend what is said above")
    }
  }

  /// The class that had another name before this text was saved, and the file that it was in.
  private func renamedClass(
    _ definition: ClassDefinition, _ path: String, _ former: String?, _ missing: [String]
  ) -> (name: String, path: String)? {
    if vm.classReport(definition.name) != nil { return nil }
    // A file of whatever name, like the program's own.
    if let name = vm.className(ofFile: path), URL(fileURLWithPath: path).lastPathComponent != "\(name).som" {
      return (name, path)
    }
    if let former, let name = vm.className(ofFile: former) { return (name, former) }
    for old in missing {
      if let name = vm.className(ofFile: old), let report = vm.classReport(name), isAlike(report, definition) {
        return (name, old)
      }
    }
    return nil
  }

  /// Whether they share half of their methods: one that has gone may be the other that has come.
  private func isAlike(_ one: ClassReport, _ other: ClassDefinition) -> Bool {
    let these = Set(one.selectors + one.classSelectors.map { "class \($0)" })
    let those = Set(other.instanceMethods.map(\.selector) + other.classMethods.map { "class \($0.selector)" })
    return these.intersection(those).count * 2 >= max(these.count, those.count)
  }

  /// Makes one accept of several files, and of those that wait if that helps; answers whether that has succeeded.
  private func makeTogether(_ files: [File]) -> Bool {
    let others = waiting.filter { other in !files.contains { $0.path == other.path } }
    return (others.isEmpty ? [files] : [others + files, files]).contains { attempt($0, files).succeeded }
  }

  /// Makes the accept, with those that wait if that helps; answers whether that has succeeded.
  private func make(_ file: File) -> Bool {
    waiting.removeAll { $0.path == file.path }
    // With those that wait, or one of them, before it alone: a field that moves up is in both files, and its values are
    // lost where it is gone from one before it is in the other.
    for others in (waiting.count > 1 ? [waiting] : []) + waiting.map({ [$0] }) {
      if attempt(others + [file], [file]).succeeded { return true }
    }
    let receipt = attempt([file], [file])
    if receipt.succeeded { return true }
    complain("\(file.path): \(receipt)")
    if file.isItsClass { waiting.append(file) }
    return false
  }

  /// Makes one accept of files that were saved just now, and of others; if it succeeds, none of them waits any more.
  private func attempt(_ all: [File], _ saved: [File]) -> Receipt {
    let receipt = accept(all)
    if receipt.succeeded {
      waiting.removeAll { other in all.contains { $0.path == other.path } }
      tell(receipt, saved)
      retry()
    }
    return receipt
  }

  /// What waited for the file that was accepted.
  private func retry() {
    for file in waiting {
      let receipt = accept([file])
      if !receipt.succeeded { continue }
      waiting.removeAll { $0.path == file.path }
      tell(receipt, [file])
    }
  }

  private func accept(_ files: [File]) -> Receipt {
    vm.accept(ChangeSet(files.flatMap(\.changes), author: "watch"))
  }

  private func tell(_ receipt: Receipt, _ files: [File]) {
    let isNews = files.filter { written.remove($0.path) == nil }.count > 0 || !receipt.changesNothing
    written.formUnion(receipt.files ?? [])
    if isNews {
      receipts.say(receipt)
      warn(of: files)
    }
    if !receipt.changesNothing { suspended.retry() }
  }

  /// Names and messages that nobody knows do not hinder an accept: they fail when they are run, unless they come until then.
  /// What was said at the last save is not said again.
  private func warn(of files: [File]) {
    let texts = files.compactMap { file in (try? SomFiles.text(file.path)).map { SourceText(name: file.path, $0) } }
    if texts.isEmpty { return }
    let checker = Checker(known: CheckCommand.known(classPath: folders, files: texts.map(\.name)))
    for source in texts {
      let findings = checker.check(source).filter { [.unknownName, .unknownSelector].contains($0.code) }
      for finding in findings where warnings[source.name]?.contains(finding.message) != true {
        complain(finding.text(in: source))
      }
      warnings[source.name] = Set(findings.map(\.message))
    }
  }

  /// The file of the same name that a class is loaded from instead of this one, in a folder that is searched before.
  private func hiding(_ path: String) -> String? {
    let name = path.split(separator: "/").last ?? ""
    return folders.lazy.map { "\($0)/\(name)" }.prefix { $0 != path }
      .first { FileManager.default.fileExists(atPath: $0) }
  }
}
