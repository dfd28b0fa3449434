// Looking at a machine from outside: classes and methods for browsers and completion, compiled code, every stage of a
// method. Nothing here changes the program.

import Bytecode
import Foundation
import GccBackend
import IR
import Optimizer
import VM

/// Any thread, unless a method says otherwise.
public final class Inspector: @unchecked Sendable {
  private let universe: Universe
  private let program: RuntimeProgram
  private let installed: InstalledCode
  private let tiering: Tiering
  private let codeHistory: CodeHistory
  private let compiling: CompilerService
  private let versions: MethodVersions
  private let thread: ProgramThread
  private let inspections: Inspections

  init(
    _ machine: Machine, _ compiling: CompilerService, _ tiering: Tiering, _ versions: MethodVersions,
    _ thread: ProgramThread, _ inspections: Inspections
  ) {
    universe = machine.universe
    program = machine.program
    installed = machine.installed
    codeHistory = machine.codeHistory
    self.compiling = compiling
    self.tiering = tiering
    self.versions = versions
    self.thread = thread
    self.inspections = inspections
  }

  // MARK: Classes

  /// The classes that are loaded, sorted.
  public func classNames() -> [String] {
    universe.lock.withLock {
      loadedClasses().filter { !$0.isMetaclass }.map(\.name).sorted()
    }
  }

  /// Requires the universe's lock.
  private func loadedClasses() -> [ClassInfo] {
    universe.classes.infos.compactMap { $0 }
      .filter { $0.isLoaded && $0.isCurrent && !$0.isRemoved && !$0.name.hasPrefix("<") }
  }

  /// The classes that the class path has as files, and the bundled ones unless it has a core library itself; sorted.
  public func loadableClassNames() -> [String] {
    var names: Set<String> = []
    for folder in inspections.atSafepoint({ [universe] in universe.options.classPath }) {
      let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
      for file in files where file.hasSuffix(".som") { names.insert(String(file.dropLast(4))) }
    }
    if !names.contains("Object") { names.formUnion(CoreLibrary.classNames) }
    return names.sorted()
  }

  /// A loaded class; nil if there is none of that name.
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
        subclasses: info.subclasses.map { universe.classes[$0] }.filter { !$0.isRemoved && !$0.name.hasPrefix("<") }
          .map(\.name).sorted())
    }
  }

  /// The loaded class that a file defines; nil if there is none.
  public func className(ofFile path: String) -> String? {
    universe.lock.withLock { loadedClasses().first { !$0.isMetaclass && $0.path == path }?.name }
  }

  /// The whole text of a class as it is now; nil if there is none of that name.
  public func text(ofClass name: String) -> String? {
    universe.lock.withLock { universe.text(ofClass: name) }
  }

  /// The selectors that instances of a class (with `classSide`: the class itself) understand; of nil, those that any
  /// loaded class implements.
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

  /// The classes that a name in a class's code has stood for: of a variable or a field, those that its messages have met; of a
  /// global, that of its value. The most frequent first, and nil only if it was never anything else: what it was before it was set
  /// says little.
  public func observedKinds(of name: String, className: String?, classSide: Bool, selector: String?) -> [ObservedKind] {
    inspections.atSafepoint { [self] in
      universe.lock.withLock {
        let holder = className.flatMap { universe.classes.named(MethodKey.holderName($0, classSide)) }
        let kinds = ObservedKinds(universe, program, name, in: holder, selector).list
        return kinds.count > 1 ? kinds.filter { $0.className != "Nil" } : kinds
      }
    }
  }

  // MARK: Methods

  /// The current methods of a class, with their versions.
  public func methods(of className: String, classSide: Bool = false) -> [(selector: String, version: Int)] {
    universe.lock.withLock {
      guard let info = universe.classes.named(MethodKey.holderName(className, classSide)) else { return [] }
      return info.selectors.compactMap { selector in
        info.methods[selector].map { (universe.symbols.name(selector), universe.methods[$0].version) }
      }
    }
  }

  /// The method that a class finds for a selector: its own, or an inherited one.
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

  /// The number of a method's current version; nil if the class has no such method.
  public func version(of key: MethodKey) -> Int? {
    methods(of: key.className, classSide: key.isClassSide).first { $0.selector == key.selector }?.version
  }

  /// The text of a method's current version; nil if the class (loaded or not) has none.
  public func source(of key: MethodKey) -> String? {
    universe.lock.withLock { versions.currentInfo(key)?.sourceText }
  }

  /// The text of a version of a method, also one that was replaced or removed.
  public func source(of key: MethodKey, version: Int) -> String? {
    universe.lock.withLock { versions.earlier(key, version: version)?.text }
  }

  // MARK: Code

  /// The tier of a method that the class itself defines; nil if it does not.
  public func tier(of key: MethodKey) -> TierReport? {
    let codes = codeReports()
    return inspections.atSafepoint { [self] in
      guard let info = versions.currentInfo(key) else { return nil }
      let units = codes.filter { $0.name == info.name || $0.name.hasPrefix(info.name + ",") }
      let tier: TierReport.Tier
      if info.primitive != nil {
        tier = .primitive
      } else if !units.isEmpty {
        tier = .compiled
      } else {
        tier = info.baseline != nil ? .baseline : info.chunk == nil ? .notRun : .interpreted
      }
      let inlined = codes.flatMap { code in
        code.inlined.filter { $0.callee == info.name }
          .map { TierReport.Place(unit: code.name, caller: $0.caller, line: $0.line) }
      }
      let note = tiering.reasonOfRest(of: info.id)
      return TierReport(
        method: info.name, version: info.version, tier: tier, units: units, inlined: inlined, note: note)
    }
  }

  /// A method that the class itself defines, through the lens; nil if it does not.
  public func lens(of key: MethodKey) -> LensReport? {
    inspections.atSafepoint { [self] in
      guard let info = versions.currentInfo(key) else { return nil }
      return Lens(info, universe, installed, codeHistory).report(note: tiering.reasonOfRest(of: info.id))
    }
  }

  /// The installed units, oldest first.
  public func codeReports() -> [CodeReport] {
    inspections.atSafepoint { [self] in
      installed.inOrder.map { code in
        CodeReport(
          name: code.name,
          inlined: code.inlined.map { send in
            CodeReport.InlinedSend(
              caller: universe.methods[send.caller].name,
              line: installed.line(send.caller, send.callSite),
              callee: universe.methods[send.method].name)
          },
          compileMicroseconds: code.compileMicroseconds, isFromCache: code.isCached,
          deoptimizations: code.deoptimizations)
      }
    }
  }

  /// A method of a loaded class at every stage; nil if there is no such method. Blocks; not while a program runs.
  public func disassemble(_ key: MethodKey) throws -> Disassembly? {
    try thread.perform { [self] in
      guard let info = universe.lock.withLock({ versions.currentInfo(key) }) else { return nil }
      var result = Disassembly(method: info.name)
      result.source = info.sourceText
      if info.primitive != nil {
        result.note = "\(info.name) is a primitive: there is no bytecode to compile."
        return result
      }
      // Methods are compiled to bytecode when they first run.
      if info.chunk == nil { try universe.variants.link(info) }
      result.bytecode = info.chunk?.disassembly
      addCompiledStages(info, &result)
      return result
    }
  }

  /// Compiles aside, without installing anything.
  private func addCompiledStages(_ info: MethodInfo, _ result: inout Disassembly) {
    let stages = compiling.standardStages()
    do {
      let unit = try stages.optimize(CompileKey(method: info.id))
      result.ir = unit.graph.text
      var times = unit.times
      defer { result.times = times.description }
      result.assembly = try compiling.assembly(of: unit.graph, times: &times)
    } catch {
      result.note = "not compiled: \(error)"
    }
  }

  /// The activations that still run a version that is not the current one, innermost first within each process.
  public func oldActivations(limit: Int) -> [OldActivation] {
    inspections.atSafepoint { [universe, installed] top in
      OldActivations(universe, installed, top: top).list(limit: limit)
    }
  }

  // MARK: Compilers

  /// Whether libgccjit can be loaded into this process: its version, or what is wrong.
  public static func compilerState() -> (version: Int?, problem: String?) {
    CompilerService.state(of: InProcessGenerator())
  }

  /// The same where this machine compiles. May wait for the worker to start.
  public func compilerState() -> (version: Int?, problem: String?) { compiling.state() }

  /// Whether the stencils of baseline code come with the program.
  public static var hasStencils: Bool { StencilLibrary.bundled != nil }

  /// The folder for the temporary files of the compile worker, the bytes that are free there (nil if it is not there),
  /// and how many it needs.
  public static func temporaryFiles() -> (folder: String, room: Int?, needed: Int) {
    let folder = ObjectFiles.defaultPlaces.first { TemporaryFiles.hasRoom(in: $0) } ?? TemporaryFiles.folder
    return (folder, TemporaryFiles.room(in: folder), TemporaryFiles.needed)
  }
}
