// One implementation of a language that runs the suite: Ovid itself, and its peers.

import Foundation
import Ovid

struct Implementation {
  /// As tables name it.
  var name: String
  var version: String
  var executable: String
  /// The folder its processes run in; nil for this process's own.
  var directory: String?
  /// The words before the benchmark's name, iterations, and inner iterations.
  var words: [String]
  /// The file in which a process reports what only it knows; Ovid's `--stats-file`.
  var reportFile: String?
  /// Ovid on another core library.
  var isVariant = false

  /// Ovid, with `flags` of its virtual machine; without code of earlier runs, unless they say so.
  static func ovid(
    _ checkout: SuiteCheckout, name: String = "ovid", flags: [String], library: String? = nil, scratch: String
  ) -> Implementation {
    let file = "\(scratch)/report.json"
    let folders = (library.map { [$0] } ?? []) + [checkout.classPath]
    return Implementation(
      name: name, version: ([VirtualMachine.version] + flags).joined(separator: " "), executable: ChildProcess.own,
      words: ["run", "--no-cache"] + flags + [
        "--stats-file", file, "-cp", folders.joined(separator: ":"), "\(checkout.folder("SOM"))/Harness.som",
      ],
      reportFile: file, isVariant: library != nil)
  }
}

/// The peers, by the names that `--compare` takes.
enum Peer: String, CaseIterable, Sendable {
  case node, java, luajit, pypy3
  /// Ovid itself: without what an edit needs in compiled code; without baseline code; without the compiler.
  case uneditable, nobaseline, interpreter

  /// Those that are compared if nobody says which, if they are installed.
  static let usual: [Peer] = [.node, .java]

  private var package: String {
    switch self {
    case .node: return "nodejs"
    case .java: return "default-jdk-headless"
    default: return rawValue
    }
  }
  private var versionFlag: String {
    switch self {
    case .java: return "-version"
    case .luajit: return "-v"
    default: return "--version"
    }
  }
  /// Of a peer that is Ovid.
  private var flags: [String]? {
    switch self {
    case .uneditable: return ["--uneditable"]
    case .nobaseline: return ["--baseline=off"]
    case .interpreter: return ["--jit=off"]
    default: return nil
    }
  }

  struct Problem: Error, CustomStringConvertible, Equatable { let description: String }

  /// The peers of a list such as `node,java`; `none` is no peer. Without a list the usual ones that `find` finds.
  static func list(_ text: String?, find: (String) -> String? = ChildProcess.find) throws(Problem) -> [Peer] {
    guard let text else { return usual.filter { find($0.rawValue) != nil } }
    if text == "none" { return [] }
    var peers: [Peer] = []
    for name in text.split(separator: ",").map({ $0.trimmingCharacters(in: .whitespaces) }) {
      guard let peer = Peer(rawValue: name) else {
        throw Problem(
          description: "'\(name)' is no peer; --compare takes some of "
            + "\(allCases.map(\.rawValue).joined(separator: ",")), or none")
      }
      guard peer.flags != nil || find(name) != nil else {
        throw Problem(
          description: "\(name) is not installed: apt-get install \(peer.package), or leave it out of --compare")
      }
      if !peers.contains(peer) { peers.append(peer) }
    }
    return peers
  }

  /// Made ready to run: Java's benchmarks are compiled into `scratch`; `ovidFlags` are those of all of Ovid's processes.
  func implementation(_ checkout: SuiteCheckout, ovidFlags: [String] = [], scratch: String) throws -> Implementation {
    if let flags { return .ovid(checkout, name: rawValue, flags: ovidFlags + flags, scratch: scratch) }
    guard let path = ChildProcess.find(rawValue) else {
      throw Problem(description: "\(rawValue) is not installed: apt-get install \(package)")
    }
    let folder: String
    let words: [String]
    switch self {
    case .node: (folder, words) = ("JavaScript", ["harness.js"])
    case .luajit: (folder, words) = ("Lua", ["harness.lua"])
    // -B: it must not write compiled modules into the checkout.
    case .pypy3: (folder, words) = ("Python", ["-B", "harness.py"])
    default: (folder, words) = ("Java", ["-cp", try Self.compileJava(checkout, scratch: scratch), "Harness"])
    }
    guard FileManager.default.fileExists(atPath: checkout.folder(folder)) else {
      throw Problem(
        description: "\(checkout.path) has no benchmarks/\(folder): leave \(rawValue) out of --compare, or "
          + "complete the checkout")
    }
    return Implementation(
      name: rawValue, version: version(path), executable: path, directory: checkout.folder(folder), words: words)
  }

  /// The first line that it says about itself.
  private func version(_ path: String) -> String {
    let outcome = try? ChildProcess.run(path, [versionFlag], timeout: 20)
    let said = outcome.map { $0.output + $0.errors } ?? ""
    return said.split(separator: "\n").first.map(String.init) ?? "unknown version"
  }

  private static func compileJava(_ checkout: SuiteCheckout, scratch: String) throws -> String {
    guard let compiler = ChildProcess.find("javac") else {
      throw Problem(
        description: "there is no javac to compile the benchmarks for java: apt-get install \(Peer.java.package)")
    }
    let source = "\(checkout.folder("Java"))/src", classes = "\(scratch)/java"
    let files = (FileManager.default.enumerator(atPath: source)?.compactMap { $0 as? String } ?? [])
      .filter { $0.hasSuffix(".java") }.map { "\(source)/\($0)" }
    let outcome = try ChildProcess.run(compiler, ["-nowarn", "-d", classes] + files.sorted())
    guard outcome.isSuccess else {
      let said = outcome.errors.split(separator: "\n").first ?? "no output"
      throw Problem(
        description: "javac \(outcome.ending) on benchmarks/Java/src: \(said); leave java out of --compare")
    }
    return classes
  }
}
