// The `.som` file stays the truth: what an editor's accept changed is written into the class's file, and every other
// byte of it stays as it is. Not on the VM thread: the program does not wait for a disk.
//
// What is written is what is current when it is written, whoever accepted it: so two editors that accept at the
// same moment may write in any order.

import Foundation
import Syntax
import VM

/// A file that could not be brought up to date; it is as it was.
struct SourceFileError: Error, CustomStringConvertible {
  let description: String
}

extension Runtime {
  /// Writes what a change touched into the files of its classes, and notes in the receipt what was written. Any
  /// thread but the VM's.
  func writeBack(_ changes: ChangeSet, _ receipt: inout Receipt) {
    guard options.writeBack, receipt.succeeded else { return }
    var touched: [String: TouchedClass] = [:]
    for method in receipt.methods where method.before != method.after {
      touched[method.method.className, default: TouchedClass()].methods.insert(method.method)
    }
    for change in changes.changes {
      switch change {
      case .addField(let name, let isClassSide, _), .removeField(let name, let isClassSide, _):
        touched[name, default: TouchedClass()].sides.insert(isClassSide)
      case .classSource(let text, let file):
        // A saved file says itself what is true.
        guard let definition = try? Parser.parseClass(SourceText(name: "class", text)) else { continue }
        if file != nil {
          touched[definition.name] = nil
        } else {
          touched[definition.name, default: TouchedClass()].sides = [false, true]
        }
      case .method, .primitive, .removeMethod: break
      }
    }
    sourceFileLock.withLock {
      for name in touched.keys.sorted() {
        do {
          if let path = try write(name, touched[name] ?? TouchedClass()) {
            receipt.files = (receipt.files ?? []) + [path]
          }
        } catch {
          receipt.fileFailure = "\(error)"
        }
      }
    }
  }

  struct TouchedClass {
    var methods: Set<MethodKey> = []
    /// Whose fields and superclass may have changed: false the instance side, true the class side.
    var sides: Set<Bool> = []
  }

  /// What the file of a class must say.
  private struct Wanted {
    var path: String
    var methods: [(key: MethodKey, text: String?)] = []
    var fields: [(isClassSide: Bool, names: [String])] = []
    var superclass: String?
  }

  private func wanted(_ className: String, _ touched: TouchedClass) -> Wanted? {
    universe.lock.withLock {
      guard let info = universe.classes.named(className), let path = info.path else { return nil }
      var wanted = Wanted(path: path)
      if touched.sides.contains(false), info.superIndex != 0 {
        wanted.superclass = universe.classes[info.superIndex].name
      }
      for key in touched.methods.sorted(by: { $0.description < $1.description }) {
        wanted.methods.append((key, currentMethod(key).flatMap { universe.methods[$0].sourceText }))
      }
      for isClassSide in touched.sides.sorted(by: { !$0 && $1 }) {
        let side = universe.classes.named(MethodKey.holderName(className, isClassSide))
        if let side { wanted.fields.append((isClassSide, side.ownFieldNames)) }
      }
      return wanted
    }
  }

  /// Answers the path, if there was something to write.
  private func write(_ className: String, _ touched: TouchedClass) throws -> String? {
    guard let wanted = wanted(className, touched) else { return nil }
    // A link stays one.
    let path = URL(fileURLWithPath: wanted.path).resolvingSymlinksInPath().path
    guard let data = FileManager.default.contents(atPath: path) else {
      throw SourceFileError(description: "cannot read \(wanted.path), so the change is in the program only")
    }
    let old = SourceText(name: wanted.path, bytes: [UInt8](data))
    var file: ClassFileEdit
    do {
      file = try ClassFileEdit(old)
      if let superclass = wanted.superclass { try file.setSuperclass(superclass) }
      for (isClassSide, names) in wanted.fields { try file.setFields(names, classSide: isClassSide) }
      for (key, text) in wanted.methods {
        try file.setMethod(key.selector, classSide: key.isClassSide, to: text)
      }
    } catch {
      throw SourceFileError(description: "not written, because the file has errors: \(error)")
    }
    if file.source.bytes == old.bytes { return nil }
    guard file.definition.name == className else {
      throw SourceFileError(description: "not written: \(wanted.path) defines \(file.definition.name)")
    }
    try replaceFile(path, with: file.source.bytes)
    return wanted.path
  }

  /// The whole new file or the old one, whatever happens meanwhile.
  private func replaceFile(_ path: String, with bytes: [UInt8]) throws {
    func failed(_ what: String) -> SourceFileError {
      SourceFileError(description: "cannot \(what) \(path): \(String(cString: strerror(errno)))")
    }
    let url = URL(fileURLWithPath: path)
    let temporary = url.deletingLastPathComponent().path + "/.\(url.lastPathComponent).\(getpid())"
    var info = stat()
    guard stat(path, &info) == 0 else { throw failed("read") }
    guard access(path, W_OK) == 0 else { throw failed("write") }
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, info.st_mode & 0o7777)
    guard descriptor >= 0 else { throw failed("write") }
    var done = 0
    while done < bytes.count {
      let n = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress! + done, bytes.count - done) }
      if n < 0 && errno == EINTR { continue }
      if n <= 0 { break }
      done += n
    }
    let isComplete = done == bytes.count && fchmod(descriptor, info.st_mode & 0o7777) == 0 && fsync(descriptor) == 0
    let error = failed("write")
    close(descriptor)
    guard isComplete, rename(temporary, path) == 0 else {
      unlink(temporary)
      throw error
    }
  }
}
