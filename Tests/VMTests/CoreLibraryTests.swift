// The core library and the corpus as texts: everything is embedded, everything parses.

import CorpusSupport
import Foundation
import Syntax
import Testing

@testable import VM

@Suite struct CoreLibraryTests {
  static let folder = Corpus.folder.deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Sources/VM/CoreLibrary")

  @Test func everyFileIsEmbedded() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: CoreLibraryTests.folder.path)
    let names = files.filter { $0.hasSuffix(".som") }.map { String($0.dropLast(4)) }
    #expect(names.sorted() == CoreLibrary.classNames.sorted())
    for name in names {
      let source = CoreLibrary.source(of: name)
      #expect(source != nil)
    }
    #expect(CoreLibrary.source(of: "NoSuchClass") == nil)
  }

  /// Tests/CoreLibrary mentions each class, but for those that programs do not know of.
  @Test func everyClassHasTests() throws {
    let folder = Self.folder.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Tests/CoreLibrary")
    var words: Set<Substring> = ["ExceptionHandler", "HashEntry", "IdentityHashEntry", "LoopParts", "ObjectAdditions"]
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) where file.hasSuffix(".som") {
      let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
      words.formUnion(text.split { !$0.isLetter && !$0.isNumber })
    }
    #expect(CoreLibrary.classNames.filter { !words.contains($0[...]) } == [])
  }

  @Test(arguments: CoreLibrary.classNames) func parses(name: String) throws {
    let source = SourceText(name: name + ".som", bytes: CoreLibrary.source(of: name) ?? [])
    let definition = try Parser.parseClass(source)
    #expect(definition.name == name)
  }

  @Test func everyPrimitiveHasARow() throws {
    let known = Set(Primitives.rows.map { "\($0.className)>>\($0.selector)" })
    for name in CoreLibrary.classNames {
      let source = SourceText(name: name + ".som", bytes: CoreLibrary.source(of: name) ?? [])
      let definition = try Parser.parseClass(source)
      let target = ["ObjectAdditions", "LoopParts"].contains(name) ? "Object" : name
      for (methods, holder) in [(definition.instanceMethods, target), (definition.classMethods, name + " class")] {
        for method in methods where method.isPrimitive {
          let key = "\(holder)>>\(method.selector)"
          #expect(known.contains(key), "\(key)")
        }
      }
    }
  }

  @Test func primitivesAreUnique() {
    let keys = Primitives.rows.map { "\($0.className)>>\($0.selector)" }
    #expect(Set(keys).count == keys.count)
  }

  @Test func corpusParses() throws {
    let mustNot: Set = ["SyntaxError", "UnterminatedString", "BadEscape", "StatementResults"]
    for program in Corpus.programs() {
      let source = SourceText(
        name: program.path, bytes: Array(try Data(contentsOf: URL(fileURLWithPath: program.path))))
      do {
        _ = try Parser.parseClass(source)
        #expect(!mustNot.contains(program.name), "\(program) parses")
      } catch {
        #expect(mustNot.contains(program.name), "\(program): \(error)")
      }
    }
  }
}
