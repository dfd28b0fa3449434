// The third value of an accept: a plan for which everything is at hand. To make one is all that can still fail, for want of
// memory, and happens before the program has changed anywhere; what was made until then is given back. To install it
// cannot fail. So an accept is made as a whole or leaves nothing behind, without any change having to be undone.

import Syntax
import VM

struct Commit {
  private let plan: EditPlan
  private var prepared: [MethodKey: PreparedMethod] = [:]
  private var steps: Steps

  /// What can fail, counted.
  struct Steps {
    /// The step that is to fail (tests); the first is 1.
    let failing: Int?
    private(set) var count = 0
    init(failing: Int? = nil) { self.failing = failing }

    fileprivate mutating func take() throws(EditErrors) {
      count += 1
      if count == failing { throw EditErrors("step \(count) is made to fail", .other, nil) }
    }
  }

  /// Prepares what a plan needs. VM thread, at the safepoint where the plan was made.
  init(_ plan: EditPlan, _ steps: Steps = Steps()) throws(EditErrors) {
    self.plan = plan
    self.steps = steps
    do throws(EditErrors) {
      for method in plan.methods {
        guard case .define(let key, let definition, let source, let primitive) = method else { continue }
        try prepare(key, definition, source, primitive)
      }
      try reserve()
    } catch {
      plan.universe.methodBuilder.discard(Array(prepared.values))
      plan.universe.room.releaseReserve()
      plan.giveUp()
      throw error
    }
  }

  private mutating func prepare(
    _ key: MethodKey, _ definition: MethodDefinition, _ source: SourceText, _ primitive: String?
  ) throws(EditErrors) {
    try steps.take()
    do throws(InstallError) {
      prepared[key] = try plan.universe.methodBuilder.prepare(
        definition, plan.compiled[key], source: source, in: holder(key), primitive: primitive,
        frame: plan.frame)
    } catch {
      throw EditErrors(error.description, .noMemory, "\(key)", change: plan.texts[key]?.change ?? 0)
    }
  }

  /// All instances may be copied.
  private mutating func reserve() throws(EditErrors) {
    if plan.shapes.isEmpty { return }
    try steps.take()
    if let obstacle = plan.universe.room.obstacle(toReservingFor: plan.shapes) {
      throw EditErrors(obstacle, .noMemory, plan.shapes.first?.name)
    }
  }

  /// Makes all of it part of the program.
  func install() -> Effects {
    let universe = plan.universe, builder = universe.methodBuilder!
    var effects = Effects()
    if !plan.shapes.isEmpty {
      for new in plan.classes where new.isBase { effects += add(new) }
      effects += universe.reshaper.set(
        plan.shapes + plan.classes.filter(\.isBase).flatMap(\.shapes), frame: plan.frame,
        except: { [plan] in plan.defined.contains($0) || plan.removed.contains($0) })
      universe.room.releaseReserve()
    }
    for new in plan.classes where !new.isBase { effects += add(new) }
    for method in plan.methods {
      switch method {
      case .define(let key, _, _, _): if let method = prepared[key] { effects += builder.install(method) }
      case .remove(let key): effects += builder.remove(universe.symbols.intern(key.selector), from: holder(key))
      case .keep: break
      }
    }
    for name in plan.restored { effects += universe.classNames.announce(name) }
    for (name, _) in plan.removals { effects += universe.classNames.remove(name) }
    for (renaming, _) in plan.renamings { effects += universe.classNames.rename(renaming) }
    for file in plan.files {
      let name = file.definition.name
      universe.classBuilder.noteFile(file, isMoved: plan.restored.contains(name) || plan.currentNames[name] != nil)
    }
    return effects
  }

  private func add(_ new: NewClass) -> Effects {
    plan.universe.classBuilder.add(new.file, below: new.superclass, plan.compiled, isBare: new.isBase)
  }

  /// Requires that there is the class, as planning has made sure.
  private func holder(_ key: MethodKey) -> Int { plan.universe.classes.named(key.holderName)!.index }
}
