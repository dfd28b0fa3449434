// The bundled core library is itself, whatever a program calls its classes. Code of the library finds the library's
// classes through cells of their own. A class of the program that has a bundled class's name is an ordinary class; the
// bundled one is called `Name (bundled)` then, which nobody can write.
//
// With a core library on the class path (an Object.som) there is none of this: names are the class path's.

import Syntax

public final class LibraryNames {
  private unowned(unsafe) let universe: Universe
  private let classes: ClassTable
  private let globals: GlobalTable
  private let loader: ClassLoader
  /// Whether names are the bundled library's: false if the class path has a core library of its own.
  private(set) var isBundled = true
  /// What bundled classes are called in the class table.
  private var keys: [String: String] = [:]
  static let mark = " (bundled)"

  init(_ universe: Universe) {
    self.universe = universe
    classes = universe.classes
    globals = universe.globals
    loader = universe.loader
  }

  /// Before any class is loaded.
  func boot() { isBundled = !loader.isOnPath("Object", universe.options) }

  /// The name under which the class table has a bundled class; decided when it is first needed.
  func key(_ name: String) -> String {
    if let key = keys[name] { return key }
    let isTaken = loader.isOnPath(name, universe.options) || classes.named(name)?.isLoaded == true
    let key = isTaken ? name + Self.mark : name
    keys[name] = key
    return key
  }

  /// A class that the machine itself needs: the bundled one, or the class path's if that has a core library.
  func load(_ name: String) throws(LoadError) -> ClassInfo {
    guard isBundled else { return try universe.loadClass(name) }
    if let info = loaded(name) { return info }
    return try universe.define(try loader.findBundled(name, universe.options))
  }

  /// The same, if it is loaded.
  func loaded(_ name: String) -> ClassInfo? {
    guard let key = isBundled ? keys[name] : name, let info = classes.named(key), info.isLoaded
    else { return nil }
    return info
  }

  /// Whether a class or metaclass may have the library's primitives. What they do with objects depends on the class.
  func mayHavePrimitives(_ holder: ClassInfo) -> Bool {
    guard isBundled else { return true }
    let side = holder.isMetaclass ? classes[holder.instanceIndex] : holder
    return !ClassLoader.bundledNames.contains(side.plainName) || keys[side.plainName] == side.name
  }

  /// The cell that a global of a method stands for.
  func cell(_ name: String, in source: SourceText?) -> Int {
    guard let source, source.isBundled, name == "system" || ClassLoader.bundledNames.contains(name) else {
      return globals.cell(name)
    }
    return globals.libraryCell(name)
  }

  /// The value of a global as the library's code sees it.
  func global(_ name: String) -> Value {
    Value(bits: globals.address(isBundled ? globals.libraryCell(name) : globals.cell(name))[0])
  }

  func setGlobal(_ name: String, _ value: Value, _ effects: inout Effects) {
    let cell = globals.libraryCell(name)
    globals.set(cell, value)
    effects.cells.append(cell)
  }

  /// Loads the class of an unset cell if it is the library's. Answers whether the cell is set now.
  func loadGlobal(_ cell: Int) -> Bool {
    guard let name = globals.libraryName(cell), (try? load(name)) != nil else { return false }
    return globals.address(cell)[0] != 0
  }
}
