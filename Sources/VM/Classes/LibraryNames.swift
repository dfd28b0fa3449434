// The bundled core library is itself, whatever a program calls its classes. Code of the library finds the library's
// classes through cells of their own. A class of the program that has a bundled class's name is an ordinary class; the
// bundled one is called `Name (bundled)` then, which nobody can write.
//
// With a core library on the class path (an Object.som) there is none of this: names are the class path's.

import Syntax

extension Universe {
  static let bundledMark = " (bundled)"

  /// The name under which the class table has a bundled class; decided when it is first needed.
  func libraryKey(_ name: String) -> String {
    if let key = loader.libraryKeys[name] { return key }
    let isTaken = loader.isOnPath(name, options) || classes.named(name)?.isLoaded == true
    let key = isTaken ? name + Universe.bundledMark : name
    loader.libraryKeys[name] = key
    return key
  }

  /// A class that the machine itself needs: the bundled one, or the class path's if that has a core library.
  func libraryClass(_ name: String) throws(LoadError) -> ClassInfo {
    guard loader.usesBundled else { return try loadClass(name) }
    if let info = loadedLibraryClass(name) { return info }
    return try define(try loader.findBundled(name, options))
  }

  /// The same, if it is loaded.
  func loadedLibraryClass(_ name: String) -> ClassInfo? {
    guard let key = loader.usesBundled ? loader.libraryKeys[name] : name, let info = classes.named(key), info.isLoaded
    else { return nil }
    return info
  }

  /// Whether a class or metaclass may have the library's primitives. What they do with objects depends on the class.
  func mayHavePrimitives(_ holder: ClassInfo) -> Bool {
    guard loader.usesBundled else { return true }
    let side = holder.isMetaclass ? classes[holder.instanceIndex] : holder
    return !ClassLoader.bundledNames.contains(side.plainName) || loader.libraryKeys[side.plainName] == side.name
  }

  /// The cell that a global of a method stands for.
  func cell(_ name: String, in source: SourceText?) -> Int {
    guard let source, source.isBundled, name == "system" || ClassLoader.bundledNames.contains(name) else {
      return globals.cell(name)
    }
    return globals.libraryCell(name)
  }

  /// The value of a global as the library's code sees it.
  func libraryGlobal(_ name: String) -> Value {
    Value(bits: globals.address(loader.usesBundled ? globals.libraryCell(name) : globals.cell(name))[0])
  }

  func setLibraryGlobal(_ name: String, _ value: Value, _ effects: inout Effects) {
    let cell = globals.libraryCell(name)
    globals.set(cell, value)
    effects.cells.append(cell)
  }

  /// Loads the class of an unset cell if it is the library's. Answers whether the cell is set now.
  func loadLibraryGlobal(_ cell: Int) -> Bool {
    guard let name = globals.libraryName(cell), (try? libraryClass(name)) != nil else { return false }
    return globals.address(cell)[0] != 0
  }
}
