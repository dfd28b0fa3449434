// What becomes of the files that are saved while a program is watched: each is an accept. One that is refused waits for
// others that may make it right, as when a field moves up and both files change: then they are one accept.

import Foundation
import Ovid
import Syntax

final class SavedFiles {
  private struct File {
    var path: String
    var text: String
    var change: Change { .classSource(text, file: path) }
  }

  private let vm: VirtualMachine
  /// In the order in which classes are looked for.
  let folders: [String]
  /// Refused, and nothing wrong with them alone: each is the file of its class.
  private var waiting: [File] = []

  init(vm: VirtualMachine, folders: [String]) {
    self.vm = vm
    self.folders = folders
  }

  func accept(_ path: String, _ text: String) {
    if let first = hiding(path) {
      return complain("\(path): not accepted: the program would take the class from \(first)")
    }
    let file = File(path: path, text: text)
    waiting.removeAll { $0.path == path }
    // With those that wait, or one of them, before it alone: a field that moves up is in both files, and its values are
    // lost where it is gone from one before it is in the other.
    for others in (waiting.count > 1 ? [waiting] : []) + waiting.map({ [$0] }) {
      let together = accept(others + [file])
      if !together.succeeded { continue }
      waiting.removeAll { other in others.contains { $0.path == other.path } }
      complain("\(together)")
      return retry()
    }
    let receipt = accept([file])
    if receipt.succeeded {
      complain("\(receipt)")
      return retry()
    }
    complain("\(path): \(receipt)")
    if let name = try? Parser.parseClass(SourceText(name: path, text)).name,
      URL(fileURLWithPath: path).lastPathComponent == "\(name).som"
    {
      waiting.append(file)
    }
  }

  /// What waited for the file that was accepted.
  private func retry() {
    for file in waiting {
      let receipt = accept([file])
      if !receipt.succeeded { continue }
      waiting.removeAll { $0.path == file.path }
      complain("\(receipt)")
    }
  }

  private func accept(_ files: [File]) -> Receipt {
    vm.accept(ChangeSet(files.map(\.change), author: "watch"))
  }

  /// The file of the same name that a class is loaded from instead of this one, in a folder that is searched before.
  private func hiding(_ path: String) -> String? {
    let name = path.split(separator: "/").last ?? ""
    return folders.lazy.map { "\($0)/\(name)" }.prefix { $0 != path }
      .first { FileManager.default.fileExists(atPath: $0) }
  }
}
