// What classes and methods there are, for browsers and completion.

import Foundation
import VM

/// A class, as a browser shows it.
public struct ClassReport: Sendable, Hashable, Codable {
  public var name: String
  /// nil for the root.
  public var superclass: String?
  /// The file it was loaded from; nil for bundled classes and those that were typed in.
  public var path: String?
  /// Fields and selectors that the class itself defines.
  public var fields: [String]
  public var classFields: [String]
  public var selectors: [String]
  public var classSelectors: [String]
  public var subclasses: [String]
}

/// At which tier a method runs now.
public struct TierReport: Sendable, Hashable, Codable {
  public enum Tier: String, Sendable, Codable {
    case primitive, interpreted, compiled
    /// It has not run, so there is no bytecode yet.
    case notRun
  }
  public struct Place: Sendable, Hashable, Codable {
    /// The compiled unit.
    public var unit: String
    /// The method whose source has the send, and its line there.
    public var caller: String
    public var line: Int
  }
  public var method: String
  public var version: Int
  public var tier: Tier
  /// The method's own code: itself, and loops of it that are entered in the middle.
  public var units: [CodeReport]
  /// Where other code has it inlined.
  public var inlined: [Place]
  /// Why the compiler gave up on it.
  public var note: String?
}

extension Runtime {
  /// The classes that are loaded, sorted. Any thread.
  public func classNames() -> [String] {
    universe.lock.withLock {
      loadedClasses().filter { !$0.isMetaclass }.map(\.name).sorted()
    }
  }

  /// The classes that the class path has as files, and the bundled ones unless it has a core library itself; sorted.
  /// Any thread.
  public func loadableClassNames() -> [String] {
    var names: Set<String> = []
    for folder in inspect({ $0.universe.options.classPath }) {
      let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
      for file in files where file.hasSuffix(".som") { names.insert(String(file.dropLast(4))) }
    }
    if !names.contains("Object") { names.formUnion(CoreLibrary.classNames) }
    return names.sorted()
  }

  /// Searches one more folder for classes, after the others. Blocks; any thread but the VM's.
  public func addClassPath(_ folder: String) {
    _ = try? perform { universe in
      if !universe.options.classPath.contains(folder) { universe.options.classPath.append(folder) }
    }
  }

  /// A loaded class; nil if there is none of that name. Any thread.
  public func classReport(_ name: String) -> ClassReport? {
    universe.lock.withLock {
      guard let info = universe.classes.named(name), info.isLoaded, !info.isMetaclass, !name.hasPrefix("<") else {
        return nil
      }
      let meta = universe.classes[info.metaIndex]
      return ClassReport(
        name: name, superclass: info.superIndex == 0 ? nil : universe.classes[info.superIndex].name,
        path: info.path, fields: info.ownFieldNames, classFields: meta.ownFieldNames,
        selectors: info.selectors.map(universe.symbols.name), classSelectors: meta.selectors.map(universe.symbols.name),
        subclasses: info.subclasses.map { universe.classes[$0].name }.filter { !$0.hasPrefix("<") }.sorted())
    }
  }

  /// The selectors that instances of a class (with `classSide`: the class itself) understand; of nil, those that any
  /// loaded class implements. Any thread.
  public func selectors(understoodBy className: String?, classSide: Bool = false) -> Set<String> {
    universe.lock.withLock {
      var result: Set<String> = []
      guard let className else {
        for info in loadedClasses() { result.formUnion(info.selectors.map(universe.symbols.name)) }
        return result
      }
      var info = universe.classes.named(MethodKey.holderName(className, classSide))
      while let current = info {
        result.formUnion(current.selectors.map(universe.symbols.name))
        info = current.superIndex == 0 ? nil : universe.classes[current.superIndex]
      }
      return result
    }
  }

  /// The method that a class finds for a selector: its own, or an inherited one. Any thread.
  public func implementation(of key: MethodKey) -> MethodKey? {
    universe.lock.withLock {
      let name = key.holderName
      guard let info = universe.classes.named(name),
        let method = universe.classes.lookup(info.index, universe.symbols.intern(key.selector))
      else { return nil }
      let holder = universe.classes[method.holderIndex]
      return MethodKey(
        className: holder.isMetaclass ? universe.classes[holder.instanceIndex].name : holder.name,
        isClassSide: holder.isMetaclass, selector: key.selector)
    }
  }

  /// The number of a method's current version; nil if the class has no such method. Any thread.
  public func version(of key: MethodKey) -> Int? {
    methods(of: key.className, classSide: key.isClassSide).first { $0.selector == key.selector }?.version
  }

  /// The text of a version of a method, also one that was replaced or removed. Any thread.
  public func source(of key: MethodKey, version: Int) -> String? {
    universe.lock.withLock { earlier(key, version: version)?.text }
  }

  /// The tier of a method that the class itself defines; nil if it does not.
  public func tier(of key: MethodKey) -> TierReport? {
    let codes = codeReports()
    return inspect { runtime in
      guard let method = runtime.currentMethod(key) else { return nil }
      let info = runtime.universe.methods[method]
      let units = codes.filter { $0.name == info.name || $0.name.hasPrefix(info.name + ",") }
      let tier: TierReport.Tier
      if info.primitive != nil {
        tier = .primitive
      } else if !units.isEmpty {
        tier = .compiled
      } else {
        tier = info.chunk == nil ? .notRun : .interpreted
      }
      let inlined = codes.flatMap { code in
        code.inlined.filter { $0.callee == info.name }
          .map { TierReport.Place(unit: code.name, caller: $0.caller, line: $0.line) }
      }
      let note = runtime.tiering.reasonOfRest(of: info.id)
      return TierReport(
        method: info.name, version: info.version, tier: tier, units: units, inlined: inlined, note: note)
    }
  }

  /// Requires the universe's lock.
  private func loadedClasses() -> [ClassInfo] {
    universe.classes.infos.compactMap { $0 }
      .filter { $0.isLoaded && $0.isCurrent && !$0.name.hasPrefix("<") }
  }
}

extension TierReport: CustomStringConvertible {
  public var description: String {
    var lines: [String]
    switch tier {
    case .primitive: lines = ["\(method) is a primitive: machine code of the virtual machine"]
    case .notRun: lines = ["\(method) v\(version) has not run yet"]
    case .interpreted: lines = ["\(method) v\(version) is interpreted"]
    case .compiled: lines = ["\(method) v\(version) is compiled"]
    }
    for unit in units {
      let inlined = unit.inlined.isEmpty ? "" : ", with \(unit.inlined.map(\.callee).joined(separator: ", ")) inlined"
      lines.append("  \(unit.name): compiled in \(unit.compileMicroseconds / 1000) ms\(inlined)")
    }
    for place in inlined {
      let unit = place.unit == place.caller ? "" : " (in the code of \(place.unit))"
      lines.append("  inlined in \(place.caller), line \(place.line)\(unit)")
    }
    if let note { lines.append("  not compiled: \(note)") }
    return lines.joined(separator: "\n")
  }
}
